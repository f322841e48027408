"""Devices without requests, of each kind that a guest can make."""

import os

import disks
import tool

# Before this version md counts whatever comes to it, and raid0 hands on the bio itself, whose end
# is that of a disk's request then.
MD_COUNTS_WHAT_IS_DONE = (5, 14)
EXTENT = 2048  # sectors; what dm-thin and md keep of a device beside its data


def own(kind):
    """A name that no other check takes: these devices stay."""
    return f"bios-{kind}"


def loop_device(kind):
    return disks.loop_device(own(kind))


def mapped(kind, module, table):
    """A device of device mapper, by its number: the nodes in /dev/mapper are udev's to make."""
    disks.load_module(module)
    disks.run("dmsetup", "create", own(kind), "--noudevsync", "--noudevrules", "--table", table)
    name = "dm-" + disks.run("dmsetup", "info", "-c", "--noheadings", "-o", "minor", own(kind))
    return disks.Disk(kind, f"/dev/{name}", name)


def linear(kind):
    return mapped(kind, "dm-mod", f"0 {disks.SECTORS} linear {loop_device(kind).path} 0")


def failing(kind):
    """Each bio ends with an error."""
    return mapped(kind, "dm-mod", f"0 {disks.SECTORS} error")


def joined(kind):
    """Of two halves: what crosses from one to the other is cut."""
    half = disks.SECTORS // 2
    first, second = (loop_device(f"{kind}-{number}").path for number in range(2))
    return mapped(kind, "dm-mod", f"0 {half} linear {first} 0\n{half} {half} linear {second} 0")


def crypt(kind):
    lower = loop_device(kind)
    return mapped(kind, "dm-crypt", f"0 {disks.SECTORS} crypt aes-xts-plain64 "
                  f"{os.urandom(64).hex()} 0 {lower.path} 0 1 allow_discards")


def thin(kind):
    disks.load_module("dm-thin-pool")
    metadata, data = (loop_device(f"{kind}-{what}").path for what in ("metadata", "data"))
    pool = mapped(f"{kind}-pool", "dm-thin-pool",
                  f"0 {disks.SECTORS} thin-pool {metadata} {data} 128 0")
    disks.run("dmsetup", "message", own(f"{kind}-pool"), "0", "create_thin 0")
    return mapped(kind, "dm-thin-pool", f"0 {disks.SECTORS - EXTENT} thin {pool.path} 0")


def array(kind, module, level, members):
    disks.load_module(module)
    lower = [loop_device(f"{kind}-{number}").path for number in range(members)]
    name = f"md{level}"
    redundant = ("--assume-clean", "--bitmap=none") if level else ()
    disks.run("mdadm", "--create", f"/dev/{name}", "--run", *redundant,
              f"--level={level}", f"--raid-devices={members}", *lower)
    return disks.Disk(kind, f"/dev/{name}", name)


def zram(kind):
    disks.load_module("zram")
    disks.write("/sys/block/zram0/disksize", disks.SECTORS * 512)
    return disks.Disk(kind, "/dev/zram0", "zram0")


def bcache(kind):
    """A disk with another one as its cache, which is empty."""
    disks.load_module("bcache")
    backing, cache = (loop_device(f"{kind}-{what}").path for what in ("backing", "cache"))
    disks.run("make-bcache", "--bucket", "64k", "-B", backing, "-C", cache)
    for path in (cache, backing):
        disks.write("/sys/fs/bcache/register", path)
    # What goes past a cache that it finds slow is counted without its bytes (6.12).
    limits = [f"/sys/block/bcache0/bcache/cache/congested_{what}_threshold_us"
              for what in ("read", "write")]
    tool.wait_until(lambda: all(map(os.path.exists, ["/dev/bcache0", *limits])), tool.LATE_SECONDS)
    for limit in limits:
        disks.write(limit, 0)
    return disks.Disk(kind, "/dev/bcache0", "bcache0")


def kernel():
    return tuple(int(number) for number in os.uname().release.split(".")[:2])


def striped(kind):
    if kernel() < MD_COUNTS_WHAT_IS_DONE:
        raise disks.Missing("before Linux 5.14 the kernel tells of no completion of md raid0")
    return array(kind, "raid0", 0, 2)


KINDS = {
    "dm-linear": linear,
    "dm-linear-joined": joined,
    "dm-crypt": crypt,
    "dm-thin": thin,
    "md-raid0": striped,
    "md-raid1": lambda kind: array(kind, "raid1", 1, 2),
    "md-raid5": lambda kind: array(kind, "raid456", 5, 3),
    "zram": zram,
    "bcache": bcache,
}
