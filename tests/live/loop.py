"""A disk to do I/O on: a loop device over a file in memory, and what the
kernel counts for it."""

import json
import os
import subprocess
import time
from dataclasses import dataclass

MIB = 1 << 20


@dataclass
class Counts:
    """A disk's stat file, Documentation/block/stat.rst."""
    reads: int
    read_sectors: int
    writes: int
    write_sectors: int
    discards: int
    discard_sectors: int
    flushes: int
    merges: int

    def __sub__(self, other):
        return Counts(*(getattr(self, name) - getattr(other, name)
                        for name in self.__dataclass_fields__))

    @property
    def sectors(self):
        return self.read_sectors + self.write_sectors + self.discard_sectors


class LoopDisk:
    """Detached already while this process holds it open: the kernel frees it
    when we close it, also when we are killed."""

    def __init__(self, backing_file, size=256 * MIB, *options):
        self.file = backing_file
        with open(backing_file, "wb") as file:
            # With its memory, so that the first writes take no longer.
            os.posix_fallocate(file.fileno(), 0, size)
        attach = ["losetup", "--find", "--show", *options]
        # Before 6.6 tmpfs knows no direct I/O.
        done = subprocess.run([*attach, "--direct-io=on", backing_file], capture_output=True,
                              text=True, check=False)
        if done.returncode != 0:
            done = subprocess.run([*attach, backing_file], capture_output=True, text=True,
                                  check=True)
        self.path = done.stdout.strip()
        self.name = os.path.basename(self.path)
        self.fd = os.open(self.path, os.O_RDWR)
        subprocess.run(["losetup", "--detach", self.path], check=True)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        os.close(self.fd)
        os.unlink(self.file)

    def read_counts(self):
        with open(f"/sys/block/{self.name}/stat", encoding="ascii") as file:
            field = [int(word) for word in file.read().split()]
        return Counts(reads=field[0], read_sectors=field[2], writes=field[4],
                      write_sectors=field[6], discards=field[11], discard_sectors=field[13],
                      flushes=field[15], merges=field[1] + field[5] + field[12])

    def counts(self):
        """The counts when nothing is in flight: a request is counted a little
        after its reader is told that it is done."""
        end = time.monotonic() + 10
        before = None
        while time.monotonic() < end:
            now = self.read_counts()
            with open(f"/sys/block/{self.name}/inflight", encoding="ascii") as file:
                quiet = file.read().split() == ["0", "0"]
            if quiet and now == before:
                return now
            before = now
            time.sleep(0.05)
        raise TimeoutError(f"{self.name} does not come to rest")


def fio(disk, *options):
    """Runs fio on the disk. Returns what it says of its job."""
    done = subprocess.run(["fio", "--name=live", f"--filename={disk.path}", "--direct=1", "--thread",
                           "--ioengine=libaio", "--group_reporting", "--randrepeat=1",
                           "--output-format=json", *options],
                          capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise RuntimeError(f"fio: {done.stdout} {done.stderr}")
    return json.loads(done.stdout[done.stdout.index("{"):])["jobs"][0]
