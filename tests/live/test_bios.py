"""Devices without requests: here zram, of which each check makes one of its own."""

import contextlib
import errno
import json
import mmap
import os
import subprocess
import unittest

import tracer

CONTROL = "/sys/class/zram-control"
WRITES, READS = 40, 25
LIMIT, BLOCK, BLOCKS = 1 << 20, 64 << 10, 32  # twice as much as fits


class Zram:
    def __init__(self):
        with open(f"{CONTROL}/hot_add") as file:  # to read it adds one
            self.number = int(file.read())
        self.name = f"zram{self.number}"
        self.path = f"/dev/{self.name}"

    def __enter__(self):
        with open(f"/sys/block/{self.name}/disksize", "w") as file:
            file.write("16M")
        return self

    def __exit__(self, *_):
        with open(f"{CONTROL}/hot_remove", "w") as file:
            file.write(str(self.number))

    def counts(self):
        """Reads, their bytes, writes, their bytes."""
        with open(f"/sys/block/{self.name}/stat") as file:
            field = [int(word) for word in file.read().split()]
        return [field[0], field[2] * 512, field[4], field[6] * 512]


def work(disk):
    for argv in (("if=/dev/zero", f"of={disk.path}", "bs=8k", f"count={WRITES}", "oflag=direct"),
                 (f"if={disk.path}", "of=/dev/null", "bs=4k", f"count={READS}", "iflag=direct")):
        subprocess.run(["dd", *argv], check=True, capture_output=True)


def fill(disk):
    """Writes what cannot be compressed, which does not fit; the error of each write."""
    with open(f"/sys/block/{disk.name}/mem_limit", "w") as file:
        file.write(str(LIMIT))
    block = mmap.mmap(-1, BLOCK)
    block.write(os.urandom(BLOCK))
    errors = []
    descriptor = os.open(disk.path, os.O_WRONLY | os.O_DIRECT)
    for number in range(BLOCKS):
        try:
            os.pwrite(descriptor, block, number * BLOCK)
            errors.append(None)
        except OSError as error:
            errors.append(errno.errorcode[error.errno])
    os.close(descriptor)
    return errors


@unittest.skipUnless(os.path.exists(CONTROL), "no zram here")
class Bios(tracer.Check):
    @contextlib.contextmanager
    def worked(self, *options, work=work):
        """The device, what the tool says of the work on it, what the kernel counted, and what the
        work returned."""
        with Zram() as disk:
            with tracer.Tracer(*options, *([] if "--layer=bio" in options else ["-d", disk.name]),
                               "-v") as traced:
                traced.until(lambda: "system calls are left" in traced.errors(), "its sandbox")
                before = disk.counts()
                made = work(disk)
                after = disk.counts()
                done = traced.end()
            yield disk, done, [b - a for a, b in zip(before, after)], made

    def rows_of(self, disk, done):
        self.same(done.status, 0, f"status, with {done.stderr!r} on stderr")
        return [row for row in map(json.loads, done.stdout.splitlines()) if row["disk"] == disk.name]

    def assert_as_counted(self, rows, counted):
        seen = []
        for letter in "RW":
            own = [row["bytes"] for row in rows if row["op"][0] == letter]
            seen += [len(own), sum(own)]
        self.same(seen, counted, "reads and writes, and their bytes")
        self.same(counted, [READS, READS * 4096, WRITES, WRITES * 8192], "what the kernel counted")

    def test_rows_are_those_that_the_kernel_counts(self):
        columns = "op,bytes,latency,queue,disk,partition,sector,pid,comm,cgroup,file,pattern,error"
        with self.worked("-f", "json", "-o", columns) as (disk, done, counted, _):
            rows = self.rows_of(disk, done)
            self.assert_as_counted(rows, counted)
            self.same({row["comm"] for row in rows}, {"dd"}, "who submitted")
            self.same([row["sector"] for row in rows],
                      [16 * n for n in range(WRITES)] + [8 * n for n in range(READS)], "sectors")
            self.same({row["queue_ns"] for row in rows}, {None}, "queue times")
            self.same({row["pattern"] for row in rows[1:WRITES]}, {"S"}, "pattern")
            self.assertNotIn("raw tracepoint block_rq_", done.stderr)

    def test_a_summary_has_them(self):
        with self.worked("-f", "json", "--by", "disk,op,comm", "-s") as (disk, done, counted, _):
            report = [json.loads(line) for line in done.stdout.splitlines()]
            self.assertIn(disk.name, json.dumps(report))
            self.same(done.end_line().rows, READS + WRITES, "requests that were counted")

    def test_the_layer_shows_it_without_its_name(self):
        with self.worked("--layer=bio", "-f", "json", "-w") as (disk, done, counted, _):
            self.assert_as_counted(self.rows_of(disk, done), counted)
            self.assertIn("raw tracepoint block_rq_issue", done.stderr)

    def test_filters(self):
        for options, number in ((("--op", "read"), READS), (("--comm", "dd"), READS + WRITES),
                                (("--comm", "nobody"), 0), (("-p", str(os.getpid()), "--children"),
                                                            READS + WRITES),
                                (("--min-ms", "60000"), 0), (("--errors",), 0)):
            with self.subTest(options=options):
                with self.worked("-f", "json", "-o", "op,bytes,disk", *options) as (disk, done, *_):
                    self.same(len(self.rows_of(disk, done)), number, "rows")

    def test_errors_are_those_of_the_writer(self):
        for options, shown in (((), lambda error: True), (("--errors",), bool)):
            with self.subTest(options=options), \
                    self.worked("-f", "json", "-o", "op,disk,sector,error", *options,
                                work=fill) as (disk, done, _, errors):
                self.same(set(errors), {None, "EIO"}, "errors of the writer")
                self.same([(row["sector"], row["error"]) for row in self.rows_of(disk, done)],
                          [(number * BLOCK // 512, error) for number, error in enumerate(errors)
                           if shown(error)], "rows and their errors")

    def test_the_original_engine_does_not_have_it(self):
        done = tracer.run("--layer=bio", "--engine=original")
        self.same(done.returncode, 2, "status")
