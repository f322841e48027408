"""Running the program under test."""

import os
import pathlib
import re
import select
import subprocess
import time
import unittest

TOP = pathlib.Path(__file__).resolve().parents[2]
TRACES = TOP / "tests/data/traces"
UNREAD = TOP / "tests/data/unread"
RECORDING = TRACES / "5.10.0-32-amd64.trace_pipe"
HEADER = b"TIME(s)            T  BYTES    LAT(ms)\n"
LATE = 120.0  # seconds: what takes a moment on an idle machine hangs if it takes so long

binary = None  # set by run


def line(seconds=1.0, message="4096 8801 250"):
    """A line of trace_pipe, and the blank one after it that bcc's text makes."""
    return f"            bash-249     [000] d.h.  {seconds:.6f}: bpf_trace_printk: {message}\n\n".encode()


def row(seconds, size="4096", kind="W", latency="0.25"):
    """The row of such a line, `seconds` after the first."""
    return f"{seconds:<18.9f} {kind:2} {size:>5} {latency:>10}\n".encode()


def run(*arguments, stdin=b"", **options):
    """Runs the program to its end."""
    options = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, **options}
    return subprocess.run([binary, *map(str, arguments)], input=stdin, timeout=LATE, check=False,
                          **options)


def shell(script, *arguments):
    """Runs a line of bash in which "$@" is the program with these arguments."""
    return subprocess.run(["bash", "-c", script, "bash", binary, *map(str, arguments)],
                          stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                          timeout=LATE, check=False)


def at_once():
    """Seconds in which what ends at once has ended, on this machine at this moment:
    one, and as long as it takes to run the program ten times."""
    begin = time.monotonic()
    run("--version")
    return 1 + 10 * (time.monotonic() - begin)


def wait_until(condition, timeout=20.0):
    """Waits for what will come, on a machine that may be busy."""
    end = time.monotonic() + timeout
    while not condition():
        if time.monotonic() > end:
            raise AssertionError("it did not come")
        time.sleep(0.002)


def signals_of(pid, name):
    """A set of signals of /proc/PID/status, as a number."""
    with open(f"/proc/{pid}/status", encoding="ascii") as file:
        return int(re.search(rf"^{name}:\s*(\w+)", file.read(), re.MULTILINE)[1], 16)


def catches(pid, number):
    """Whether the process has a handler for the signal."""
    return signals_of(pid, "SigCgt") >> number - 1 & 1 == 1


class Running:
    """The program while it formats what is written to its stdin, which stays
    open. Killed at the end of the `with` block if it still runs."""

    def __init__(self, *arguments, before=(), **options):
        options = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE,
                   **options}
        self.process = subprocess.Popen([*before, binary, "--replay", "-", *arguments], bufsize=0,
                                        **options)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()
        for stream in (self.process.stdin, self.process.stdout, self.process.stderr):
            if stream is not None:
                stream.close()

    def write(self, data):
        self.process.stdin.write(data)

    def read_line(self, timeout=LATE):
        """A line of its stdout; what there is of it when the time is over."""
        text = b""
        end = time.monotonic() + timeout
        while not text.endswith(b"\n"):
            ready, _, _ = select.select([self.process.stdout], [], [], max(0, end - time.monotonic()))
            byte = os.read(self.process.stdout.fileno(), 1) if ready else b""
            if not byte:
                break
            text += byte
        return text

    def wait(self, timeout=LATE):
        """The exit status."""
        return self.process.wait(timeout)


class Check(unittest.TestCase):
    """A check, with what they have in common."""

    def assert_quiet(self, done):
        """Ended well, with nothing on stderr."""
        self.assertEqual((done.returncode, done.stderr), (0, b""))

    def assert_error(self, done, status, part):
        """Ended with this status and one line of error that holds `part`."""
        self.assertEqual(done.returncode, status, done.stderr)
        self.assertRegex(done.stderr, rb"\Adisksnoop: error: [^\n]+\n\Z")
        self.assertIn(part, done.stderr.decode())
