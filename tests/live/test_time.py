"""Rows come soon, and in the order of time."""

import mmap
import os
import random
import select
import subprocess
import time

import measure
import tracer
from loop import LoopDisk

PROMISE = 0.2  # seconds from the completion of a request to its row, on a machine at rest


class Echo:
    """How long this machine takes at the moment to wake a process up: what is said
    of a time here grows with it."""

    def __enter__(self):
        self.process = subprocess.Popen(["cat"], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        bufsize=0)
        self.seconds = []
        return self

    def __exit__(self, *_):
        self.process.stdin.close()
        self.process.wait()
        self.process.stdout.close()

    def measure(self):
        begin = time.monotonic()
        self.process.stdin.write(b"x")
        self.process.stdout.read(1)
        self.seconds.append(time.monotonic() - begin)

    def promise(self):
        """What a row may take: it wakes up three processes, each of them slowly."""
        return PROMISE + 10 * max(self.seconds)


class Timeliness(tracer.Check):
    def setUp(self):
        super().setUp()
        self.loop()
        self.disk = LoopDisk(os.path.join(tracer.place.path, "disk"))

    def tearDown(self):
        self.disk.__exit__()

    def test_row_when_nothing_else_happens(self):
        """All but one of 20, as the machine may have other work."""
        times = []
        with Echo() as echo, self.traced() as traced:
            stream = traced.process.stdout.fileno()
            self.read_header(stream)
            disk = os.open(self.disk.path, os.O_RDONLY | os.O_DIRECT)
            block = mmap.mmap(-1, 4096)
            for _ in range(20):
                time.sleep(random.uniform(0, 0.1))
                echo.measure()
                os.preadv(disk, [block], 0)
                begin = time.monotonic()
                ready, _, _ = select.select([stream], [], [], tracer.START)
                self.assertTrue(ready, "no row")
                times.append(time.monotonic() - begin)
                self.assertRegex(os.read(stream, 4096), tracer.ROW.pattern + rb"\n\Z")
            os.close(disk)
        times.sort()
        self.assertLess(times[-2], echo.promise(), "seconds")
        self.figures = (f"median {times[10] * 1000:.2f} ms, {times[-2] * 1000:.2f} ms at the 19th "
                        f"of 20")

    def test_rows_under_full_load(self):
        """How old the newest row is when it is read."""
        ages = []
        with Echo() as echo, self.traced("--format=bcc") as traced:
            stream = traced.process.stdout.fileno()
            self.read_header(stream)
            with measure.full_load(self.disk, 4) as load:
                while load.poll() is None:
                    if select.select([stream], [], [], 0.1)[0]:
                        echo.measure()
                        lines = os.read(stream, 1 << 20).rsplit(b"\n", 2)
                        if len(lines) == 3 and lines[1]:
                            ages.append(time.monotonic() - float(lines[1].split()[0]))
        ages.sort()
        self.assertGreater(len(ages), 20, "times that rows came")
        late = ages[len(ages) * 99 // 100]
        self.figures = (f"{late * 1000:.1f} ms at the 99th of 100, {ages[-1] * 1000:.1f} ms at "
                        f"worst of {len(ages)}")
        self.assertLess(late, echo.promise(), f"seconds ({self.figures})")

    def traced(self, *arguments):
        return tracer.Tracer("-d", self.disk.name, "--engine=tracepoint", *arguments,
                             stdout=subprocess.PIPE)

    def read_header(self, stream):
        self.assertTrue(select.select([stream], [], [], tracer.START)[0], "no header")
        self.assertRegex(os.read(stream, 4096), b"\\ATIME")


class Order(tracer.Check):
    def test_time_never_decreases(self):
        self.loop()
        if len(os.sched_getaffinity(0)) < 2:
            self.skipTest("there is but one CPU")
        with LoopDisk(os.path.join(tracer.place.path, "disk")) as disk:
            with tracer.Tracer("-d", disk.name, "--engine=tracepoint") as traced:
                traced.wait_for_header()
                with measure.full_load(disk, 5) as load:
                    load.wait()
                done = traced.end()
        before = 0.0
        backward = []
        count = 0
        for row in done.rows():
            now = float(row[1])
            if now < before:
                backward.append(before - now)
            before = now
            count += 1
        self.assertGreater(count, 1000, "rows")
        self.same(len(backward), 0, f"rows earlier than the one before, of {count}, by up to "
                                    f"{max(backward, default=0):.9f} s")
        self.figures = f"{count} rows"
