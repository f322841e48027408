"""The program in each of its ways at once: what it hands on, and what it takes of the machine."""

import collections
import http.client
import os
import socket
import subprocess
import sys
import threading
import time
from dataclasses import dataclass

import common
import tracer

sys.path.append(f"{common.TOP}/tests/fleet")
import probe

COLUMNS = ("time,clock,type,op,bytes,latency,queue,disk,partition,sector,pid,comm,cgroup,file,"
           "pattern,error")
READINGS = 5       # of which the least counts: a connection of a scrape is open for a moment
PATIENCE_S = 60    # until metrics have what was counted, and know that a device is gone
SETTLE_S = 5       # without a change: the FEW that are missing do not come any more
FEW = 100          # that the kernel shows to nobody


@dataclass
class Sample:
    memory_bytes: int
    descriptors: int
    threads: int
    cpu_s: float


@dataclass
class Account:
    """Of all requests what came, and what the program says that did not."""
    handed_on: int
    told: tracer.Told
    status: int

    @property
    def lost(self):
        return self.told.all() - self.told.rows


class Watched(tracer.Tracer):
    """Of these disks; `counter` is a command that reads its output to the end and says how
    many requests are in it."""

    counter = ()

    def __init__(self, name, disks, *arguments):
        self.name = name
        self.reader = None
        if self.counter:
            self.reader = subprocess.Popen(self.counter, stdin=subprocess.PIPE,
                                           stdout=subprocess.PIPE)
        super().__init__("--engine=tracepoint", *(f"--disk={disk}" for disk in disks), *arguments,
                         stdout=self.reader and self.reader.stdin)
        if self.reader:
            self.reader.stdin.close()

    def __exit__(self, *_):
        super().__exit__()
        if self.reader:
            self.reader.wait()
            self.reader.stdout.close()

    def wait_until_it_traces(self):
        self.wait_for_loop()

    def sample(self):
        if self.process.poll() is not None:
            raise RuntimeError(f"{self.name}: ended with {self.process.returncode}: {self.errors()}")
        directory = f"/proc/{self.pid}/fd"
        descriptors = []
        for _ in range(READINGS):
            descriptors.append(len(os.listdir(directory)))
            time.sleep(0.05)
        return Sample(common.memory_bytes(self.pid, "VmRSS"), min(descriptors),
                      self.status("Threads"), common.cpu_seconds(self.pid))

    def handed_on(self):
        """Of what it was that has ended."""
        return int(self.reader.stdout.read())

    def account(self):
        done = self.end()
        return Account(self.handed_on(), done.end_line(), done.status)


class Rows(Watched):
    counter = ("wc", "-l")

    def __init__(self, disks):
        super().__init__("rows", disks, "--wide")

    def handed_on(self):
        return super().handed_on() - 1  # the header


class JsonRows(Watched):
    counter = ("wc", "-l")

    def __init__(self, disks):
        super().__init__("JSON rows", disks, "--format=json", f"--columns={COLUMNS}")


class Summary(Watched):
    """Its lines stand for processes and cgroups too, so that lines come and go."""

    counter = ("jq", "-n", "reduce inputs.requests as $number (0; . + $number)")

    def __init__(self, disks):
        super().__init__("summary", disks, "--summary", "--interval=1", "--format=json",
                         "--by=disk,op,comm,cgroup", "--top=100000")


class Metrics(Watched):
    """Scraped each second."""

    counts = "disksnoop_request_duration_seconds_count"

    def __init__(self, disks):
        with socket.socket() as unused:
            unused.bind(("127.0.0.1", 0))
            self.address = unused.getsockname()
        super().__init__("metrics", disks, "--listen={}:{}".format(*self.address), "--by=comm")
        self.last = {}                         # of each series
        self.before = collections.Counter()    # of each device, in series that have ended
        self.is_over = threading.Event()
        self.scraper = None

    def __exit__(self, *_):
        self.is_over.set()
        super().__exit__()
        if self.scraper:
            self.scraper.join()

    def wait_until_it_traces(self):
        self.until(self.scrape, "metrics")
        self.scraper = threading.Thread(target=self.scrape_each_second, daemon=True)
        self.scraper.start()

    def scrape_each_second(self):
        while not self.is_over.wait(1):
            self.scrape()

    def scrape(self):
        """Whether there was an answer."""
        try:
            status, text = probe.get(self.address)
        except (OSError, http.client.HTTPException):
            return False
        if status != 200:
            return False
        series = {labels: int(value) for (name, labels), value in probe.samples(text).items()
                  if name == self.counts}
        for labels, value in self.last.items():
            # As increase() of Prometheus has it: it ended, and may have begun again.
            if series.get(labels, 0) < value:
                self.before[dict(labels)["device"]] += value
        self.last = series
        return True

    def count(self, device):
        return self.before[device] + sum(value for labels, value in self.last.items()
                                         if dict(labels)["device"] == device)

    def wait_for_count(self, device, number):
        """Until a scrape had as many of this device, but for those that do not come."""
        begin = changed = time.monotonic()
        seen = self.count(device)
        while seen < number and time.monotonic() < begin + PATIENCE_S:
            time.sleep(0.1)
            before, seen = seen, self.count(device)
            if seen != before:
                changed = time.monotonic()
            if number - seen <= FEW and time.monotonic() > changed + SETTLE_S:
                return

    def wait_for_end_of(self, device):
        """Until the device, which is gone, has no series."""
        end = time.monotonic() + PATIENCE_S
        while any(dict(labels)["device"] == device for labels in self.last):
            if time.monotonic() > end:
                raise RuntimeError(f"{device} is gone, and has metrics after {PATIENCE_S} s")
            time.sleep(0.1)

    def handed_on(self):
        return sum(self.before.values()) + sum(self.last.values())

    def account(self):
        self.is_over.set()
        self.scraper.join()
        self.scrape()
        return super().account()
