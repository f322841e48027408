"""A disk to do I/O on: a loop device over a file in memory."""

import json
import os
import subprocess
import sys

# At the end: it has modules whose names are here too.
sys.path.append(f"{os.path.dirname(os.path.abspath(__file__))}/../vm/guest")
import diskstats

MIB = 1 << 20


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

    def counts(self):
        return diskstats.at_rest(self.name)

    def in_flight(self):
        """Requests that it has not completed, as the kernel counts them."""
        with open(f"/sys/block/{self.name}/inflight", encoding="ascii") as file:
            return sum(map(int, file.read().split()))


def fio(disk, *options):
    """Runs fio on the disk. Returns what it says of its job."""
    done = subprocess.run(["fio", "--name=live", f"--filename={disk.path}", "--direct=1", "--thread",
                           "--ioengine=libaio", "--group_reporting", "--randrepeat=1",
                           "--output-format=json", *options],
                          capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise RuntimeError(f"fio: {done.stdout} {done.stderr}")
    return json.loads(done.stdout[done.stdout.index("{"):])["jobs"][0]
