"""disksnoop with filters, several at once, and what their rows are compared with."""

import collections
import contextlib
import datetime
import json
import os
import re

import column_oracle as oracle
import recording
import tool

# What the rows of a filter are compared by. It asks for no more, so that a filter
# stands by itself and lives on no column's part of the program.
COLUMNS = "clock,disk,sector,bytes,op,pid,latency"
ALL_COLUMNS = COLUMNS + ",partition,comm,cgroup,error"
KEYS = ("disk", "sector", "bytes", "op", "pid")
START_AT_ONCE = 2  # as many as the guest has CPUs: more take longer in all, as they compile
OPERATION = re.compile(r"F?(R|WZ|W|DE|D|F|Z[A-Z]+|N)")
CLASSES = {"R": "read", "W": "write", "WZ": "write", "ZA": "write", "D": "discard",
           "DE": "discard", "F": "flush"}


def class_of(row):
    """What --op calls its operation; the letters are in docs/columns.md."""
    return CLASSES.get(OPERATION.match(row["op"])[1], "other")


def counted(rows):
    """By class, how many rows, and their bytes."""
    found = collections.defaultdict(lambda: (0, 0))
    for row in rows:
        count, size = found[class_of(row)]
        found[class_of(row)] = count + 1, size + row["bytes"]
    return found


class JsonTool(tool.Tool):
    """A disksnoop with these options and JSON lines."""
    last_hook = "block_rq_issue"

    def __init__(self, label, directory, *options):
        super().__init__(label, [tool.DISKSNOOP, "-f", "json", *options], directory)

    def hooked(self):
        """JSON has no header. The hook that it attaches last is that of the issue, or the queue."""
        directory = f"/proc/{self.process.pid}/fdinfo"
        for entry in os.listdir(directory) if self.running() else ():
            with contextlib.suppress(FileNotFoundError), open(f"{directory}/{entry}") as file:
                if f"tp_name:\t{self.last_hook}\n" in file.read():
                    return True
        return False

    def traces(self):
        """Waits until it does; False if it ended or is too slow."""
        tool.wait_until(lambda: self.hooked() or not self.running(), tool.START_SECONDS, 0.2)
        return self.running() and self.hooked()

    def so_far(self):
        text = self.output()
        return [json.loads(line) for line in text[:text.rfind(b"\n") + 1].decode().splitlines()]

    def end(self):
        """Stops it; its rows, and what was wrong with its end."""
        problems = self.stop_well()
        rows = self.so_far()
        if recording.END.findall(self.errors()) != [str(len(rows))]:
            problems.append(f"{len(rows)} rows, and on stderr {self.errors()[-300:]!r}")
        return rows, problems


class Filtered(JsonTool):
    """With the columns that are compared."""

    def __init__(self, label, directory, options, columns=COLUMNS):
        super().__init__(label, directory, "-o", columns, *options)
        self.options = options


def start_all(directory, options_by_label):
    """By label one Filtered each; `all` has no filter and more columns. None after a
    "not ok" line. All of them then see the same requests."""
    found = {}
    waiting = {"all": [], **options_by_label}
    while waiting:
        some = {}
        for label in list(waiting)[:START_AT_ONCE]:
            some[label] = Filtered(label, directory, waiting.pop(label),
                                   ALL_COLUMNS if label == "all" else COLUMNS)
        found.update(some)
        late = list(some.values())

        def started():
            late[:] = [one for one in late if not one.hooked()]
            return not all(one.running() for one in late) or not late

        tool.wait_until(started, tool.START_SECONDS, 0.2)
        for one in late:
            tool.not_ok(f"filters {one.label} start", one.why_not_started())
        if late:
            kill(found)
            return None
    return found


def kill(tools):
    for one in tools.values():
        if one.running():
            one.process.kill()
            one.process.wait()


def since(rows, begin, disks):
    """Those of these disks that completed after `begin`, when the disks were at rest."""
    return [row for row in rows if row["disk"] in disks and
            datetime.datetime.fromisoformat(row["clock"]) >= begin]


def tuples(rows):
    return collections.Counter(tuple(row[key] for key in KEYS) for row in rows)


def same(rows, wanted):
    """Whether these are the same requests as `wanted`, each as often."""
    found, wanted = tuples(rows), tuples(wanted)
    return [f"{words} {sum(some.values())} {KEYS}: {list(some.elements())[:oracle.SHOWN]}"
            for words, some in (("too much", found - wanted), ("missing", wanted - found)) if some]


def chooses(shown, everything):
    """A filter that shows nothing, or all there is, would agree with too much."""
    if not shown:
        return ["no rows"]
    return ["nothing was filtered"] if len(shown) == len(everything) else []
