"""Only what was asked for, and all of it, by each filter and by several."""

import collections
import contextlib
import json
import os
import stat
import subprocess
import sys
import threading

import filesystem
import io_group
import tracer
from filesystem import BLOCK, child
from loop import LoopDisk, fio
from recording import Recording
from scene import DiskWithoutRoom
from test_columns import SECTOR, OnARawDisk

# Read now: the mounts of the tests may lie over this directory.
with open(f"{os.path.dirname(os.path.abspath(__file__))}/in_namespace.py", encoding="utf-8") as script:
    IN_NAMESPACE = script.read()
TOLD = "type,op,bytes,latency,disk,partition,sector,pid,comm,cgroup,error"


def read(disk, number, count=1):
    """Blocks from this one on, so that rows tell who read them."""
    filesystem.read_direct(disk.path, count, offset=number * BLOCK)


class Filtered(OnARawDisk):
    """What is made on the one disk, and what is shown of it."""

    @contextlib.contextmanager
    def tracing(self, *options, hooks=3, stderr=""):
        """JSON rows of what the options ask for. The last hook is that of the issue."""
        with tracer.Tracer("-v", "-f", "json", "-o", TOLD, *options) as traced:
            traced.until(lambda: (traced.hooks() or 0) >= hooks, "hooks")
            traced.wait_for_loop()
            rows = []
            yield rows
            done = traced.end()
        self.same(done.status, 0, f"status, with {done.stderr!r} on stderr")
        self.assertIn(stderr, done.stderr)
        self.assertNotIn("no reads by plain loads", done.stderr)
        rows += Recording.parse(done.stdout)
        self.done = done

    def blocks(self, rows):
        return sorted(row["sector"] * SECTOR // BLOCK for row in rows if row["sector"] is not None)


class Processes(Filtered):
    HOOKS = 5  # with where requests are allocated, and the end of a process

    def test_pid_with_its_threads(self):
        go = os.pipe()
        pid = os.fork()
        if pid == 0:
            os.read(go[0], 1)
            thread = threading.Thread(target=read, args=(self.disk, 7))
            thread.start()
            thread.join()
            read(self.disk, 8)
            os._exit(0)
        with self.tracing("-p", str(pid), hooks=self.HOOKS) as rows:
            read(self.disk, 1)
            os.write(go[1], b"x")
            os.waitpid(pid, 0)
            child(lambda: read(self.disk, 2))
        for fd in go:
            os.close(fd)
        self.same(self.blocks(rows), [7, 8], "blocks")
        self.same({row["pid"] for row in rows}, {pid}, "pids")
        self.assertRegex(self.done.stderr, r"; \d+ filtered")

    def test_several(self):
        others = [subprocess.Popen(["sleep", "60"]) for _ in range(20)]
        try:
            options = [word for process in others for word in ("-p", str(process.pid))]
            with self.tracing(*options, "-p", str(os.getpid()), hooks=self.HOOKS) as rows:
                read(self.disk, 3)
                child(lambda: read(self.disk, 4))
        finally:
            for process in others:
                process.kill()
                process.wait()
        self.same(self.blocks(rows), [3], "blocks")

    def test_children(self):
        """What was forked before is not shown, what is forked from now on is."""
        go = os.pipe()
        before = os.fork()
        if before == 0:
            os.read(go[0], 1)
            read(self.disk, 1)
            os._exit(0)
        with self.tracing("-p", str(os.getpid()), "--children", hooks=self.HOOKS + 1) as rows:
            os.write(go[1], b"x")
            os.waitpid(before, 0)
            child(lambda: child(lambda: read(self.disk, 5)))
            read(self.disk, 6)
        for fd in go:
            os.close(fd)
        self.same(self.blocks(rows), [5, 6], "blocks")

    def test_comm(self):
        with self.tracing("--comm", "wanted", "--comm", "also this", hooks=4,
                          stderr="warning: nothing is called wanted yet\n") as rows:
            for number, name in enumerate((b"wanted", b"wante", b"wanted2", b"also this")):
                child(lambda number=number: read(self.disk, number), name)
        self.same([(row["comm"], row["sector"] * SECTOR // BLOCK) for row in rows],
                  [("wanted", 0), ("also this", 3)], "who and what")

    def test_flush_is_of_who_makes_it(self):
        with self.tracing("--comm", "wanted", "--op", "flush,write", hooks=4) as rows:
            child(lambda: filesystem.write_direct(self.disk.path, 1), b"wanted")
            for name in (b"wanted", b"other"):
                with filesystem.opened(self.disk.path, os.O_RDWR) as fd:
                    child(lambda fd=fd: os.fsync(fd), name)
        self.assertLessEqual({row["comm"] for row in rows}, {"wanted"})
        self.assertIn("WS", [row["op"] for row in rows])

    def test_process_that_is_not_there(self):
        gone = child(lambda: None)
        done = tracer.run("-p", str(gone), "-D", "0")
        self.same((done.returncode, done.stdout, done.stderr.decode()),
                  (1, b"", "disksnoop: engine tracepoint, as only it has --pid\n"
                   f"disksnoop: error: no process {gone}\n"), "status, stdout and stderr")

    def test_in_a_pid_namespace(self):
        """The number is one of the namespace of who asks."""
        done = subprocess.run(["unshare", "--pid", "--fork", "--mount-proc", sys.executable,
                               "-c", IN_NAMESPACE, tracer.place.binary, self.disk.path],
                              capture_output=True, text=True, timeout=tracer.START, check=False)
        self.same(done.returncode, 0, f"status, with {done.stderr!r} on stderr")
        self.same(json.loads(done.stdout), {"wanted": [7], "with children": [5, 7]}, "blocks")


class Groups(Filtered):
    def group(self, name):
        try:
            return io_group.IoGroup(name)
        except io_group.NoGroup as error:
            return self.skipTest(str(error))

    def test_cgroup_and_what_is_below(self):
        with self.group("one") as one, self.group("two") as two:
            below = os.path.join(one.directory, "below")
            os.mkdir(below)

            def join_below():
                with open(f"{below}/cgroup.procs", "w", encoding="ascii") as file:
                    file.write("0")

            for given in (one.directory, one.name):
                with self.tracing("--cgroup", given) as rows:
                    child(lambda: read(self.disk, 1), before=[one.join])
                    child(lambda: read(self.disk, 2), before=[two.join])
                    child(lambda: read(self.disk, 3), before=[join_below])
                    read(self.disk, 4)
                self.same(self.blocks(rows), [1, 3], f"blocks of {given}")
                self.same([row["cgroup"] for row in rows], [one.name, one.name + "/below"], "cgroups")
            os.rmdir(below)

    def test_cgroup_that_comes_and_goes(self):
        name = self.group("later")
        name.__exit__()
        with self.tracing("--cgroup", name.name, stderr="warning: there is no cgroup ") as rows:
            for number in (10, 20):
                with self.group("later") as group:
                    # It is looked for once a second; until then its requests are filtered.
                    for block in range(number, number + 9):
                        child(lambda block=block: read(self.disk, block), before=[group.join])
                        threading.Event().wait(0.5)
        seen = self.blocks(rows)
        self.assertIn(18, seen)
        self.assertIn(28, seen)
        self.same({row["cgroup"] for row in rows}, {name.name}, "cgroups")


class Partitions(Filtered):
    def setUp(self):
        super().setUp()
        self.nodes = {}
        for number in (1, 2):
            self.add(number, 8192 * number)

    def add(self, number, begin):
        subprocess.run(["addpart", self.disk.path, str(number), str(begin), "8192"], check=True)
        self.nodes[number] = self.node(number)

    def delete(self, number):
        os.unlink(self.nodes.pop(number))
        subprocess.run(["delpart", self.disk.path, str(number)], check=True)

    def tearDown(self):
        for number in list(self.nodes):
            self.delete(number)
        super().tearDown()

    def node(self, number):
        name = f"{self.disk.name}p{number}"
        with open(f"/sys/block/{self.disk.name}/{name}/dev", encoding="ascii") as file:
            major, minor = map(int, file.read().split(":"))
        path = os.path.join(tracer.place.path, name)
        os.mknod(path, 0o600 | stat.S_IFBLK, os.makedev(major, minor))
        return path

    def work(self):
        filesystem.read_direct(self.nodes[1], 1, offset=3 * BLOCK)
        filesystem.read_direct(self.nodes[2], 1, offset=4 * BLOCK)
        read(self.disk, 1024 + 5)  # the same place as in the first one, by the whole disk

    def test_a_partition_is_its_requests_only(self):
        for given in (f"{self.disk.name}p1", self.nodes[1]):
            with self.tracing("-d", given) as rows:
                self.work()
            self.same([(row["partition"], row["sector"]) for row in rows],
                      [(f"{self.disk.name}p1", 8192 + 24)], f"requests of {given}")

    def keep_statistics(self, value):
        with open(f"/sys/block/{self.disk.name}/queue/iostats", "w", encoding="ascii") as file:
            file.write(value)

    def test_a_partition_without_iostats(self):
        self.keep_statistics("0")
        try:
            with self.tracing("-d", f"{self.disk.name}p2") as rows:
                self.work()
        finally:
            self.keep_statistics("1")
        self.same([row["sector"] for row in rows], [2 * 8192 + 32], "sectors")

    def test_it_may_move(self):
        with self.tracing("-d", f"{self.disk.name}p2") as rows:
            self.delete(2)
            self.add(2, 65536)
            self.work()
        self.same([row["sector"] for row in rows], [65536 + 32], "sectors")

    def test_several_disks_and_partitions(self):
        with LoopDisk(os.path.join(tracer.place.path, "second")) as second, \
                self.tracing("-d", second.path, "-d", f"{self.disk.name}p2") as rows:
            self.work()
            read(second, 9)
        self.same(sorted((row["disk"], row["sector"]) for row in rows),
                  sorted([(second.name, 72), (self.disk.name, 2 * 8192 + 32)]), "requests")


class Errors(Filtered):
    def test_only_those_that_failed(self):
        with DiskWithoutRoom("small") as disk:
            with self.tracing("-d", disk.path, "--errors") as rows:
                with self.assertRaises(OSError):
                    filesystem.write_direct(disk.path, 256)
        self.same(len(rows), 1, "rows")
        self.assertIn(rows[0]["error"], ("ENOSPC", "EIO"))
        self.assertRegex(self.done.stderr, r"; \d+ filtered")
        self.figures = f"{rows[0]['error']} at block {self.blocks(rows)[0]}"


class Combined(Filtered):
    """Against a filter of the unfiltered rows that knows nothing of the tool's."""

    def key(self, row):
        return tuple(row[name] for name in ("disk", "sector", "bytes", "op", "pid", "comm"))

    def compare(self, options, is_wanted, unsure=lambda row: False):
        with LoopDisk(os.path.join(tracer.place.path, "second")) as second:
            disks = {"FIRST": self.disk.name, "SECOND": second.name}
            options = [disks.get(word, word) for word in options]
            with self.tracing("-d", self.disk.name, "-d", second.name, "--op",
                              "read,write,discard,flush,other") as unfiltered, \
                    self.tracing(*options) as filtered:
                for disk in (self.disk, second):
                    for kind in ("randread", "randrw"):
                        fio(disk, f"--rw={kind}", "--bsrange=4k-64k", "--number_ios=300",
                            "--iodepth=8")
        wanted = collections.Counter(map(self.key, filter(is_wanted, unfiltered)))
        spare = collections.Counter(map(self.key, filter(unsure, unfiltered)))
        seen = collections.Counter(map(self.key, filtered))
        self.assertGreater(len(wanted), 50)
        self.same(list(((wanted - spare) - seen).elements())[:3], [], "that are not shown")
        self.same(list((seen - wanted - spare).elements())[:3], [], "that are shown and not wanted")
        self.figures = f"{sum(seen.values())} of {len(unfiltered)}"
        return disks

    def test_disk_and_operation(self):
        self.compare(["-d", "SECOND", "--op", "read"],
                     lambda row: row["op"].startswith("R") and row["disk"] != self.disk.name)

    def test_comm_and_operation(self):
        self.compare(["--comm", "fio", "-d", "FIRST", "--op", "write"],
                     lambda row: row["op"].startswith("W") and row["disk"] == self.disk.name)

    def test_time(self):
        least = 50_000
        self.compare(["-d", "FIRST", "-m", "0.05"],
                     lambda row: row["disk"] == self.disk.name and row["latency_ns"] >= least,
                     # The two do not read the clock at the same moment.
                     lambda row: row["disk"] == self.disk.name and
                     abs(row["latency_ns"] - least) < least)
