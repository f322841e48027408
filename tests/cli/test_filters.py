"""Filters: their values, what they go with, and which rows of a recording are left."""

import json
import re

import program
from program import HEADER, RECORDING, line, row
from test_rows import ROWS, json_row

STREAMS = sorted(program.TRACES.glob("*.trace_pipe"))


def rows_of(recording):
    """What the lines of a stream say, read here in another way: (ns, type, bytes, latency in ns)."""
    text = recording.read_text(encoding="utf-8", errors="replace")
    for seconds, micros, size, flags, latency in re.findall(
            r"^ *\S.*\[\d+\] \S+ +(\d+)\.(\d+): bpf_trace_printk: (\d+) ([0-9a-f]+) (\d+)$", text,
            re.MULTILINE):
        kind = "W" if int(flags, 16) & 1 else "R" if int(size) else "M"
        yield (int(seconds) * 10 ** 9 + int(micros) * 1000, kind, int(size), int(latency) * 1000)


def matches(one, two):
    """Rows from the program and those that are expected, whose times need not be rounded alike."""
    return len(one) == len(two) and all(
        a[1:] == b[1:] and abs(a[0] - b[0]) < 1000 for a, b in zip(one, two))


class Values(program.Check):
    def test_wrong_ones(self):
        for arguments, part in (
                (("-m", "x"), "--min-ms: 'x' is no number of ms"), (("-m", "-1"), "--min-ms"),
                (("-m", "-0"), "--min-ms"), (("-m", "nan"), "--min-ms"), (("-m", "1,5"), "--min-ms"),
                (("-m", "5ms"), "--min-ms"), (("-m",), "--min-ms"), (("--min-ms=",), "--min-ms"),
                (("-p", "0"), "--pid: '0' is no number of a process, from 1 to 4194304"),
                (("-p", "x"), "--pid: 'x' is no number of a process"), (("-p", "1.5"), "--pid"),
                (("-p", "-1"), "--pid"), (("-p", "4194305"), "--pid"), (("-p", "1,2"), "--pid"),
                (("-p", "1", "-p", "x"), "--pid: 'x'"), (("--pid=",), "--pid"),
                (("--op", "reed"),
                 "there is no operation 'reed'; there are read, write, discard, flush, other"),
                (("--op", "read,"), "no operation ''"), (("--op", "read, write"), "no operation ' write'"),
                (("--op", "R"), "no operation 'R'"), (("--op=",), "--op"),
                (("--comm", "sixteen_letters_"), "the kernel keeps 15 bytes of a name: 'sixteen_letters'"),
                (("--comm", "dd", "--comm", "ß" * 8), "15 bytes"), (("--comm=",), "--comm"),
                (("--cgroup=",), "--cgroup"), (("--disk=",), "--disk"), (("-d",), "--disk")):
            with self.subTest(arguments=arguments):
                done = program.run(*arguments)
                self.assert_error(done, 2, "--help")
                self.assertIn(part, done.stderr.decode())
                self.assertEqual(done.stdout, b"")

    def test_right_ones(self):
        rows = json_row(latency_ns=1, pid=1, comm="a", cgroup="/", disk="sda", op="R", error="EIO")
        for arguments in (("-m", "0"), ("-m", "0.0"), ("-m", "0.05"), ("-m", "1e3"), ("-m", "3e9"),
                          ("-p", "1"), ("-p", "4194304"), ("-p", "1", "-p", "1"), ("-p", "007"),
                          ("--comm", "fifteen_letters"), ("--comm", "ß" * 7), ("--comm", "a b"),
                          ("--op", "read"), ("--op", "read,write,discard,flush,other"),
                          ("--op", "read,read"), ("--cgroup", "/a b"), ("-d", "sda", "-d", "sdb"),
                          ("--errors",)):
            with self.subTest(arguments=arguments):
                self.assert_quiet(program.run("--replay", "-", "-o", "pid", *arguments, stdin=rows))


class Together(program.Check):
    def test_children_are_those_of_a_process(self):
        for more in ((), ("--comm", "dd"), ("--print-bpf",)):
            self.assert_error(program.run("--children", *more), 2, "it needs --pid")

    def test_what_the_original_program_does_not_tell(self):
        for arguments, told in ((("--errors",), "--errors"), (("-d", "sda"), "--disk"),
                                (("-p", "1"), "--pid"), (("-p", "1", "--children"), "--pid"),
                                (("--comm", "dd"), "--comm"), (("--cgroup", "/"), "--cgroup"),
                                (("--op", "discard"), "--op"), (("--op", "read,flush"), "--op"),
                                (("-m", "5", "--op", "other"), "--op")):
            for command in ((*arguments, "--engine=original"), ("-e", "original", *arguments),
                            (*arguments, "--engine=original", "--print-bpf")):
                with self.subTest(command=command):
                    done = program.run(*command)
                    self.assert_error(done, 2, f"{told} does not go with --engine=original: only the "
                                               "engine tracepoint has it")
                    self.assertEqual(done.stdout, b"")

    def test_the_program_has_what_was_asked_for(self):
        def text(*arguments):
            done = program.run("--print-bpf", "--engine=tracepoint", *arguments)
            self.assert_quiet(done)
            return done.stdout
        part = (program.TOP / "bpf_text/parts/operation_filter.h").read_bytes()
        self.assertIn(part, text("--op", "read,write"))
        self.assertIn(part, text("--op", "discard", "-o", "+sector"))
        self.assertNotEqual(text("--op", "read"), text("--op", "write"))
        self.assertNotIn(part, text())
        self.assertNotIn(b"#define KEPT", text("--op", "read"))
        for ms, ns in (("100", b"100000000"), ("0.05", b"50000"), ("0", b"0")):
            self.assertIn(b">= " + ns + b"ULL", re.search(rb"#define KEPT.*", text("-m", ms))[0])
        self.assertIn(b"#define KEPT", text("--errors"))

    def test_a_disk_that_is_not_there(self):
        for arguments in (("-d", "no-such-disk"), ("-d", "/dev/no-such-disk"), ("-d", "/dev/null")):
            done = program.run("--print-bpf", *arguments)
            self.assert_error(done, 1, f"no disk {arguments[1]} (see ls /sys/class/block)")
            self.assertEqual(done.stdout, b"")


class OfAStream(program.Check):
    """Lines of trace_pipe have a latency, and tell writes from reads."""

    def shown(self, recording, *arguments):
        done = program.run("--replay", recording, "-f", "json", *arguments)
        self.assert_quiet(done)
        return [(one["time_ns"], one["type"], one["bytes"], one["latency_ns"])
                for one in map(json.loads, done.stdout.splitlines())]

    def expected(self, recording, fits):
        rows = [one for one in rows_of(recording) if fits(one)]
        return [(ns - rows[0][0], *others) for ns, *others in rows]

    def test_rows_are_those_that_fit(self):
        self.assertTrue(STREAMS)
        for recording in STREAMS:
            latencies = sorted(latency for *_, latency in rows_of(recording))
            some = latencies[len(latencies) // 2]  # so that one is just as long
            for arguments, fits in (
                    ((), lambda one: True),
                    (("-m", "0"), lambda one: True),
                    (("-m", "0.05"), lambda one: one[3] >= 50000),
                    (("-m", f"{some / 1e6:.3f}"), lambda one: one[3] >= some),
                    (("-m", f"{some / 1e6 + 0.0001:.4f}"), lambda one: one[3] > some),
                    (("-m", "1e6"), lambda one: False),
                    (("--op", "read,write"), lambda one: one[1] in "RW"),
                    (("--op", "write", "-m", "1"), lambda one: one[1] == "W" and one[3] >= 1000000)):
                with self.subTest(recording=recording.name, arguments=arguments):
                    rows, right = self.shown(recording, *arguments), self.expected(recording, fits)
                    self.assertTrue(matches(rows, right), f"{len(rows)} rows, not {len(right)}")
        self.assertTrue(any(one[1] == "R" for one in self.shown(STREAMS[-1], "--op", "read")))

    def test_as_a_table(self):
        stdin = line(1, "4096 8800 250") + line(2.5) + line(3, "0 8800 9000") + line(4, "512 8801 99")
        words = [one.split() for one in (b"R 4096 0.25", b"W 4096 0.25", b"M 0 9.00", b"W 512 0.10")]
        for arguments, kept in ((("--op", "write"), (1, 3)), (("--op", "read"), (0,)),
                                (("-m", "0.25"), (0, 1, 2)), (("-m", "0.1", "-n", "2"), (0, 1)),
                                (("-m", "10"), ())):
            with self.subTest(arguments=arguments):
                done = program.run("--replay", "-", *arguments, stdin=stdin)
                self.assert_quiet(done)
                header, *rows = done.stdout.splitlines(keepends=True)
                self.assertEqual(header, HEADER)
                self.assertEqual([one.split()[1:] for one in rows], [words[number] for number in kept])
        done = program.run("--replay", "-", "-m", "0.25", "-n", "2", stdin=stdin)
        self.assertEqual(done.stdout, HEADER + row(0, kind="R") + row(1.5))
        done = program.run("--replay", "-", "-f", "bcc", "-m", "9", stdin=stdin)
        self.assert_quiet(done)
        self.assertEqual(done.stdout, HEADER + b"3.000000000        R  0           9.00\n")

    def test_how_many_were_filtered_is_told_if_asked(self):
        stdin = line(1, "4096 8800 250") + line(2) + line(3)
        done = program.run("--replay", "-", "-v", "--op", "read", stdin=stdin)
        self.assertEqual(done.stdout, HEADER + row(0, kind="R"))
        self.assertIn(b"disksnoop: 2 filtered\n", done.stderr)
        self.assertNotIn(b"filtered", program.run("--replay", "-", "-v", stdin=stdin).stderr)

    def test_what_it_does_not_tell_is_a_wrong_command_line(self):
        for arguments, told in ((("-p", "1"), "--pid"), (("-d", "sda"), "--disk"),
                                (("--comm", "dd"), "--comm"), (("--cgroup", "/"), "--cgroup"),
                                (("--errors",), "--errors"), (("--op", "discard"), "--op"),
                                (("--op", "read,other"), "--op"), (("-m", "1", "-p", "1"), "--pid")):
            with self.subTest(arguments=arguments):
                done = program.run("--replay", RECORDING, *arguments)
                self.assert_error(done, 2, f"the recording does not tell what {told} asks for: it has the "
                                           "columns time, type, bytes, latency")
                self.assertEqual(done.stdout, b"")

    def test_of_nothing_there_is_a_header(self):
        done = program.run("--replay", "/dev/null", "-p", "1")
        self.assert_quiet(done)
        self.assertEqual(done.stdout, HEADER)


class OfRows(program.Check):
    """Rows of --format=json, by the columns that they have."""

    def shown(self, stdin, *arguments):
        done = program.run("--replay", "-", "-f", "json", *arguments, stdin=stdin)
        self.assert_quiet(done)
        return done.stdout

    def test_rows_are_those_that_fit(self):
        lines = ROWS.read_bytes().splitlines(keepends=True)
        numbers = sorted({json.loads(one)["pid"] for one in lines})
        for arguments, fits in (
                (("-m", "0"), lambda one: True),
                (("-m", "0.05"), lambda one: one["latency_ns"] >= 50000),
                (("-p", numbers[0]), lambda one: one["pid"] == numbers[0]),
                (("-p", numbers[0], "-p", numbers[-1]), lambda one: one["pid"] in (numbers[0], numbers[-1])),
                (("--comm", "dd"), lambda one: one["comm"] == "dd"),
                (("--comm", "fio", "--comm", "dd"), lambda one: one["comm"] in ("dd", "fio")),
                (("--comm", "d"), lambda one: False),
                (("-d", "loop0"), lambda one: one["disk"] == "loop0"),
                (("-d", "/dev/loop0"), lambda one: one["disk"] == "loop0"),
                (("-d", "loop1", "-d", "loop0"), lambda one: True),
                (("-d", "loop1"), lambda one: False),
                (("--op", "read"), lambda one: one["op"].startswith("R")),
                (("--op", "read,flush"), lambda one: one["op"][0] in "RF"),
                (("--comm", "dd", "--op", "write"),
                 lambda one: one["comm"] == "dd" and one["op"].startswith("W")),
                (("--op", "write", "-m", "0.05", "-d", "loop0"),
                 lambda one: one["op"].startswith("W") and one["latency_ns"] >= 50000),
                (("--errors",), lambda one: one["error"] is not None)):
            with self.subTest(arguments=arguments):
                right = [one for one in lines if fits(json.loads(one))]
                self.assertEqual(self.shown(ROWS.read_bytes(), *arguments), b"".join(right))
                only = self.shown(ROWS.read_bytes(), "-o", "sector", *arguments)
                self.assertEqual([json.loads(one) for one in only.splitlines()],
                                 [{"sector": json.loads(one)["sector"]} for one in right])

    def assert_kept(self, key, values, *arguments, kept):
        rows = {value: json_row(**{key: value}) for value in values}
        self.assertEqual(self.shown(b"".join(rows.values()), *arguments),
                         b"".join(rows[value] for value in kept))

    def test_operations(self):
        letters = ("R", "RAM", "FR", "W", "WSM", "FWFS", "WZ", "ZA", "D", "DS", "DE", "F", "FF", "N", "NS",
                   "ZR", "ZRA", "ZO", "ZC", "ZF", None)
        for name, kept in (("read", ("R", "RAM", "FR")), ("write", ("W", "WSM", "FWFS", "WZ", "ZA")),
                           ("discard", ("D", "DS", "DE")), ("flush", ("F", "FF")),
                           ("other", ("N", "NS", "ZR", "ZRA", "ZO", "ZC", "ZF")),
                           ("discard,flush", ("D", "DS", "DE", "F", "FF"))):
            with self.subTest(name=name):
                self.assert_kept("op", letters, "--op", name, kept=kept)
        self.assert_kept("type", ("R", "W", "M", None), "--op", "write", kept=("W",))

    def test_what_is_below_a_cgroup(self):
        paths = ("/", "/a", "/a/b", "/a/b/c", "/ab", "/c/a", None)
        for given in ("/a", "/a/"):
            self.assert_kept("cgroup", paths, "--cgroup", given, kept=("/a", "/a/b", "/a/b/c"))
        self.assert_kept("cgroup", paths, "--cgroup", "/a/b", "--cgroup", "/c",
                         kept=("/a/b", "/a/b/c", "/c/a"))

    def test_a_partition_and_its_disk(self):
        rows = [json_row(disk="sda", partition=partition) for partition in ("sda1", "sda12", None)]
        rows.append(json_row(disk="sdb", partition="sdb1"))
        for given, kept in (("sda", rows[:3]), ("sda1", rows[:1]), ("/dev/sda12", rows[1:2]),
                            ("sdb1", rows[3:])):
            with self.subTest(given=given):
                self.assertEqual(self.shown(b"".join(rows), "-d", given), b"".join(kept))

    def test_what_is_not_known_does_not_fit(self):
        self.assert_kept("latency_ns", (None, 0, 49999, 50000), "-m", "0", kept=(0, 49999, 50000))
        self.assert_kept("latency_ns", (None, 0, 49999, 50000), "-m", "0.05", kept=(50000,))
        self.assert_kept("pid", (None, 1, 11), "-p", "1", kept=(1,))
        self.assert_kept("comm", (None, "a", "ab"), "--comm", "a", kept=("a",))
        self.assert_kept("error", (None, "EIO", "E?"), "--errors", kept=("EIO", "E?"))

    def test_what_they_do_not_tell_is_a_wrong_command_line(self):
        rows = json_row(type="W", bytes=2)
        for arguments, told in ((("-m", "1"), "--min-ms"), (("-p", "1"), "--pid"), (("-d", "sda"), "--disk"),
                                (("--comm", "dd"), "--comm"), (("--cgroup", "/"), "--cgroup"),
                                (("--errors",), "--errors"), (("--op", "flush"), "--op")):
            with self.subTest(arguments=arguments):
                done = program.run("--replay", "-", "-o", "bytes", *arguments, stdin=rows)
                self.assert_error(done, 2, f"the recording does not tell what {told} asks for: it has the "
                                           "columns type, bytes")
                self.assertEqual(done.stdout, b"")
        self.assert_error(program.run("--replay", ROWS, "-p", "1", "--children"), 2, "--children")

    def test_count_is_of_rows_that_are_shown(self):
        reads = [one for one in ROWS.read_bytes().splitlines(keepends=True) if b'"op":"R' in one]
        self.assertEqual(self.shown(ROWS.read_bytes(), "--op", "read", "-n", "2"), b"".join(reads[:2]))
