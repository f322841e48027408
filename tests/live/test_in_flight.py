"""Requests that a disk never completes are told of at the end."""

import os
import shutil
import subprocess
import time
import unittest

import machine
import tracer
from loop import MIB, LoopDisk


class FrozenDisk:
    """A loop device over a file of a filesystem that is frozen: its writes hang
    until the filesystem is thawed, which also happens if we are killed."""

    def __init__(self, directory):
        self.below = LoopDisk(os.path.join(directory, "below"), 64 * MIB)
        self.mounted = os.path.join(directory, "mounted")
        os.mkdir(self.mounted)
        subprocess.run(["mkfs.ext4", "-q", self.below.path], check=True)
        machine.mount_disk(self.below.path, self.mounted)
        self.disk = LoopDisk(os.path.join(self.mounted, "disk"), 16 * MIB)
        self.thaw_at_end = subprocess.Popen(["sh", "-c", 'read wait; exec fsfreeze --unfreeze "$1"',
                                             "sh", self.mounted], stdin=subprocess.PIPE)
        subprocess.run(["fsfreeze", "--freeze", self.mounted], check=True)

    def __enter__(self):
        return self

    def thaw(self):
        self.thaw_at_end.stdin.close()
        self.thaw_at_end.wait()

    def __exit__(self, *_):
        if not self.thaw_at_end.stdin.closed:
            self.thaw()
        self.disk.__exit__()
        machine.unmount(self.mounted)
        os.rmdir(self.mounted)
        self.below.__exit__()


class InFlight(tracer.Check):
    def setUp(self):
        super().setUp()
        self.loop()
        for tool in ("mkfs.ext4", "fsfreeze"):
            if shutil.which(tool) is None:
                self.skipTest(f"{tool} is missing")

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
