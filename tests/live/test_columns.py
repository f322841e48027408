"""Every column but the file, against what is known from outside of it."""

import datetime
import fcntl
import os
import pty
import re
import select
import shutil
import stat
import subprocess
import time

import filesystem
import io_group
import measure
import tracer
from filesystem import BLOCK, child
from loop import MIB, LoopDisk, fio
from recording import ALL, KEYS, Recording

SECTOR = 512
BLKDISCARD = 0x1277
COMM = b"a b\x1b[2J\xff"


class OnARawDisk(tracer.Check):
    def setUp(self):
        super().setUp()
        self.loop()
        self.disk = LoopDisk(os.path.join(tracer.place.path, "disk"))

    def tearDown(self):
        self.disk.__exit__()

    def recording(self, *arguments, **options):
        return Recording(self, self.disk, *arguments, **options)


class Values(OnARawDisk):
    def test_of_a_read(self):
        """And all that has no value on a raw disk is null."""
        with self.recording() as recorded:
            pid = child(lambda: filesystem.read_direct(self.disk.path, 2, offset=10 * MIB),
                        b"reader")
        self.same([list(row) for row in recorded.rows], [KEYS] * 2, "keys")
        for number, row in enumerate(recorded.rows):
            self.assertIn(row["op"], ("R", "RS"))
            for key, value in {"type": "R", "bytes": BLOCK, "disk": self.disk.name,
                               "partition": None, "pid": pid, "comm": "reader", "file": None,
                               "sector": (10 * MIB + number * BLOCK) // SECTOR,
                               "error": None}.items():
                self.same(row[key], value, f"{key} of {row}")
            self.assertGreater(row["latency_ns"], 0)
            self.assertGreaterEqual(row["queue_ns"], 0)
        self.same(recorded.rows[0]["time_ns"], 0, "time of the first row")
        self.assertGreater(recorded.rows[1]["time_ns"], 0)

    def test_letters_of_operations(self):
        def work():
            filesystem.write_direct(self.disk.path, 1)
            with filesystem.opened(self.disk.path, os.O_RDWR) as fd:
                os.write(fd, b"x" * BLOCK)
                os.fsync(fd)
                fcntl.ioctl(fd, BLKDISCARD, (MIB).to_bytes(8, "little") * 2)
                os.posix_fadvise(fd, 0, 0, filesystem.POSIX_FADV_DONTNEED)
                os.pread(fd, BLOCK, 8 * MIB)

        with self.recording() as recorded:
            child(work)
        seen = [(row["op"], row["type"]) for row in recorded.rows]
        self.same(seen[0], ("WS", "W"), "a direct write")
        self.assertIn(seen[1], (("W", "W"), ("WS", "W")), "a buffered write")
        discards = recorded.of(op="D") + recorded.of(op="DS")
        self.same(sum(row["bytes"] for row in discards), MIB, f"bytes discarded in {seen}")
        self.same(discards[0]["sector"], MIB // SECTOR, "the sector of a discard")
        flushes = [row for row in recorded.rows if row["op"].startswith("F")]
        self.same([row["bytes"] for row in flushes], [0], f"flushes in {seen}")
        self.same([(row["file"], row["sector"], row["pattern"]) for row in flushes],
                  [(None, None, None)], "what a flush has not")
        self.same(seen[-1][1], "R", "a buffered read")

    def test_pattern(self):
        offsets = [0, 1, 2, 7, 8, 3, 4]
        with self.recording("-o", "sector,pattern") as recorded, \
                filesystem.opened(self.disk.path, os.O_RDONLY | os.O_DIRECT) as fd:
            buffer = filesystem.mmap.mmap(-1, BLOCK)
            for offset in offsets:
                os.preadv(fd, [buffer], offset * BLOCK)
        self.same([row["sector"] for row in recorded.rows],
                  [offset * BLOCK // SECTOR for offset in offsets], "sectors")
        self.same([row["pattern"] for row in recorded.rows],
                  [None, "S", "S", "R", "S", "R", "S"], "patterns")

    def test_name_of_a_process(self):
        with self.recording() as recorded:
            child(lambda: filesystem.read_direct(self.disk.path, 1), COMM)
        self.same([row["comm"] for row in recorded.rows], ["a b\x1b[2J\ufffd"], "comm")

    def test_name_of_a_process_on_a_terminal(self):
        ours, terminal = pty.openpty()
        try:
            with tracer.Tracer("-d", self.disk.path, "-o", "comm,bytes", stdout=terminal) as traced:
                traced.until(lambda: select.select([ours], [], [], 0)[0], "the header")
                child(lambda: filesystem.read_direct(self.disk.path, 1), COMM)
                traced.end()
            seen = os.read(ours, 4096)
        finally:
            os.close(ours)
            os.close(terminal)
        self.same(seen.split(), [b"COMM", b"BYTES", b"a\\x20b\\x1b[2J\\xff", b"4096"], "words")

    def test_submitter_of_requests_that_a_worker_issues(self):
        """With a scheduler and many requests at a time some are."""
        with self.recording("-o", "comm,pid,queue,type") as recorded:
            fio(self.disk, "--rw=randread", "--bs=4k", "--iodepth=64", "--number_ios=4000",
                "--ioscheduler=bfq")
        reads = [row for row in recorded.rows if row["type"] == "R"]
        known = [row for row in reads if row["comm"] is not None]
        self.assertGreater(len(known), len(reads) * 0.99, "that are known")
        self.same({row["comm"] for row in known}, {"fio"}, "submitters")
        self.figures = f"{len(known)} of {len(reads)} known"


class Partition(OnARawDisk):
    def node(self):
        """A device file of the first partition."""
        with open(f"/sys/block/{self.disk.name}/{self.disk.name}p1/dev", encoding="ascii") as file:
            major, minor = map(int, file.read().split(":"))
        path = os.path.join(tracer.place.path, "partition")
        os.mknod(path, 0o600 | stat.S_IFBLK, os.makedev(major, minor))
        return path

    def test_partition(self):
        """The sector is the disk's."""
        subprocess.run(["addpart", self.disk.path, "1", "2048", "8192"], check=True)
        try:
            node = self.node()
            with self.recording() as recorded:
                filesystem.read_direct(node, 1, offset=3 * BLOCK)
                filesystem.read_direct(self.disk.path, 1, offset=3 * BLOCK)
            os.unlink(node)
        finally:
            subprocess.run(["delpart", self.disk.path, "1"], check=True)
        wanted = [(self.disk.name, f"{self.disk.name}p1", 2048 + 24), (self.disk.name, None, 24)]
        self.same([(row["disk"], row["partition"], row["sector"]) for row in recorded.rows], wanted,
                  "disk, partition and sector")


class Group(OnARawDisk):
    def test_that_is_charged(self):
        try:
            group = io_group.IoGroup("one")
        except io_group.NoGroup as error:
            self.skipTest(str(error))
        with group:
            with self.recording() as recorded:
                inside = child(lambda: filesystem.read_direct(self.disk.path, 2),
                               before=[group.join])
                outside = child(lambda: filesystem.read_direct(self.disk.path, 1))
        self.same([row["cgroup"] for row in recorded.of(pid=inside)], [group.name] * 2,
                  "cgroups of the process in it")
        mine = [row["cgroup"] for row in recorded.of(pid=outside)]
        self.same(mine, [self.own()], "the cgroup of a process outside")

    @staticmethod
    def own():
        """Of this process."""
        with open("/proc/self/cgroup", encoding="ascii") as file:
            groups = {controllers: path for _, controllers, path
                      in (line.rstrip("\n").split(":", 2) for line in file)}
        for controllers, path in groups.items():
            if "blkio" in controllers.split(","):
                return path
        return groups[""]


class Clock(OnARawDisk):
    def moment(self):
        return datetime.datetime.now(datetime.timezone.utc).timestamp()

    def read_at_known_times(self, recorded):
        """Between which moments each of the requests was."""
        between = []
        for _ in range(5):
            before = self.moment()
            filesystem.read_direct(self.disk.path, 1)
            between.append((before, self.moment()))
            time.sleep(0.01)
        recorded.until(lambda rows: len(rows) >= 5, "rows")
        return between

    def assert_right(self, rows, between):
        # The distance between two clocks is measured to less than this.
        tolerance = 0.001
        for row, (before, after) in zip(rows, between, strict=True):
            self.assertRegex(row["clock"],
                             r"\A\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}[+-]\d\d:\d\d\Z")
            clock = datetime.datetime.fromisoformat(row["clock"]).timestamp()
            self.assertGreaterEqual(clock, before - tolerance)
            self.assertLessEqual(clock, after + tolerance)

    def test_is_that_of_the_wall(self):
        with self.recording() as recorded:
            between = self.read_at_known_times(recorded)
        self.assert_right(recorded.rows, between)
        clocks = [datetime.datetime.fromisoformat(row["clock"]).timestamp()
                  for row in recorded.rows]
        for row, clock in zip(recorded.rows, clocks):
            self.assertAlmostEqual(clock - clocks[0], row["time_ns"] / 1e9, delta=0.001)

    def test_has_the_offset_of_the_time_zone(self):
        for zone, offset in (("XYZ-5:45", "+05:45"), ("ABC3:30", "-03:30"), ("UTC0", "+00:00")):
            with self.recording(env={**os.environ, "TZ": zone}) as recorded:
                between = self.read_at_known_times(recorded)
            self.assert_right(recorded.rows, between)
            self.same({row["clock"][-6:] for row in recorded.rows}, {offset}, f"offset of {zone}")

    def test_in_a_time_namespace(self):
        for offset in ("-600", "100000"):
            user = [shutil.which("unshare"), "--time", "--monotonic", offset, "--fork",
                    "--kill-child"]
            if subprocess.run([*user, "true"], capture_output=True, check=False).returncode != 0:
                self.skipTest(f"no time namespace with an offset of {offset} s")
            with Recording(self, self.disk, user=user) as recorded:
                between = self.read_at_known_times(recorded)
            self.assert_right(recorded.rows, between)


class UnderLoad(OnARawDisk):
    def test_all_are_accounted_for(self):
        """With the columns of --wide and with all of them, as a table and as JSON."""
        figures = []
        for arguments in (["-w"], ["-f", "json"], ["-o", ALL], ["-o", ALL, "-f", "json"]):
            before = self.disk.counts()
            with tracer.Tracer("-d", self.disk.path, *arguments) as traced:
                traced.until(lambda traced=traced: (traced.hooks() or 0) >= 4, "hooks")
                with measure.full_load(self.disk, 1) as load:
                    load.wait()
                kernel = self.disk.counts() - before
                done = traced.end()
            told = done.end_line()
            lines = done.stdout.count(b"\n") - (0 if "json" in arguments else 1)
            self.same(lines, told.rows, "rows that are told")
            self.same(told.all(), kernel.reads + kernel.writes, f"{arguments}: all that is told")
            figures.append(f"{told.rows} + {told.all() - told.rows}")
        self.figures = ", ".join(figures)

    def test_rows_are_right(self):
        """Each of many at a time, by two processes."""
        with self.recording() as recorded:
            with measure.full_load(self.disk, 1) as load:
                load.wait()
        self.assertGreater(len(recorded.rows), 1000, "rows")
        for row in recorded.rows:
            self.assertIn((row["type"], row["op"]), (("R", "R"), ("R", "RS"), ("W", "WS")))
            self.same((row["bytes"], row["disk"], row["file"], row["error"]),
                      (BLOCK, self.disk.name, None, None), f"bytes, disk, file and error of {row}")
            self.assertIn(row["comm"], ("fio", None))
            self.assertIn(row["pattern"], ("S", "R", None))
        unknown = [row for row in recorded.rows if row["comm"] is None]
        self.assertLess(len(unknown), len(recorded.rows) * 0.01, "without a submitter")
        # The first one; two CPUs may each have one.
        self.assertIn(sum(row["pattern"] is None for row in recorded.rows), (1, 2))
        self.figures = f"{len(recorded.rows)} rows, {len(unknown)} without a submitter"


class Table(OnARawDisk):
    def test_header_and_alignment(self):
        with tracer.Tracer("-d", self.disk.path, "-w") as traced:
            traced.wait_for_header()
            filesystem.read_direct(self.disk.path, 2, offset=MIB)
            done = traced.end()
        header, *rows = done.stdout.decode().splitlines()
        self.same(header.split(), ["CLOCK", "COMM", "PID", "DISK", "OP", "SECTOR", "BYTES",
                                   "QUE(ms)", "LAT(ms)", "FILE"], "header")
        self.same(len(rows), 2, "rows")
        place = re.search(r"FILE\Z", header).start()
        for row in rows:
            self.same(len(row.split()), 10, f"words of {row!r}")
            self.same(row[place:], "-", f"the file of {row!r}")
