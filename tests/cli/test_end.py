"""The ways in which a run ends."""

import os
import signal
import time

import program
from program import HEADER, RECORDING, line, row


class End(program.Check):
    def test_signals_while_it_waits(self):
        for number in (signal.SIGINT, signal.SIGTERM):
            with self.subTest(signal=number), program.Running() as running:
                self.assertEqual(running.read_line(), HEADER)
                running.write(line(1))
                self.assertEqual(running.read_line(), row(0))
                begin = time.monotonic()
                running.process.send_signal(number)
                self.assertEqual(running.wait(), 0)
                self.assertLess(time.monotonic() - begin, 1)
                self.assertEqual(running.read_line(), b"")
                self.assertEqual(running.process.stderr.read(), b"")

    def test_a_signal_while_data_never_ends(self):
        with program.Running() as running:
            writer = os.fork()
            if writer == 0:
                os.set_blocking(running.process.stdin.fileno(), True)
                try:
                    while True:
                        running.write(line(1) * 20)
                except OSError:
                    os._exit(0)
            reader = os.fork()
            if reader == 0:
                while os.read(running.process.stdout.fileno(), 65536):
                    pass
                os._exit(0)
            time.sleep(0.2)
            running.process.send_signal(signal.SIGINT)
            status = running.wait()
            for child in (writer, reader):
                os.kill(child, signal.SIGKILL)
                os.waitpid(child, 0)
            self.assertEqual(status, 0)

    def test_what_was_skipped_is_told_at_a_signal_too(self):
        with program.Running() as running:
            running.write(line(1, "foreign") + line(2))
            self.assertEqual([running.read_line(), running.read_line()], [HEADER, row(0)])
            running.process.send_signal(signal.SIGTERM)
            self.assertEqual(running.wait(), 0)
            self.assertEqual(running.process.stderr.read(),
                             b"disksnoop: 1 foreign lines skipped, 0 events lost\n")

    def test_a_reader_that_leaves_ends_it_quietly(self):
        for reader in ("head -1", "head -c 1", "true"):
            with self.subTest(reader=reader):
                done = program.shell(f'"$@" | {reader} >/dev/null; exit ${{PIPESTATUS[0]}}',
                                     "--replay", RECORDING)
                self.assert_quiet(done)

    def test_a_stderr_that_cannot_be_written_changes_nothing(self):
        foreign = line(1, "foreign") + line(2)
        for stderr in ("/dev/full", ">(exec true)"):
            with self.subTest(stderr=stderr):
                done = program.shell(f'printf %b "$2" | (sleep 0.1; cat) | "$1" --replay - 2> {stderr}',
                                     foreign.decode())
                self.assertEqual((done.returncode, done.stdout), (0, HEADER + row(0)))
        with open("/dev/full", "wb") as full:
            self.assertEqual(program.run("--no-such-option", stderr=full).returncode, 2)
            self.assertEqual(program.run("--replay", "/no/such/file", stderr=full).returncode, 1)

    def test_a_full_disk_is_an_error(self):
        with open("/dev/full", "wb") as full:
            done = program.run("--replay", RECORDING, stdout=full)
        self.assert_error(done, 1, "No space left on device")
