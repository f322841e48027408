"""Requests that a disk never completes are told of at the end."""

import subprocess
import time

import frozen_disk
import tracer
from frozen_disk import FrozenDisk


class InFlight(tracer.Check):
    def setUp(self):
        super().setUp()
        self.loop()
        if why := frozen_disk.why_not():
            self.skipTest(why)

    def test_listed_with_their_age(self):
        with FrozenDisk(tracer.place.path) as frozen:
            with tracer.Tracer("-d", frozen.disk.name, "--engine=tracepoint") as traced:
                traced.wait_for_header()
                begin = time.monotonic()
                write = ["dd", "if=/dev/zero", f"of={frozen.disk.path}", "bs=8k", "count=1",
                         "oflag=direct", "status=none"]
                writers = [subprocess.Popen(write), subprocess.Popen(write)]
                traced.until(lambda: frozen.disk.in_flight() == 2, "two requests in flight")
                time.sleep(1.1)
                done = traced.end()
                age = time.monotonic() - begin
            frozen.thaw()
            for writer in writers:
                self.same(writer.wait(tracer.START), 0, "status of a writer")
        self.assert_ended_well(done)
        listed = tracer.NOT_COMPLETED.findall(done.stderr)
        self.same([(kind, size) for kind, size, _ in listed], [("W", "8192")] * 2, "listed")
        for _, _, seconds in listed:
            self.assertTrue(1.0 <= float(seconds) <= age + 0.1, f"{seconds} s old after {age:.1f} s")

    def test_younger_ones_are_not(self):
        """In a run that took less than the second from which on they are told."""
        seconds = []
        while not seconds or seconds[-1] >= 1:
            self.assertLess(len(seconds), 20, f"runs, of {seconds} s")
            with FrozenDisk(tracer.place.path) as frozen:
                with tracer.Tracer("-d", frozen.disk.name, "--engine=tracepoint") as traced:
                    traced.wait_for_header()
                    begin = time.monotonic()
                    writer = subprocess.Popen(["dd", "if=/dev/zero", f"of={frozen.disk.path}",
                                               "bs=8k", "count=1", "oflag=direct", "status=none"])
                    traced.until(lambda disk=frozen.disk: disk.in_flight() == 1, "a request")
                    done = traced.end()
                    seconds.append(time.monotonic() - begin)
                frozen.thaw()
                self.same(writer.wait(tracer.START), 0, "status of the writer")
        self.assert_ended_well(done)
        self.assertNotIn("not completed", done.stderr)
