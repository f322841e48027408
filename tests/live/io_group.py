"""A cgroup whose block I/O is charged to it."""

import os


class NoGroup(Exception):
    """With the reason."""


class IoGroup:
    """A cgroup below the root of the hierarchy that block I/O is charged in."""

    V1 = "/sys/fs/cgroup/blkio"
    V2 = "/sys/fs/cgroup"

    def __init__(self, name):
        if os.path.exists(f"{self.V1}/cgroup.procs"):
            self.is_v1, root = True, self.V1
        elif os.path.exists(f"{self.V2}/cgroup.controllers"):
            self.is_v1, root = False, self.V2
            self.enable("io", "memory")  # with both, what is written back is its writer's
        else:
            raise NoGroup("no cgroups are mounted")
        self.name = f"/disksnoop-{os.getpid()}-{name}"
        self.directory = root + self.name
        try:
            os.mkdir(self.directory)
        except OSError as error:
            raise NoGroup(f"no cgroup can be made: {error}") from error

    def enable(self, *controllers):
        try:
            for controller in controllers:
                with open(f"{self.V2}/cgroup.subtree_control", "w", encoding="ascii") as file:
                    file.write(f"+{controller}")
        except OSError as error:
            raise NoGroup(f"the root has no such controllers for its children: {error}") from error

    def __enter__(self):
        return self

    def __exit__(self, *_):
        os.rmdir(self.directory)

    def join(self):
        """This process."""
        with open(f"{self.directory}/cgroup.procs", "w", encoding="ascii") as file:
            file.write("0")
