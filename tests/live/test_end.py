"""However it ends, it ends at once and leaves nothing behind."""

import glob
import os
import shutil
import signal
import time

import machine
import measure
import tracer
from loop import LoopDisk
from memory_group import MemoryGroup, NoMemoryGroup

LONG = 60  # seconds: what goes at all has gone by then, also on a busy machine


def directories():
    return [path for parent in ("/dev/shm", "/tmp", os.path.join(tracer.place.path, "tmp"))
            for path in glob.glob(f"{parent}/disksnoop-*")]


class Ends(tracer.Check):
    def setUp(self):
        super().setUp()
        os.makedirs(os.path.join(tracer.place.path, "tmp"), exist_ok=True)
        self.same((directories(), tracer.place.processes()), ([], []), "left by another check")

    def start(self, **options):
        return tracer.Tracer("--engine=tracepoint", **options)

    def assert_nothing_left(self, programs=()):
        """After a moment: the directory is removed by a process that looks on, and
        the kernel takes programs away a little later."""
        left = None
        end = time.monotonic() + LONG
        while left != ([], [], []) and time.monotonic() < end:
            left = (directories(), tracer.place.processes(),
                    [number for number in programs if machine.program_exists(number)])
            time.sleep(0.01)
        self.same(left, ([], [], []), "directories, processes and programs left")

    def while_tracing(self, number):
        with self.start() as traced:
            programs = traced.wait_for_header().programs()
            self.assertGreaterEqual(len(programs), 2, "programs")
            done = traced.end(number)
        self.same(done.status, 0, f"status, with {done.stderr!r} on stderr")
        # Of all disks, so there may be requests that were in flight at the start.
        self.same(done.end_line()[:3], (len(list(done.rows())), 0, 0), "rows and losses")
        self.assertLess(done.seconds, tracer.at_once(), "seconds")
        self.assert_nothing_left(programs)
        self.figures = f"{done.seconds * 1000:.0f} ms"

    def test_interrupt_while_tracing(self):
        self.while_tracing(signal.SIGINT)

    def test_terminate_while_tracing(self):
        self.while_tracing(signal.SIGTERM)

    def test_hangup_while_tracing(self):
        self.while_tracing(signal.SIGHUP)

    def test_kill_while_tracing(self):
        with self.start() as traced:
            programs = traced.wait_for_header().programs()
            self.same(traced.end(signal.SIGKILL).status, -signal.SIGKILL, "status")
        self.assert_nothing_left(programs)

    def while_starting(self, number):
        """At every moment of the start, from when signals are caught."""
        times = []
        for moment in range(0, 400, 40):
            with self.start() as traced:
                traced.wait_for_handlers()
                time.sleep(moment / 1000)
                done = traced.end(number)
            self.same(done.status, 0, f"status after {moment} ms, with {done.stderr!r} on stderr")
            if done.stdout:
                list(done.rows())
            self.assertNotIn("error", done.stderr)
            times.append(done.seconds)
            self.assert_nothing_left()
        self.assertLess(max(times), tracer.at_once(), "seconds")
        self.figures = f"{max(times) * 1000:.0f} ms at worst of {len(times)}"

    def test_interrupt_while_starting(self):
        self.while_starting(signal.SIGINT)

    def test_terminate_while_starting(self):
        self.while_starting(signal.SIGTERM)

    def kill_while_compiling(self, parent, **options):
        """From the first moment that there is a directory on."""
        for moment in range(0, 100, 20):
            with self.start(**options) as traced:
                traced.until(directories, "a directory")
                self.same([os.path.dirname(path) for path in directories()], [parent], "parents")
                time.sleep(moment / 1000)
                self.same(traced.end(signal.SIGKILL).status, -signal.SIGKILL, "status")
            self.assert_nothing_left()

    def test_kill_while_compiling(self):
        self.kill_while_compiling("/dev/shm")

    def test_kill_while_compiling_in_tmpdir(self):
        parent = os.path.join(tracer.place.path, "tmp")
        self.kill_while_compiling(parent, env={**os.environ, "TMPDIR": parent})

    def test_interrupt_while_compiling_in_tmpdir(self):
        parent = os.path.join(tracer.place.path, "tmp")
        with self.start(env={**os.environ, "TMPDIR": parent}) as traced:
            traced.until(directories, "a directory")
            self.same(traced.end(signal.SIGINT).status, 0, "status")
        self.assert_nothing_left()

    def whole_group_while_compiling(self, number, *statuses):
        """Ctrl-C, or a terminal that is closed: the process that removes the
        directory gets the signal too, and would leave it."""
        for moment in range(0, 100, 10):
            with self.start(start_new_session=True) as traced:
                traced.until(directories, "a directory")
                time.sleep(moment / 1000)
                status = traced.end(number, whole_group=True).status
            self.assertIn(status, statuses)
            self.assert_nothing_left()

    def test_interrupt_of_the_group_while_compiling(self):
        self.whole_group_while_compiling(signal.SIGINT, 0)

    def test_hangup_of_the_group_while_compiling(self):
        self.whole_group_while_compiling(signal.SIGHUP, 0, -signal.SIGHUP)

    def test_other_signals_to_the_group_while_compiling(self):
        for number in (signal.SIGQUIT, signal.SIGTERM, signal.SIGUSR1, signal.SIGALRM):
            self.whole_group_while_compiling(number, 0, -number)

    def test_kill_of_the_group_while_compiling(self):
        """Then nobody is left to remove the directory: it stays, and has at most an empty file."""
        left = []
        while not left:  # it may have come to its end before
            with self.start(start_new_session=True) as traced:
                traced.until(directories, "a directory")
                status = traced.end(signal.SIGKILL, whole_group=True).status
            left = directories()
        self.same(status, -signal.SIGKILL, "status")
        self.same(len(left), 1, "directories")
        files = [path for path in glob.glob(f"{left[0]}/**", recursive=True) if os.path.isfile(path)]
        self.assertLessEqual(len(files), 1)
        self.same([os.path.getsize(path) for path in files], [0] * len(files), "sizes of its files")
        shutil.rmtree(left[0])
        self.assert_nothing_left()

    def test_group_at_every_moment_of_the_start(self):
        for moment in range(0, 60, 3):
            with self.start(start_new_session=True) as traced:
                traced.wait_for_handlers()
                time.sleep(moment / 1000)
                self.same(traced.end(signal.SIGINT, whole_group=True).status, 0, "status")
            self.assert_nothing_left()

    def out_of_memory(self, group, traced):
        """From here on it gets no more of it, and the kernel kills it when it wants more."""
        os.kill(traced.pid, signal.SIGSTOP)
        group.limit(group.usage())
        os.kill(traced.pid, signal.SIGCONT)
        self.same(traced.process.wait(LONG), -signal.SIGKILL,
                  f"status, with {traced.errors()!r} on stderr")
        self.assertGreater(group.kills(), 0, "times that the kernel killed for want of memory")

    def memory_group(self):
        try:
            return MemoryGroup()
        except NoMemoryGroup as error:
            self.skipTest(str(error))

    def test_out_of_memory_while_compiling(self):
        with self.memory_group() as group, self.start(preexec_fn=group.join) as traced:
            traced.until(directories, "a directory")
            self.out_of_memory(group, traced)
            self.assert_nothing_left()

    def test_out_of_memory_while_tracing(self):
        self.loop()
        with LoopDisk(os.path.join(tracer.place.path, "disk")) as disk, \
                measure.full_load(disk, LONG), self.memory_group() as group, \
                self.start(preexec_fn=group.join) as traced:
            programs = traced.wait_for_header().programs()
            self.out_of_memory(group, traced)
            self.assert_nothing_left(programs)
