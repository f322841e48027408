"""The ways in which a run ends."""

import os
import signal
import subprocess
import tempfile
import time

import program
from program import HEADER, RECORDING, line, row


class End(program.Check):
    def test_signals_while_it_waits(self):
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            with self.subTest(signal=number), program.Running() as running:
                self.assertEqual(running.read_line(), HEADER)
                running.write(line(1))
                self.assertEqual(running.read_line(), row(0))
                begin = time.monotonic()
                running.process.send_signal(number)
                self.assertEqual(running.wait(), 0)
                self.assertLess(time.monotonic() - begin, program.at_once())
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
            program.wait_until(lambda: program.catches(running.process.pid, signal.SIGINT))
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

    def test_a_signal_that_is_ignored_stays_so(self):
        ignored = (("trap '' INT; exec", signal.SIGINT), ("trap '' TERM; exec", signal.SIGTERM),
                   ("exec nohup", signal.SIGHUP))
        for how, number in ignored:
            with self.subTest(how=how), program.Running(before=("bash", "-c", how + ' "$@"', "bash")) \
                    as running:
                self.assertEqual(running.read_line(), HEADER)
                running.process.send_signal(number)
                running.write(line(1))
                self.assertEqual(running.read_line(), row(0))
                running.process.stdin.close()
                self.assertEqual(running.wait(), 0)

    def test_a_signal_that_is_ignored_stays_so_before_there_is_a_stream(self):
        with tempfile.TemporaryDirectory() as directory:
            fifo = os.path.join(directory, "stream")
            os.mkfifo(fifo)
            process = subprocess.Popen(
                ["bash", "-c", "trap '' INT HUP; exec \"$@\"", "bash", program.binary, "--replay",
                 fifo], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
            # It waits in open(2) until there is a writer.
            program.wait_until(lambda: program.catches(process.pid, signal.SIGTERM))
            process.send_signal(signal.SIGINT)
            process.send_signal(signal.SIGHUP)
            with open(fifo, "wb") as stream:
                stream.write(line(1))
            out, err = process.communicate(timeout=20)
            self.assertEqual((process.returncode, out, err), (0, HEADER + row(0), b""))

    def test_a_full_disk_is_an_error(self):
        with open("/dev/full", "wb") as full:
            done = program.run("--replay", RECORDING, stdout=full)
        self.assert_error(done, 1, "No space left on device")

    def test_a_disk_that_fills_up_with_the_last_row_is_an_error(self):
        with tempfile.TemporaryFile() as file:
            # As many rows as there is room for in 1024 bytes, and one more.
            rows = (1024 - len(HEADER)) // len(row(0))
            with program.Running(before=("bash", "-c", 'ulimit -f 1; exec "$@"', "bash"),
                                 stdout=file) as running:
                running.write(b"".join(line(1 + number) for number in range(rows)))
                program.wait_until(lambda: os.fstat(file.fileno()).st_size ==
                                   len(HEADER) + rows * len(row(0)))
                running.write(line(1 + rows))
                running.process.stdin.close()
                self.assertEqual(running.wait(), 1)
                self.assertEqual(running.process.stderr.read(),
                                 b"disksnoop: error: cannot write to stdout: File too large\n")
