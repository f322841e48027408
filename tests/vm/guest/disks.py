"""The block devices of a guest: those that QEMU gives it, and those made in it."""

import dataclasses
import os
import re
import subprocess
import time

import diskstats
import nbd
import tool

CONFIG = "/sys/kernel/config"
SCSI_DEBUG = "/sys/bus/pseudo/drivers/scsi_debug"
SECTORS = 131072  # of the devices made here; 64 MiB


class Missing(Exception):
    """This kernel or machine has no such device."""


@dataclasses.dataclass
class Disk:
    kind: str
    path: str  # what is read and written
    name: str  # in /sys/block, the disk whose requests they become
    asked: str = None  # what --disk is given, if it is not the name


def run(*argv):
    done = subprocess.run(argv, stdin=subprocess.DEVNULL, capture_output=True, text=True)
    if done.returncode:
        raise RuntimeError(f"{' '.join(argv)}: {done.stderr.strip()[-300:]}")
    return done.stdout.strip()


def load_module(name, *parameters):
    """Loads it; a kernel that does not have it is a reason to skip."""
    if subprocess.run(["modinfo", name], capture_output=True).returncode:
        raise Missing(f"the kernel has no module {name}")
    run("modprobe", name, *parameters)


def write(path, text):
    with open(path, "w") as file:
        file.write(str(text))


def loop_device(kind):
    load_module("loop")
    backing = f"/dev/shm/{kind}"
    with open(backing, "wb") as file:
        file.truncate(SECTORS * 512)
    path = run("losetup", "--find", "--show", backing)
    return Disk(kind, path, os.path.basename(path))


def mapped(kind, target, module, lower=None):
    """A device-mapper device, over a loop device unless told: it has no requests of its own."""
    load_module(module)
    lower = lower or loop_device(kind)
    run("dmsetup", "create", kind, "--noudevsync", "--noudevrules",
        "--table", f"0 {SECTORS} {target.format(lower=lower)}")
    # The node in /dev/mapper is udev's to make, and none runs here.
    number = run("dmsetup", "info", "-c", "--noheadings", "-o", "minor", kind)
    return Disk(kind, f"/dev/dm-{number}", lower.name)


def remove_mapped(disk):
    """Another check can make one of this kind again."""
    run("dmsetup", "remove", "--noudevsync", "--noudevrules", disk.kind)
    run("losetup", "--detach", f"/dev/{disk.name}")


def null_blk(name, **settings):
    """A null_blk device; its settings are those of the kernel's null_blk.rst."""
    load_module("null_blk", "nr_devices=0")
    if not os.path.exists(f"{CONFIG}/nullb"):
        run("mount", "-t", "configfs", "configfs", CONFIG)
    before = set(os.listdir("/sys/block"))
    os.mkdir(f"{CONFIG}/nullb/{name}")
    for key, value in {"size": SECTORS // 2048, "queue_mode": 2, **settings}.items():
        write(f"{CONFIG}/nullb/{name}/{key}", value)
    write(f"{CONFIG}/nullb/{name}/power", 1)
    # Its name is its index or that of the directory, by the kernel's version.
    made, = set(os.listdir("/sys/block")) - before
    return Disk(name, f"/dev/{made}", made)


def remove_null_blk(disk):
    os.rmdir(f"{CONFIG}/nullb/{disk.kind}")


def scsi_debug():
    """A SCSI disk in memory whose errors are set in its driver's directory."""
    before = set(os.listdir("/sys/block"))
    load_module("scsi_debug", f"dev_size_mb={SECTORS // 2048}", "lbpu=1")
    tool.wait_until(lambda: set(os.listdir("/sys/block")) - before, tool.LATE_SECONDS)
    made, = set(os.listdir("/sys/block")) - before
    time.sleep(1)  # while the kernel looks for partitions
    return Disk("scsi_debug", f"/dev/{made}", made)


def nvme_multipath(kind):
    """A disk above its only path: the requests are those of the path, which is hidden."""
    path = tool.nvme_disk("multipath")
    head = re.sub(r"c\d+", "", path)
    if head == path:
        raise Missing("the kernel has no NVMe multipath")
    return Disk(kind, f"/dev/{head}", path, asked=head)


def multipath(kind):
    """Based on requests: it has some of its own, beside those of its path."""
    load_module("dm-round-robin")
    try:
        path = scsi_debug()
    except Missing:
        path = loop_device(kind)
    upper = mapped(kind, "multipath 0 0 1 1 round-robin 0 1 1 {lower.path} 1", "dm-multipath", path)
    return Disk(kind, upper.path, os.path.basename(upper.path))


def remove_multipath(disk):
    """Another check can load scsi_debug again."""
    run("dmsetup", "remove", "--noudevsync", "--noudevrules", disk.kind)
    if os.path.exists(SCSI_DEBUG):
        run("modprobe", "-r", "scsi_debug")


def nbd_device(kind):
    load_module("nbd", "nbds_max=1")
    nbd.connect("/dev/nbd0", SECTORS * 512)
    tool.wait_until(lambda: diskstats.words("nbd0", "size") == [str(SECTORS)], tool.LATE_SECONDS)
    with open("/dev/nbd0", "rb") as disk:  # the first time the kernel looks for partitions
        disk.read(1)
    return Disk(kind, "/dev/nbd0", "nbd0")


def make(kind):
    """The device of this kind of the kernel list."""
    if kind in tool.DISKS:
        path = tool.DISKS[kind]
        return Disk(kind, path, os.path.basename(path))
    if kind == "loop":
        return loop_device(kind)
    if kind == "dm-linear":
        return mapped(kind, "linear {lower.path} 0", "dm-mod")
    if kind == "dm-crypt":
        return mapped(kind, f"crypt aes-xts-plain64 {os.urandom(64).hex()} 0 {{lower.path}} 0 "
                            "1 allow_discards", "dm-crypt")
    if kind == "dm-multipath":
        return multipath(kind)
    if kind == "nbd":
        return nbd_device(kind)
    if kind == "nvme-multipath":
        return nvme_multipath(kind)
    if kind == "null_blk":
        return null_blk(kind, memory_backed=1, discard=1)
    raise RuntimeError(f"no kind of device is called {kind}")
