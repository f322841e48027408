"""Only the requests of the disk that was asked for, whatever it is called."""

import contextlib
import errno
import fcntl
import os
import subprocess
import time
import unittest

import tracer
from loop import MIB, LoopDisk, fio

REQUESTS = 100


class RemovableDisk:
    """A loop device with a number that no search for a free one gives to others."""

    ADD, REMOVE = 0x4C80, 0x4C81  # of /dev/loop-control

    def __init__(self, backing_file):
        self.file = backing_file
        with open(backing_file, "wb") as file:
            os.posix_fallocate(file.fileno(), 0, 16 * MIB)
        self.number = 100_000 + os.getpid()
        self.name = f"loop{self.number}"
        self.path = f"/dev/{self.name}"

    def control(self, request):
        control = os.open("/dev/loop-control", os.O_RDWR)
        try:
            fcntl.ioctl(control, request, self.number)
        finally:
            os.close(control)

    def add(self):
        self.control(self.ADD)
        subprocess.run(["losetup", self.path, self.file], check=True)

    def remove(self):
        """Once nobody has it open any more, as those who look for partitions may for a moment."""
        subprocess.run(["losetup", "--detach", self.path], check=True)
        end = time.monotonic() + tracer.START
        while True:
            try:
                self.control(self.REMOVE)
                return
            except OSError as error:
                if error.errno != errno.EBUSY or time.monotonic() > end:
                    raise
            time.sleep(0.01)

    def __enter__(self):
        self.add()
        return self

    def __exit__(self, *_):
        self.remove()
        os.unlink(self.file)


class Removed(tracer.Check):
    def test_a_disk_that_goes_and_comes_back(self):
        """What it did before is told, and what the next one of its name does is too."""
        self.loop()
        with RemovableDisk(os.path.join(tracer.place.path, "disk")) as disk:
            with tracer.Tracer("-d", disk.name, "--engine=tracepoint") as traced:
                traced.wait_for_header()
                before = traced.rows()
                for _ in range(2):
                    fio(disk, "--rw=randread", "--bs=8k", f"--number_ios={REQUESTS}")
                    disk.remove()
                    self.assertFalse(os.path.exists(f"/sys/block/{disk.name}"))
                    disk.add()
                done = traced.end()
        self.same(before, 0, "rows of others")
        rows = self.assert_ended_well(done)
        self.same(sum(row[3] == b"8192" for row in rows), 2 * REQUESTS, "rows of its reads")


class Disk(tracer.Check):
    @contextlib.contextmanager
    def two_disks(self):
        self.loop()
        with LoopDisk(os.path.join(tracer.place.path, "wanted")) as wanted, \
                LoopDisk(os.path.join(tracer.place.path, "other")) as other:
            yield wanted, other

    def trace(self, given, wanted, other, *options):
        """Reads of both disks, of different sizes; only those of the wanted one
        are rows."""
        with tracer.Tracer("-d", given, *options) as traced:
            traced.wait_for_header()
            for _ in range(2):
                fio(other, "--rw=randread", "--bs=8k", f"--number_ios={REQUESTS}", "--iodepth=4")
                fio(wanted, "--rw=randread", "--bs=4k", f"--number_ios={REQUESTS}", "--iodepth=4")
            done = traced.end()
        self.same(done.status, 0, f"status, with {done.stderr!r} on stderr")
        self.same({row[3] for row in done.rows()}, {b"4096"}, "sizes")
        self.same(len(list(done.rows())) + done.unseen(), 2 * REQUESTS, "rows, and completions "
                  "that the kernel did not show")
        return done

    def test_another_disk_is_none_of_its_rows(self):
        with self.two_disks() as (wanted, other):
            self.trace(wanted.name, wanted, other, "--engine=tracepoint")
            self.trace(other.name, other, wanted, "--engine=tracepoint")

    def test_path_and_link(self):
        with self.two_disks() as (wanted, other):
            link = os.path.join(tracer.place.path, "by-id")
            os.symlink(wanted.path, link)
            for given in (wanted.path, link):
                with self.subTest(given=given):
                    self.trace(given, wanted, other, "--engine=tracepoint")
            os.unlink(link)

    def test_it_takes_the_engine_that_knows_disks_and_says_so(self):
        with self.two_disks() as (wanted, other):
            done = self.trace(wanted.name, wanted, other)
            self.assertIn("disksnoop: engine tracepoint, as only it has --disk\n", done.stderr)
