"""A filesystem on a loop device, and processes that use it, whose doings are known."""

import contextlib
import ctypes
import mmap
import os
import shutil
import subprocess
import sys

import machine
import tracer
from loop import MIB, LoopDisk
from recording import Recording

PR_SET_NAME = 15
POSIX_FADV_DONTNEED = os.POSIX_FADV_DONTNEED
BLOCK = 4096
MKFS = {
    # All of it is written at once: later nothing of it comes by itself.
    "ext4": ["mkfs.ext4", "-q", "-E", "lazy_itable_init=0,lazy_journal_init=0"],
    "xfs": ["mkfs.xfs", "-q"],
    "btrfs": ["mkfs.btrfs", "-q"],
}
SIZE = {"ext4": 128 * MIB, "xfs": 320 * MIB, "btrfs": 128 * MIB}


def why_not(kind):
    """Why there is no such filesystem here; "" if there is."""
    if shutil.which(MKFS[kind][0]) is None:
        return f"{MKFS[kind][0]} is missing"
    with open("/proc/filesystems", encoding="ascii") as file:
        if kind not in file.read().split():
            return f"the kernel has no {kind}"
    return ""


class Filesystem:
    """Mounted at `path`; gone at the end of the `with` block."""

    def __init__(self, kind="ext4", name="disk"):
        self.disk = LoopDisk(os.path.join(tracer.place.path, name), SIZE[kind])
        self.path = os.path.join(tracer.place.path, f"{name}-mounted")
        os.mkdir(self.path)
        subprocess.run([*MKFS[kind], self.disk.path], check=True, stdout=subprocess.DEVNULL)
        machine.mount_disk(self.disk.path, self.path)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        machine.unmount(self.path)
        os.rmdir(self.path)
        self.disk.__exit__()

    def mount_again(self):
        """Nothing of it is in memory then."""
        machine.unmount(self.path)
        machine.mount_disk(self.disk.path, self.path)


def child(work, comm=None, before=()):
    """A process that does `work` under this name, after what `before` says. Returns its
    pid once it has ended."""
    pid = os.fork()
    if pid == 0:
        status = 1
        try:
            for prepare in before:
                prepare()
            if comm is not None:
                ctypes.CDLL(None).prctl(PR_SET_NAME, ctypes.c_char_p(comm))
            work()
            status = 0
        except BaseException as error:
            print(f"a process of the test failed: {error!r}", file=sys.stderr, flush=True)
        finally:
            os._exit(status)
    _, status = os.waitpid(pid, 0)
    if status != 0:
        raise RuntimeError("a process of the test failed")
    return pid


@contextlib.contextmanager
def opened(path, flags, mode=0o644):
    fd = os.open(path, flags, mode)
    try:
        yield fd
    finally:
        os.close(fd)


def write_direct(path, blocks=3, buffer=None, offset=0):
    """A request for each block."""
    buffer = buffer if buffer is not None else mmap.mmap(-1, BLOCK)
    with opened(path, os.O_RDWR | os.O_CREAT | os.O_DIRECT) as fd:
        for number in range(blocks):
            os.pwritev(fd, [buffer], offset + number * BLOCK)


def read_direct(path, blocks=3, buffer=None, offset=0):
    if buffer is None:
        buffer = mmap.mmap(-1, BLOCK)
        buffer[:] = bytes(BLOCK)  # btrfs reads through the page cache into what is not there yet
    with opened(path, os.O_RDONLY | os.O_DIRECT) as fd:
        for number in range(blocks):
            os.preadv(fd, [buffer], offset + number * BLOCK)


def write_buffered(path, blocks=16, sync=True):
    with opened(path, os.O_RDWR | os.O_CREAT) as fd:
        for _ in range(blocks):
            os.write(fd, b"x" * BLOCK)
        if sync:
            os.fsync(fd)


def write_back(filesystem):
    """What is in memory; the kernel's own thread does most of it."""
    with opened(filesystem.path, os.O_RDONLY) as fd:
        if ctypes.CDLL(None, use_errno=True).syncfs(fd) != 0:
            raise OSError(ctypes.get_errno(), "syncfs")


def read_buffered(path):
    """From the disk, not from memory."""
    with opened(path, os.O_RDONLY) as fd:
        os.fsync(fd)
        os.posix_fadvise(fd, 0, 0, POSIX_FADV_DONTNEED)
        while os.read(fd, MIB):
            pass


class OnAFilesystem(tracer.Check):
    """One for all checks of a class: to make it takes longer than they do."""

    kind = "ext4"
    filesystem = None

    def setUp(self):
        super().setUp()
        self.loop()
        if why := why_not(self.kind):
            self.skipTest(why)
        if self.filesystem is None:
            type(self).filesystem = Filesystem(self.kind)
        self.top = self.filesystem.path

    @classmethod
    def tearDownClass(cls):
        if cls.filesystem is not None:
            cls.filesystem.__exit__()

    def recording(self, *arguments, **options):
        return Recording(self, self.filesystem.disk, *arguments, **options)

    def path(self, name):
        """Of a file that is there in the view of this process."""
        return self.top + name

    def make(self, name, blocks=16):
        """A file with all its blocks on the disk."""
        path = self.path(name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        write_buffered(path, blocks)
        write_back(self.filesystem)
        return path

    def assert_bytes(self, rows, wanted, what):
        self.same(sum(row["bytes"] for row in rows), wanted, f"bytes of {what}")
