"""Who reads stdout and stderr: slowly, not at all, together with others."""

import contextlib
import os
import re
import select
import signal
import socket
import subprocess
import termios
import threading
import time
import tty

import program
from program import HEADER, RECORDING, line, row

NOT_READ = re.compile(rb"disksnoop: error: nothing read stdout any more: (\d+) rows were not written\n")
# A thing that ends at once ends long before that, also on a busy machine.
LONG = 30


def pipe():
    return os.pipe()


def terminal():
    """A pseudo-terminal that leaves newlines alone."""
    reader, writer = os.openpty()
    tty.setraw(writer, termios.TCSANOW)
    return reader, writer


def sockets():
    near, far = socket.socketpair()
    return near.detach(), far.detach()


KINDS = (pipe, terminal, sockets)


@contextlib.contextmanager
def ends(kind):
    reader, writer = kind()
    try:
        yield reader, writer
    finally:
        for fd in (reader, writer):
            with contextlib.suppress(OSError):
                os.close(fd)


def fill(fd):
    """Until there is no room for a byte."""
    os.set_blocking(fd, False)
    while True:
        try:
            os.write(fd, b"x")
        except BlockingIOError:
            time.sleep(0.02)  # a terminal moves on what it took, and has room again
            try:
                os.write(fd, b"x")
            except BlockingIOError:
                break
    os.set_blocking(fd, True)


def read_slowly(fd, pause=0.002, size=16384):
    """All that comes until the other end is closed."""
    text = b""
    while True:
        try:
            part = os.read(fd, size)
        except OSError:  # a terminal that nobody writes to any more
            part = b""
        if not part:
            return text
        text += part
        time.sleep(pause)


class Endless:
    """A stream that never ends, as a process that writes it."""

    def __init__(self, data):
        self.fd, writer = os.pipe()
        self.pid = os.fork()
        if self.pid == 0:
            os.close(self.fd)
            try:
                while True:
                    os.write(writer, data)
            except OSError:
                os._exit(0)
        os.close(writer)

    def __enter__(self):
        return self.fd

    def __exit__(self, *_):
        os.close(self.fd)
        os.kill(self.pid, signal.SIGKILL)
        os.waitpid(self.pid, 0)


def stalled(process):
    """Waits until it has nothing more to do: it uses no CPU time any more."""
    def used():
        with open(f"/proc/{process.pid}/stat", encoding="ascii") as file:
            fields = file.read().rpartition(")")[2].split()
        return fields[0], int(fields[11]) + int(fields[12])
    before = None
    while before != used() or before[0] != "S":
        before = used()
        time.sleep(0.3)


class SlowReader(program.Check):
    def test_gets_every_row(self):
        expected = RECORDING.with_suffix(".expected").read_bytes()
        for kind in KINDS:
            for blocking in (True, False):
                with self.subTest(kind=kind.__name__, blocking=blocking), \
                        ends(kind) as (reader, writer):
                    os.set_blocking(writer, blocking)
                    process = subprocess.Popen([program.binary, "--replay", RECORDING],
                                               stdout=writer, stderr=subprocess.PIPE)
                    os.close(writer)
                    self.assertEqual(read_slowly(reader), expected)
                    self.assertEqual((process.wait(LONG), process.stderr.read()), (0, b""))
                    process.stderr.close()

    def test_what_was_read_is_written_after_a_signal(self):
        with Endless(line(1) * 20) as stream, ends(pipe) as (reader, writer):
            process = subprocess.Popen([program.binary, "--replay", "-"], stdin=stream,
                                       stdout=writer, stderr=subprocess.PIPE)
            os.close(writer)
            stalled(process)
            process.send_signal(signal.SIGTERM)
            out = read_slowly(reader)
            status = process.wait(LONG)
            err = process.stderr.read()
            process.stderr.close()
        self.assertEqual((status, err), (0, b""))
        # More than the pipe held when the signal came.
        self.assertGreater(len(out), 100_000)
        self.assertEqual(set(out.splitlines(keepends=True)), {HEADER, row(0)})

    def test_timeout_and_gzip(self):
        # timeout(1) sends its signal to the process and to its group.
        with Endless(line(1) * 20) as stream:
            done = subprocess.run(
                ["bash", "-c", 'timeout --preserve-status 1 "$0" --replay - | gzip -9 | gzip -dc; '
                 "exit ${PIPESTATUS[0]}", program.binary], stdin=stream, capture_output=True,
                timeout=LONG, check=False)
        self.assertEqual((done.returncode, done.stderr), (0, b""))
        self.assertEqual(set(done.stdout.splitlines(keepends=True)), {HEADER, row(0)})


    def test_that_reads_on_after_both_were_stopped(self):
        # Ctrl-Z, or a container that is paused: longer than a reader is waited for.
        with Endless(line(1) * 20) as stream, ends(pipe) as (reader, writer):
            process = subprocess.Popen([program.binary, "--replay", "-"], stdin=stream,
                                       stdout=writer, stderr=subprocess.PIPE)
            os.close(writer)
            stalled(process)
            process.send_signal(signal.SIGTERM)
            # Wait until it has begun to end.
            time.sleep(0.05)
            process.send_signal(signal.SIGSTOP)
            time.sleep(2)
            process.send_signal(signal.SIGCONT)
            time.sleep(0.1)
            out = read_slowly(reader)
            self.assertEqual((process.wait(LONG), process.stderr.read()), (0, b""))
            process.stderr.close()
        self.assertEqual(set(out.splitlines(keepends=True)), {HEADER, row(0)})


class NoReader(program.Check):
    """The program with an endless stream, whose stdout nobody reads."""

    @contextlib.contextmanager
    def running(self, kind, stderr=subprocess.PIPE, full=False):
        with Endless(line(1) * 20) as stream, ends(kind) as (reader, writer):
            if full:
                fill(writer)
            process = subprocess.Popen([program.binary, "--replay", "-"], stdin=stream,
                                       stdout=writer, stderr=writer if stderr is None else stderr)
            os.close(writer)
            try:
                stalled(process)
                yield process, reader
            finally:
                process.kill()
                process.wait()
                if process.stderr is not None:
                    process.stderr.close()

    def test_a_signal_ends_it_and_the_rows_are_told(self):
        for kind in KINDS:
            with self.subTest(kind=kind.__name__), self.running(kind) as (process, reader):
                process.send_signal(signal.SIGINT)
                self.assertEqual(process.wait(LONG), 1)
                told = NOT_READ.fullmatch(process.stderr.read())
                self.assertIsNotNone(told)
                self.assertGreater(int(told[1]), 0)
                if kind is not terminal:  # which takes a part of a line
                    out = read_slowly(reader, pause=0)
                    self.assertEqual(set(out.splitlines(keepends=True)), {HEADER, row(0)})

    def test_not_even_the_header(self):
        for kind in KINDS:
            with self.subTest(kind=kind.__name__), ends(kind) as (_, writer):
                fill(writer)
                with program.Running(stdout=writer) as running:
                    program.wait_until(lambda: program.catches(running.process.pid, signal.SIGTERM))
                    stalled(running.process)
                    running.process.send_signal(signal.SIGTERM)
                    self.assertEqual(running.wait(LONG), 1)
                    self.assertEqual(running.process.stderr.read(),
                                     b"disksnoop: error: nothing read stdout: "
                                     b"the header was not written\n")

    def test_a_stderr_that_is_full_too(self):
        for kind in KINDS:
            with self.subTest(kind=kind.__name__), \
                    self.running(kind, stderr=None, full=True) as (process, _):
                process.send_signal(signal.SIGTERM)
                self.assertEqual(process.wait(LONG), 1)

    def test_a_second_signal_ends_it_at_once(self):
        # The reader takes a little all the time, so that the first lets it go on.
        for first, second in ((signal.SIGINT, signal.SIGINT), (signal.SIGTERM, signal.SIGHUP)):
            with self.subTest(second=second), self.running(pipe) as (process, reader):
                stop = threading.Event()

                def read():
                    while not stop.is_set():
                        os.read(reader, 1)
                        time.sleep(0.01)
                thread = threading.Thread(target=read)
                thread.start()
                try:
                    process.send_signal(first)
                    time.sleep(2.5)
                    self.assertIsNone(process.poll(), "it ended though its reader reads")
                    process.send_signal(second)
                    self.assertEqual(process.wait(LONG), 1)
                    self.assertEqual(process.stderr.read(), b"")
                finally:
                    stop.set()
                    thread.join()


class OthersWrite(program.Check):
    def test_a_stdout_that_is_shared_and_does_not_wait(self):
        expected = RECORDING.with_suffix(".expected").read_bytes()
        with ends(pipe) as (reader, writer):
            os.set_blocking(writer, False)
            process = subprocess.Popen([program.binary, "--replay", RECORDING], stdout=writer,
                                       stderr=subprocess.PIPE)
            stop = threading.Event()

            def write():
                while not stop.is_set():
                    with contextlib.suppress(BlockingIOError):
                        os.write(writer, b"other\n" * 600)
            other = threading.Thread(target=write)
            other.start()
            text = []
            reading = threading.Thread(target=lambda: text.append(read_slowly(reader, 0.001)))
            reading.start()
            status = process.wait(LONG)
            stop.set()
            other.join()
            self.assertFalse(os.get_blocking(writer))  # which is how the other has it
            os.close(writer)
            reading.join()
            self.assertEqual((status, process.stderr.read()), (0, b""))
            process.stderr.close()
        self.assertEqual(text[0].replace(b"other\n", b""), expected)

    def test_a_stdout_that_waits_is_left_so(self):
        with ends(pipe) as (reader, writer), program.Running(stdout=writer) as running:
            self.assertEqual(os.read(reader, len(HEADER)), HEADER)
            self.assertTrue(os.get_blocking(writer))
            running.process.stdin.close()
            self.assertEqual(running.wait(LONG), 0)
            self.assertTrue(os.get_blocking(writer))


class FullStderr(program.Check):
    def test_changes_nothing(self):
        stream = line(1, "foreign") + line(2)
        for kind in KINDS:
            with self.subTest(kind=kind.__name__), ends(kind) as (_, writer):
                fill(writer)
                done = program.run("--replay", "-", stdin=stream, stderr=writer)
                self.assertEqual((done.returncode, done.stdout), (0, HEADER + row(0)))
                self.assertEqual(program.run("--no-such-option", stderr=writer).returncode, 2)
                self.assertEqual(program.run("--replay", "/no/such", stderr=writer).returncode, 1)


class ReaderLeaves(program.Check):
    def test_while_the_stream_says_nothing(self):
        for kind in KINDS:
            with self.subTest(kind=kind.__name__), ends(kind) as (reader, writer), \
                    program.Running(stdout=writer) as running:
                os.close(writer)
                ready, _, _ = select.select([reader], [], [], LONG)
                self.assertEqual(os.read(ready[0], len(HEADER)), HEADER)
                os.close(reader)
                self.assertEqual(running.wait(LONG), 0)
                self.assertEqual(running.process.stderr.read(), b"")

    def test_while_rows_wait(self):
        for kind in KINDS:
            with self.subTest(kind=kind.__name__), Endless(line(1) * 20) as stream, \
                    ends(kind) as (reader, writer):
                process = subprocess.Popen([program.binary, "--replay", "-"], stdin=stream,
                                           stdout=writer, stderr=subprocess.PIPE)
                os.close(writer)
                stalled(process)
                os.close(reader)
                self.assertEqual((process.wait(LONG), process.stderr.read()), (0, b""))
                process.stderr.close()
