"""Running the image in containers."""

import json
import mmap
import os
import re
import shlex
import subprocess
import sys
import threading
import time
import unittest

TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
VM = f"{TOP}/tests/vm"
sys.path.append(VM)
import machine

HEADER = "TIME(s)            T  BYTES    LAT(ms)\n"
ROW = re.compile(r"\d+\.\d{9} +[RWM]  +\d+ +\d+\.\d\d")
CAPABILITIES = ["--cap-add", "BPF", "--cap-add", "PERFMON"]
SECCOMP = ["--security-opt", "seccomp=docker/seccomp.json"]
START = 60  # seconds that a container may take until its header, on a busy machine

image = None  # these five are set by run
build_image = None
arch = None
cache = None
guests = True
# Of all that is made here, so that it can be told from what others make.
CGROUP = ["--cgroup-parent", f"/{os.environ.get('CONTAINER_TEST_CGROUP', 'disksnoop-test')}"]


def own(argv):
    """`podman run` with what all containers of the tests have."""
    if "run" not in argv[:2]:
        return argv
    at = argv.index("run") + 1
    # Without the last, podman asks a registry for a newer image of an architecture that is named.
    foreign = ["--arch", arch, "--pull", "never"] if emulated() else []
    return [*argv[:at], *CGROUP, *foreign, *argv[at:]]


def run(*arguments, timeout=120, **options):
    """A podman command, to its end."""
    return subprocess.run(own(["podman", *arguments]), cwd=TOP, stdin=subprocess.DEVNULL, timeout=timeout,
                          capture_output=True, text=True, check=False, **options)


def run_image(*options, command=()):
    """A container of the image, to its end."""
    return run("run", "--rm", *options, image, *command)


def inspect(name, what):
    done = run("inspect", "--format", "{{json " + what + "}}", name)
    if done.returncode:
        raise AssertionError(done.stderr)
    return json.loads(done.stdout)


def wait_until(condition, what, seconds=START, step=0.1):
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            raise AssertionError(f"no {what} in {seconds} s")
        time.sleep(step)


class Load(threading.Thread):
    """Writes past every cache on the disk of the cache directory, until told to end."""

    def __init__(self):
        super().__init__(daemon=True)
        self.ended = threading.Event()

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_):
        self.ended.set()
        self.join()

    def run(self):
        path = os.path.join(cache, "load")
        block = mmap.mmap(-1, 4096)
        file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_DIRECT, 0o600)
        try:
            while not self.ended.wait(0.05):
                os.pwritev(file, [block], 0)
        finally:
            os.close(file)
            os.unlink(path)


class Container:
    """A container that runs beside the check; gone at the end of the `with` block."""

    def __init__(self, *options, command=(), argv=None):
        self.name = f"check-{os.getpid()}-{time.monotonic_ns()}"
        argv = own(argv or ["podman", "run", *options, image, *command])
        at = argv.index("run") + 1
        argv = [*argv[:at], "--name", self.name, *argv[at:]]
        self.out = os.path.join(cache, "tmp", f"{self.name}.out")
        self.err = os.path.join(cache, "tmp", f"{self.name}.err")
        with open(self.out, "wb") as out, open(self.err, "wb") as err:
            self.process = subprocess.Popen(argv, cwd=TOP, stdin=subprocess.DEVNULL, stdout=out,
                                            stderr=err)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        run("rm", "--force", "--time", "0", "--ignore", self.name)
        self.process.wait(START)
        for path in (self.out, self.err):
            os.unlink(path)

    def output(self):
        with open(self.out, encoding="utf-8") as file:
            return file.read()

    def errors(self):
        with open(self.err, encoding="utf-8") as file:
            return file.read()

    def until(self, condition, what, seconds=START):
        """Waits for the condition as long as the container runs."""
        end = time.monotonic() + seconds
        while not condition():
            if self.process.poll() is not None and not condition():
                raise AssertionError(f"ended with {self.process.returncode} before {what}: "
                                     f"{self.output()}{self.errors()}")
            if time.monotonic() > end:
                raise AssertionError(f"no {what} in {seconds} s: {self.output()}{self.errors()}")
            time.sleep(0.01)
        return self

    def wait_for_header(self):
        return self.until(lambda: HEADER in self.output(), "header")

    def wait_for_rows(self):
        return self.until(lambda: ROW.search(self.output()), "row")

    def pid(self):
        return inspect(self.name, ".State.Pid")

    def main_pid(self):
        """The same, but found at once; 0 if there is none yet."""
        for entry in os.listdir("/proc"):
            if entry.isdigit():
                try:
                    if os.readlink(f"/proc/{entry}/exe") == "/usr/bin/disksnoop":
                        return int(entry)
                except OSError:
                    pass
        return 0

    def stop(self):
        """Seconds that `podman stop` takes, and the exit status of the program."""
        begin = time.monotonic()
        done = run("stop", "--time", "20", self.name)
        seconds = time.monotonic() - begin
        if done.returncode:
            raise AssertionError(done.stderr)
        return seconds, self.process.wait(START)


def readme():
    with open(f"{TOP}/docker/README.md", encoding="utf-8") as file:
        return file.read()


def documented(words):
    """The commands of docker/README.md that begin with these words, as lists."""
    blocks = re.findall(r"^```sh\n(.*?)^```$", readme(), re.MULTILINE | re.DOTALL)
    lines = "".join(blocks).replace("\\\n", " ").splitlines()
    return [shlex.split(line, comments=True) for line in lines if line.startswith(words)]


def with_headers(command):
    """A documented command with what docker/README.md says to add to it for
    kernel headers, and the directories that have to be there for that."""
    mounts = re.search(r"`(-v /lib/modules:[^`]+)`", readme())[1].split()
    directories = [mount.split(":")[0] for mount in mounts if mount != "-v"]
    return [*command[:-1], *mounts, command[-1]], directories


def emulated():
    """Whether the image is for another architecture than this machine's."""
    return arch != machine.OWN_ARCH


def why_not_traced():
    """Why this machine's kernel cannot be traced by the image; "" if it can."""
    if emulated():
        return f"programs of {arch} run emulated here, and bpf(2) is not: the guest has them"
    if not os.path.exists("/sys/kernel/btf/vmlinux"):
        return "the kernel has no BTF (/sys/kernel/btf/vmlinux)"
    done = run_image("--privileged", "--user", "0", command=["--engine=tracepoint", "-D", "0"])
    return "" if done.returncode == 0 else f"not even with --privileged: {done.stderr.strip()}"


class Check(unittest.TestCase):
    """A check, with what they have in common."""

    def assert_rows(self, text):
        """The header and rows, nothing else."""
        self.assertTrue(text.startswith(HEADER), text[:300])
        rows = text[len(HEADER):].splitlines()
        self.assertTrue(rows, "no row")
        for row in rows:
            self.assertRegex(row, rf"\A{ROW.pattern}\Z")

    def assert_refused(self, done, *parts):
        """One line of error that holds these parts, and nothing on stdout."""
        self.assertEqual((done.returncode, done.stdout), (1, ""), done.stderr)
        self.assertRegex(done.stderr, r"\Adisksnoop: error: [^\n]+\n\Z")
        for part in parts:
            self.assertIn(part, done.stderr)


class TracingCheck(Check):
    """A check that needs this machine's kernel."""

    reason = None

    @classmethod
    def setUpClass(cls):
        if TracingCheck.reason is None:
            TracingCheck.reason = why_not_traced()
        if TracingCheck.reason:
            raise unittest.SkipTest(TracingCheck.reason)
