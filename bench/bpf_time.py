"""The time that BPF programs run, as the kernel counts it when it is asked to."""

import contextlib
import json
import pathlib
import subprocess

STATS = pathlib.Path("/proc/sys/kernel/bpf_stats_enabled")


@contextlib.contextmanager
def statistics():
    before = STATS.read_text()
    STATS.write_text("1")
    try:
        yield
    finally:
        STATS.write_text(before)


def figures(running):
    """How long the programs of a tool have run so far, in ns, and how often."""
    total = runs = 0
    for number in running.programs():
        done = subprocess.run(["bpftool", "--json", "prog", "show", "id", number],
                              capture_output=True, text=True, check=True)
        told = json.loads(done.stdout)
        total += told.get("run_time_ns", 0)
        runs += told.get("run_cnt", 0)
    return total, runs


def nanoseconds(running):
    return figures(running)[0]
