"""Columns of requests that page memory out and in."""

import mmap

import cgroups
import column_oracle as oracle
import disks
import jobs

LIMIT = 12 << 20
TOUCHED = 20 << 20
PAGE = 4096


def touch():
    """Twice each page of more than there may be in memory; no page is like another,
    as the kernel does not write those of one value."""
    with mmap.mmap(-1, TOUCHED) as memory:
        for first in range(0, TOUCHED, PAGE):
            memory[first:first + PAGE] = (first + 1).to_bytes(8, "little") * (PAGE // 8)
        return sum(memory[first] for first in range(0, TOUCHED, PAGE))


def may_be_nobodys(row):
    """A page may be merged before another and one behind it: the submitter is not known then."""
    return row["pid"] is None and row["bytes"] >= 3 * PAGE


def swaps(checks, disk):
    cgroup = cgroups.make("/swap.scope")
    # Not memory.max, at which a process may be killed before its memory is on a slow disk.
    disks.write(f"{cgroups.ROOT}{cgroup}/memory.high", LIMIT)
    disks.run("mkswap", "-f", disk.path)
    disks.run("swapon", disk.path)
    try:
        def expected(done):
            def find(rows):
                problems = oracle.differences(rows, {
                    "file": "[swap]", "cgroup": cgroup, "partition": None, "error": None})
                problems += oracle.differences(
                    [row for row in rows if not may_be_nobodys(row)],
                    {"pid": done.pid, "comm": done.comm})
                nobodys = [row for row in rows if may_be_nobodys(row)]
                problems += oracle.differences(nobodys, {"comm": None})
                if len(nobodys) > max(1, len(rows) // 20):
                    problems.append(f"{len(nobodys)} of {len(rows)} rows without a process")
                written = sum(row["bytes"] for row in rows if row["type"] == "W")
                if written < (TOUCHED - LIMIT) // 2:
                    problems.append(f"{written} bytes written")
                return problems
            return oracle.Expectation(find, lambda row: {"pattern", "sector"})

        checks.section(f"swap on {disk.kind}", disk.name, lambda: jobs.forked(
            cgroup, "touches", touch), expected)
    finally:
        disks.run("swapoff", disk.path)
