"""What rights the program has left while it traces, whatever it is asked for."""

import ctypes
import os
import re
import shutil
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.request

import tracer
from loop import fio
from test_columns import OnARawDisk

NOBODY = "65534"
NONE = "0000000000000000"
CAPABILITIES = {"dac_override": 1, "fowner": 3, "net_bind_service": 10}
LANDLOCK_CREATE_RULESET = 444  # the number of the call, on all kinds of machines


def mask(names):
    return f"{sum(1 << CAPABILITIES[name] for name in names):016x}"


def landlock_version():
    """0 where the kernel has none."""
    version_is_asked = 1
    return max(0, ctypes.CDLL(None).syscall(LANDLOCK_CREATE_RULESET, None, 0, version_is_asked))


def statuses(pid):
    """The fields of /proc/PID/task/TID/status of each thread."""
    for thread in os.listdir(f"/proc/{pid}/task"):
        with open(f"/proc/{pid}/task/{thread}/status", encoding="ascii") as file:
            yield dict(re.findall(r"^(\w+):\t(.*)$", file.read(), re.MULTILINE))


def free_port(ports=(0,)):
    for port in ports:
        with socket.socket() as tried:
            try:
                tried.bind(("127.0.0.1", port))
                return tried.getsockname()[1]
            except OSError:
                pass
    return None


class Sandbox(OnARawDisk):
    def assert_confined(self, pid, user=NOBODY, capable=()):
        for status in statuses(pid):
            self.same(status["Uid"].split(), [user] * 4, "users of a thread")
            self.same(status["Gid"].split(), [user] * 4, "groups of a thread")
            for which in ("CapEff", "CapPrm"):
                self.same(status[which], mask(capable), which)
            for which in ("CapInh", "CapAmb", "CapBnd"):
                self.same(status[which], NONE, which)
            self.same((status["NoNewPrivs"], status["Seccomp"]), ("1", "2"), "NoNewPrivs, Seccomp")

    def assert_told(self, errors, user=NOBODY, capable=()):
        """What it says of the sandbox is what the kernel has."""
        told = re.findall(r"^disksnoop: (?:warning: the )?sandbox.*$", errors, re.MULTILINE)
        left = "of the capabilities " + ", ".join(capable) if capable else "no capability"
        renewed = "" if user == NOBODY else " but where files are renewed"
        version = landlock_version()
        files = f"no file can be opened{renewed} (Landlock {version})" if version else \
            "this kernel has no Landlock"
        self.same(told[:-1], [f"disksnoop: sandbox: user {user}, group {user}, {left}",
                              f"disksnoop: sandbox: {files}"], "what it tells of the sandbox")
        self.assertRegex(told[-1], r"\Adisksnoop: sandbox: \d\d system calls are left\Z")

    def traced(self, *options, threads=1, **rights):
        """What it prints of 200 requests; it was confined while it traced them."""
        with tracer.Tracer("-d", self.disk.name, "-v", *options) as tool:
            tool.until(lambda: "system calls are left" in tool.errors(), "the sandbox")
            self.assert_confined(tool.pid, **rights)
            self.assert_told(tool.errors(), **rights)
            fio(self.disk, "--rw=randrw", "--bs=4k", "--number_ios=200", "--iodepth=4")
            self.same(len(os.listdir(f"/proc/{tool.pid}/task")), threads, "threads")
            self.while_it_traces()
            done = tool.end()
        self.same(done.status, 0, f"status, with {done.stderr!r} on stderr")
        self.assertNotIn("cannot", done.stderr)
        told = re.findall(r"^disksnoop: (\d+) (?:rows|requests)", done.stderr, re.MULTILINE)
        self.assertGreaterEqual(int(told[-1]), 190)
        return done

    def while_it_traces(self):
        pass

    def test_rows(self):
        self.traced("-w")

    def test_rows_with_all_columns_in_json(self):
        self.traced("-f", "json", "-o", "time,clock,type,op,bytes,latency,queue,disk,partition,"
                    "sector,pid,comm,cgroup,file,pattern,error")

    def test_summary_by_each_key(self):
        self.traced("-i", "0.5", "--by", "disk,partition,op,comm,cgroup")

    def test_filters(self):
        self.traced("--cgroup", "/", "--op", "read,write", "--comm", "fio")

    def test_a_server(self):
        port = free_port()
        self.while_it_traces = lambda: self.scrape(port)
        self.traced("--listen", str(port), threads=3)

    def test_a_server_at_a_low_port(self):
        port = free_port(range(1000, 1024))
        if port is None:
            self.skipTest("no port below 1024 is free")
        self.while_it_traces = lambda: self.scrape(port)
        self.traced("--listen", str(port), threads=3, capable=["net_bind_service"])

    def scrape(self, port):
        for _ in range(int(tracer.START / 0.2)):
            try:
                with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=30) as page:
                    if f'device="{self.disk.name}"' in page.read().decode():
                        return
            except urllib.error.HTTPError as error:  # in its first second it has no page
                self.same(error.code, 404, "status")
            time.sleep(0.2)
        self.fail("the disk is not in the metrics")

    def files_in(self, owner, mode=0o755):
        directory = os.path.join(tracer.place.path, f"files-of-{owner}")
        os.mkdir(directory)
        self.addCleanup(shutil.rmtree, directory)
        os.chown(directory, owner, owner)
        os.chmod(directory, mode)
        return [os.path.join(directory, name) for name in ("metrics.prom", "picture.svg")]

    def assert_written(self, files, **rights):
        metrics, picture = files
        self.traced("--metrics", metrics, "--heatmap", picture, "-i", "1", threads=2, user="0",
                    **rights)
        for file in files:
            self.assertGreater(os.path.getsize(file), 500, file)
            self.same(os.stat(file).st_uid, 0, "owner")
        self.same(sorted(os.listdir(os.path.dirname(metrics))), sorted(
            os.path.basename(file) for file in files), "what is in the directory")

    def test_files_in_a_directory_of_root(self):
        self.assert_written(self.files_in(0))

    def test_files_in_a_directory_of_another_user(self):
        self.assert_written(self.files_in(12345), capable=["dac_override", "fowner"])

    def test_files_in_a_directory_that_nobody_may_write(self):
        self.assert_written(self.files_in(0, 0o555), capable=["dac_override", "fowner"])

    def test_off_is_told_and_keeps_them(self):
        with tracer.Tracer("-d", self.disk.name, "--sandbox=off") as tool:
            tool.until(lambda: tool.text(tool.out), "the header")
            self.same(tool.errors().count("disksnoop: all rights are kept while it traces\n"), 1,
                      "told")
            for status in statuses(tool.pid):
                self.same((status["Uid"].split()[1], status["Seccomp"]), ("0", "0"), "user, seccomp")
            self.same(tool.end().status, 0, "status")

    def test_it_still_ends_with_its_parent(self):
        with tracer.Tracer("--engine=tracepoint", "-v",
                           user=["unshare", "--fork", "--kill-child"]) as parent:
            parent.until(lambda: "system calls are left" in parent.errors(), "the sandbox")
            with open(f"/proc/{parent.pid}/task/{parent.pid}/children", encoding="ascii") as file:
                child = int(file.read())
            parent.process.kill()
            parent.process.wait()
            for _ in range(int(tracer.START / 0.1)):
                if not os.path.exists(f"/proc/{child}"):
                    return
                time.sleep(0.1)
            os.kill(child, signal.SIGKILL)
            self.fail("it went on without its parent")

    def test_its_caller_may_end_a_set_user_id_program(self):
        binary = os.path.join(tracer.place.path, "set-user-id")
        shutil.copy(tracer.place.binary, binary)
        self.addCleanup(os.unlink, binary)
        os.chmod(binary, 0o4755)
        caller = ["setpriv", "--reuid", "12345", "--regid", "12345", "--clear-groups"]
        with tracer.Tracer("--engine=tracepoint", "-v", user=caller, binary=binary) as tool:
            tool.until(lambda: "system calls are left" in tool.errors(), "the sandbox")
            self.assert_confined(tool.pid, user="12345")
            subprocess.run([*caller, "kill", str(tool.pid)], check=True)
            self.same(tool.process.wait(tracer.START), 0, "status")
