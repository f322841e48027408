"""What tools look for on a machine, in a mount namespace of our own."""

import os
import pathlib
import sys

import common  # before machine: it tells where that is
import machine


def prepare(setting):
    """Ends the program where nothing can be traced."""
    reason = machine.why_not_traced() or ("" if setting.guest else machine.why_not_loop())
    if reason:
        sys.exit(f"{pathlib.Path(sys.argv[0]).name}: {reason}")
    machine.private_mounts()
    for kind, target, sign in (("tracefs", "/sys/kernel/tracing", "events"),
                               ("debugfs", "/sys/kernel/debug", "block")):
        if not os.path.exists(f"{target}/{sign}"):
            machine.mount(kind, target, "rw")


def give_kernel_headers():
    """Where the running kernel's headers are not installed, puts Debian's newest
    in their place. The release of those that are there; none if there are none."""
    release = os.uname().release
    if pathlib.Path("/lib/modules", release, "build").exists():
        return release
    trees = [path.parent for path in sorted(pathlib.Path("/lib/modules").glob("*/build"))]
    if not trees:
        return None
    links = {name: (trees[-1] / name).resolve() for name in ("build", "source")}
    machine.mount("tmpfs", "/lib/modules")
    here = pathlib.Path("/lib/modules", release)
    here.mkdir()
    for name, target in links.items():
        (here / name).symlink_to(target)
    return trees[-1].name
