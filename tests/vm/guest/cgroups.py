"""Cgroups (v2) of a guest."""

import os

import disks

ROOT = "/sys/fs/cgroup"
CONTROLLERS = "+io +memory"


def mount():
    if not os.path.exists(f"{ROOT}/cgroup.controllers"):
        disks.run("mount", "-t", "cgroup2", "cgroup2", ROOT)
    disks.write(f"{ROOT}/cgroup.subtree_control", CONTROLLERS)


def make(path):
    """The cgroup of this path from the root, with what accounts for I/O and memory."""
    above = ""
    for name in path.strip("/").split("/")[:-1]:
        above += f"/{name}"
        os.makedirs(ROOT + above, exist_ok=True)
        disks.write(f"{ROOT}{above}/cgroup.subtree_control", CONTROLLERS)
    os.makedirs(ROOT + path, exist_ok=True)
    return path


def enter(path):
    """Takes the calling process there."""
    disks.write(f"{ROOT}{path}/cgroup.procs", "0")


def of(pid):
    with open(f"/proc/{pid}/cgroup") as file:
        return next(line[3:].rstrip("\n") for line in file if line.startswith("0::"))
