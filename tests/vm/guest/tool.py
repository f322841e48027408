"""Starts and watches tracing tools in a guest, for the checks beside it."""

import glob
import os
import re
import signal
import subprocess
import time

DISKSNOOP = "/run/job/disksnoop"
ORIGINAL = ["/usr/bin/python3", "-u", "disksnoop.py"]
ORIGINAL_DIR = "/run/job/original"
HEADER = "%-18s %-2s %-7s %8s\n" % ("TIME(s)", "T", "BYTES", "LAT(ms)")
TRACING = "/sys/kernel/tracing"
DEBUG_TRACING = "/sys/kernel/debug/tracing"
# Compiling with kernel headers: 20 s in an idle guest, minutes on a busy host.
START_SECONDS = 600
# What takes a moment in an idle guest is not late before this.
LATE_SECONDS = 120



def nvme_disk(serial):
    """The name of the disk that the controller with this serial has: two may come
    up in any order. Of one in a subsystem it is that of the path, nvme1c1n1."""
    for path in glob.glob("/sys/class/nvme/nvme*/serial"):
        with open(path) as file:
            if file.read().strip() != serial:
                continue
        for entry in os.listdir(os.path.dirname(path)):
            if re.fullmatch(r"nvme\d+(c\d+)?n\d+", entry):
                return entry
    return "nvme0n1"


DISKS = {"virtio": "/dev/vdd", "nvme": f"/dev/{nvme_disk('disksnoop')}", "scsi": "/dev/sda"}


def status_of(pid):
    """The fields of /proc/PID/status, each as its words."""
    with open(f"/proc/{pid}/status") as file:
        return {name: value.split() for name, _, value in
                (line.partition(":") for line in file.read().splitlines())}


def ok(name):
    print(f"ok {name}", flush=True)


def not_ok(name, why):
    why = " ".join(str(why).split())
    print(f"not ok {name}: {why}", flush=True)


def skip(name, why):
    print(f"skip {name}: {why}", flush=True)


def expect(name, problems, fact=None):
    """One result line: ok if the list of problems is empty, and then the fact."""
    if problems:
        not_ok(name, "; ".join(problems))
        return
    ok(name)
    if fact:
        print(f"fact {fact}", flush=True)


def result_dir(check):
    return f"/run/result/{check}"


def devices():
    """The disks of this guest that its line of the kernel list names: all but
    those that are made in it."""
    return {kind: DISKS[kind] for kind in os.environ["DEVICES"].split(",") if kind in DISKS}


def help_text():
    return subprocess.run([DISKSNOOP, "--help"], capture_output=True, text=True).stdout


def wait_until(condition, seconds, step=0.05):
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            return False
        time.sleep(step)
    return True


def in_namespace(mounts, argv):
    """argv in a mount namespace of its own, after the shell commands `mounts`."""
    script = f'set -e; {mounts}; exec "$@"'
    return ["unshare", "--mount", "--propagation", "private", "sh", "-c", script, "sh", *argv]


def with_trace_pipe(fifo, argv):
    """argv in a mount namespace in which trace_pipe is the FIFO."""
    return in_namespace("; ".join(
        f"mount --bind {fifo} {directory}/trace_pipe"
        for directory in (TRACING, DEBUG_TRACING) if os.path.exists(directory)), argv)


class Tool:
    """A running tool with stdout and stderr in files."""

    def __init__(self, label, argv, directory, cwd=None):
        self.label = label
        self.out_path = f"{directory}/{label}.out"
        self.err_path = f"{directory}/{label}.err"
        with open(self.out_path, "wb") as out, open(self.err_path, "wb") as err:
            self.process = subprocess.Popen(argv, stdin=subprocess.DEVNULL, stdout=out,
                                            stderr=err, cwd=cwd)

    def output(self):
        with open(self.out_path, "rb") as file:
            return file.read()

    def errors(self):
        with open(self.err_path, errors="replace") as file:
            return file.read()

    def rows(self):
        return max(self.output().count(b"\n") - 1, 0)

    def running(self):
        return self.process.poll() is None

    def started(self):
        """Waits for the header row; False if the tool ended or is too slow."""
        begin = time.monotonic()
        wait_until(lambda: not self.running() or HEADER.encode() in self.output(), START_SECONDS)
        self.start_seconds = time.monotonic() - begin
        return HEADER.encode() in self.output()

    def why_not_started(self):
        state = "is still starting" if self.running() else f"ended with {self.process.returncode}"
        return f"{self.label} {state}: {self.errors()[-600:]}"

    def stop_well(self):
        """Stops it; what was wrong with that."""
        problems = []
        if not self.running():
            problems.append("ended by itself")
        elif self.stop() is None:
            problems.append("does not end after SIGINT")
        if self.process.returncode != 0:
            problems.append(f"exit status {self.process.returncode}: {self.errors()[-300:]}")
        return problems

    def stop(self, number=signal.SIGINT, seconds=LATE_SECONDS):
        """Sends the signal; the seconds to the end, or None if it had to be killed."""
        begin = time.monotonic()
        self.process.send_signal(number)
        try:
            self.process.wait(seconds)
            return time.monotonic() - begin
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            return None


def bpf_programs():
    listing = subprocess.run(["bpftool", "prog", "show"], capture_output=True, text=True)
    return {line.split(":")[0] for line in listing.stdout.splitlines() if line[:1].isdigit()}


def probe_events():
    """The lines of kprobe_events that bcc, or any other tool of ours, left."""
    events = []
    for path in glob.glob(f"{TRACING}/kprobe_events"):
        with open(path) as file:
            events += [line.strip() for line in file if "blk_" in line or "bcc" in line]
    return events
