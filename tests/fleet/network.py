"""A network of our own, in which there is only what a check makes; the kernel takes it
away when we end. One more for each machine of the fleet, joined to it by a pair of
interfaces."""

import ctypes
import os
import shutil
import subprocess

import tracer

CLONE_NEWNET = 0x40000000


def why_not():
    """Why there are no such networks here; "" if there are."""
    for tool in ("ip", "nsenter", "unshare"):
        if shutil.which(tool) is None:
            return f"{tool} is missing"
    done = ip("link", "add", "name", "try", "type", "veth", check=False)
    if done.returncode != 0:
        return f"the kernel has no pairs of interfaces (veth): {done.stderr.strip()}"
    ip("link", "delete", "try")
    return ""


def ip(*arguments, check=True):
    return subprocess.run(["ip", *arguments], check=check, capture_output=True, text=True)


def leave_that_of_this_machine():
    """For one where nothing but the loopback interface is."""
    if ctypes.CDLL(None, use_errno=True).unshare(CLONE_NEWNET) != 0:
        raise OSError(ctypes.get_errno(), "cannot have a network namespace")
    ip("link", "set", "lo", "up")


class Host:
    """The network of a machine: what `command` runs is there, and `address` reaches it."""

    def __init__(self, number):
        self.path = os.path.join(tracer.place.path, f"network-{number}")
        self.command = ["nsenter", f"--net={self.path}"]
        self.address = f"192.0.2.{4 * number + 2}"
        with open(self.path, "wb"):
            pass
        # A mount holds it, and our mounts end with us.
        subprocess.run(["unshare", f"--net={self.path}", "ip", "link", "set", "lo", "up"], check=True)
        ip("link", "add", "name", f"host{number}", "type", "veth", "peer", "name", "eth0",
           "netns", self.path)
        ip("address", "add", f"192.0.2.{4 * number + 1}/30", "dev", f"host{number}")
        ip("link", "set", f"host{number}", "up")
        for words in (["address", "add", f"{self.address}/30", "dev", "eth0"],
                      ["link", "set", "eth0", "up"]):
            subprocess.run([*self.command, "ip", *words], check=True)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        subprocess.run(["umount", self.path], check=True)
        os.unlink(self.path)
