"""Summaries of recordings: their options, their numbers, and how they are shown."""

import collections
import fcntl
import json
import os
import pathlib
import re
import resource
import signal
import struct
import subprocess
import tempfile
import termios
import xml.etree.ElementTree

import program
import summaries
from program import RECORDING, line
from summaries import made_up_rows, summary_of, text_of, without_moment
from test_filters import STREAMS, rows_of
from test_readers import ends, fill, pipe, stalled, terminal
from test_rows import ROWS, json_row, rows_schema

KEYS = ("disk", "partition", "op", "comm", "pid", "cgroup", "file")
MEASURES = ["REQS", "REQ/s", "MB/s", "MEAN(ms)", "P50(ms)", "P90(ms)", "P99(ms)", "P99.9(ms)",
            "MAX(ms)", "QUE(ms)", "Q99(ms)", "ERRS"]
RIGHT = {*MEASURES, "PID"}
RANGE = re.compile(r"    +\S+ \S+ (?:- \S+ \S+|or more) +(\d+) \|(\**) *\|")


def canonical(lines):
    return sorted(json.dumps(one, sort_keys=True) for one in lines)


def stream_rows(recording):
    """The lines of a stream as rows of JSON."""
    return [{"time_ns": ns, "type": kind, "bytes": size, "latency_ns": latency}
            for ns, kind, size, latency in rows_of(recording)]


class Summary(program.Check):
    def summary(self, stdin, *arguments):
        """The lines of JSON, which are as the schema says."""
        done = program.run("--replay", "-", "-f", "json", "-s", *arguments, stdin=stdin)
        self.assert_quiet(done)
        return rows_schema.check(done.stdout, rows_schema.SUMMARY_SCHEMA)

    def table(self, stdin, *arguments):
        """The lines of the text."""
        done = program.run("--replay", "-", "-s", *arguments, stdin=stdin)
        self.assert_quiet(done)
        return done.stdout.decode().splitlines()

    def assert_same(self, one, two):
        """Of lines, in any order."""
        self.assertEqual(canonical(one), canonical(two))


class Values(Summary):
    def test_wrong_ones(self):
        for arguments, part in (
                (("-i", "0"), "--interval: '0' is no number of seconds from 0.1 on"),
                (("-i", "0.05"), "from 0.1 on"), (("-i", "0.0999"), "from 0.1 on"),
                (("-i", "-1"), "--interval"), (("-i", "-0"), "--interval"), (("-i", "x"), "--interval"),
                (("-i", "nan"), "--interval"), (("-i", "inf"), "--interval"), (("-i", "1s"), "--interval"),
                (("-i", "1e300"), "--interval"), (("--interval=",), "--interval"), (("-i",), "--interval"),
                (("--by", "sector"), "a line cannot stand for 'sector'; there are disk, partition, op, "
                                     "comm, pid, cgroup, file"),
                (("--by", "disk,disk"), "disk is there twice"), (("--by", "disk,op,disk"), "twice"),
                (("--by=",), "--by"), (("--by", "disk,"), "''"), (("--by", "disk, op"), "' op'"),
                (("--by", "+pid"), "'+pid'"), (("--by", "DISK"), "'DISK'"),
                (("--top", "0"), "--top: '0' is no whole number from 1 on"), (("--top", "-1"), "--top"),
                (("--top", "1.5"), "--top"), (("--top", "x"), "--top"), (("--top=",), "--top"),
                (("--heatmap=",), "--heatmap"), (("--heatmap",), "--heatmap")):
            with self.subTest(arguments=arguments):
                done = program.run("--replay", ROWS, *arguments)
                self.assert_error(done, 2, "--help")
                self.assertIn(part, done.stderr.decode())
                self.assertEqual(done.stdout, b"")

    def test_what_does_not_go_together(self):
        for arguments, part in (
                (("-s", "-o", "pid"), "--summary prints no rows: it does not go with --columns"),
                (("-s", "-w"), "--wide"), (("-s", "--max-delay", "5"), "--max-delay"),
                (("--by", "op", "-w"), "--wide"), (("-i", "1", "-o", "+pid"), "--columns"),
                (("-s", "-f", "bcc"), "--format=bcc has no summary"),
                (("--top", "3", "-f", "bcc"), "--format=bcc has no summary"),
                (("-s", "--engine=original"), "a summary does not go with --engine=original"),
                (("--heatmap", "x.svg", "-e", "original"), "--engine=original"),
                (("-s", "-n", "2"), "it needs --interval"), (("--histogram", "-n", "1"), "--interval"),
                (("--histogram", "-f", "json"), "it does not go with --histogram"),
                (("--print-bpf", "-i", "1"), "--interval"), (("--print-bpf", "--top", "1"), "--top"),
                (("--print-bpf", "--histogram"), "--histogram"),
                (("--print-bpf", "--heatmap", "x.svg"), "--heatmap"),
                (("--replay", ROWS, "-s", "-D", "1"), "--duration")):
            with self.subTest(arguments=arguments):
                done = program.run(*arguments)
                self.assert_error(done, 2, part)
                self.assertEqual(done.stdout, b"")

    def test_the_program_has_the_summary_that_was_asked_for(self):
        part = (program.TOP / "bpf_text/summary.h").read_bytes()
        for arguments, there in ((("-s", "--by", "op"), True), (("--by", "op"), True), ((), False)):
            done = program.run("--print-bpf", "--engine=tracepoint", *arguments)
            self.assert_quiet(done)
            self.assertEqual(part in done.stdout, there, arguments)

    def test_each_option_asks_for_a_summary(self):
        with tempfile.TemporaryDirectory() as directory:
            for arguments in (("-s",), ("--summary",), ("-i", "1000"), ("--by", "disk,op"), ("--top", "9"),
                              ("--histogram",), ("--heatmap", os.path.join(directory, "x"))):
                with self.subTest(arguments=arguments):
                    done = program.run("--replay", ROWS, *arguments)
                    self.assert_quiet(done)
                    self.assertEqual(done.stdout.decode().splitlines()[1].split(),
                                     ["DISK", "OP", *MEASURES])

    def test_an_interval_is_as_long_as_it_says(self):
        rows = text_of({"time_ns": at, "latency_ns": 1} for at in (0, 100 * 10 ** 9))
        for seconds, ns in (("0.1", 10 ** 8), ("2.01", 2_010_000_000), ("4.1", 4_100_000_000),
                            ("1e1", 10 ** 10)):
            self.assertEqual(self.summary(rows, "-i", seconds, "-n", "1")[0]["span_ns"], ns)


class Json(Summary):
    def assert_summary(self, rows, keys, *arguments, stdin=None, given=True):
        """All numbers of a recording are those of its rows."""
        by = ("--by", ",".join(keys)) if given else ()
        lines = self.summary(text_of(rows) if stdin is None else stdin, "--top", "100000", *by, *arguments)
        self.assert_same(without_moment(lines), summary_of(rows, keys))
        sums = [one["sum_ns"] for one in lines]
        self.assertEqual(sums, sorted(sums, reverse=True))
        times = [row["time_ns"] for row in rows if row["time_ns"] is not None]
        for one in lines:
            self.assertEqual((one["time_ns"], one["span_ns"]), (times[-1], times[-1] - times[0]))
            self.assertEqual(list(one)[3:3 + len(keys)], list(keys))
        return lines

    def test_of_rows(self):
        rows = made_up_rows(3000, seed=1)
        for keys in (*((key,) for key in KEYS), ("disk", "op"), ("pid", "comm"), ("comm", "pid", "op"),
                     ("file", "cgroup", "partition"), tuple(reversed(KEYS))):
            with self.subTest(keys=keys):
                self.assert_summary(rows, keys)
        self.assert_summary(rows, ("disk", "op"), given=False)

    def test_of_rows_that_were_traced(self):
        rows = summaries.rows_of(ROWS.read_bytes())
        for keys in (("disk", "op"), ("comm",), ("file", "op"), ("cgroup", "pid")):
            for one in self.assert_summary(rows, keys, stdin=ROWS.read_bytes()):
                self.assertEqual(one["time"], rows[-1]["clock"])

    def test_of_a_stream(self):
        for recording in STREAMS:
            with self.subTest(recording=recording.name):
                rows = stream_rows(recording)
                lines = self.summary(recording.read_bytes())
                self.assert_same(without_moment(lines), summary_of(rows, ("op",)))
                self.assertLess(abs(lines[0]["span_ns"] - (rows[-1]["time_ns"] - rows[0]["time_ns"])), 1000)
                self.assertEqual({one["errors"] for one in lines}, {None})

    def test_percentiles_are_near_the_exact_ones(self):
        rows = made_up_rows(2000, seed=2, latency_ns=lambda chance: int(chance.lognormvariate(12, 3)) + 1024)
        for one in self.summary(text_of(rows), "--by", "disk"):
            times = [row["latency_ns"] for row in rows if row["disk"] == one["disk"]]
            for name, share in summaries.SHARES.items():
                exact = summaries.nearest_rank(times, share)
                self.assertLessEqual(exact, one[name])
                self.assertLessEqual(one[name], min(exact + exact // 32, max(times)))

    def test_times_at_the_edges_of_buckets(self):
        edges = [edge + more for power in range(5, 64) for edge in (2 ** power, 2 ** power // 32 * 33)
                 for more in (-1, 0, 1)]
        rows = [{"time_ns": 0, "type": "R", "bytes": 1, "latency_ns": edge, "queue_ns": edge}
                for edge in (0, 1, *edges) if edge < 2 ** 57]
        self.assert_summary(rows, ("op",))

    def test_of_one_row(self):
        row = {"time_ns": 7, "op": "W", "disk": "sda", "bytes": 512, "latency_ns": 1500, "queue_ns": None,
               "error": "EIO"}
        lines = self.assert_summary([row], ("disk", "op"), given=False)
        self.assertEqual([lines[0][name] for name in ("span_ns", "p50_ns", "p999_ns", "max_ns", "errors")],
                         [0, 1500, 1500, 1500, 1])

    def test_of_nothing(self):
        for stdin in (b"", b"\n\n"):
            self.assertEqual(self.summary(stdin), [])
            self.assertEqual(self.summary(stdin, "--by", "comm"), [])

    def test_what_is_not_known_is_null(self):
        nothing = {"time_ns": None, "op": None, "bytes": None, "latency_ns": None, "queue_ns": None}
        lines = self.summary(text_of([nothing, nothing]))
        self.assert_same(without_moment(lines), summary_of([nothing, nothing], ("op",)))
        self.assertEqual((lines[0]["time"], lines[0]["time_ns"], lines[0]["requests"]), (None, None, 2))
        some = {**nothing, "time_ns": 5, "bytes": 512, "latency_ns": 10}
        self.assert_summary([some, nothing], ("op",))
        self.assert_summary([{"time_ns": 5, "type": "W", "latency_ns": 1}], ("op",))

    def test_by_what_the_rows_tell_where_nothing_was_asked_for(self):
        for keys, row in ((("disk",), {"disk": "sda"}), (("op",), {"op": "WS"}), (("op",), {"type": "W"}),
                          (("disk", "op"), {"disk": "sda", "type": "R"}), ((), {"comm": "dd"})):
            self.assert_summary([{"time_ns": 0, **row, "latency_ns": 1}], keys, given=False)

    def test_what_they_do_not_tell_is_a_wrong_command_line(self):
        rows = json_row(time_ns=0, type="W", latency_ns=1, pid=7)
        stream = RECORDING.read_bytes()
        for stdin, arguments, missing, told in (
                (rows, ("--by", "comm"), "comm", "time, type, latency, pid"),
                (rows, ("--by", "op,pid,disk"), "disk", "time, type, latency, pid"),
                (stream, ("--by", "file"), "file", "time, type, bytes, latency"),
                (stream, ("--by", "op,partition", "-i", "1"), "partition", "time, type, bytes, latency"),
                (json_row(pid=7), ("--by", "pid"), "latency", "pid"), (json_row(pid=7), (), "latency", "pid")):
            with self.subTest(arguments=arguments):
                done = program.run("--replay", "-", "-s", *arguments, stdin=stdin)
                self.assert_error(done, 2, f"the recording has no column {missing}: it has {told}")
                self.assertEqual(done.stdout, b"")

    def test_filters_come_first(self):
        rows = made_up_rows(1000, seed=3)
        for arguments, fits in (
                (("-m", "0.5"), lambda row: row["latency_ns"] is not None and row["latency_ns"] >= 500_000),
                (("-d", "sda"), lambda row: row["disk"] == "sda"),
                (("--op", "read,flush"), lambda row: (row["op"] or row["type"] or "")[:1] in ("R", "F") and
                 row["op"] != "FWFS" and (row["op"] or row["type"]) is not None),
                (("--errors", "--comm", "fio"), lambda row: row["error"] is not None and row["comm"] == "fio"),
                (("-p", "22"), lambda row: row["pid"] == 22), (("-p", "4"), lambda row: False)):
            with self.subTest(arguments=arguments):
                kept = [row for row in rows if fits(row)]
                if kept:
                    self.assert_summary(kept, ("comm", "op"), *arguments, stdin=text_of(rows))
                else:
                    self.assertEqual(self.summary(text_of(rows), *arguments), [])
        done = program.run("--replay", "-", "-s", "-v", "-d", "sda", stdin=text_of(rows))
        others = sum(row["disk"] != "sda" for row in rows)
        self.assertEqual((done.returncode, done.stderr), (0, f"disksnoop: {others} filtered\n".encode()))
        done = program.run("--replay", "-", "-s", "-p", "1", stdin=json_row(latency_ns=1))
        self.assert_error(done, 2, "the recording does not tell what --pid asks for")

    def test_a_row_that_comes_late_takes_nothing_of_the_time(self):
        rows = [{"time_ns": at, "latency_ns": 1} for at in (0, 10 ** 9, 5 * 10 ** 8)]
        lines = self.summary(text_of(rows))
        self.assertEqual((lines[0]["span_ns"], lines[0]["time_ns"]), (10 ** 9, 10 ** 9))

    def test_any_times(self):
        least, most = -2 ** 63, 2 ** 63 - 1
        for arguments in ((), ("-i", "1"), ("-i", "3e9")):
            rows = [{"time_ns": at, "latency_ns": 1} for at in (least, most, 0, least)]
            lines = self.summary(text_of(rows), *arguments)
            self.assertEqual(sum(one["requests"] for one in lines), 4)
        lines = self.summary(text_of(rows))
        self.assertGreaterEqual(lines[0]["span_ns"], 2 ** 63 - 1)


class Top(Summary):
    def test_the_rest_is_one_line(self):
        rows = made_up_rows(2000, seed=4, pid=lambda chance: int(chance.paretovariate(0.5)))
        all_lines = self.summary(text_of(rows), "--by", "pid,op", "--top", "100000")
        self.assertGreater(len(all_lines), 100)
        for most in (1, 7, 20, len(all_lines) - 1, len(all_lines), len(all_lines) + 1):
            with self.subTest(most=most):
                arguments = ("--top", str(most)) if most != 20 else ()
                lines = self.summary(text_of(rows), "--by", "pid,op", *arguments)
                self.assertEqual(lines[:most], all_lines[:most])
                rest = all_lines[most:]
                self.assertEqual(len(lines), most + 1 if rest else len(all_lines))
                if not rest:
                    continue
                known = {(one["pid"], one["op"]) for one in all_lines[:most]}
                others = [row for row in rows if tuple(
                    summaries.value_of(row, key) for key in ("pid", "op")) not in known]
                self.assertEqual(without_moment(lines[most:]),
                                 [{"pid": None, "op": None, "other_lines": len(rest),
                                   **summaries.measures_of(others)}])

    def test_in_a_table(self):
        rows = [{"time_ns": 0, "comm": name, "latency_ns": ns} for name, ns in (
            ("a", 10 ** 6), ("b", 5 * 10 ** 6), ("c", 2 * 10 ** 6), ("c", 2 * 10 ** 6), ("d", 10 ** 5))]
        for most, names in ((1, ["b", "other"]), (2, ["b", "c", "other"]), (3, ["b", "c", "a", "other"]),
                            (4, ["b", "c", "a", "d"]), (2 ** 64 - 1, ["b", "c", "a", "d"])):
            lines = self.table(text_of(rows), "--by", "comm", "--top", str(most))[2:]
            self.assertEqual([one.split()[0] for one in lines], names)
            self.assertEqual(sum(int(one.split()[1]) for one in lines), 5)
            if most < 4:
                self.assertTrue(lines[-1].endswith(f" ({4 - most} line{'s' if most < 3 else ''})"))

    def test_more_lines_than_there_is_room_for(self):
        more = 65536 + 3
        rows = b"".join(b'{"time_ns":0,"pid":%d,"latency_ns":%d}\n' % (pid, more - pid) for pid in range(more))
        done = program.run("--replay", "-", "--by", "pid", "--top", "2", stdin=rows)
        self.assert_quiet(done)
        lines = done.stdout.decode().splitlines()[2:]
        self.assertEqual([one.split()[:2] for one in lines], [["0", "1"], ["1", "1"], ["other", str(more - 2)]])
        self.assertTrue(lines[-1].endswith(" (65534 lines, and 3 requests without one)"))


class Intervals(Summary):
    def test_are_those_of_the_recorded_time(self):
        rows = made_up_rows(2000, seed=5)
        rows[1000:] = [{**row, "time_ns": row["time_ns"] + 10 ** 9} for row in rows[1000:]]  # a pause
        first = rows[0]["time_ns"]
        for seconds in ("0.1", "0.25", "1", "1000"):
            ns = int(float(seconds) * 1e9)
            with self.subTest(seconds=seconds):
                groups = summaries.grouped([{**row, "n": (row["time_ns"] - first) // ns} for row in rows], "n")
                lines = self.summary(text_of(rows), "--by", "disk,op", "-i", seconds, "--top", "1000")
                tables = collections.defaultdict(list)
                for one in lines:
                    tables[one["time_ns"], one["span_ns"]].append(one)
                self.assertEqual(len(tables), len(groups))
                for ((at, span), table), ((number,), group) in zip(tables.items(), groups.items()):
                    is_last = group[-1] is groups[max(groups)][-1]
                    end = group[-1]["time_ns"] if is_last else first + (number + 1) * ns
                    self.assertEqual((at, span), (end, end - first - number * ns))
                    self.assert_same(without_moment(table), summary_of(group, ("disk", "op")))

    def test_together_are_the_whole(self):
        rows = made_up_rows(3000, seed=6)
        whole = self.summary(text_of(rows), "--by", "op", "--top", "1000")
        added = collections.defaultdict(collections.Counter)
        for one in self.summary(text_of(rows), "--by", "op", "--top", "1000", "-i", "0.3"):
            sums = added[one["op"]]
            for name in ("requests", "bytes", "errors", "sum_ns", "queue_sum_ns"):
                sums[name] += one[name] or 0
            for name in ("max_ns", "queue_max_ns"):
                sums[name] = max(sums[name], one[name] or 0)
            for name in ("buckets", "queue_buckets"):
                for end, number in one[name]:
                    sums[name, end] += number
        self.assertEqual({one["op"] for one in whole}, set(added))
        for one in whole:
            right = {name: one[name] for name in ("requests", "bytes", "errors", "sum_ns", "queue_sum_ns",
                                                  "max_ns", "queue_max_ns")}
            for name in ("buckets", "queue_buckets"):
                right.update({(name, end): number for end, number in one[name]})
            self.assertEqual(dict(added[one["op"]]), right)

    def test_so_many_tables(self):
        rows = text_of({"time_ns": 10 ** 8 * number, "type": "W", "latency_ns": 1} for number in range(100))
        for count, requests in ((1, [10]), (3, [10] * 3), (10, [10] * 10), (11, [10] * 10)):
            lines = self.table(rows, "-i", "1", "-n", str(count))
            self.assertEqual([int(one.split()[1]) for one in lines if one.startswith("W")], requests)
            self.assertEqual(sum("over" in one for one in lines), len(requests))
        with program.Running("-i", "1", "-n", "2") as running:
            running.write(rows)
            self.assertEqual(running.wait(), 0)  # though there may be more

    def test_a_table_comes_when_its_time_is_over(self):
        with program.Running("-i", "1", "-f", "json") as running:
            running.write(b"".join(json_row(time_ns=10 ** 9 * number, type="W", latency_ns=1)
                                   for number in range(2)))
            self.assertEqual(json.loads(running.read_line())["time_ns"], 10 ** 9)
            running.write(json_row(time_ns=10 ** 10, type="R", latency_ns=1))
            self.assertEqual(json.loads(running.read_line())["time_ns"], 2 * 10 ** 9)
            running.process.stdin.close()
            running.process.stdin = None
            self.assertEqual(json.loads(running.read_line())["op"], "R")
            self.assertEqual(running.wait(), 0)

    def test_have_the_time_of_the_wall_clock(self):
        rows = b"".join(json_row(clock=f"2026-11-26T23:59:{second:02}.500000+01:00", type="W", latency_ns=1)
                        for second in (50, 51, 59))
        lines = self.summary(rows, "-i", "2")
        self.assertEqual([one["time"] for one in lines], ["2026-11-26T23:59:52.500000+01:00",
                                                          "2026-11-26T23:59:59.500000+01:00"])
        lines = self.table(rows, "-i", "2")
        self.assertEqual(lines[0], "2026-11-26T23:59:52.500000+01:00, over 2.000 s")

    def test_without_a_time_there_are_none(self):
        rows = json_row(type="W", latency_ns=1)
        for arguments in (("-i", "1"), ("--heatmap", "/tmp/x.svg")):
            done = program.run("--replay", "-", *arguments, stdin=rows)
            self.assert_error(done, 2, "the recording has no column time: it has type, latency")


class Table(Summary):
    def assert_aligned(self, header, lines):
        """Each number ends where its header does."""
        for word in re.finditer(r"\S+", header):
            if word[0] not in RIGHT:
                continue
            for one in lines:
                self.assertRegex(one[word.end() - 1:word.end() + 1], r"\S( |\Z)", (word[0], one))

    def test_columns_are_aligned(self):
        rows = made_up_rows(500, seed=7, pid=lambda chance: chance.choice((1, 4194304)),
                            latency_ns=lambda chance: chance.choice((1, 2 ** 45)),
                            bytes=lambda chance: 2 ** 32 - 512)
        for keys in ("pid", "comm,op", "disk,pid,partition", "file,disk", "cgroup,op,file", "file,cgroup,comm"):
            with self.subTest(keys=keys):
                _, header, *lines = self.table(text_of(rows), "--by", keys, "--top", "3")
                short = [key for key in keys.split(",") if key not in ("file", "cgroup")]
                long = [key for key in keys.split(",") if key in ("file", "cgroup")]
                self.assertEqual(header.split(), [one.upper() if one != "partition" else "PART"
                                                  for one in short] + MEASURES + [one.upper() for one in long])
                self.assertGreater(len(lines), 1)
                self.assert_aligned(header, lines)

    def test_says_what_json_says(self):
        rows = made_up_rows(500, seed=8)
        exact = self.summary(text_of(rows), "--by", "disk,pid")
        head, header, *lines = self.table(text_of(rows), "--by", "disk,pid")
        seconds = exact[0]["span_ns"] / 1e9
        self.assertEqual(head, f"{exact[0]['time_ns'] / 1e9:.9f} s, over {seconds:.3f} s")

        def ms(ns):
            return f"{ns / 1e6:.3f}"
        for text, one in zip(lines, exact, strict=True):
            shown = dict(zip(header.split(), text.split(), strict=True))
            self.assertEqual(shown, {
                "DISK": one["disk"], "PID": "-" if one["pid"] is None else str(one["pid"]),
                "REQS": str(one["requests"]), "REQ/s": f"{one['requests'] / seconds:.1f}",
                "MB/s": f"{one['bytes'] / seconds / 1e6:.3f}", "MEAN(ms)": ms(one["mean_ns"]),
                "P50(ms)": ms(one["p50_ns"]), "P90(ms)": ms(one["p90_ns"]), "P99(ms)": ms(one["p99_ns"]),
                "P99.9(ms)": ms(one["p999_ns"]), "MAX(ms)": ms(one["max_ns"]),
                "QUE(ms)": ms(one["queue_mean_ns"]), "Q99(ms)": ms(one["queue_p99_ns"]),
                "ERRS": str(one["errors"])})

    def test_what_is_not_known_is_a_dash(self):
        _, _, *lines = self.table(json_row(time_ns=0, op=None, bytes=None, latency_ns=None))
        self.assertEqual(lines[0].split(), ["-", "1"] + ["-"] * 11)
        head, *_ = self.table(json_row(op="R", latency_ns=5))
        self.assertEqual(head, "over 0.000 s")

    def test_of_nothing_there_is_a_header(self):
        for stdin in (b"", b"\n"):
            lines = self.table(stdin, "--by", "comm,file", "--histogram")
            self.assertEqual([one.split() for one in lines],
                             [["over", "0.000", "s"], ["COMM", *MEASURES, "FILE"]])

    def test_text_of_others_is_escaped(self):
        hostile = "\x1b[2J\n\u202e"
        rows = text_of({"time_ns": 0, "comm": hostile, "disk": hostile, "file": f"/x {text}", "cgroup": hostile,
                        "latency_ns": 1} for text in ("y", hostile))
        for keys in ("comm", "disk", "file", "cgroup,file", "file,cgroup,comm"):
            with self.subTest(keys=keys):
                _, header, *lines = self.table(rows, "--by", keys, "--top", "3")
                self.assertTrue(all(one.isprintable() for one in lines), lines)
                self.assertIn(r"\x1b[2J\x0a\xe2\x80\xae", "\n".join(lines))
                self.assert_aligned(header, lines)

    def test_rates_are_those_of_the_interval(self):
        rows = text_of({"time_ns": at, "type": "R", "bytes": 10 ** 6, "latency_ns": 1}
                       for at in (0, 10 ** 8, 2 * 10 ** 9, 2_500_000_000))
        lines = self.table(rows, "-i", "2")
        self.assertEqual([one.split()[1:4] for one in lines if one.startswith("R")],
                         [["2", "1.0", "1.000"], ["2", "4.0", "4.000"]])


def on_a_terminal(columns, *arguments):
    """What is written to a terminal of this width."""
    with ends(terminal) as (reader, writer):
        fcntl.ioctl(writer, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
        with subprocess.Popen([program.binary, *map(str, arguments)], stdin=subprocess.DEVNULL,
                              stdout=writer) as process:
            os.close(writer)
            text = b""
            try:
                while part := os.read(reader, 65536):
                    text += part
            except OSError:  # EIO: nobody writes to it any more
                pass
        return process.returncode, text.decode().splitlines()


class Histogram(Summary):
    def distributions(self, lines):
        """Of each line of a table its ranges: (number, length of the bar)."""
        found = []
        for one in lines[2:]:
            part = RANGE.fullmatch(one)
            if part:
                found[-1][1].append((int(part[1]), len(part[2])))
            elif one:
                found.append((one, []))
        return found

    def assert_distributions(self, lines, requests_at):
        found = self.distributions(lines)
        for one, ranges in found:
            self.assertEqual(sum(number for number, _ in ranges), int(one.split()[requests_at]))
            self.assertTrue(ranges[0][0] and ranges[-1][0], one)
            most = max(number for number, _ in ranges)
            longest = max(length for _, length in ranges)
            for number, length in ranges:
                self.assertEqual(length > 0, number > 0)
                self.assertLessEqual(abs(length - number / most * longest), 1)
        return found

    def test_counts_are_those_of_the_requests(self):
        rows = made_up_rows(2000, seed=9, latency_ns=lambda chance: int(chance.lognormvariate(13, 2)))
        lines = self.table(text_of(rows), "--by", "op,comm", "--histogram", "--top", "4")
        self.assertEqual(len(self.assert_distributions(lines, 2)), 5)
        self.assertLessEqual(max(map(len, (one for one in lines if RANGE.fullmatch(one)))), 80)
        for recording in STREAMS:
            self.assert_distributions(self.table(recording.read_bytes(), "--histogram"), 1)
        self.assert_distributions(self.table(json_row(type="R", latency_ns=2 ** 60), "--histogram"), 1)

    def test_is_as_wide_as_the_terminal(self):
        for columns in (50, 80, 100, 120):
            status, lines = on_a_terminal(columns, "--replay", RECORDING, "--histogram")
            self.assertEqual(status, 0)
            widths = {len(one) for one in lines if RANGE.fullmatch(one)}
            self.assertEqual(widths, {columns})
        status, lines = on_a_terminal(0, "--replay", RECORDING, "--histogram")
        self.assertEqual({len(one) for one in lines if RANGE.fullmatch(one)}, {80})


def requests_in(picture):
    """How many are in its cells, by what tells it to a person."""
    root = xml.etree.ElementTree.parse(picture).getroot()
    titles = [title.text for path in root.iter("{http://www.w3.org/2000/svg}path") for title in path]
    return sum(int(re.search(r": (\d+) requests?\Z", title)[1]) for title in titles)


class HeatMap(Summary):
    def setUp(self):
        directory = tempfile.TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        self.directory = pathlib.Path(directory.name)
        self.picture = self.directory / "x.svg"

    def test_has_all_requests(self):
        rows = made_up_rows(3000, seed=10)
        known = [row for row in rows if row["latency_ns"] is not None]
        self.picture.write_text("old")
        for arguments in ((), ("--by", "comm,file"), ("--by", "pid", "--top", "1"), ("-i", "1"),
                          ("--histogram",), ("-f", "json")):
            with self.subTest(arguments=arguments):
                picture = ("--heatmap", self.picture)
                done = program.run("--replay", "-", *picture, *arguments, stdin=text_of(rows))
                self.assert_quiet(done)
                self.assertEqual(requests_in(self.picture), len(known))
                # Beside it there is what there is without it.
                self.assertEqual(done.stdout, program.run("--replay", "-", "-s", *arguments,
                                                          stdin=text_of(rows)).stdout)
        for recording in STREAMS:
            self.assert_quiet(program.run("--replay", recording, "--heatmap", self.picture))
            self.assertEqual(requests_in(self.picture), len(list(rows_of(recording))))
        self.assertEqual(os.listdir(self.directory), ["x.svg"])

    def test_of_few(self):
        for stdin, number in ((b"", 0), (line(1), 1), (json_row(time_ns=0, latency_ns=None), 0),
                              (json_row(time_ns=2 ** 63 - 1, latency_ns=0) * 2, 2),
                              (json_row(time_ns=2 ** 63 - 1, latency_ns=2 ** 63) +
                               json_row(time_ns=-2 ** 63, latency_ns=0), 2)):
            with self.subTest(stdin=stdin):
                self.assert_quiet(program.run("--replay", "-", "--heatmap", self.picture, stdin=stdin))
                self.assertEqual(requests_in(self.picture), number)

    def test_text_of_others_is_text(self):
        hostile = "</title><script>&\"'\x1b]\x01"
        rows = text_of([{"time_ns": 0, "comm": hostile, "file": hostile, "latency_ns": 1}])
        self.assert_quiet(program.run("--replay", "-", "--by", "comm,file", "--heatmap", self.picture,
                                      stdin=rows))
        self.assertEqual(requests_in(self.picture), 1)
        names = {element.tag for element in xml.etree.ElementTree.parse(self.picture).iter()}
        self.assertFalse([name for name in names if name.endswith("script")])
        self.assertNotIn(b"\x1b", self.picture.read_bytes())

    def test_a_file_that_cannot_be_written_is_told_before_anything_is_read(self):
        (self.directory / "part").mkdir()
        for path, part in ((self.directory, "it is no regular file"), (f"{self.directory}/", "names no file"),
                           (self.directory / "part", "it is no regular file"),
                           (self.directory / "none/x.svg", "No such file or directory"),
                           ("/dev/null", "it is no regular file"), ("/proc/x.svg", ""),
                           (program.binary + "/x.svg", "Not a directory")):
            with self.subTest(path=path), program.Running("--heatmap", path) as running:
                self.assertEqual(running.wait(), 1)
                self.assertRegex(running.process.stderr.read().decode(),
                                 rf"\Adisksnoop: error: cannot write {re.escape(str(path))}: .*{part}.*\n\Z")
                self.assertEqual(running.read_line(), b"")
        self.assertEqual(os.listdir(self.directory), ["part"])

    def test_what_was_there_stays_if_it_cannot_be_written(self):
        self.picture.write_text("old")
        done = program.run("--replay", RECORDING, "--heatmap", self.picture,
                           preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000)))
        self.assert_error(done, 1, f"cannot write {self.picture}: File too large")
        self.assertIn(b"REQS", done.stdout)
        self.assertEqual(self.picture.read_text(), "old")
        self.assertEqual(os.listdir(self.directory), ["x.svg"])

    def test_what_was_there_stays_if_nothing_is_to_be_had(self):
        self.picture.write_text("old")
        for arguments, status in ((("--replay", ROWS, "--by", "nothing"), 2), (("--replay", "/no/such"), 1),
                                  (("--replay", RECORDING, "--by", "file"), 2)):
            self.assertEqual(program.run(*arguments, "--heatmap", self.picture).returncode, status)
            self.assertEqual(self.picture.read_text(), "old")
        self.assertEqual(os.listdir(self.directory), ["x.svg"])

    def test_links_are_not_followed(self):
        target = self.directory / "y.svg"
        target.write_text("old")
        self.picture.symlink_to("y.svg")
        done = program.run("--replay", RECORDING, "--heatmap", self.picture)
        self.assert_error(done, 1, "it is a link")
        self.assertEqual(target.read_text(), "old")

    def test_what_it_reads_or_writes_is_no_picture(self):
        self.picture.write_bytes(RECORDING.read_bytes())
        done = program.run("--replay", self.picture, "--heatmap", self.picture)
        self.assert_error(done, 1, "it is read or written already")
        self.assertEqual(self.picture.read_bytes(), RECORDING.read_bytes())

    def test_who_may_read_it_is_as_the_umask_says(self):
        for umask, mode in ((0o022, 0o644), (0o077, 0o600), (0o002, 0o664)):
            self.picture.unlink(missing_ok=True)
            self.assert_quiet(program.run("--replay", RECORDING, "--heatmap", self.picture, umask=umask))
            self.assertEqual(self.picture.stat().st_mode & 0o7777, mode)

    def test_a_name_relative_to_where_it_was_started(self):
        self.assert_quiet(program.run("--replay", RECORDING, "--heatmap", "x.svg", cwd=self.directory))
        self.assertGreater(requests_in(self.picture), 0)


class End(Summary):
    def all_is_read(self, running):
        left = bytearray(4)
        fcntl.ioctl(running.process.stdin.fileno(), termios.FIONREAD, left)
        return not any(left)

    def test_a_signal_in_the_middle(self):
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            for rows in (line(1) + line(2), json_row(time_ns=0, type="W", latency_ns=1) * 2):
                with self.subTest(signal=number, rows=rows), tempfile.TemporaryDirectory() as directory:
                    picture = pathlib.Path(directory, "x.svg")
                    with program.Running("--heatmap", picture, "-s") as running:
                        running.write(rows)
                        program.wait_until(lambda: self.all_is_read(running))
                        program.wait_until(lambda: program.catches(running.process.pid, number))
                        stalled(running.process)
                        running.process.send_signal(number)
                        self.assertEqual(running.wait(), 0)
                        lines = running.process.stdout.read().decode().splitlines()
                        self.assertEqual(lines[2].split()[:2], ["W", "2"])
                        self.assertEqual(running.process.stderr.read(), b"")
                    self.assertEqual(requests_in(picture), 2)

    def test_a_reader_that_leaves_ends_it_quietly(self):
        with tempfile.TemporaryDirectory() as directory:
            picture = pathlib.Path(directory, "x.svg")
            for reader in ("head -1", "head -c 1", "true"):
                done = program.shell(f'"$@" | {reader} >/dev/null; exit ${{PIPESTATUS[0]}}', "--replay",
                                     RECORDING, "-i", "0.1", "--histogram", "--heatmap", picture)
                self.assert_quiet(done)
                requests_in(picture)  # which is whole

    def test_a_full_disk_is_an_error(self):
        with open("/dev/full", "wb") as full, tempfile.TemporaryDirectory() as directory:
            picture = os.path.join(directory, "x.svg")
            done = program.run("--replay", RECORDING, "-s", "--heatmap", picture, stdout=full)
            self.assert_error(done, 1, "cannot write to stdout: No space left on device")
            self.assertGreater(requests_in(pathlib.Path(picture)), 0)  # which has room

    def test_a_reader_that_is_slow_gets_all(self):
        expected = program.run("--replay", RECORDING, "-i", "0.1", "--histogram").stdout
        with ends(pipe) as (reader, writer):
            fill(writer)
            with subprocess.Popen([program.binary, "--replay", RECORDING, "-i", "0.1", "--histogram"],
                                  stdout=writer) as process:
                os.close(writer)
                stalled(process)
                text = b""
                while part := os.read(reader, 4096):
                    text += part
            self.assertEqual((process.returncode, text.lstrip(b"x")), (0, expected))

    def test_what_nobody_reads_is_told_in_lines(self):
        lines = len(program.run("--replay", "-", "-s", "--by", "op", stdin=line(1)).stdout.splitlines())
        with ends(pipe) as (_, writer):
            fill(writer)
            with program.Running("-s", "--by", "op", stdout=writer) as running:
                running.write(line(1))
                program.wait_until(lambda: self.all_is_read(running))
                stalled(running.process)
                running.process.send_signal(signal.SIGTERM)
                self.assertEqual(running.wait(), 1)
                self.assertEqual(running.process.stderr.read().decode(),
                                 "disksnoop: error: nothing read stdout any more: "
                                 f"{lines} lines of the summary were not written\n")
