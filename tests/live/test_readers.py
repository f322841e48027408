"""Who reads stdout and stderr while it traces: slowly, not at all, not any more."""

import contextlib
import fcntl
import os
import re
import signal
import subprocess
import threading
import time

import measure
import tracer
from loop import MIB, LoopDisk, fio
from memory_group import MemoryGroup, NoMemoryGroup

UNWRITTEN = re.compile(r"^disksnoop: error: nothing read stdout any more: (\d+) rows were not "
                       r"written$", re.MULTILINE)
LONG = 60  # what ends at once ends long before that, also on a busy machine
MEMORY_AT_END = 32 * MIB


@contextlib.contextmanager
def pipe(size=None):
    reader, writer = os.pipe()
    if size is not None:
        fcntl.fcntl(writer, fcntl.F_SETPIPE_SZ, size)
    try:
        yield reader, writer
    finally:
        for fd in (reader, writer):
            with contextlib.suppress(OSError):
                os.close(fd)


class Reader(threading.Thread):
    """Reads until the other end is closed, with a pause after each piece."""

    def __init__(self, fd, pause=0.0):
        super().__init__()
        self.fd = fd
        self.pause = pause
        self.text = bytearray()
        self.start()

    def run(self):
        while part := os.read(self.fd, 16384):
            self.text += part
            time.sleep(self.pause)

    def lines(self):
        self.join()
        return self.text.count(b"\n")


class Readers(tracer.Check):
    def setUp(self):
        super().setUp()
        self.loop()
        self.disk = LoopDisk(os.path.join(tracer.place.path, "disk"))
        self.addCleanup(self.disk.__exit__)

    def trace(self, *arguments, **options):
        return tracer.Tracer("-d", self.disk.name, "--engine=tracepoint", *arguments, **options)

    def wait_for_programs(self, traced):
        """Until both hooks are there, where the header cannot be seen."""
        traced.until(lambda: len(traced.programs()) >= 2, "programs")
        traced.until(traced.is_stalled, "rest")

    def requests(self, count):
        """So many reads; what the kernel counted."""
        before = self.disk.counts()
        fio(self.disk, "--rw=randread", "--bs=4k", "--iodepth=32", f"--number_ios={count}",
            f"--io_size={count * 4096}", "--norandommap")
        return (self.disk.counts() - before).reads

    def assert_all_told(self, done, lines, issued):
        """Rows that came, rows that are told, and losses."""
        told = done.end_line()
        self.same(lines, 1 + told.rows, "lines of stdout")
        unwritten = sum(int(number) for number in UNWRITTEN.findall(done.stderr))
        self.same(told.all() + unwritten, issued,
                  f"rows and what is told beside them, with {done.stderr!r}")
        return unwritten

    def test_duration_zero_prints_the_header_alone(self):
        with measure.full_load(self.disk, LONG):
            done = tracer.run("-d", self.disk.name, "--engine=tracepoint", "--duration", "0")
        self.same((done.returncode, done.stdout), (0, tracer.HEADER), "status and stdout")

    def test_a_slow_one_gets_every_row(self):
        with pipe() as (reader, writer), self.trace(stdout=writer) as traced:
            os.close(writer)
            self.wait_for_programs(traced)
            slow = Reader(reader, 0.06)
            issued = self.requests(40_000)
            time.sleep(1.1)  # then it tells of what has not completed
            done = traced.end(signal.SIGTERM)
            self.same(done.status, 0, f"status, with {done.stderr!r}")
            self.same(self.assert_all_told(done, slow.lines(), issued), 0, "rows not written")
            self.assertTrue(slow.text.endswith(b"\n"))
        self.figures = f"{slow.lines()} lines, and {done.seconds:.1f} s to the end"

    def test_hooks_go_before_the_rest_is_printed(self):
        with pipe() as (reader, writer), self.trace(stdout=writer) as traced:
            os.close(writer)
            self.wait_for_programs(traced)
            self.requests(40_000)
            self.assertGreater(traced.hooks(), 0)
            traced.process.send_signal(signal.SIGTERM)
            slow = Reader(reader, 0.06)
            traced.until(lambda: traced.hooks() == 0, "an end without hooks")
            self.same(traced.process.wait(LONG), 0, "status")
            self.assertGreater(slow.lines(), 1)

    def test_what_it_does_not_take_is_told(self):
        with pipe() as (reader, writer), self.trace(stdout=writer) as traced:
            os.close(writer)
            self.wait_for_programs(traced)
            issued = self.requests(40_000)
            time.sleep(1.1)
            done = traced.end()
            self.same(done.status, 1, f"status, with {done.stderr!r}")
            late = Reader(reader)
            self.assertGreater(self.assert_all_told(done, late.lines(), issued), 0)
            self.assertTrue(late.text.endswith(b"\n"))

    def test_the_duration_holds_when_nobody_reads(self):
        with measure.full_load(self.disk, LONG), pipe() as (_, writer), \
                self.trace("--duration", "2", "-v", stdout=writer) as traced:
            os.close(writer)
            self.same(traced.process.wait(LONG - 10), 1, "status")
            self.assertRegex(traced.errors(), UNWRITTEN)
            # Every second it told of the losses.
            self.assertGreater(len(tracer.END_LINE.findall(traced.errors())), 1)

    def test_one_that_leaves_ends_it_on_an_idle_disk(self):
        with pipe() as (reader, writer), self.trace(stdout=writer) as traced:
            os.close(writer)
            self.same(os.read(reader, 100), tracer.HEADER, "stdout")
            os.close(reader)
            self.same(traced.process.wait(LONG), 0, f"status, with {traced.errors()!r}")
            self.same(tracer.END_LINE.findall(traced.errors())[0][0], "0", "rows")

    def test_stderr_in_the_same_pipe_that_nobody_reads(self):
        with measure.full_load(self.disk, LONG), pipe() as (_, writer), \
                self.trace(stdout=writer, stderr=writer) as traced:
            os.close(writer)
            self.wait_for_programs(traced)
            traced.process.send_signal(signal.SIGTERM)
            self.same(traced.process.wait(LONG - 20), 1, "status")

    def test_a_full_stderr_holds_no_row_up(self):
        with pipe(4096) as (_, writer):
            os.set_blocking(writer, False)
            with contextlib.suppress(BlockingIOError):
                while True:
                    os.write(writer, b"x")
            os.set_blocking(writer, True)
            with self.trace("-v", stderr=writer) as traced:
                traced.wait_for_header()
                for number in range(1, 4):
                    time.sleep(1)
                    self.requests(10)
                    traced.until(lambda number=number: traced.rows() >= 10 * number, "rows")
                self.same(traced.end().status, 0, "status")

    def test_memory_at_the_end(self):
        """A full buffer, of which nothing was read yet, and a reader that now reads."""
        try:
            group = MemoryGroup()
        except NoMemoryGroup as error:
            self.skipTest(str(error))
        buffer = int(os.environ.get("LIVE_BUFFER_MIB", "16"))
        with group, pipe() as (reader, writer), \
                self.trace("--buffer", f"{buffer}M", stdout=writer, preexec_fn=group.join) as traced:
            os.close(writer)
            self.wait_for_programs(traced)
            steady = group.usage()
            group.limit(steady + MEMORY_AT_END)
            # An event of 24 bytes and its header of 8.
            issued = self.requests(buffer * MIB // 32 + 20_000)
            time.sleep(1.1)
            traced.process.send_signal(signal.SIGTERM)
            with open("/dev/null", "wb") as null:
                counted = subprocess.run(["wc", "-l"], stdin=reader, stdout=subprocess.PIPE,
                                         stderr=null, check=True)
            done = tracer.Done(traced.process.wait(LONG), b"", traced.errors(), 0)
            peak = group.peak()
        self.same(done.status, 0, f"status, with {done.stderr!r}")
        self.assertGreater(done.end_line().in_buffer, 0, "lost in a buffer that was full")
        self.same(self.assert_all_told(done, int(counted.stdout), issued), 0, "rows not written")
        self.figures = (f"{int(counted.stdout)} lines, {steady / MIB:.0f} MiB before the end" +
                        (f", {peak / MIB:.0f} at most" if peak is not None else ""))
