"""Recorded streams: what is printed, and when."""

import bz2
import gzip
import lzma
import os
import pathlib
import re
import statistics
import subprocess
import tempfile
import time

import program
from program import HEADER, RECORDING, line, row


class Replay(program.Check):
    def test_recordings(self):
        recordings = sorted(program.TRACES.glob("*.trace_pipe"))
        self.assertTrue(recordings)
        for recording in recordings:
            with self.subTest(recording=recording.name):
                expected = recording.with_suffix(".expected").read_bytes()
                done = program.run("--replay", recording)
                self.assert_quiet(done)
                self.assertEqual(done.stdout, expected)
                done = program.run("--replay", "-", stdin=recording.read_bytes())
                self.assert_quiet(done)
                self.assertEqual(done.stdout, expected)

    def test_empty_stream(self):
        done = program.run("--replay", "/dev/null")
        self.assert_quiet(done)
        self.assertEqual(done.stdout, HEADER)

    def test_format_bcc(self):
        done = program.run("--replay", "-", "--format", "bcc", stdin=line(12.5))
        self.assert_quiet(done)
        self.assertEqual(done.stdout, HEADER + b"12.500000000       W  4096        0.25\n")

    def test_losses_of_unknown_number_are_told(self):
        done = program.run("--replay", "-", stdin=b"CPU:3 [LOST EVENTS]\n" + line(2) +
                           b"CPU:3 [LOST 5 EVENTS]\n")
        self.assertEqual((done.returncode, done.stdout), (0, HEADER + row(0)))
        self.assertEqual(done.stderr, b"disksnoop: 0 foreign lines skipped, 5 events lost, and 1 "
                                      b"times an unknown number of them\n")

    def test_missing_file(self):
        done = program.run("--replay", "/no/such/file")
        self.assert_error(done, 1, "/no/such/file: No such file or directory")
        self.assertEqual(done.stdout, b"")

    def test_directory(self):
        self.assert_error(program.run("--replay", "/"), 1, "Is a directory")

    def test_count(self):
        expected = RECORDING.with_suffix(".expected").read_bytes().splitlines(keepends=True)
        for count, rows in ((1, 1), (2, 2), (1000, 1000), ("010", 10), ("08", 8)):
            done = program.run("--replay", RECORDING, "--count", count)
            self.assert_quiet(done)
            self.assertEqual(done.stdout, b"".join(expected[:1 + rows]))
        done = program.run("--replay", RECORDING, "--count", 10 ** 9)
        self.assert_quiet(done)
        self.assertEqual(done.stdout, b"".join(expected))

    def test_foreign_lines_and_lost_events_are_told(self):
        stream = (line(1) + b"CPU:1 [LOST 17 EVENTS]\n" + line(2, "hello, world and others") +
                  line(3, "0 zzz 1") + b"CPU:0 [LOST 3 EVENTS]\n" + line(4))
        done = program.run("--replay", "-", stdin=stream)
        self.assertEqual(done.returncode, 0)
        self.assertEqual(done.stdout, HEADER + row(0) + row(3))
        self.assertEqual(done.stderr, b"disksnoop: 2 foreign lines skipped, 20 events lost\n")


    def test_why_lines_are_not_read_is_told(self):
        """Of each form of line by itself, and of all that were there."""
        for name, hint in (("record-tgid", "options/record-tgid is on"),
                           ("no-irq-info", "options/irq-info is off"),
                           ("no-context-info", "options/context-info is off"),
                           ("latency-format", "options/latency-format is on"),
                           ("raw", "options/raw, hex or bin is on"),
                           ("blanks-lost", "are blanks lost at the beginning?")):
            with self.subTest(name=name):
                done = program.run("--replay", program.UNREAD / f"{name}.trace_pipe")
                self.assertEqual((done.returncode, done.stdout), (0, HEADER))
                self.assertRegex(done.stderr.decode(), r" 2 lines with another header skipped "
                                 rf"\([^;()]*{re.escape(hint)}\)\n\Z")
        both = b"".join((program.UNREAD / f"{name}.trace_pipe").read_bytes()
                        for name in ("record-tgid", "raw"))
        done = program.run("--replay", "-", stdin=both + line(1))
        self.assertEqual(done.stdout, HEADER + row(0))
        self.assertIn("(options/record-tgid is on; options/raw, hex or bin is on)", done.stderr.decode())

    def test_the_file_trace_has_comments_before_its_rows(self):
        done = program.run("--replay", program.UNREAD / "file.trace")
        self.assertEqual(len(done.stdout.splitlines()), 1 + 4)
        self.assertIn("skipped (comments, as in the file trace)\n", done.stderr.decode())

    def test_a_compressed_stream_is_told(self):
        for compress in (gzip.compress, lzma.compress, bz2.compress):
            with self.subTest(compress=compress.__module__):
                done = program.run("--replay", "-", stdin=compress(RECORDING.read_bytes()))
                self.assertEqual((done.returncode, done.stdout), (0, HEADER))
                self.assertIn(" (the stream is compressed: decompress it first)\n",
                              done.stderr.decode())

    def test_nothing_is_guessed_of_other_lines(self):
        done = program.run("--replay", "-", stdin=b"hello\n")
        self.assertEqual(done.stderr, b"disksnoop: 0 foreign lines skipped, 0 events lost, 1 lines "
                                      b"with another header skipped\n")


class Delivery(program.Check):
    """Rows come out while the stream goes on."""

    def test_the_header_comes_before_any_line(self):
        with program.Running() as running:
            self.assertEqual(running.read_line(), HEADER)

    def test_a_row_comes_out_with_its_line(self):
        """Little later than cat hands a line on, on the same machine."""
        with program.Running() as running, subprocess.Popen(
                ["cat"], bufsize=0, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as cat:
            self.assertEqual(running.read_line(), HEADER)
            times, by_cat = [], []
            for number in range(20):
                begin = time.monotonic()
                running.write(line(1 + number))
                self.assertEqual(running.read_line(), row(number))
                end = time.monotonic()
                times.append(end - begin)
                cat.stdin.write(line(1))
                cat.stdout.read(len(line(1)))
                by_cat.append(time.monotonic() - end)
            cat.stdin.close()
            # The middle ones: a busy machine may hold up a few of them.
            self.assertLess(statistics.median(times), 0.1 + 10 * statistics.median(by_cat))

    def test_half_a_line_is_no_row_yet(self):
        with program.Running() as running:
            self.assertEqual(running.read_line(), HEADER)
            text = line(1)
            running.write(text[:-3])
            self.assertEqual(running.read_line(timeout=0.3), b"")
            running.write(text[-3:])
            self.assertEqual(running.read_line(), row(0))

    def test_count_ends_it_before_the_stream_does(self):
        with program.Running("--count", "2") as running:
            running.write(line(1) + line(2) + line(3))
            self.assertEqual(running.wait(), 0)
            self.assertEqual([running.read_line() for _ in range(4)], [HEADER, row(0), row(1), b""])


class Descriptors(program.Check):
    """Standard streams that are closed, or open for the other direction."""

    def test_closed_stderr(self):
        done = program.shell('exec "$@" 2>&-', "--replay", RECORDING, "--count", 1)
        self.assert_quiet(done)
        self.assertEqual(done.stdout.count(b"\n"), 2)
        done = program.shell('exec "$@" 2>&-', "--replay", "/no/such/file")
        self.assertEqual((done.returncode, done.stdout), (1, b""))

    def test_stdin_that_cannot_be_read(self):
        reader, writer = os.pipe()
        try:
            for how in ("<&-", f"<&{writer}"):
                with self.subTest(how=how):
                    done = subprocess.run(["bash", "-c", f'exec "$0" --replay - {how}', program.binary],
                                          capture_output=True, pass_fds=[writer],
                                          timeout=program.LATE, check=False)
                    self.assert_error(done, 1, "cannot open -: Bad file descriptor")
        finally:
            os.close(reader)
            os.close(writer)

    def test_closed_stdout(self):
        with tempfile.TemporaryDirectory() as directory:
            copy = pathlib.Path(directory, "stream")
            copy.write_bytes(RECORDING.read_bytes())
            for arguments in (["--replay", copy], ["--help"], ["--version"], ["--print-bpf"]):
                with self.subTest(arguments=arguments):
                    done = program.shell('exec "$@" >&-', *arguments)
                    self.assert_error(done, 1, "cannot write to stdout: Bad file descriptor")
            # It was not opened in its place, and written to.
            self.assertEqual(copy.read_bytes(), RECORDING.read_bytes())

    def test_all_closed(self):
        done = program.shell('exec "$@" <&- >&- 2>&-', "--replay", RECORDING)
        self.assertEqual(done.returncode, 1)

    def test_few_descriptors(self):
        with open(program.binary, "rb") as file:
            if b"__ubsan_handle" in file.read():
                self.skipTest("the sanitizers themselves need descriptors")
        for count in (4, 5, 6):
            done = program.shell(f'ulimit -n {count}; exec "$@"', "--replay", RECORDING, "--count", 1)
            if count < 5:
                self.assert_error(done, 1, f"only {count} files may be open at once, and 5 are needed")
            else:
                self.assert_quiet(done)
