"""Metrics beside rows and a summary, and what keeps them from being there."""

import collections
import os
import re
import shutil
import signal
import socket
import time

import tracer
from loop import fio
from test_columns import OnARawDisk
from test_sandbox import free_port

COUNTED = re.compile(r'^disksnoop_request_duration_seconds_count\{device="(\w+)",operation="(\w+)"'
                     r'[^}]*\} (\d+)$', re.MULTILINE)


class Metrics(OnARawDisk):
    def setUp(self):
        super().setUp()
        self.path = os.path.join(tracer.place.path, "metrics.prom")
        self.addCleanup(lambda: os.path.exists(self.path) and os.unlink(self.path))

    def counted(self):
        """How many requests of the disk the file has, by operation."""
        if not os.path.exists(self.path):
            return {}
        with open(self.path, encoding="utf-8") as file:
            return {operation: int(number) for device, operation, number
                    in COUNTED.findall(file.read()) if device == self.disk.name}

    def traced(self, *options):
        """Reads and writes beside these options: how it ended, and what the file has then."""
        with tracer.Tracer("-d", self.disk.name, "--metrics", self.path, "-i1", *options) as tool:
            tool.until(lambda: os.path.exists(self.path), "the file")
            fio(self.disk, "--rw=randrw", "--bs=4k", "--number_ios=400", "--iodepth=4")
            tool.until(self.counted, "a count")
            done = tool.end()
        self.same(done.status, 0, f"status, with {done.stderr!r} on stderr")
        return done, self.counted()

    def test_alone_nothing_is_printed(self):
        done, counted = self.traced()
        self.same(done.stdout, b"", "stdout")
        told = re.search(r"^disksnoop: (\d+) requests", done.stderr, re.MULTILINE)
        self.same(sum(counted.values()), int(told[1]), "requests in the file")

    def test_the_rows_beside_are_what_is_counted(self):
        done, counted = self.traced("-o", "op")
        rows = collections.Counter(done.stdout.decode().split()[1:])
        self.same(counted.get("read"), rows.total() - sum(
            number for op, number in rows.items() if op[0] != "R"), "reads in the file")
        self.same(sum(counted.values()), rows.total(), "requests in the file")

    def test_a_summary_beside_has_its_own_keys(self):
        done, counted = self.traced("-s", "--by", "pid")
        lines = done.stdout.decode().splitlines()
        # Of each interval the heading, the header and the line of fio.
        self.assertRegex(lines[1], r"\A *PID ")
        self.same(sum(int(line.split()[1]) for line in lines if re.match(r" *\d+ ", line)),
                  sum(counted.values()), "requests in the file")

    def test_a_port_that_is_in_use(self):
        with socket.socket() as other:
            other.bind(("127.0.0.1", 0))
            other.listen()
            port = other.getsockname()[1]
            done = tracer.run("--engine=tracepoint", f"--listen={port}")
        self.assert_error(done, 1, f"cannot listen on 127.0.0.1:{port}: Address already in use")

    def test_where_its_threads_are_too_many(self):
        port = free_port()
        done = tracer.run("--engine=tracepoint", f"--listen={port}", before=[
            "setpriv", "--bounding-set=-sys_resource", "prlimit", "--nproc=1"])
        self.assert_error(done, 1, f"cannot listen on 127.0.0.1:{port}: the HTTP library does not",
                          "ulimit -u")

    def test_a_file_that_cannot_be_written(self):
        for path, reason in (("/no such directory/a", "No such file or directory"),
                             (tracer.place.path + "/", "it names no file"),
                             ("/dev/null", "it is no regular file")):
            done = tracer.run("--engine=tracepoint", "--metrics", path)
            self.assert_error(done, 1, f"cannot write {path}: {reason}")

    def test_killed_before_the_new_file_takes_its_place(self):
        """The new one is left beside it, and holds nobody up."""
        directory = os.path.join(tracer.place.path, "killed")
        os.mkdir(directory)
        self.addCleanup(shutil.rmtree, directory)
        options = ["--engine=tracepoint", "--metrics", f"{directory}/a.prom", "-D", "0"]
        killed = tracer.run(*options, before=[
            "strace", "-f", "-o", "/dev/null", "-e", "trace=/^rename", "-e",
            "inject=/^rename:signal=KILL"])
        self.same(killed.returncode, -signal.SIGKILL, "status")
        [left] = os.listdir(directory)
        self.assertRegex(left, r"\A\.a\.prom\.[0-9a-f]{16}\Z")
        self.same(tracer.run(*options).returncode, 0, "status of the next one")
        self.same(sorted(os.listdir(directory)), [left, "a.prom"], "files")

    def test_a_file_that_cannot_be_written_any_more(self):
        """Is told once, and at the end; tracing goes on."""
        directory = os.path.join(tracer.place.path, "metrics")
        os.mkdir(directory)
        self.addCleanup(shutil.rmtree, directory, ignore_errors=True)
        path = os.path.join(directory, "a.prom")
        with tracer.Tracer("--metrics", path, "-i1") as tool:
            tool.until(lambda: os.path.exists(path), "the file")
            shutil.rmtree(directory)
            tool.until(lambda: "cannot write" in tool.errors(), "the warning")
            time.sleep(2)
            self.assertEqual(tool.errors().count("cannot write"), 1)
            done = tool.end()
        self.assertEqual(done.status, 1)
        self.assertIn(f"cannot write {path}: No such file or directory", done.stderr)
