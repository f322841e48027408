"""The tools that are compared: how each is run, and what it says it lost."""

import contextlib
import glob
import itertools
import os
import re
import signal
import subprocess
import threading
import time
import urllib.request
from dataclasses import dataclass, field

import common
import load
import tracer

ROW = re.compile(rb"^\s*-?\d", re.MULTILINE)
EVENTS_LOST = re.compile(r"(\d+) events lost")
BPFTRACE_LOST = re.compile(rb"Lost (\d+) events")
# Runs a script whose path follows it. (Without a buffer Python writes each row
# in two parts.)
LINE_BY_LINE = ["/usr/bin/python3", "-c", "import runpy, sys; "
                "sys.stdout.reconfigure(line_buffering=True); sys.argv = sys.argv[1:]; "
                "runpy.run_path(sys.argv[0], run_name='__main__')"]


@dataclass
class Tool:
    name: str
    command: list
    told: object = None     # what it says it lost, from its output and errors
    no_room: object = None  # what of that for lack of room
    environment: dict = field(default_factory=dict)
    directory: str = None
    mark: bytes = b""       # what a row holds, where other lines begin with a number too
    has_rows: bool = True   # a row for each request
    page: str = ""          # of its metrics, which is scraped each second


def told_by_disksnoop(output, errors):
    done = tracer.Done(0, output, errors, 0)
    return no_room_of_disksnoop(output, errors) + done.unseen()


def no_room_of_disksnoop(output, errors):
    """Lost in its buffer and in its map."""
    told = tracer.Done(0, output, errors, 0).end_line()
    return told.in_buffer + told.in_map


def told_by_original_engine(_output, errors):
    return sum(map(int, EVENTS_LOST.findall(errors)))


def told_by_bpftrace(output, errors):
    return sum(map(int, BPFTRACE_LOST.findall(output + errors.encode())))


def disksnoop(setting, *options):
    """The tracepoint engine."""
    return Tool(" ".join(["disksnoop", *options]),
                [setting.binary, "--engine=tracepoint", *options], told_by_disksnoop,
                no_room_of_disksnoop)


def original_engine(setting):
    return Tool("disksnoop --engine=original", [setting.binary, "--engine=original"],
                told_by_original_engine)


def bpftrace_on_tracepoints(pages=None):
    name = "bpftrace, as biosnoop.bt on tracepoints"
    environment = {}
    if pages:
        name += f", {pages} pages a CPU"
        environment["BPFTRACE_PERF_RB_PAGES"] = str(pages)
    return Tool(name, ["bpftrace", f"{common.TOP}/tests/live/tracepoints.bt"], told_by_bpftrace,
                told_by_bpftrace, environment)


def first_of(*paths):
    """The first that is there; else the last, for the message that it is not."""
    return next(filter(os.path.exists, paths), paths[-1])


def peers(disk):
    """What users would take instead, as Debian ships it; line by line, as on a
    terminal."""
    compiled = first_of("/usr/sbin/biosnoop-libbpf", "/usr/sbin/biosnoop")  # Debian 13, 12
    return [Tool("disksnoop.py", [*LINE_BY_LINE, "disksnoop.py"], directory=common.ORIGINAL),
            bpftrace_on_tracepoints(),
            Tool("bpftrace biosnoop.bt", ["bpftrace", "/usr/sbin/biosnoop.bt"], told_by_bpftrace),
            Tool("libbpf-tools biosnoop", ["stdbuf", "-oL", compiled]),
            Tool("bcc biosnoop (Python)", [*LINE_BY_LINE, "/usr/sbin/biosnoop-bpfcc"]),
            Tool("blktrace and blkparse",
                 ["sh", "-c", f"blktrace -d {disk.path} -a issue -a complete -o - | stdbuf -oL blkparse -q -i -"],
                 mark=b"  C  ")]


def biolatency():
    """A histogram for each disk, made in the kernel; printed every second."""
    compiled = first_of("/usr/sbin/biolatency-libbpf", "/usr/sbin/biolatency")
    return Tool("libbpf-tools biolatency -D", ["stdbuf", "-oL", compiled, "-D", "1"],
                has_rows=False)


class Running(common.Process):
    """A tool that traces: it has shown a request of ours."""

    def __init__(self, tool, disk):
        self.tool = tool
        # Its own group: one of them is two processes.
        super().__init__(tool.command, env={**os.environ, **tool.environment},
                         cwd=tool.directory, start_new_session=True)
        self.ended = threading.Event()
        try:
            self.wait_until(lambda: self._sees(disk), pause_s=0)
            self.start_s = time.monotonic() - self.begin
            if tool.page:
                threading.Thread(target=self._scrape, daemon=True).start()
        except BaseException:
            self.__exit__()
            raise

    def _scrape(self):
        while not self.ended.wait(1):
            with contextlib.suppress(OSError):
                self._scraped()

    def _scraped(self):
        with urllib.request.urlopen(self.tool.page, timeout=1) as page:
            return page.read()

    def __exit__(self, *_):
        self.ended.set()
        # First the way that lets it take away what it has set up in the kernel.
        for number, seconds in ((signal.SIGINT, 3), (signal.SIGKILL, None)):
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.pid, number)
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.process.wait(seconds)
        super().__exit__()

    def _sees(self, disk):
        load.one_request(disk)
        if self.tool.page:
            with contextlib.suppress(OSError):
                return b"disksnoop_request_bytes_total{" in self._scraped()
            return False
        return ROW.search(self.output()) is not None

    def cpu_seconds(self):
        """Of all processes of its group: one of the tools is a pipeline."""
        return sum(map(common.cpu_seconds, self._group()))

    def _group(self):
        for entry in os.listdir("/proc"):
            with contextlib.suppress(OSError):
                if entry.isdigit() and os.getpgid(int(entry)) == self.pid:
                    yield entry

    def rows(self, mark=b""):
        """The rows that hold the mark; all of them without one."""
        if mark:
            return sum(mark in line for line in self.output().split(b"\n")[:-1])
        return len(ROW.findall(self.output()))

    def settle(self):
        """Waits until it has shown what is in its buffers: until it prints no more
        than a few rows a second, of disks that others use."""
        until = time.monotonic() + common.patience_s
        while True:
            printed = self.printed_bytes()
            time.sleep(1.1)
            if self.printed_bytes() - printed < 4 * common.KIB:
                return
            if time.monotonic() > until:
                raise RuntimeError(f"{self.tool.name} still prints {common.patience_s} s after the load")

    def finish(self):
        """Ends it, after what is in its buffers. What it says it lost."""
        self.settle()
        os.killpg(self.pid, signal.SIGINT)
        # One that does not end is killed (__exit__): it has shown all that it will.
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.process.wait(30)
        return self.tool.told(self.output(), self.errors()) if self.tool.told else None

    def descriptors(self):
        """What the kernel says of each file that it has open."""
        for path in itertools.chain.from_iterable(
                glob.iglob(f"/proc/{pid}/fdinfo/*") for pid in self._group()):
            with open(path, encoding="ascii") as file:
                yield file.read()

    def programs(self):
        """The ids of the BPF programs that it holds."""
        return {number for text in self.descriptors()
                for number in re.findall(r"^prog_id:\s*(\d+)", text, re.MULTILINE)}


def runnable(setting, candidates, disk):
    """Those of the tools that can trace here; says why the others cannot."""
    able, reasons = [], []
    for tool in candidates:
        try:
            with Running(tool, disk) as running:
                running.finish()
            able.append(tool)
        except FileNotFoundError as error:
            if setting.guest:
                raise
            reasons.append(f"- {tool.name} is not installed: `{error}`")
        except (RuntimeError, OSError) as error:
            reasons.append(f"- {tool.name} does not run on this kernel: `{error}`")
    if reasons:
        print(*reasons, "", sep="\n")
    return able
