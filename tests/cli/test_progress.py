"""The line that says how far --replay is: on a terminal, while it takes time."""

import os
import select
import signal
import tempfile
import time

import program
from test_readers import ends, fill, terminal

ERASED = b"\r\x1b[K"
ROWS = 200_000  # they take longer to read than it takes to see that they are read


class Progress(program.Check):
    @classmethod
    def setUpClass(cls):
        cls.recording = tempfile.NamedTemporaryFile()
        cls.addClassCleanup(cls.recording.close)
        cls.recording.write(b"".join(program.line(1 + n / 1000) for n in range(ROWS)))
        cls.recording.flush()
        cls.rows = program.run("--replay", cls.recording.name).stdout

    def setUp(self):
        self.output = tempfile.TemporaryFile()
        self.addCleanup(self.output.close)

    def start(self, *arguments, stderr, **options):
        """The program, whose rows go into a file."""
        options = {"stdout": self.output, "env": {**os.environ, "TERM": "vt100"}, **options}
        running = program.Running(*arguments, stderr=stderr, **options)
        self.addCleanup(running.__exit__)
        return running

    def start_held(self, file, **options):
        """It reads this recording, and was stopped in the middle for longer than it takes until
        something is shown."""
        for _ in range(10):
            file.seek(0)
            running = self.start(stdin=file, **options)
            # It reads from where this process does.
            program.wait_until(lambda: os.lseek(file.fileno(), 0, os.SEEK_CUR) > 0)
            running.process.send_signal(signal.SIGSTOP)
            if os.lseek(file.fileno(), 0, os.SEEK_CUR) < os.fstat(file.fileno()).st_size:
                time.sleep(1.2)
                running.process.send_signal(signal.SIGCONT)
                return running
            running.process.send_signal(signal.SIGCONT)
            running.wait()
            self.output.seek(0)
            self.output.truncate()
        raise AssertionError("it was never stopped before its end")

    def written(self):
        self.output.seek(0)
        return self.output.read()

    def shown(self, reader, part, timeout=program.LATE):
        """What the terminal was given until `part` is in it."""
        text, end = b"", time.monotonic() + timeout
        while part not in text and time.monotonic() < end:
            if select.select([reader], [], [], 0.1)[0]:
                text += os.read(reader, 4096)
        return text

    def rest(self, reader):
        text = b""
        while select.select([reader], [], [], 0)[0]:
            text += os.read(reader, 4096)
        return text

    def test_of_a_file(self):
        with ends(terminal) as (reader, writer), open(self.recording.name, "rb") as file:
            running = self.start_held(file, stderr=writer)
            text = self.shown(reader, b" %")
            self.assertRegex(text, rb"\A\r\x1b\[Kdisksnoop: \d+ %")
            self.assertEqual(running.wait(), 0)
            self.assertEqual(self.written(), self.rows)
            self.assertTrue((text + self.rest(reader)).endswith(ERASED))

    def test_of_a_pipe(self):
        with ends(terminal) as (reader, writer):
            running = self.start(stderr=writer)
            running.write(program.line())
            text = self.shown(reader, b" rows")
            self.assertTrue(text.endswith(ERASED + b"disksnoop: 1 rows"), text)
            running.process.stdin.close()
            self.assertEqual(running.wait(), 0)
            self.assertTrue(self.rest(reader).endswith(ERASED))

    def test_a_message_stands_alone(self):
        with ends(terminal) as (reader, writer):
            running = self.start(stderr=writer)
            running.write(program.line() + b"# entries-in-buffer/entries-written: 1/1\nnot such a line\n")
            self.shown(reader, b" rows")
            running.process.stdin.close()
            running.wait()
            self.assertRegex(self.rest(reader), rb"\r\x1b\[Kdisksnoop: [^\r\n]+\n\Z")

    def test_a_signal_leaves_nothing(self):
        with ends(terminal) as (reader, writer):
            running = self.start(stderr=writer)
            running.write(program.line())
            self.shown(reader, b" rows")
            running.process.send_signal(signal.SIGINT)
            self.assertEqual(running.wait(), 0)
            self.assertTrue(self.rest(reader).endswith(ERASED))

    def test_nothing_but_on_a_terminal(self):
        with ends(terminal) as (reader, writer):
            # What reads a pipe may show it on that terminal, as less and grep do.
            for options in ({"stderr": -1}, {"stderr": writer, "stdout": writer},
                            {"stderr": writer, "stdout": -1}):
                with self.subTest(options=options):
                    running = self.start(**options)
                    running.write(program.line())
                    time.sleep(1.5)  # a line would be there after 1 s; later it is not asked for
                    running.process.stdin.close()
                    running.wait()
                    if options["stderr"] == -1:
                        self.assertEqual(running.process.stderr.read(), b"")
            self.assertNotIn(b"\r", self.rest(reader))

    def test_a_terminal_that_takes_nothing_holds_nothing_up(self):
        with ends(terminal) as (_, writer), open(self.recording.name, "rb") as file:
            fill(writer)
            running = self.start_held(file, stderr=writer)
            self.assertEqual(running.wait(), 0)
            self.assertEqual(self.written(), self.rows)
