"""Checks of sections of rows, each with the proof that it would notice wrong ones."""

import functools
import sys
import traceback

import altered_rows
import column_oracle as oracle
import disks
import tool


def letters(rows):
    """The kernel's letters and the original's letter are of one operation."""
    def agree(row):
        if row["op"].startswith("R"):
            return row["type"] == "R"
        if row["op"].startswith("F") and not row["bytes"]:
            return row["type"] == "M"
        return row["type"] == "W"
    wrong = [row for row in rows if not agree(row)]
    return [f"op and type do not agree: {wrong[:oracle.SHOWN]}"] if wrong else []


def stamped(queue):
    return queue is not None


class Checks:
    def __init__(self, recorder):
        self.recorder = recorder
        self.unnoticed = []

    def section(self, name, disk, work, expected):
        """Does the work on the disk; expected(result) is then the Expectation of its rows."""
        section = self.recorder.section(work, disk)
        rows = section.rows[disk]
        expectation = expected(section.result)
        seen = set()  # rows of which the form was looked at; an altered one is another

        def compare(those):
            return oracle.form([row for row in those if id(row) not in seen]) or (
                oracle.differences(those, {"disk": disk, "queue_ns": stamped}) +
                oracle.differences([row for row in those if not row["bytes"]], {"file": None}) +
                oracle.times(those, section.begin, section.end) + letters(those) +
                oracle.totals(those, section.kernel[disk]) + expectation.find(those))

        problems = section.late + compare(rows)
        seen = {id(row) for row in rows}
        if not rows:
            problems.append("no rows")
        tool.expect(f"columns {name}: {len(rows)} rows", problems)
        print(f"{name}: {len(rows)} rows in {section.end - section.begin}", file=sys.stderr,
              flush=True)
        if not problems:
            self.unnoticed += [f"{name}: {what}" for what in
                               altered_rows.unnoticed(rows, compare, expectation.untold)]

    def end(self):
        tool.expect("columns wrong rows are noticed", self.unnoticed[:5])


def guarded(function):
    """What goes wrong in one part is told, and the others go on."""
    @functools.wraps(function)
    def call(*arguments):
        try:
            function(*arguments)
        except disks.Missing as reason:
            tool.skip(f"columns {function.__name__}", reason)
        except Exception as error:
            traceback.print_exc()
            tool.not_ok(f"columns {function.__name__}", f"{type(error).__name__}: {error}")
    return call
