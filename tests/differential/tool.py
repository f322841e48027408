"""Runs the program under test over a recorded stream."""

import fcntl
import itertools
import os
import re
import select
import subprocess
import tempfile
import time

TIMEOUT_S = 120

# How many pieces of a stream are written to the pipe each on its own.
ALONE = 2000


class Result:
    """What one run printed, and its exit status."""

    def __init__(self, stdout, stderr, status):
        self.stdout = stdout
        self.stderr = stderr.decode(errors="backslashreplace")
        self.status = status

    def _count(self, pattern):
        return sum(int(number) for number in re.findall(pattern, self.stderr))

    @property
    def foreign(self):
        return self._count(r"(\d+) foreign")

    @property
    def lost(self):
        return self._count(r"(\d+) events? lost")


def _feed(pipe, stream, sizes, deadline):
    """Writes the stream in pieces. The first of them wait each until the one
    before has been read, so that what a read() of the program returns ends
    where the piece ends: a pipe of one page takes more only when it is empty."""
    os.set_blocking(pipe, False)
    capacity = fcntl.fcntl(pipe, fcntl.F_GETPIPE_SZ)
    page = fcntl.fcntl(pipe, fcntl.F_SETPIPE_SZ, os.sysconf("SC_PAGE_SIZE"))
    writable = select.poll()
    writable.register(pipe, select.POLLOUT)
    position = 0
    for number in itertools.count():
        if not writable.poll(max(0, deadline - time.monotonic()) * 1000) or position == len(stream):
            return
        if number == ALONE:
            fcntl.fcntl(pipe, fcntl.F_SETPIPE_SZ, capacity)
        size = next(sizes)
        end = position + (min(size, page) if number < ALONE else size)
        try:
            position += os.write(pipe, stream[position:end])
        except BlockingIOError:
            continue
        except BrokenPipeError:
            return


def odd_sizes(rng):
    """Sizes of pieces, for ever: mostly small, and around the sizes of buffers."""
    while True:
        kind = rng.random()
        if kind < 0.3:
            yield rng.randint(1, 99)
        elif kind < 0.6:
            yield rng.randint(100, 2999)
        elif kind < 0.8:
            yield rng.choice((1023, 1024, 1025, 2049, 4095, 4096, 4097))
        else:
            yield rng.choice((8191, 8193, 9999, 16383))


def replay(command, options, stream, sizes=None):
    """Runs `command --replay` over the bytes of a stream: from a file, or from
    a pipe in pieces of the given sizes."""
    deadline = time.monotonic() + TIMEOUT_S
    with tempfile.TemporaryFile() as stdout, tempfile.TemporaryFile() as stderr, \
            tempfile.NamedTemporaryFile() as file:
        if sizes is None:
            file.write(stream)
            file.flush()
            source, stdin = file.name, subprocess.DEVNULL
        else:
            source, stdin = "-", subprocess.PIPE
        with subprocess.Popen([command, *options, "--replay", source], stdin=stdin, stdout=stdout,
                              stderr=stderr, bufsize=0) as process:
            try:
                if sizes is not None:
                    _feed(process.stdin.fileno(), stream, sizes, deadline)
                    process.stdin.close()
                process.wait(max(0, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
                stderr.write(b"killed: still running after %d s\n" % TIMEOUT_S)
        stdout.seek(0)
        stderr.seek(0)
        return Result(stdout.read(), stderr.read(), process.returncode)
