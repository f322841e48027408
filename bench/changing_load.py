"""A load that changes: bursts, quiet, devices, processes and cgroups that come and go. Each
round of it is the same, and it is known how many requests the kernel counted."""

import contextlib
import os
import signal
import threading
import time

import common  # before the others: it tells where they are
import filesystem
import io_group
import loop
import test_counts
import tracer
from test_counts import WORK

BURST = 2 * 20_000    # requests, as fast as they go
STEADY = 2 * 9_000    # requests, at a rate
PROCESSES, GROUPS = 100, 10
HOTPLUGS = 2
QUIET_S = 3


@contextlib.contextmanager
def held_up(tools):
    """They do not run: what their buffers have no room for is lost."""
    for tool in tools:
        os.kill(tool.pid, signal.SIGSTOP)
    try:
        yield
    finally:
        for tool in tools:
            os.kill(tool.pid, signal.SIGCONT)


class ChangingLoad:
    def __init__(self):
        self.number = loop.unused_number()
        self.disk = loop.LoopDisk(f"{tracer.place.path}/disk")
        self.plugged = self.plug_in()  # has to be there when programs are told of it
        self.names = [self.disk.name, self.plugged.name]
        self.begin = self.disk.counts()
        self.syncs = 0      # of this disk
        self.of_plugged = 0  # requests of those that are gone
        self.processes = 0
        self.plugs = 0

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.plugged:
            self.plugged.__exit__()
        self.disk.__exit__()

    def plug_in(self):
        return loop.HotplugDisk(self.number, f"{tracer.place.path}/plugged", 64 * loop.MIB)

    def requests(self):
        """That the kernel counted, all devices that were there together."""
        return self.of_plugged + test_counts.expected(self.disk.counts() - self.begin,
                                                      {"syncs": self.syncs}).total()

    def work(self, name_or_work):
        self.syncs += (WORK.get(name_or_work) or name_or_work)(self.disk)["syncs"]

    def burst(self):
        self.work(test_counts.all_of_them(BURST // 2, "--rw=randrw", "--bs=4k", "--iodepth=32",
                                          "--numjobs=2"))

    def steady(self):
        self.work(test_counts.all_of_them(STEADY // 2, "--rw=randrw", "--bs=16k", "--iodepth=8",
                                          "--numjobs=2", "--rate_iops=1500,1500"))

    def plug_out(self, metrics):
        """The device goes with its requests counted, in metrics too."""
        name = self.plugged.name
        self.plugged.counts()
        before = metrics.before[name]
        metrics.wait_for_count(name, before + self.plugged_requests())
        self.of_plugged += self.plugged_requests()
        self.plugged.__exit__()
        self.plugged = None
        metrics.wait_for_end_of(name)

    def plugged_requests(self):
        return test_counts.expected(self.plugged.counts(), {"syncs": 0}).total()

    def hotplug(self, metrics):
        for _ in range(HOTPLUGS):
            self.plugged = self.plugged or self.plug_in()
            loop.fio(self.plugged, "--rw=randrw", "--bs=4k", "--iodepth=4", "--number_ios=1000")
            self.plug_out(metrics)
            self.plugs += 1

    def steady_with_hotplug(self, metrics):
        failures = []

        def beside():
            try:
                self.hotplug(metrics)
            except BaseException as error:
                failures.append(error)
        thread = threading.Thread(target=beside)
        thread.start()
        self.steady()
        thread.join()
        if failures:
            raise failures[0]

    def processes_and_cgroups(self):
        for group_number in range(GROUPS):
            with io_group.IoGroup(f"soak{group_number}") as group:
                for _ in range(PROCESSES // GROUPS):
                    self.processes += 1
                    filesystem.child(lambda: filesystem.read_direct(self.disk.path),
                                     b"soak%d" % self.processes, [group.join])

    def round(self, metrics, losers):
        """`metrics` is told of devices that go, and `losers` are held up during the burst."""
        with held_up(losers):
            self.burst()
        time.sleep(QUIET_S)
        self.steady_with_hotplug(metrics)
        for name in ("flushes", "discards", "merged", "split", "synchronous_writes"):
            self.work(name)
        self.processes_and_cgroups()
        time.sleep(QUIET_S)
