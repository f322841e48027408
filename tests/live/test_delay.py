"""Rows gather while the tool sleeps (--max-delay), and nothing is lost by that."""

import mmap
import os
import time

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
