"""The server under those who ask too often, ask for something else, or mean no good."""

import contextlib
import errno
import os
import signal
import socket
import struct
import subprocess
import time

import tracer
from checks import Check
from probe import KILLED_WITH_US, Probe, get

WARM_UP = 2_000
SCRAPES = 20_000
GROWTH = 512 << 10  # bytes of memory: a leak of 26 bytes a scrape is more
HOSTILE = 100  # clients at once
HOSTILE_SECONDS = 8


def scrape(address):
    """The server ends each connection."""
    with socket.create_connection(address, tracer.START) as connection:
        connection.sendall(b"GET /metrics HTTP/1.1\r\nHost: test\r\nConnection: close\r\n\r\n")
        answer = b""
        while part := connection.recv(1 << 20):
            answer += part
    head, _, text = answer.partition(b"\r\n\r\n")
    if not (head.startswith(b"HTTP/1.1 200 ") and
            f"content-length: {len(text)}" in head.decode().lower()):
        raise AssertionError(f"the answer is {head!r} and {len(text)} bytes")


class Hostile:
    """A client of one of these kinds, which comes again when it is thrown out."""

    KINDS = {
        "silent": b"",
        "half a request line": b"GET /met",
        "garbage": os.urandom(4096) + b"\r\n\r\n",
        "headers without end": b"GET /metrics HTTP/1.1\r\n" + b"X: y\r\n" * 100,
        "deaf": b"GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n" * 200,
        "leaving": b"GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n",
    }

    ONCE = ("half a request line", "leaving")  # told once, the others again and again

    def __init__(self, address, kind):
        self.address = address
        self.kind = kind
        self.has_told = False
        self.socket = None
        self.connections = 0

    def go_on(self):
        """One step, which never waits."""
        try:
            if self.socket is None:
                self.connect()
            if not (self.has_told and self.kind in self.ONCE):
                self.socket.send(self.KINDS[self.kind])
                self.has_told = True
            if self.kind == "leaving":  # with a reset
                self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                self.close()
            elif self.kind != "deaf" and self.socket.recv(65536) == b"":
                self.close()
        except BlockingIOError:
            pass
        except OSError as error:
            if error.errno != errno.ENOTCONN:  # not connected yet
                self.close()

    def connect(self):
        self.socket = socket.socket()
        if self.kind == "deaf":
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1)  # the least there is
        self.socket.setblocking(False)
        self.has_told = False
        self.connections += 1
        self.socket.connect(self.address)

    def close(self):
        if self.socket is not None:
            self.socket.close()
            self.socket = None


@contextlib.contextmanager
def load(disk, seconds):
    """So much that a tracer that is held up for a moment loses nothing."""
    process = subprocess.Popen(
        [*KILLED_WITH_US, "fio", "--name=fleet", f"--filename={disk.path}", "--direct=1", "--thread",
         "--ioengine=libaio", "--rw=randrw", "--bs=4k", "--iodepth=4", "--rate_iops=2000",
         "--norandommap", "--time_based", f"--runtime={seconds}", "--output=/dev/null"],
        stdin=subprocess.DEVNULL)
    try:
        yield process
    finally:
        process.terminate()
        process.wait()


class Server(Check):
    def test_many_scrapes(self):
        """Of which none leaves anything behind."""
        with Probe(self.disk()) as probe:
            for _ in range(WARM_UP):
                scrape(probe.address)
            before = probe.status("VmRSS") << 10, probe.descriptors()
            begin = time.monotonic()
            for _ in range(SCRAPES):
                scrape(probe.address)
            seconds = time.monotonic() - begin
            after = probe.status("VmRSS") << 10, probe.descriptors()
            self.same(probe.end().status, 0, "status")
        self.assertLess(after[0] - before[0], GROWTH, "bytes of memory more")
        self.assertLessEqual(after[1], before[1] + 2, "descriptors")
        self.figures = (f"{SCRAPES / seconds:.0f} scrapes a second, {after[0] - before[0]} bytes of "
                        f"memory more, {after[1]} descriptors after {before[1]}")

    def test_what_it_does_not_serve(self):
        with Probe(self.disk()) as probe:
            for method, path, headers in (
                    ("POST", "/metrics", {}), ("PUT", "/metrics", {}), ("DELETE", "/metrics", {}),
                    ("GET", "/", {}), ("GET", "/metrics/../etc/passwd", {}),
                    ("GET", "/" + "x" * 100_000, {}),
                    ("GET", "/metrics", {"X": "y" * 100_000})):
                with self.subTest(method=method, path=path[:40], headers=len(headers)):
                    self.assertTrue(400 <= self.answer(probe, method, path, headers) < 600)
                    self.assertIn("disksnoop_build_info", probe.scrape())
            self.same(probe.end().status, 0, "status")

    @staticmethod
    def answer(probe, method, path, headers):
        """The status; 400 where it does not listen to the end of what is too long."""
        try:
            return get(probe.address, path, method, headers)[0]
        except ConnectionError:
            return 400

    def test_hostile_clients(self):
        """While they are there nothing is lost, and once they are gone it serves again."""
        disk = self.disk()
        with Probe(disk, columns="time,op,latency") as probe:
            kinds = list(Hostile.KINDS)
            clients = [Hostile(probe.address, kinds[number % len(kinds)])
                       for number in range(HOSTILE)]
            before = disk.counts()
            with load(disk, HOSTILE_SECONDS) as running:
                rows = []
                while running.poll() is None:
                    for client in clients:
                        client.go_on()
                    time.sleep(0.05)
                    rows.append(probe.lines())
                self.same(running.returncode, 0, "status of fio")
            for client in clients:
                client.close()
            begin = time.monotonic()
            self.assertIn("disksnoop_build_info", probe.scrape())
            seconds = time.monotonic() - begin
            self.eventually(lambda: probe.count() == probe.lines(), "all is counted")
            counted = disk.counts() - before
            descriptors = probe.descriptors()
            done = probe.end(signal.SIGTERM)
        self.same(done.status, 0, f"status, with {done.stderr!r}")
        told = done.end_line()
        self.same(told.rows, done.stdout.count(b"\n"), "rows of the end line")
        self.same((told.rows + told.completion_not_shown, told.all()),
                  (counted.reads + counted.writes,) * 2, f"requests, with {told}")
        # It traced all the time: in each quarter of it came rows.
        quarters = [rows[len(rows) * part // 4] for part in range(1, 4)]
        self.assertTrue(0 < quarters[0] < quarters[1] < quarters[2] < rows[-1], f"rows: {quarters}")
        self.assertLess(descriptors, HOSTILE, "descriptors after it")
        self.figures = (f"{sum(client.connections for client in clients)} connections, {told.rows} "
                        f"rows, {told.in_buffer} lost, a scrape {seconds:.1f} s after the last")
