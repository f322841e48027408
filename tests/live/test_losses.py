"""What is no row is told, once and under its cause; and rows stay in order."""

import contextlib
import mmap
import os
import re
import shutil
import signal
import subprocess
import time

import filesystem
import measure
import tracer
from loop import LoopDisk, fio

HASH, RING_BUFFER = 1, 27  # enum bpf_map_type
IN_FLIGHT = 64    # requests of measure.full_load at one time


@contextlib.contextmanager
def queue_setting(disk, name, value):
    """A setting of the disk's queue; None where the kernel does not have it."""
    path = f"/sys/block/{disk.name}/queue/{name}"
    with open(path, encoding="ascii") as file:
        text = file.read()
    before = re.search(r"\[(.*)\]|(.*)", text)
    try:
        with open(path, "w", encoding="ascii") as file:
            file.write(value)
    except OSError:
        yield None
        return
    try:
        yield value
    finally:
        with open(path, "w", encoding="ascii") as file:
            file.write(before[1] or before[2])


def maps(pid):
    """(type, entries at most) of the maps that a process holds."""
    for entry in os.listdir(f"/proc/{pid}/fdinfo"):
        with open(f"/proc/{pid}/fdinfo/{entry}", encoding="ascii") as file:
            found = dict(re.findall(r"^(map_type|max_entries):\s*(\d+)", file.read(), re.MULTILINE))
        if found:
            yield int(found["map_type"]), int(found["max_entries"])


def read_blocks(disk, count):
    fd = os.open(disk.path, os.O_RDONLY | os.O_DIRECT)
    block = mmap.mmap(-1, 4096)
    for number in range(count):
        os.preadv(fd, [block], number * 4096)
    os.close(fd)


class OnADisk(tracer.Check):
    def setUp(self):
        super().setUp()
        self.loop()
        self.disk = LoopDisk(os.path.join(tracer.place.path, "disk"))

    def tearDown(self):
        self.disk.__exit__()

    def traced(self, *arguments, **options):
        return tracer.Tracer("-d", self.disk.name, "--engine=tracepoint", *arguments, **options)


class Losses(OnADisk):
    def account(self):
        """What is told of 40,000 requests, and how many they were."""
        with self.traced() as traced:
            traced.wait_for_header()
            job = fio(self.disk, "--rw=randread", "--bs=4k", "--iodepth=32",
                      "--number_ios=20000", "--numjobs=2")
            done = traced.end()
        told = done.end_line()
        self.same(len(list(done.rows())), told.rows, "rows that are told")
        return told, job["read"]["total_ios"]

    def account_for_all(self, iostats):
        """With every scheduler, and a queue that stamps its requests or does not."""
        figures = []
        with queue_setting(self.disk, "iostats", iostats):
            for scheduler in ("none", "mq-deadline", "kyber", "bfq"):
                with queue_setting(self.disk, "scheduler", scheduler) as there:
                    if not there:
                        continue
                    told, issued = self.account()
                    if told.all() != issued:
                        # Of millions the kernel shows one to nobody, neither its issue nor its
                        # completion, as both are in a task that it keeps from all tracers.
                        told, issued = self.account()
                self.same(told.all(), issued, f"{scheduler}: all that is told")
                figures.append(f"{scheduler} {told.rows} + {told.all() - told.rows}")
        self.figures = ", ".join(figures)

    def test_all_are_accounted_for(self):
        self.account_for_all("1")

    def test_all_are_accounted_for_without_time_stamps(self):
        self.account_for_all("0")

    def test_start_under_load(self):
        """No more are without an issue than were in flight at one time."""
        with measure.full_load(self.disk, 60):
            time.sleep(0.5)
            with self.traced() as traced:
                traced.wait_for_header()
                traced.until(lambda: traced.rows() > 10000, "rows")
                done = traced.end()
        told = done.end_line()
        self.assertLessEqual(told.before_start, IN_FLIGHT)
        self.same((told.failed_unissued, told.issue_not_shown, told.issue_unknown, told.in_map),
                  (0, 0, 0, 0), "others")
        self.figures = f"{told.before_start} issued before the start"

    def test_end_under_load(self):
        """What is in flight at the end is no completion that was not shown. Those
        there are too, but not in most runs. What is issued while the hooks go is no
        issue that was not shown."""
        all_told = []
        with measure.full_load(self.disk, 120):
            for _ in range(5):
                with self.traced() as traced:
                    traced.wait_for_header()
                    traced.until(lambda traced=traced: traced.rows() > 1000, "rows")
                    all_told.append(traced.end().end_line())
        self.same(max(told.issue_not_shown for told in all_told), 0, "issues not shown")
        not_shown = [told.completion_not_shown for told in all_told]
        self.assertGreaterEqual(not_shown.count(0), 3, f"runs of 5 without any: {not_shown}")
        self.figures = f"{not_shown} not shown"

    def test_buffer_has_its_size(self):
        for arguments, size in (((), 1 << 20), (("--buffer=4M",), 4 << 20)):
            with self.traced(*arguments) as traced:
                traced.wait_for_header()
                rings = [entries for kind, entries in maps(traced.pid) if kind == RING_BUFFER]
            self.same(rings, [size], f"ring buffers with {arguments}")


    def test_so_many_may_be_in_flight(self):
        """As many as eight disks of eight queues of 1023 requests each, at half of that."""
        with self.traced() as traced:
            traced.wait_for_header()
            hashes = [entries for kind, entries in maps(traced.pid) if kind == HASH]
        self.same(hashes, [32768], "hashes of requests")


class Backlog(OnADisk):
    def test_backlog_is_read_in_order_and_hooks_go_first(self):
        """The program stands still for a while and is ended then. It takes long to
        print what has come in, but nothing new comes: its hooks are gone."""
        with measure.full_load(self.disk, 60):
            with self.traced("--buffer=64M", "--format=bcc") as traced:
                traced.wait_for_header()
                os.kill(traced.pid, signal.SIGSTOP)
                time.sleep(4)
                begin = time.monotonic()
                os.kill(traced.pid, signal.SIGINT)
                os.kill(traced.pid, signal.SIGCONT)
                traced.process.wait(60)
                seconds = time.monotonic() - begin
                done = tracer.Done(traced.process.returncode, traced.text(traced.out),
                                   traced.errors(), seconds)
        self.same(done.status, 0, "status")
        times = [float(line.split()[0]) for line in done.stdout[len(tracer.HEADER):].splitlines()]
        self.same(len(times), done.end_line().rows, "rows that are told")
        self.assertGreater(len(times), 20000, "rows, more than a piece")
        backward = sum(1 for a, b in zip(times, times[1:]) if b < a)
        self.same(backward, 0, f"rows earlier than the one before, of {len(times)}")
        last = times[-1] - begin
        self.figures = (f"{len(times)} rows, the last one {last:.3f} s after the signal, the end "
                        f"{seconds:.3f} s after it")
        self.assertLess(last, max(seconds / 2, 0.05), self.figures)


class TimeNamespace(OnADisk):
    def test_rows_come_at_once(self):
        unshare = shutil.which("unshare")
        for offset in ("-600", "100000"):
            user = [unshare, "--time", "--monotonic", offset, "--fork", "--kill-child"]
            if subprocess.run([*user, "true"], capture_output=True, check=False).returncode != 0:
                self.skipTest(f"no time namespace with an offset of {offset} s")
            with self.traced(user=user) as traced:
                traced.wait_for_header()
                read_blocks(self.disk, 100)
                traced.until(lambda: traced.rows() >= 100, "rows")


class Names(tracer.Check):
    def test_those_without_room_are_told(self):
        self.loop()
        if reason := filesystem.why_not("ext4"):
            self.skipTest(reason)
        with filesystem.Filesystem(name="names") as mounted, \
                tracer.Tracer("-d", mounted.disk.name, "--buffer=4K", "-o", "file") as traced:
            traced.until(lambda: traced.text(traced.out), "the header")
            traced.process.send_signal(signal.SIGSTOP)
            for number in range(100):
                name = f"{mounted.path}/{number:03}{'x' * 200}"
                with filesystem.opened(name, os.O_WRONLY | os.O_CREAT | os.O_DIRECT) as file:
                    os.pwritev(file, [mmap.mmap(-1, 4096)], 0)
            traced.process.send_signal(signal.SIGCONT)
            done = traced.end()
        self.assertRegex(done.stderr, r"; (\d\d+) names lost in the buffer\n")
        self.assertGreater(done.end_line().in_buffer, 0)
