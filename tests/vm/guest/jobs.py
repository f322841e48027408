"""Work on disks whose process and cgroup are known."""

import dataclasses
import json
import os
import re
import subprocess

import cgroups


@dataclasses.dataclass
class Done:
    """`value` is what the work returned; `comm` is the name, or the set of those that
    its threads may have."""
    pid: int
    comm: object
    cgroup: str
    value: object = None

    def submits(self):
        """What its rows have, if it submitted them itself."""
        return {"pid": self.pid, "comm": self.comm, "cgroup": self.cgroup, "error": None}


def start(cgroup, *argv, **more):
    """The command in this cgroup; its process is the command's own."""
    return subprocess.Popen(argv, preexec_fn=lambda: cgroups.enter(cgroup), text=True,
                            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                            stderr=subprocess.PIPE, **more)


def finish(process, cgroup):
    out, errors = process.communicate()
    if process.returncode:
        raise RuntimeError(f"{process.args}: {errors.strip()[-300:]}")
    return Done(process.pid, os.path.basename(process.args[0]), cgroup, out)


def run(cgroup, *argv):
    return finish(start(cgroup, *argv), cgroup)


def start_fio(cgroup, path, *options, program="fio"):
    return start(cgroup, program, "--name=job", f"--filename={path}", "--direct=1",
                 "--fallocate=none", "--invalidate=0", "--output-format=normal,json",
                 *options), cgroup


def finish_fio(process, cgroup):
    """The value is what fio says of the job. Without --thread it does it in a process
    of its own, whose number stands only in the text for people."""
    done = finish(process, cgroup)
    job = json.loads(done.value[done.value.index("{\n"):done.value.rindex("\n}") + 2])["jobs"][0]
    if "--thread" not in process.args:
        done.pid = int(re.search(r"\bpid=(\d+)", done.value)[1])
    if "--ioengine=io_uring" in process.args:  # whose workers are threads of the process
        done.comm = {"fio", f"iou-wrk-{done.pid}"}
    done.value = job
    return done


def fio(cgroup, path, *options):
    return finish_fio(*start_fio(cgroup, path, *options))


class Waiting:
    """The function in a process of its own with this name, which is there and waits until
    it is told to begin."""

    def __init__(self, cgroup, comm, function):
        self.cgroup, self.comm = cgroup, comm
        begin, self.begin = os.pipe()
        reader, writer = os.pipe()
        self.pid = os.fork()
        if self.pid == 0:
            os.close(self.begin)
            self.work(function, begin, writer)
        os.close(begin)
        os.close(writer)
        self.reader = open(reader)
        self.reader.read(1)  # it has its name, or said why not

    def work(self, function, begin, writer):
        """What the function returns goes through JSON."""
        status = 1
        try:
            cgroups.enter(self.cgroup)
            with open("/proc/self/comm", "w") as file:
                file.write(self.comm)
            os.write(writer, b" ")
            if os.read(begin, 1):
                result = json.dumps({"value": function()})
                status = 0
            else:
                result = json.dumps({"error": "nobody told it to begin"})
        except BaseException as error:
            result = json.dumps({"error": f"{type(error).__name__}: {error}"})
        os.write(writer, b" " + result.encode())
        os._exit(status)

    def go(self):
        """Tells it, and waits for its end."""
        os.write(self.begin, b"\n")
        os.close(self.begin)
        with self.reader as file:
            result = json.loads(file.read() or '{"error": "killed"}')
        os.waitpid(self.pid, 0)
        if "error" in result:
            raise RuntimeError(f"{self.comm}: {result['error']}")
        return Done(self.pid, self.comm, self.cgroup, result["value"])


def forked(cgroup, comm, function):
    """The function in a process of its own with this name, at once."""
    return Waiting(cgroup, comm, function).go()


def kernel_workers():
    """The processes that are kworkers now."""
    found = set()
    for pid in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open(f"/proc/{pid}/comm") as file:
                if file.read().startswith("kworker/"):
                    found.add(int(pid))
        except OSError:
            pass  # it has ended
    return found
