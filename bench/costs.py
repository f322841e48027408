"""What a tool costs while fio runs on a disk."""

from dataclasses import dataclass

import bpf_time
import load
import tools


@dataclass
class Cost:
    iops: float
    cpus: float = None
    start_s: float = None
    not_shown: float = None  # part of the requests that has no row; negative if rows are more


def measure_iops(tool, disk, seconds):
    """I/O a second, CPU seconds of the tool for each second of load, its start, and
    what it did not show."""
    if tool is None:
        return Cost(load.run([disk], load.Load(seconds)).iops)
    with tools.Running(tool, disk) as running:
        running.settle()
        rows = running.rows(tool.mark)
        cpu = running.cpu_seconds()
        done = load.run([disk], load.Load(seconds))
        running.settle()
        cpu = (running.cpu_seconds() - cpu) / seconds
        running.finish()
        rows = running.rows(tool.mark) - rows
        return Cost(done.iops, cpu, running.start_s, 1 - rows / done.requests)


def nanoseconds_a_request(tool, disk, seconds):
    with tools.Running(tool, disk) as running, bpf_time.statistics():
        before = bpf_time.nanoseconds(running)
        done = load.run([disk], load.Load(seconds))
        return (bpf_time.nanoseconds(running) - before) / done.requests
