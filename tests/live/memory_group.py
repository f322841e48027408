"""A cgroup that limits the memory of the processes in it."""

import os
import re
import signal

V1 = "/sys/fs/cgroup/memory"
V2 = "/sys/fs/cgroup"


class NoMemoryGroup(Exception):
    """With the reason."""


class MemoryGroup:
    """Removed at the end of the `with` block, with what still runs in it."""

    def __init__(self):
        name = f"disksnoop-live-{os.getpid()}"
        if os.path.exists(f"{V1}/memory.limit_in_bytes"):
            self.path = f"{V1}/{name}"
            self.names = {"usage": "memory.usage_in_bytes", "limit": "memory.limit_in_bytes",
                          "peak": "memory.max_usage_in_bytes", "events": "memory.oom_control"}
        elif os.path.exists(f"{V2}/cgroup.controllers"):
            self.path = f"{V2}/{name}"
            self.names = {"usage": "memory.current", "limit": "memory.max", "peak": "memory.peak",
                          "events": "memory.events"}
        else:
            raise NoMemoryGroup("no cgroups are mounted")
        try:
            os.mkdir(self.path)
        except OSError as error:
            raise NoMemoryGroup(f"no cgroup can be made: {error}") from error
        if not os.path.exists(f"{self.path}/{self.names['limit']}"):
            self.__exit__()
            raise NoMemoryGroup("the root has no memory controller for its children")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for pid in self.read("cgroup.procs").split():
            os.kill(int(pid), signal.SIGKILL)
        os.rmdir(self.path)

    def read(self, name):
        with open(f"{self.path}/{name}", encoding="ascii") as file:
            return file.read()

    def join(self):
        """This process; in a child, before it executes another program."""
        with open(f"{self.path}/cgroup.procs", "w", encoding="ascii") as file:
            file.write("0")

    def usage(self):
        return int(self.read(self.names["usage"]))

    def kills(self):
        """How many of its processes the kernel has killed for want of memory."""
        return int(re.search(r"^oom_kill (\d+)$", self.read(self.names["events"]), re.MULTILINE)[1])

    def limit(self, size):
        with open(f"{self.path}/{self.names['limit']}", "w", encoding="ascii") as file:
            file.write(str(size))
        if "max_usage" in self.names["peak"]:  # with the start, unless it is begun anew
            with open(f"{self.path}/{self.names['peak']}", "w", encoding="ascii") as file:
                file.write("0")

    def peak(self):
        """None where the kernel does not tell it apart from that of the start."""
        return int(self.read(self.names["peak"])) if "max_usage" in self.names["peak"] else None
