"""Where on its disk a file is, as its filesystem tells."""

import fcntl
import os
import struct
import subprocess

FS_IOC_FIEMAP = 0xC020660B
HEAD = struct.Struct("=QQIIII")
EXTENT = struct.Struct("=QQQ16xI12x")
MANY = 256
SECTOR = 512


def of(fd, name, first_sector=0):
    """(first sector, end, name) of each extent; `first_sector` is that of a partition."""
    size = HEAD.size + MANY * EXTENT.size
    data = bytearray(HEAD.pack(0, 2 ** 64 - 1, 0, 0, MANY, 0).ljust(size, b"\0"))
    fcntl.ioctl(fd, FS_IOC_FIEMAP, data)
    count = HEAD.unpack_from(data)[3]
    if count == MANY:
        raise RuntimeError(f"{name} has too many extents")
    found = []
    for number in range(count):
        _, physical, length, _ = EXTENT.unpack_from(data, HEAD.size + number * EXTENT.size)
        begin = first_sector + physical // SECTOR
        found.append((begin, begin + length // SECTOR, name))
    return found


def of_path(path, name):
    fd = os.open(path, os.O_RDONLY)
    try:
        return of(fd, name)
    finally:
        os.close(fd)


def sector_at(extents_of_file, offset):
    """The sector of this offset of a file without holes."""
    for first, end, _ in extents_of_file:
        if offset < (end - first) * SECTOR:
            return first + offset // SECTOR
        offset -= (end - first) * SECTOR
    raise ValueError("the file is shorter")


def of_journal(device, name, block_bytes):
    """Those of the journal of an ext4 filesystem, inode 8."""
    done = subprocess.run(["debugfs", "-R", "blocks <8>", device], capture_output=True, text=True)
    if done.returncode or not done.stdout.strip():
        raise RuntimeError(f"debugfs: {done.stderr.strip()[-300:]}")
    sectors = block_bytes // SECTOR
    numbers = sorted(int(word) for word in done.stdout.split())
    found = []
    for number in numbers:
        if found and found[-1][1] == number * sectors:
            found[-1] = (found[-1][0], (number + 1) * sectors, name)
        else:
            found.append((number * sectors, (number + 1) * sectors, name))
    return found
