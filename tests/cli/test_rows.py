"""Columns, JSON, and recordings of it."""

import json
import shutil
import signal
import sys
import unittest

import program
from program import HEADER, RECORDING, line, row

sys.path.append(str(program.TOP / "tests"))
import rows_schema

ROWS = program.TOP / "tests/data/rows/ext4-on-loop.jsonl"
NAMES = ("time, clock, type, op, bytes, latency, queue, disk, partition, sector, pid, comm, cgroup, "
         "file, pattern, error")
ALL = NAMES.replace(" ", "")
CARRIED = "time,type,bytes,latency"


def json_row(**members):
    return json.dumps(members, separators=(",", ":")).encode() + b"\n"


class Columns(program.Check):
    def test_a_wrong_name_is_told_with_all_names_and_the_nearest(self):
        done = program.run("--columns", "time,latncy")
        self.assert_error(done, 2, f"no column 'latncy': did you mean latency? There are {NAMES}")
        self.assertEqual(done.stdout, b"")

    def test_lists_that_are_none(self):
        for arguments, part in ((("-o", "disk,disk"), "there twice"), (("-o", ""), "no column ''"),
                                (("-o", "+time"), "there twice"), (("-w", "-o", "pid"), "--wide"),
                                (("-f", "bcc", "-o", "pid"), "--columns"),
                                (("-f", "bcc", "-w"), "--wide")):
            with self.subTest(arguments=arguments):
                self.assert_error(program.run(*arguments, "--replay", ROWS), 2, part)

    def test_columns_of_a_stream(self):
        done = program.run("--replay", "-", "-o", "latency,bytes,type,time", stdin=line(1) + line(3.5))
        self.assert_quiet(done)
        self.assertEqual(done.stdout, b"  LAT(ms)    BYTES T  TIME(s)\n"
                                      b"     0.25     4096 W  0.000000000\n"
                                      b"     0.25     4096 W  2.500000000\n")

    def test_what_a_stream_does_not_carry_is_a_wrong_command_line(self):
        for arguments in (("-o", "time,disk"), ("-o", "+disk"), ("-f", "json", "-o", "disk")):
            with self.subTest(arguments=arguments):
                done = program.run("--replay", RECORDING, *arguments)
                self.assert_error(done, 2, "the recording has no column disk: --columns can show time, "
                                           "type, bytes, latency")
                self.assertEqual(done.stdout, b"")

    def test_what_nothing_is_recorded_of_has_a_header(self):
        for stdin in (b"", b"\n\n"):
            done = program.run("--replay", "-", "-o", "pid,error", stdin=stdin)
            self.assert_quiet(done)
            self.assertEqual(done.stdout, b"    PID ERR\n")


class Json(program.Check):
    def test_a_stream_as_json(self):
        done = program.run("--replay", "-", "-f", "json", stdin=line(1) + line(3.5, "0 8800 12"))
        self.assert_quiet(done)
        self.assertEqual(done.stdout,
                         b'{"time_ns":0,"type":"W","bytes":4096,"latency_ns":250000}\n'
                         b'{"time_ns":2500000000,"type":"M","bytes":0,"latency_ns":12000}\n')
        self.assertEqual(program.run("--replay", "-", "-f", "json", "-o", CARRIED,
                                     stdin=line(1) + line(3.5, "0 8800 12")).stdout, done.stdout)

    def test_what_is_no_number_is_null(self):
        done = program.run("--replay", "-", "-f", "json", stdin=line(1, "x 8801 -5"))
        self.assert_quiet(done)
        self.assertEqual(done.stdout, b'{"time_ns":0,"type":"W","bytes":null,"latency_ns":null}\n')

    def test_rows_are_as_the_schema_says(self):
        self.assertGreater(len(rows_schema.check(ROWS.read_bytes())), 20)
        for recording in sorted(program.TRACES.glob("*.trace_pipe")):
            rows = rows_schema.check(program.run("--replay", recording, "-f", "json").stdout)
            self.assertEqual(len(rows), recording.with_suffix(".expected").read_bytes().count(b"\n") - 1)

    def test_the_schema_says_no_to_other_rows(self):
        for wrong in (json_row(), json_row(bytes=-1), json_row(bytes="4096"), json_row(bytes=True),
                      json_row(op="SW"), json_row(type="X"), json_row(clock="2026-11-26T00:16:07Z"),
                      json_row(latency=1), json_row(comm=""), json_row(pid=2 ** 32), b"[]\n", b"7\n"):
            with self.subTest(row=wrong), self.assertRaises(AssertionError):
                rows_schema.check(wrong)

    @unittest.skipUnless(shutil.which("jq"), "jq is not installed")
    def test_jq_reads_rows(self):
        done = program.shell('"$@" | jq -r .bytes', "--replay", ROWS, "-f", "json")
        self.assert_quiet(done)
        self.assertEqual([int(text) for text in done.stdout.split()],
                         [row["bytes"] for row in map(json.loads, ROWS.read_text().splitlines())])


class Recorded(program.Check):
    """Rows that --format=json wrote."""

    def assert_same_again(self, text, *arguments):
        done = program.run("--replay", "-", "-f", "json", *arguments, stdin=text)
        self.assert_quiet(done)
        self.assertEqual(done.stdout, text)

    def test_json_again_is_the_same(self):
        done = program.run("--replay", ROWS, "-f", "json")
        self.assert_quiet(done)
        self.assertEqual(done.stdout, ROWS.read_bytes())
        self.assert_same_again(ROWS.read_bytes())
        self.assert_same_again(ROWS.read_bytes(), "-o", ALL)
        for names in ("file,time", CARRIED, "error"):
            self.assert_same_again(program.run("--replay", ROWS, "-f", "json", "-o", names).stdout)

    def test_whatever_is_in_it(self):
        texts = ("plain", 'a"b', "a\\b", "\ufffd", "größe", "a b", "</x>")
        self.assert_same_again(b"".join(
            f'{{"comm":{json.dumps(text, ensure_ascii=False)},"time_ns":{number}}}\n'.encode()
            for text in texts for number in (0, -1, 2 ** 63 - 1, -2 ** 63)))
        self.assert_same_again(b'{"comm":"\\u001b[2J\\n\\t\\u007f\\ufffd","file":null}\n' * 2)
        for key in json.loads(ROWS.read_text().splitlines()[0]):
            self.assert_same_again(b'{"%s":null}\n' % key.encode())
        self.assert_same_again(b'{"sector":18446744073709551615}\n{"sector":null}\n')

    def test_of_a_stream_the_rows_are_the_same(self):
        for recording in sorted(program.TRACES.glob("*.trace_pipe")):
            with self.subTest(recording=recording.name):
                rows = program.run("--replay", recording, "-f", "json").stdout
                self.assert_same_again(rows)
                done = program.run("--replay", "-", stdin=rows)
                self.assert_quiet(done)
                self.assertEqual(done.stdout, recording.with_suffix(".expected").read_bytes())
                for columns in (("-o", CARRIED), ("-f", "json", "-o", "bytes,time")):
                    self.assertEqual(program.run("--replay", "-", *columns, stdin=rows).stdout,
                                     program.run("--replay", recording, *columns).stdout)

    def test_as_a_table(self):
        first = json.loads(ROWS.read_text().splitlines()[0])
        done = program.run("--replay", ROWS, "-w")
        self.assert_quiet(done)
        header, *rows = done.stdout.decode().splitlines()
        self.assertEqual(header.split(), ["CLOCK", "COMM", "PID", "DISK", "OP", "SECTOR", "BYTES",
                                          "QUE(ms)", "LAT(ms)", "FILE"])
        self.assertEqual(rows[0].split(), [
            first["clock"], first["comm"], str(first["pid"]), first["disk"], first["op"],
            str(first["sector"]), str(first["bytes"]), f"{first['queue_ns'] / 1e6:.2f}",
            f"{first['latency_ns'] / 1e6:.2f}", first["file"]])

    def test_rows_of_disksnoop_py(self):
        rows = (json_row(time_ns=0, type="W", bytes=4096, latency_ns=250000) +
                json_row(time_ns=2500000000, type="W", bytes=4096, latency_ns=250000))
        done = program.run("--replay", "-", stdin=rows)
        self.assert_quiet(done)
        self.assertEqual(done.stdout, HEADER + row(0) + row(2.5))
        done = program.run("--replay", "-", "-f", "bcc", stdin=rows)
        self.assert_quiet(done)
        self.assertEqual(done.stdout, HEADER + b"0.000000000        W  4096        0.25\n"
                                               b"2.500000000        W  4096        0.25\n")

    def test_the_clock_tells_the_time_too(self):
        rows = b"".join(json_row(clock=f"2026-11-26T00:00:0{second}.250000+01:00", type="W", bytes=4096,
                                 latency_ns=250000) for second in (1, 3, 0))
        done = program.run("--replay", "-", stdin=rows)
        self.assert_quiet(done)
        self.assertEqual(done.stdout, HEADER + row(0) + row(2) + row(-1))
        self.assert_same_again(rows)

    def test_what_was_not_recorded_is_a_wrong_command_line(self):
        rows = json_row(pid=1, bytes=2)
        for arguments, missing in ((("-o", "bytes,comm"), "comm"), (("-w",), "clock"), ((), "time"),
                                   (("-f", "json", "-o", "time"), "time"), (("-f", "bcc"), "time")):
            with self.subTest(arguments=arguments):
                self.assert_error(program.run("--replay", "-", *arguments, stdin=rows), 2,
                                  f"no column {missing}: --columns can show pid, bytes")

    def test_what_is_no_row_is_told(self):
        stdin = (json_row(bytes=1) + b"\nnonsense\n" + json_row(bytes="x") + json_row(bytes=2, x=[1]) +
                 b'{"bytes":3')
        done = program.run("--replay", "-", "-f", "json", stdin=stdin)
        self.assertEqual(done.returncode, 0)
        self.assertEqual(done.stdout, json_row(bytes=1) + json_row(bytes=2))
        self.assertEqual(done.stderr, b"disksnoop: 3 foreign lines skipped, keys that are no columns, "
                                      b"such as x\n")

    def test_lines_without_an_end(self):
        longest = 1024 * 1024
        stdin = b'{"file":"' + b"x" * (2 * longest) + b'"}\n' + json_row(file="/a")
        done = program.run("--replay", "-", "-f", "json", stdin=stdin)
        self.assertEqual(done.stdout, json_row(file="/a"))
        self.assertEqual(done.stderr.decode(), "disksnoop: 1 foreign lines skipped, 1 of them longer "
                                               f"than {longest} bytes\n")

    def test_the_last_line_may_end_with_the_recording(self):
        done = program.run("--replay", "-", "-f", "json", stdin=json_row(bytes=1)[:-1])
        self.assert_quiet(done)
        self.assertEqual(done.stdout, json_row(bytes=1))

    def test_count(self):
        done = program.run("--replay", ROWS, "-f", "json", "-n", 3)
        self.assert_quiet(done)
        self.assertEqual(done.stdout, b"".join(ROWS.read_bytes().splitlines(keepends=True)[:3]))


class Late(program.Check):
    """What a recording is, is seen when it begins."""

    def test_rows_that_come_late(self):
        with program.Running("-o", "bytes") as running:
            self.assertEqual(running.read_line(timeout=0.3), b"")
            running.write(b"\n")
            running.write(json_row(bytes=1)[:5])
            self.assertEqual(running.read_line(timeout=0.3), b"")
            running.write(json_row(bytes=1)[5:])
            self.assertEqual(running.read_line(), b"   BYTES\n")
            self.assertEqual(running.read_line(), b"       1\n")
            running.write(json_row(bytes=2))
            self.assertEqual(running.read_line(), b"       2\n")
            running.process.stdin.close()
            running.process.stdin = None
            self.assertEqual(running.wait(), 0)

    def test_a_signal_before_the_first_byte(self):
        for arguments in ((), ("-f", "json"), ("-o", "time")):
            with self.subTest(arguments=arguments), program.Running(*arguments) as running:
                program.wait_until(lambda: program.catches(running.process.pid, signal.SIGTERM))
                running.process.send_signal(signal.SIGTERM)
                self.assertEqual(running.wait(), 0)

    def test_a_reader_that_leaves_before_the_first_byte(self):
        with program.Running("-f", "json") as running:
            program.wait_until(lambda: program.catches(running.process.pid, signal.SIGTERM))
            running.process.stdout.close()
            running.process.stdout = None
            self.assertEqual(running.wait(), 0)

    def test_the_header_of_columns_comes_when_they_are_known_to_be_there(self):
        with program.Running("-o", "disk") as running:
            running.write(line(1))
            self.assertEqual(running.wait(), 2)
            self.assertEqual(running.read_line(), b"")
