"""Disks in memory, and I/O on them at a given rate."""

import contextlib
import os
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass

import common
import loop
from common import MIB, reason

sys.path.append(f"{common.TOP}/tests/vm/guest")
import disks as guest_disks
import diskstats


class NullDisk:
    """A null_blk device: it takes no time but what it is told to take."""

    def __init__(self, name, latency_s=0):
        # By a timer (irqmode 2) where it is to take time, else from the softirq.
        self.made = guest_disks.null_blk(
            name, submit_queues=2, hw_queue_depth=8192 if latency_s else 1024,
            irqmode=2 if latency_s else 1, completion_nsec=int(latency_s * 1e9))
        self.path, self.name = self.made.path, self.made.name

    def __enter__(self):
        return self

    def __exit__(self, *_):
        guest_disks.remove_null_blk(self.made)

    def counts(self):
        return diskstats.at_rest(self.name)


@contextlib.contextmanager
def disks(setting, count, latency_s=0):
    """Loop devices over files in memory; in a guest null_blk devices, of which
    each request takes `latency_s`."""
    with contextlib.ExitStack() as stack:
        directory = stack.enter_context(tempfile.TemporaryDirectory(dir="/dev/shm"))
        made = []
        for number in range(count):
            disk = NullDisk(f"bench{number}", latency_s) if setting.guest else \
                loop.LoopDisk(f"{directory}/disk{number}", 128 * MIB)
            made.append(stack.enter_context(disk))
        yield made


def kind_of(setting):
    return "null_blk device" if setting.guest else "loop device over a file in memory"


@dataclass
class Load:
    seconds: float
    in_flight: int = 64   # of all jobs together
    rate: int = 0         # I/O a second of all disks together; 0: as many as go


@dataclass
class Done:
    requests: int  # that the kernel counted
    iops: float


def run(on_disks, load):
    """Random reads and writes of 4 KiB: a job for each disk, but not one alone
    unless one request is all."""
    jobs = on_disks if len(on_disks) > 1 or load.in_flight == 1 else 2 * on_disks
    cpus = sorted(os.sched_getaffinity(0))
    command = ["fio", "--direct=1", "--thread", "--ioengine=libaio", "--rw=randrw", "--bs=4k",
               "--norandommap", f"--iodepth={max(load.in_flight // len(jobs), 1)}",
               f"--cpus_allowed={','.join(map(str, cpus))}", "--cpus_allowed_policy=split",
               "--time_based", f"--runtime={load.seconds}", "--output=/dev/null"]
    if load.rate:
        each = max(load.rate // len(jobs) // 2, 1)  # of the reads, and of the writes
        command.append(f"--rate_iops={each},{each}")
    for number, disk in enumerate(jobs):
        command += [f"--name=job{number}", f"--filename={disk.path}"]
    before = [disk.counts() for disk in on_disks]
    done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True,
                          check=False)
    if done.returncode != 0:
        raise RuntimeError(f"fio: {reason(done.stderr)}")
    counted = [disk.counts() - start for disk, start in zip(on_disks, before)]
    requests = sum(one.reads + one.writes for one in counted)
    return Done(requests, requests / load.seconds)


def one_request(disk):
    """A read of 4 KiB past the page cache, for a tool to see, which has 50 ms."""
    subprocess.run(["dd", f"if={disk.path}", "of=/dev/null", "bs=4k", "count=1", "iflag=direct"],
                   check=True, stderr=subprocess.DEVNULL)
    time.sleep(0.05)
