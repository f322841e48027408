"""bpftrace's biosnoop.bt under the same load, to compare with."""

import os
import re
import signal
import subprocess
import tempfile
import time

import measure
import tracer
from loop import fio


def script():
    for path in ("/usr/sbin/biosnoop.bt", "/usr/share/bpftrace/tools/biosnoop.bt"):
        if os.path.exists(path):
            return path
    return None


def as_it_is(disk, seconds):
    """Raises an AssertionError if it cannot run here."""
    return bpftrace("biosnoop.bt", script(), disk.name, disk, seconds)


def on_tracepoints(disk, seconds):
    with open(f"/sys/block/{disk.name}/dev", encoding="ascii") as file:
        major, minor = file.read().split(":")
    here = os.path.dirname(os.path.abspath(__file__))
    return bpftrace("bpftrace tracepoints.bt", f"{here}/tracepoints.bt",
                    str(int(major) << 20 | int(minor)), disk, seconds)


def bpftrace(name, path, disk_name, disk, seconds):
    """The rows of the disk are those with `disk_name` in the second field."""
    with open(path, encoding="utf-8") as file:
        program = file.read()
    with tempfile.TemporaryFile(dir=tracer.place.path) as out, \
         tempfile.TemporaryFile(dir=tracer.place.path) as err:
        process = subprocess.Popen(["bpftrace", "-e", program], stdin=subprocess.DEVNULL,
                                   stdout=out, stderr=err)
        try:
            wait_until_it_traces(process, disk_name, disk, out, err)
            before = os.fstat(out.fileno()).st_size
            cpu = measure.cpu_seconds(process.pid)
            figures, _ = measure.run_load(name, disk, seconds)
            figures.cpu = measure.cpu_seconds(process.pid) - cpu
            process.send_signal(signal.SIGINT)
            process.wait(60)
        finally:
            process.kill()
            process.wait()
        text = contents(out)[before:]
        figures.rows = sum(line.split(maxsplit=2)[1:2] == [disk_name.encode()]
                           for line in text.split(b"\n"))
        told = sum(int(number)
                   for number in re.findall(rb"Lost (\d+) events", text + contents(err)))
        figures.lost = figures.requests - figures.rows
        figures.losses = f"of which it tells {told}"
        return figures


def contents(file):
    return os.pread(file.fileno(), os.fstat(file.fileno()).st_size, 0)


def wait_until_it_traces(process, disk_name, disk, out, err):
    """Until a request that we make has a row: bpftrace prints its header before
    it has attached anything."""
    end = time.monotonic() + tracer.START
    while disk_name.encode() not in contents(out):
        if process.poll() is not None:
            raise AssertionError("it ended: " + contents(err).decode().strip().split("\n")[-1])
        if time.monotonic() > end:
            raise AssertionError("it prints nothing: " +
                                 contents(err).decode().strip().split("\n")[-1])
        fio(disk, "--rw=randread", "--bs=4k", "--number_ios=1")
        time.sleep(0.2)
    time.sleep(0.5)  # for the rows of the last of them
