"""A disk whose writes hang until it is told otherwise."""

import os
import shutil
import subprocess

import machine
from loop import MIB, LoopDisk


def why_not():
    """Why there is no such disk here; "" if there is."""
    for tool in ("mkfs.ext4", "fsfreeze"):
        if shutil.which(tool) is None:
            return f"{tool} is missing"
    return ""


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
