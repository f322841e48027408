"""What tracing costs under full load, and whether every request is accounted for."""

import collections
import contextlib
import os
import signal
import subprocess
import threading
import time
from dataclasses import dataclass

import tracer

JOBS = 2


@contextlib.contextmanager
def full_load(disk, seconds):
    """fio as fast as two CPUs go; a process to wait for."""
    cpus = sorted(os.sched_getaffinity(0))[:JOBS]
    process = subprocess.Popen(
        ["fio", "--name=load", f"--filename={disk.path}", "--direct=1", "--thread",
         "--ioengine=libaio", "--rw=randrw", "--bs=4k", "--iodepth=32", f"--numjobs={JOBS}",
         f"--cpus_allowed={','.join(map(str, cpus))}", "--cpus_allowed_policy=split",
         "--time_based", f"--runtime={seconds}", "--group_reporting", "--norandommap",
         "--output=/dev/null"], stdin=subprocess.DEVNULL)
    try:
        yield process
    finally:
        process.terminate()
        process.wait()


@dataclass
class Figures:
    name: str
    requests: int  # that the kernel counted
    seconds: float
    cpu: float = 0.0  # seconds of the tool
    rows: int = 0
    lost: int = 0
    losses: str = ""

    @property
    def iops(self):
        return self.requests / self.seconds


def cpu_seconds(pid):
    with open(f"/proc/{pid}/stat", encoding="ascii") as file:
        field = file.read().rsplit(")", 1)[1].split()
    return (int(field[11]) + int(field[12])) / os.sysconf("SC_CLK_TCK")


def run_load(name, disk, seconds):
    """Returns the figures, and the requests that the kernel counted in full."""
    before = disk.counts()
    with full_load(disk, seconds) as load:
        if load.wait() != 0:
            raise RuntimeError("fio failed")
    kernel = disk.counts() - before
    return Figures(name, kernel.reads + kernel.writes + kernel.discards, seconds), kernel


def alone(disk, seconds):
    return run_load("no tool", disk, seconds)[0]


@contextlib.contextmanager
def halted(pid, seconds):
    """Once, for a moment, while the load runs: then what it does not read is lost."""
    def halt():
        time.sleep(seconds / 4)
        os.kill(pid, signal.SIGSTOP)
        time.sleep(seconds / 4)
        os.kill(pid, signal.SIGCONT)

    thread = threading.Thread(target=halt)
    thread.start()
    try:
        yield
    finally:
        thread.join()


def disksnoop(disk, seconds, *arguments, halts=False):
    """Raises an AssertionError unless rows and losses make up what the kernel counted."""
    with tracer.Tracer("-d", disk.name, "--engine=tracepoint", *arguments) as traced:
        cpu = cpu_seconds(traced.wait_for_header().pid)
        with halted(traced.pid, seconds) if halts else contextlib.nullcontext():
            figures, kernel = run_load("disksnoop", disk, seconds)
        figures.cpu = cpu_seconds(traced.pid) - cpu
        done = traced.end()
    if done.status != 0:
        raise AssertionError(f"ended with {done.status}: {done.stderr}")
    told = done.end_line()
    rows, lost = told.rows, told.all() - told.rows
    figures.rows = rows
    figures.lost = lost
    figures.losses = (f"{told.in_buffer} in the buffer, {told.in_map} in the map, "
                      f"{told.completion_not_shown} not shown by the kernel")
    seen = collections.Counter()
    size = 0
    last = 0.0
    for row in done.rows():
        seen[row[2]] += 1
        size += int(row[3])
        if float(row[1]) < last:
            raise AssertionError(f"a row of {row[1].decode()} after one of {last:.9f}")
        last = float(row[1])
    if sum(seen.values()) != rows:
        raise AssertionError(f"{sum(seen.values())} rows, and {rows} in the end line")
    if rows + lost != figures.requests:
        raise AssertionError(f"{rows} rows and {figures.losses}, and the kernel counted "
                             f"{figures.requests}")
    if lost == 0 and (seen[b"R"], seen[b"W"], size) != (
            kernel.reads, kernel.writes, kernel.sectors * 512):
        raise AssertionError(f"{dict(seen)} of {size} bytes, and the kernel counted {kernel}")
    return figures


def table(figures):
    lines = [f"{'':30} {'IOPS':>8} {'CPU s':>7} {'rows':>10} {'lost':>9}"]
    for run in figures:
        lines.append(f"{run.name:30} {run.iops:8.0f} {run.cpu:7.2f} {run.rows:10} {run.lost:9}"
                     + f" {run.losses}".rstrip())
    return "\n".join(lines)
