"""A partition that the kernel is told of: nothing is written to the disk for it."""

import contextlib
import ctypes
import fcntl
import os

import disks
import tool

BLKPG = 0x1269
ADD, DELETE = 1, 2
SECTOR = 512


class Description(ctypes.Structure):
    """struct blkpg_partition of linux/blkpg.h."""
    _fields_ = [("start", ctypes.c_longlong), ("length", ctypes.c_longlong),
                ("number", ctypes.c_int), ("names", ctypes.c_char * 128)]


class Argument(ctypes.Structure):
    """struct blkpg_ioctl_arg."""
    _fields_ = [("operation", ctypes.c_int), ("flags", ctypes.c_int), ("length", ctypes.c_int),
                ("data", ctypes.c_void_p)]


def tell(path, operation, first, sectors, number):
    what = Description(first * SECTOR, sectors * SECTOR, number)
    disk = os.open(path, os.O_RDONLY)
    try:
        fcntl.ioctl(disk, BLKPG, Argument(operation, 0, ctypes.sizeof(what),
                                          ctypes.addressof(what)))
    finally:
        os.close(disk)


@contextlib.contextmanager
def made(disk, first, sectors, number=1):
    """Its name while it is there: the disk's partition of this number."""
    name = f"{disk.name}{'p' if disk.name[-1].isdigit() else ''}{number}"
    tell(disk.path, ADD, first, sectors, number)
    try:
        if not tool.wait_until(lambda: os.path.exists(f"/dev/{name}"), tool.LATE_SECONDS):
            raise disks.Missing(f"the kernel makes no /dev/{name}")
        yield name
    finally:
        tell(disk.path, DELETE, first, sectors, number)
