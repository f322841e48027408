"""Rows gather while the tool sleeps (--max-delay), and nothing is lost by that."""

import mmap
import os
import time

import filesystem
import loop
import tracer
from loop import LoopDisk


def wake_ups(traced):
    return traced.status("voluntary_ctxt_switches")


class Delay(tracer.Check):
    def setUp(self):
        super().setUp()
        self.loop()
        self.disk = LoopDisk(os.path.join(tracer.place.path, "disk"))
        self.addCleanup(self.disk.__exit__)

    def traced(self, *arguments):
        return tracer.Tracer("-d", self.disk.name, *arguments)

    def read_often(self, count, pause=0.0):
        """Requests of this process, one after the other."""
        disk = os.open(self.disk.path, os.O_RDONLY | os.O_DIRECT)
        block = mmap.mmap(-1, 4096)
        for number in range(count):
            os.preadv(disk, [block], number % 1000 * 4096)
            time.sleep(pause)
        os.close(disk)

    def wake_ups_for(self, count, *arguments):
        with self.traced(*arguments) as traced:
            traced.wait_for_header()
            before = wake_ups(traced)
            self.read_often(count, 0.004)
            traced.until(lambda: traced.rows() == count, "all rows")
            return wake_ups(traced) - before

    def test_many_rows_are_one_wake_up(self):
        gathered = self.wake_ups_for(200)
        at_once = self.wake_ups_for(200, "--max-delay=0")
        self.figures = f"{gathered} wake-ups for 200 rows, {at_once} with --max-delay=0"
        self.assertLess(gathered, at_once / 3)

    def test_nothing_to_do_is_no_wake_up(self):
        with self.traced() as traced:
            traced.wait_for_header()
            self.read_often(5)
            traced.until(lambda: traced.rows() == 5, "all rows")
            time.sleep(0.3)  # until it sees that there are no more
            before = wake_ups(traced)
            time.sleep(2)
            self.same(wake_ups(traced) - before, 0, "wake-ups in two seconds without a request")

    def test_each_row_is_in_time(self):
        """Also of a request that completes right after the first one woke the tool, which
        is among the newest when that one's time is up."""
        delay = 1.0
        with self.traced(f"--max-delay={delay * 1000:.0f}") as traced:
            traced.wait_for_header()
            self.read_often(1)
            time.sleep(0.01)
            self.read_often(1)
            begin = time.monotonic()
            traced.until(lambda: traced.rows() == 2, "both rows")
            took = time.monotonic() - begin
        self.figures = f"the second row after {took:.3f} s"
        if took > delay:  # a busy machine; but not twice
            self.assertLess(took, 1.8 * delay, "seconds until the second row")

    def test_the_end_does_not_wait(self):
        with self.traced("--max-delay=10000") as traced:
            traced.wait_for_header()
            self.read_often(20)
            done = traced.end()
        self.same(len(list(done.rows())), 20, "rows")
        self.assertLess(done.seconds, 5)

    def test_nor_does_the_last_row(self):
        """It is there, or comes when its time is up; what came after it is no row."""
        with self.traced("--max-delay=300", "--count=7") as traced:
            traced.wait_for_header()
            self.read_often(20)
            traced.process.wait(tracer.START)
            self.same(traced.rows(), 7, "rows")

    def test_a_buffer_that_fills_up_is_read_before(self):
        """Several times what it holds: 32,768 records."""
        count = 100_000
        with self.traced("--max-delay=10000") as traced:
            traced.wait_for_header()
            begin = time.monotonic()
            loop.fio(self.disk, "--rw=randread", "--bs=4k", "--iodepth=16", "--norandommap",
                     f"--number_ios={count}", "--io_size=100g", "--rate_iops=40000")
            took = time.monotonic() - begin
            done = traced.end()
        told = done.end_line()
        self.same(told.all() - told.before_start >= count, True, f"that all is told: {told}")
        self.figures = f"{told.rows} rows of {count} in {took:.1f} s, {told.in_buffer} lost in the buffer"
        if took < 10:
            self.assertGreater(told.rows, 2 * 32768)

    def test_names_that_fill_the_buffer_have_it_read_too(self):
        """Each file is one row, and a record of its path that is several times as long."""
        if reason := filesystem.why_not("ext4"):
            self.skipTest(reason)
        count = 1000
        with filesystem.Filesystem(name="names") as mounted, \
                tracer.Tracer("-d", mounted.disk.name, "--max-delay=10000", "--buffer=256K",
                              "-o", "file") as traced:
            traced.until(lambda: traced.text(traced.out), "the header")
            for number in range(count):
                name = f"{mounted.path}/{number:04}{'x' * 240}"
                file = os.open(name, os.O_WRONLY | os.O_CREAT | os.O_DIRECT)
                os.pwritev(file, [mmap.mmap(-1, 4096)], 0)
                os.close(file)
            done = traced.end()
        names = {line.strip() for line in done.stdout.split(b"\n") if b"xxx" in line}
        self.figures = f"{len(names)} of {count} names, {done.end_line().in_buffer} rows lost"
        self.assertGreater(len(names), 0.9 * count)
