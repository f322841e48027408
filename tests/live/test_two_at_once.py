"""Several of it trace at once, and none takes anything from another."""

import contextlib
import os

import tracer
from loop import LoopDisk, fio

REQUESTS = 1000


class TwoAtOnce(tracer.Check):
    def test_each_has_every_row(self):
        """Also the one that goes on when the other has ended."""
        self.loop()
        with LoopDisk(os.path.join(tracer.place.path, "disk")) as disk, \
                contextlib.ExitStack() as stack:
            first, second = (stack.enter_context(tracer.Tracer("-d", disk.name,
                                                               "--engine=tracepoint"))
                             for _ in range(2))
            for one in (first, second):
                one.wait_for_header()
            work = ("--rw=randread", "--bs=4k", f"--number_ios={REQUESTS}", "--iodepth=4")
            fio(disk, *work)
            done_first = first.end()
            fio(disk, *work)
            done_second = second.end()
        for done, requests in ((done_first, REQUESTS), (done_second, 2 * REQUESTS)):
            self.same(done.status, 0, f"status, with {done.stderr!r} on stderr")
            self.same(len(list(done.rows())) + done.unseen(), requests, "rows, and completions "
                      "that the kernel did not show")
