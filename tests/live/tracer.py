"""Running the program under test."""

import contextlib
import os
import re
import signal
import subprocess
import tempfile
import time
import typing
import unittest
from dataclasses import dataclass

HEADER = b"TIME(s)            T  BYTES    LAT(ms)\n"
ROW = re.compile(rb"(\d+\.\d{9}) +([RWM])  +(\d+) +\d+\.\d\d")
# What is told only where it is not 0.
CAUSES = ["lost in the map", "issued before the start",
          "that may have been issued before the start",
          "that failed before the driver got them", "whose issue the kernel did not show",
          "whose completion the kernel did not show"]
NO_REQUESTS = ["names lost in the buffer",
               "requests may be missing, whose process gave place to others",
               "requests found no slot and were kept in the hash",
               "counted as other, with no room for a line", "filtered",
               "times the kernel skipped a hook"]
END_LINE = re.compile(r"disksnoop: (\d+) (?:rows, (\d+) lost in the buffer|requests)"
                      + "".join(rf"(?:, (\d+) {cause})?" for cause in CAUSES)
                      + "".join(rf"(?:; \d+ {what})?" for what in NO_REQUESTS) + "\n")
NOT_COMPLETED = re.compile(r"^disksnoop: not completed: ([RWM]) of (\d+) bytes, "
                           r"issued (\d+\.\d) s ago$", re.MULTILINE)
START = 120  # seconds that the program may take to start, on an emulated machine


class Told(typing.NamedTuple):
    """The numbers of the end line."""
    rows: int  # or the requests that a summary or metrics counted
    in_buffer: int = 0
    in_map: int = 0
    before_start: int = 0
    issue_unknown: int = 0
    failed_unissued: int = 0
    issue_not_shown: int = 0
    completion_not_shown: int = 0

    def all(self):
        """The requests that it accounts for."""
        return sum(self)


place = None  # set by run and load


def as_nobody(*capabilities):
    """A command that runs what follows it as nobody with these capabilities."""
    sets = ",".join(["-all", *("+" + name for name in capabilities)])
    return ["setpriv", "--reuid", "nobody", "--regid", "nogroup", "--clear-groups",
            f"--inh-caps={sets}", f"--ambient-caps={sets}", f"--bounding-set={sets}"]


ROOT = []
NOBODY = as_nobody("bpf", "perfmon")


@dataclass
class Done:
    status: int
    stdout: bytes
    stderr: str
    seconds: float  # from the signal to the end

    def rows(self):
        """(time, T, BYTES) of each row; stdout holds nothing else."""
        if not self.stdout.startswith(HEADER) or not self.stdout.endswith(b"\n"):
            raise AssertionError(f"stdout is {self.stdout[:200]!r}")
        for line in self.stdout[len(HEADER):-1].split(b"\n") if self.stdout != HEADER else []:
            row = ROW.fullmatch(line)
            if row is None:
                raise AssertionError(f"no row: {line!r}")
            yield row

    def end_line(self):
        """Rows or requests, and what is missing."""
        found = END_LINE.findall(self.stderr)
        if not found:  # with --verbose, one a second before it
            raise AssertionError(f"no end line in {self.stderr!r}")
        return Told(*(int(number or 0) for number in found[-1]))

    def unseen(self):
        """Completions that the kernel showed to no tracing program: it may keep
        them from running in the context of certain tasks, which an interrupt
        can hit by chance."""
        return self.end_line().completion_not_shown


def run(*arguments, user=ROOT, before=(), binary=None, **options):
    """Runs the program (or another copy of it) to its end, by way of the command
    `before`."""
    options = {"stdin": subprocess.DEVNULL, **options}
    return subprocess.run([*before, *user, binary or place.binary, *arguments],
                          capture_output=True, timeout=START, check=False, **options)


def at_once():
    """Seconds in which what ends at once has ended, on this machine at this moment:
    one, and as long as it takes to run the program ten times."""
    begin = time.monotonic()
    run("--version")
    return 1 + 10 * (time.monotonic() - begin)


class Tracer:
    """The program, tracing. Killed at the end of the `with` block if it still runs."""

    def __init__(self, *arguments, user=ROOT, binary=None, stdout=None, stderr=None, **options):
        self.out = tempfile.TemporaryFile(dir=place.path)
        self.err = tempfile.TemporaryFile(dir=place.path)
        self.process = subprocess.Popen(
            [*user, binary or place.binary, *arguments], stdin=subprocess.DEVNULL,
            stdout=self.out if stdout is None else stdout,
            stderr=self.err if stderr is None else stderr, **options)
        self.pid = self.process.pid

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()
        self.out.close()
        self.err.close()
        if self.process.stdout is not None:
            self.process.stdout.close()

    @staticmethod
    def text(file):
        return os.pread(file.fileno(), os.fstat(file.fileno()).st_size, 0)

    def errors(self):
        return self.text(self.err).decode()

    def until(self, condition, what):
        """Waits for the condition as long as the program runs."""
        end = time.monotonic() + START
        while not condition():
            if self.process.poll() is not None:
                raise AssertionError(f"ended with {self.process.returncode} before {what}: "
                                     f"{self.errors()}")
            if time.monotonic() > end:
                raise AssertionError(f"no sign of {what} in {START} s: {self.errors()}")
            time.sleep(0.001)

    def wait_for_header(self):
        """Once the header is there, every request makes a row."""
        self.until(lambda: os.fstat(self.out.fileno()).st_size >= len(HEADER), "the header")
        return self

    def wait_for_handlers(self):
        """Until SIGINT and SIGTERM no longer kill it."""
        wanted = 1 << signal.SIGINT - 1 | 1 << signal.SIGTERM - 1

        def caught():
            with open(f"/proc/{self.pid}/status", encoding="ascii") as file:
                return int(re.search(r"SigCgt:\s*(\w+)", file.read())[1], 16) & wanted == wanted
        self.until(caught, "signal handlers")

    def rows(self):
        """How many rows there are by now."""
        return self.text(self.out).count(b"\n") - 1

    def status(self, name):
        """A number of /proc/PID/status."""
        with open(f"/proc/{self.pid}/status", encoding="ascii") as file:
            return int(re.search(rf"^{name}:\s*(\d+)", file.read(), re.MULTILINE)[1])

    def is_stalled(self):
        """Whether it has nothing more to do for a while."""
        def used():
            with open(f"/proc/{self.pid}/stat", encoding="ascii") as file:
                fields = file.read().rpartition(")")[2].split()
            return int(fields[11]) + int(fields[12])
        before = used()
        time.sleep(0.3)
        return used() == before

    def programs(self):
        """The ids of the BPF programs that it holds."""
        found = set()
        for entry in os.listdir(f"/proc/{self.pid}/fdinfo"):
            with contextlib.suppress(FileNotFoundError), \
                    open(f"/proc/{self.pid}/fdinfo/{entry}", encoding="ascii") as file:
                found.update(int(number)
                             for number in re.findall(r"^prog_id:\s*(\d+)", file.read(), re.MULTILINE))
        return found

    def own_pid(self):
        """Of the program, also where the command before it has it as its child."""
        with open(f"/proc/{self.pid}/task/{self.pid}/children", encoding="ascii") as file:
            return int((file.read().split() or [self.pid])[0])

    def hooks(self):
        """How many it has attached, each a link; None if it does not read events any
        more. (What it opened first is looked at last: it is closed before them.)"""
        files = []
        pid = self.own_pid()
        try:
            entries = os.listdir(f"/proc/{pid}/fd")
        except FileNotFoundError:  # a child that it compiled by
            return None
        for entry in sorted(entries, key=int, reverse=True):
            with contextlib.suppress(FileNotFoundError):
                files.append(os.readlink(f"/proc/{pid}/fd/{entry}"))
        if "anon_inode:[eventpoll]" not in files:
            return None
        return files.count("anon_inode:bpf_link")

    def wait_for_loop(self):
        """Until a signal makes it tell its end: then it has something to be woken by."""
        def has_event():
            found = []
            for entry in os.listdir(f"/proc/{self.pid}/fd"):
                with contextlib.suppress(FileNotFoundError):
                    found.append(os.readlink(f"/proc/{self.pid}/fd/{entry}"))
            return "anon_inode:[eventfd]" in found
        self.until(has_event, "its loop")

    def end(self, number=signal.SIGINT, whole_group=False):
        """`whole_group`: as a terminal does it, to a program of a session of its own."""
        begin = time.monotonic()
        if whole_group:
            os.killpg(self.pid, number)
        else:
            self.process.send_signal(number)
        status = self.process.wait(START)
        return Done(status, self.text(self.out), self.errors(), time.monotonic() - begin)


class Check(unittest.TestCase):
    """A check, with what they have in common."""

    def setUp(self):
        if place.traced:
            self.skipTest(place.traced)

    def loop(self):
        """Skips the check where there are no loop devices."""
        if place.loop:
            self.skipTest(place.loop)

    def assert_error(self, done, status, *parts):
        """One line of error that holds these parts, and nothing on stdout."""
        self.same((done.returncode, done.stdout), (status, b""),
                  f"status and stdout, with {done.stderr!r} on stderr")
        self.assertRegex(done.stderr.decode(), r"\Adisksnoop: error: [^\n]+\n\Z")
        for part in parts:
            self.assertIn(part, done.stderr.decode())

    def same(self, seen, wanted, what):
        if seen != wanted:
            self.fail(f"{what}: {seen!r}, not {wanted!r}")

    def assert_ended_well(self, done):
        """Ended with 0, rows on stdout, and nothing lost. Returns the rows."""
        self.same(done.status, 0, f"status, with {done.stderr!r} on stderr")
        rows = list(done.rows())
        self.same(done.end_line(), Told(len(rows)), "rows and losses of the end line")
        self.assertNotIn("error", done.stderr)
        return rows
