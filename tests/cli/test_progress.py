"""The line that says how far --replay is: on a terminal, while it takes time."""

import os
import select
import signal
import tempfile
import time

import program
from test_readers import ends, fill, terminal

ERASED = b"\r\x1b[K"
ROWS = 200_000  # more than what is written ahead of a reader that takes nothing


class Progress(program.Check):
    @classmethod
    def setUpClass(cls):
        cls.recording = tempfile.NamedTemporaryFile()
        cls.addClassCleanup(cls.recording.close)
        cls.recording.write(b"".join(program.line(1 + n / 1000) for n in range(ROWS)))
        cls.recording.flush()
        cls.rows = program.run("--replay", cls.recording.name).stdout

    def start(self, *arguments, stderr, **options):
        """The program, whose rows nobody reads yet: so it takes time."""
        running = program.Running(*arguments, stderr=stderr, **options)
        self.addCleanup(running.__exit__)
        return running

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
            running = self.start(stdin=file, stderr=writer)
            text = self.shown(reader, b" %")
            self.assertRegex(text, rb"\A\r\x1b\[Kdisksnoop: \d+ %")
            self.assertEqual(running.process.stdout.read(), self.rows)
            self.assertEqual(running.wait(), 0)
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
            for options in ({"stderr": -1}, {"stderr": writer, "stdout": writer}):
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
            running = self.start(stdin=file, stderr=writer)
            time.sleep(1.5)  # so that there is something to be shown
            self.assertEqual(running.process.stdout.read(), self.rows)
            self.assertEqual(running.wait(), 0)
