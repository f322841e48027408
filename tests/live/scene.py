"""A machine with something to look at: two disks, one without room, and processes that use them
all the time, for the examples of the documentation."""

import contextlib
import ctypes
import os
import random
import signal
import subprocess
import time

import machine
import tracer
from filesystem import BLOCK, Filesystem, read_buffered, read_direct, write_buffered, write_direct
from io_group import IoGroup, NoGroup
from loop import MIB, LoopDisk

PR_SET_PDEATHSIG, PR_SET_NAME = 1, 15


class DiskWithoutRoom:
    """A loop device whose file cannot have more than 64 of its 256 blocks."""

    def __init__(self, name):
        self.directory = os.path.join(tracer.place.path, name)
        os.mkdir(self.directory)
        subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={64 * BLOCK}", name, self.directory],
                       check=True)
        path = os.path.join(self.directory, "file")
        with open(path, "wb") as file:
            file.truncate(256 * BLOCK)
        self.path = subprocess.run(["losetup", "--find", "--show", path], check=True, text=True,
                                   capture_output=True).stdout.strip()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        subprocess.run(["losetup", "--detach", self.path], check=True)
        machine.unmount(self.directory)
        os.rmdir(self.directory)


class Scene(contextlib.ExitStack):
    """`disk` has a filesystem, `other` none, `full` no room; `pid` is the database's, `cgroup` its
    control group's path, None where there are none."""

    def __enter__(self):
        super().__enter__()
        filesystem = self.enter_context(Filesystem(name="scene"))
        other = self.enter_context(LoopDisk(os.path.join(tracer.place.path, "other"), 64 * MIB))
        full = self.enter_context(DiskWithoutRoom("full"))
        self.top = filesystem.path
        self.disk, self.other = filesystem.disk.name, other.name
        self.full = os.path.basename(full.path)
        self.cgroup, group = None, None
        with contextlib.suppress(NoGroup):
            group = self.enter_context(IoGroup("web"))
            self.cgroup = group.name
        for name in ("srv", "log", "backup"):
            os.mkdir(os.path.join(self.top, name))
        write_buffered(self.path("backup/monday"), 2048)
        self.pid = self.process("database", self.write_table, group.join if group else None)
        self.process("logger", self.write_log)
        self.process("backup", self.read_backup)
        self.process("batch", lambda: self.read_anywhere(other.path))
        self.process("copy", lambda: self.write_beyond(full.path))
        return self

    def path(self, name):
        return os.path.join(self.top, name)

    def process(self, comm, work, before=None):
        """Does its work again and again until the scene ends. Returns its pid."""
        pid = os.fork()
        if pid == 0:
            libc = ctypes.CDLL(None)
            libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
            libc.prctl(PR_SET_NAME, comm.encode())
            try:
                if before:
                    before()
                while True:
                    work()
            finally:
                os._exit(1)
        self.callback(os.waitpid, pid, 0)
        self.callback(os.kill, pid, signal.SIGKILL)
        return pid

    def write_table(self):
        fd = os.open(self.path("srv/table"), os.O_RDWR | os.O_CREAT)
        os.pwrite(fd, b"t" * 2 * BLOCK, random.randrange(64) * 2 * BLOCK)
        os.fsync(fd)
        os.close(fd)
        time.sleep(0.03)

    def write_log(self):
        write_buffered(self.path("log/app.log"), 64, sync=False)
        time.sleep(0.2)
        # What the kernel does by itself after some seconds.
        fd = os.open(self.top, os.O_RDONLY)
        ctypes.CDLL(None).syncfs(fd)
        os.close(fd)

    def read_backup(self):
        read_buffered(self.path("backup/monday"))
        time.sleep(0.1)

    @staticmethod
    def read_anywhere(path):
        read_direct(path, 1, offset=random.randrange(4096) * BLOCK)
        time.sleep(0.005)

    @staticmethod
    def write_beyond(path):
        with contextlib.suppress(OSError):
            write_direct(path, 256)
        time.sleep(0.3)
