"""--check: what works here, and what is missing."""

import os
import pathlib
import re
import subprocess
import sys

import program
from test_readers import ends, fill, pipe

sys.path.insert(0, str(program.TOP / "tests"))
import rows_schema

LINE = re.compile(r"(ok|warn|no|-) +(\S.*?)  +(\S.*)")
OTHERS = ("-e=tracepoint", "--headers=btf", "-o=time", "--wide", "-d=sda", "--layer=bio", "-p=1",
          "--children", "--comm=x", "--cgroup=/", "--op=read", "-m=1", "--errors", "-s", "-i=1",
          "--by=op", "--top=3", "--histogram", "--heatmap=x", "--listen=9", "--metrics=x",
          "--buffer=1M", "--max-delay=5", "-D=1", "-n=1", "--replay=-", "--sandbox=on",
          "--print-bpf")
MARKS = {"ok": "ok", "warn": "warn", "no": "missing", "-": None}


def as_nobody():
    """For what is run: an ordinary user, with nothing that the caller has."""
    if os.geteuid() == 0:
        os.setgroups([])
        os.setgid(65534)
        os.setuid(65534)


class CheckOption(program.Check):
    def look(self, **options):
        """The table's lines, and the object of JSON."""
        table = program.run("--check", **options)
        json = program.run("--check", "-f", "json", **options)
        self.assertEqual(table.returncode, json.returncode, table.stderr)
        self.assertEqual(table.stderr, json.stderr)
        if table.returncode:
            self.assert_error(table, 1, "")
        else:
            self.assert_quiet(table)
        found, = rows_schema.check(json.stdout, rows_schema.CHECK_SCHEMA)
        self.assertEqual(found["works"], table.returncode == 0)
        return table.stdout.decode(), found

    def assert_same(self, table, found):
        lines = [LINE.fullmatch(line) for line in table.split("\n\n")[0].splitlines()]
        self.assertEqual([(MARKS[line[1]], line[2], line[3]) for line in lines if line],
                         [(one["mark"], one["subject"], one["fact"]) for one in found["findings"]])
        self.assertTrue(table.endswith(f"\nuse: {found['command'] or '-'}\n"), table)

    def test_table_and_json_say_the_same(self):
        table, found = self.look()
        self.assert_same(table, found)
        self.assertIn(os.uname().release, table.splitlines()[0])

    def test_an_ordinary_user_is_told_what_is_missing_and_what_is_not_seen(self):
        table, found = self.look(preexec_fn=as_nobody)
        self.assert_same(table, found)
        self.assertFalse(found["works"])
        self.assertIsNone(found["engine"])
        by_subject = {one["subject"]: one for one in found["findings"]}
        self.assertEqual(by_subject["bpf(2)"]["mark"], "missing")
        self.assertTrue(by_subject["bpf(2)"]["way_out"])
        self.assertIsNone(by_subject["buffer"]["mark"])
        self.assertNotEqual(by_subject["trace_pipe"]["mark"], "ok")

    def test_the_columns_are_those_of_the_program(self):
        _, found = self.look()
        told = program.run("-o", "none").stderr.decode()
        self.assertEqual(", ".join(one["name"] for one in found["columns"]),
                         re.search(r"there are ([a-z, ]+)", told)[1].strip())

    def test_verbose_tells_more_on_stderr_only(self):
        quiet, told = program.run("--check"), program.run("--check", "-v")
        self.assertEqual(quiet.stdout, told.stdout)
        self.assertIn(b"raw tracepoint block_rq_issue runs", told.stderr)

    def test_other_options_do_not_go_with_it(self):
        for other in OTHERS:
            with self.subTest(other=other):
                option, _, value = other.partition("=")
                done = program.run("--check", option, *([value] if value else []))
                self.assert_error(done, 2, "--check")
                self.assertEqual(done.stdout, b"")
        self.assert_error(program.run("--check", "-f", "bcc"), 2, "--format=bcc")

    def test_ended_before_it_has_told_all_it_has_not_said_that_it_works(self):
        with ends(pipe) as (_, writer):
            fill(writer)
            os.set_blocking(writer, True)
            with subprocess.Popen([program.binary, "--check"], stdout=writer) as process:
                wchan = pathlib.Path(f"/proc/{process.pid}/wchan")
                program.wait_until(lambda: "poll" in wchan.read_text())  # for a reader
                process.terminate()
            self.assertEqual(process.returncode, 1)

    def test_a_stdout_that_takes_nothing_is_an_error(self):
        for stdout in (">/dev/full", ">&-"):
            with self.subTest(stdout=stdout):
                done = program.shell(f'"$@" {stdout}', "--check")
                self.assert_error(done, 1, "cannot write to stdout")
