"""Filesystems on the disks of a guest, and where their files are on the disk."""

import os
import re

import disks
import extents

MAKE = {
    # Nothing is left for the kernel to initialise later.
    "ext4": ["mkfs.ext4", "-q", "-F", "-b", "4096", "-E", "lazy_itable_init=0,lazy_journal_init=0"],
    "xfs": ["mkfs.xfs", "-q", "-f"],
    "btrfs": ["mkfs.btrfs", "-q", "-f"],
}
BLOCK_BYTES = 4096
CHUNK = re.compile(r"CHUNK_ITEM (\d+)\).*?length (\d+) .*?stripe 0 devid 1 offset (\d+)", re.DOTALL)


class Filesystem:
    """Names of files are paths from its root, as rows have them."""

    def __init__(self, kind, disk):
        self.kind = kind
        self.disk = disk
        self.mounted = f"/run/{kind}"
        if kind != "ext4":  # the root has it
            disks.load_module(kind)
        disks.run(*MAKE[kind], disk.path)
        os.makedirs(self.mounted, exist_ok=True)
        disks.run("mount", "-t", kind, disk.path, self.mounted)

    def names_direct_io(self):
        """Whether its bios of direct I/O lead to the file: those of btrfs since 6.3."""
        return self.kind != "btrfs" or tuple(map(int, os.uname().release.split(".")[:2])) >= (6, 3)

    def path(self, name):
        return f"{self.mounted}{name}"

    def extents_of(self, fd, name):
        """(first sector, end, name) of each extent on the disk."""
        found = extents.of(fd, name)
        return found if self.kind != "btrfs" else [self.moved(one) for one in found]

    def extents_of_name(self, name):
        fd = os.open(self.path(name), os.O_RDONLY)
        try:
            return self.extents_of(fd, name)
        finally:
            os.close(fd)

    def moved(self, extent):
        """btrfs tells addresses of its own, of which chunks are on the disk."""
        first, end, name = extent
        for logical, length, physical in self.chunks():
            if logical <= first * extents.SECTOR < logical + length:
                by = (physical - logical) // extents.SECTOR
                return first + by, end + by, name
        raise RuntimeError(f"no chunk has the sectors of {name}")

    def chunks(self):
        text = disks.run("btrfs", "inspect-internal", "dump-tree", "-t", "chunk", self.disk.path)
        return [tuple(map(int, numbers)) for numbers in CHUNK.findall(text)]

    def journal(self):
        """Where the journal is, if it can be told from outside."""
        if self.kind != "ext4":
            return []
        return extents.of_journal(self.disk.path, "[journal]", BLOCK_BYTES)

    def unmount(self):
        disks.run("umount", self.mounted)
