"""A disk to do I/O on: a loop device over a file in memory."""

import errno
import fcntl
import json
import os
import subprocess
import sys
import time

# At the end: it has modules whose names are here too.
sys.path.append(f"{os.path.dirname(os.path.abspath(__file__))}/../vm/guest")
import diskstats

MIB = 1 << 20
LOOP_CTL_ADD, LOOP_CTL_REMOVE = 0x4C80, 0x4C81
PATIENCE = 60  # seconds until a device that others look at is free


class LoopDisk:
    """Detached already while this process holds it open: the kernel frees it
    when we close it, also when we are killed."""

    def __init__(self, backing_file, size=256 * MIB, *options):
        self.file = backing_file
        with open(backing_file, "wb") as file:
            # With its memory, so that the first writes take no longer.
            os.posix_fallocate(file.fileno(), 0, size)
        self.path = self.attach(*options)
        self.name = os.path.basename(self.path)
        self.fd = os.open(self.path, os.O_RDWR)
        subprocess.run(["losetup", "--detach", self.path], check=True)

    def attach(self, *options):
        """Its path."""
        return self.losetup("--find", "--show", *options, self.file).strip()

    @staticmethod
    def losetup(*arguments):
        # Before 6.6 tmpfs knows no direct I/O.
        done = subprocess.run(["losetup", "--direct-io=on", *arguments], capture_output=True,
                              text=True, check=False)
        if done.returncode != 0:
            done = subprocess.run(["losetup", *arguments], capture_output=True, text=True, check=True)
        return done.stdout

    def __enter__(self):
        return self

    def __exit__(self, *_):
        os.close(self.fd)
        os.unlink(self.file)

    def counts(self):
        return diskstats.at_rest(self.name)

    def in_flight(self):
        """Requests that it has not completed, as the kernel counts them."""
        with open(f"/sys/block/{self.name}/inflight", encoding="ascii") as file:
            return sum(map(int, file.read().split()))


def control(request, number):
    """What the kernel's loop control answers. Others, who look for a free device, may have
    this one open for a moment."""
    end = time.monotonic() + PATIENCE
    with open("/dev/loop-control", "rb") as file:
        while True:
            try:
                return fcntl.ioctl(file, request, number)
            except OSError as error:
                if error.errno != errno.EBUSY or time.monotonic() > end:
                    raise
                time.sleep(0.01)


def unused_number():
    """Of a device that nobody has: far above those that others look for."""
    return next(number for number in range(1000, 2000)
                if not os.path.exists(f"/sys/block/loop{number}"))


class HotplugDisk(LoopDisk):
    """A loop device of this number, which the kernel does not have before and after."""

    def __init__(self, number, backing_file, size=256 * MIB):
        self.number = number
        control(LOOP_CTL_ADD, number)
        super().__init__(backing_file, size)

    def attach(self, *options):
        path = f"/dev/loop{self.number}"
        self.losetup(*options, path, self.file)
        return path

    def __exit__(self, *_):
        super().__exit__()
        control(LOOP_CTL_REMOVE, self.number)


def fio(disk, *options):
    """Runs fio on the disk. Returns what it says of its job."""
    done = subprocess.run(["fio", "--name=live", f"--filename={disk.path}", "--direct=1", "--thread",
                           "--ioengine=libaio", "--group_reporting", "--randrepeat=1",
                           "--output-format=json", *options],
                          capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise RuntimeError(f"fio: {done.stdout} {done.stderr}")
    return json.loads(done.stdout[done.stdout.index("{"):])["jobs"][0]
