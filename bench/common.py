"""What the parts of the benchmark share: where things are, running programs in
turn, and tables."""

import argparse
import contextlib
import os
import pathlib
import re
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass

HERE = pathlib.Path(__file__).resolve().parent
TOP = HERE.parent
ORIGINAL = TOP / "tests/data/original"
KIB = 1024
MIB = 1024 * 1024
patience_s = 30  # that a tool may take to start and to end

# The disks and the machine of the live tests.
sys.path.insert(0, str(TOP / "tests/live"))


@dataclass
class Setting:
    """How long and how often a part measures, with which build, and on what."""
    quick: bool
    build: pathlib.Path
    guest: bool  # the machine is one in QEMU: see bench/guest
    before: str = None  # an older program

    @property
    def binary(self):
        return str(self.build / "disksnoop")

    @property
    def rounds(self):
        return 3 if self.quick or self.guest else 7


def setting(description):
    global patience_s
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--quick", action="store_true", help="a short run, to see that it works")
    parser.add_argument("--build", type=pathlib.Path, default=TOP / "build-bench",
                        help="a build with DISKSNOOP_BENCH=ON")
    parser.add_argument("--guest", action="store_true",
                        help="on null_blk, fewer times, and with patience, as in QEMU")
    parser.add_argument("--before", help="an older program, which cost and columns measure in turn "
                                         "with this one")
    arguments = parser.parse_args()
    if arguments.guest:
        patience_s = 240
    return Setting(arguments.quick, arguments.build.resolve(), arguments.guest, arguments.before)


def in_turn(rounds, measures):
    """Runs each of the functions once a round: what disturbs the machine for a
    while disturbs all of them. Returns what they returned, a list for each."""
    results = [[] for _ in measures]
    for _ in range(rounds):
        for measure, of_this in zip(measures, results):
            of_this.append(measure())
    return results


def median(values, key=None):
    return statistics.median(key(value) for value in values) if key else statistics.median(values)


def table(head, rows):
    """Prints a Markdown table; all columns but the first stand to the right."""
    text = [[str(cell) for cell in row] for row in rows]
    widths = [max(map(len, column)) for column in zip(head, *text)]

    def line(cells):
        first = cells[0].ljust(widths[0])
        return "| " + " | ".join([first, *(c.rjust(w) for c, w in zip(cells[1:], widths[1:]))]) + " |"

    rule = ["-" * widths[0], *("-" * (width - 1) + ":" for width in widths[1:])]
    print(line(head), line(rule), *map(line, text), "", sep="\n", flush=True)


def cpu_seconds(pid):
    """CPU time of all its threads, from the scheduler: /proc/PID/stat has ticks."""
    nanoseconds = 0
    for task in pathlib.Path(f"/proc/{pid}/task").iterdir():
        with contextlib.suppress(FileNotFoundError):
            nanoseconds += int((task / "schedstat").read_text().split()[0])
    return nanoseconds / 1e9


def memory_bytes(pid, name):
    """VmRSS or VmHWM of a process."""
    status = pathlib.Path(f"/proc/{pid}/status").read_text()
    return int(re.search(rf"^{name}:\s*(\d+)", status, re.MULTILINE)[1]) * KIB


@dataclass
class Usage:
    wall_s: float
    cpu_s: float
    peak_bytes: int


def run_to_end(command, **options):
    """Runs a command to its end, without its output."""
    begin = time.monotonic()
    process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                               stderr=subprocess.PIPE, text=True, **options)
    error = process.stderr.read()
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        raise RuntimeError(f"{command[0]}: {reason(error)}")
    return Usage(time.monotonic() - begin, usage.ru_utime + usage.ru_stime, usage.ru_maxrss * KIB)


def reason(text):
    """What a program that has failed says of it: the last line of Python's, else
    the first that speaks of a failure, else the last one."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    telling = [] if "Traceback" in text else [line for line in lines if re.search(r"(?i)fail|error|not permitted", line)]
    return (telling or lines[-1:] or ["it says nothing"])[0]


class Process:
    """A program that runs until it is ended, its output in files in memory."""

    def __init__(self, command, **options):
        self.out = tempfile.TemporaryFile(dir="/dev/shm")
        self.err = tempfile.TemporaryFile(dir="/dev/shm")
        self.begin = time.monotonic()
        self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=self.out,
                                        stderr=self.err, **options)
        self.pid = self.process.pid

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()
        self.out.close()
        self.err.close()

    @staticmethod
    def _text(file):
        return os.pread(file.fileno(), os.fstat(file.fileno()).st_size, 0)

    def output(self):
        return self._text(self.out)

    def errors(self):
        return self._text(self.err).decode(errors="replace")

    def printed_bytes(self):
        return os.fstat(self.out.fileno()).st_size

    def wait_until(self, condition, pause_s=0.0005):
        """Raises a RuntimeError with its last words if it ends before."""
        while not condition():
            if self.process.poll() is not None:
                raise RuntimeError(reason(self.errors()))
            if time.monotonic() > self.begin + patience_s:
                raise RuntimeError(f"no row in {patience_s} s: {reason(self.errors())}")
            time.sleep(pause_s)

    def end(self, number):
        self.process.send_signal(number)
        self.process.wait(patience_s)
