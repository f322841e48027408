"""Compares rows, which are objects of JSON lines, with what is known from outside.

Pure: nothing here reads a file, a clock or a disk.
"""

import collections
import dataclasses
import datetime
import re
import typing

# Of each key its type, and whether it may be null.
KEYS = {
    "clock": (str, False), "time_ns": (int, False), "type": (str, False), "op": (str, False),
    "bytes": (int, False), "latency_ns": (int, False), "queue_ns": (int, True),
    "disk": (str, False), "partition": (str, True), "sector": (int, True), "pid": (int, True),
    "comm": (str, True), "cgroup": (str, True), "file": (str, True), "pattern": (str, True),
    "error": (str, True),
}
SHOWN = 3  # so many rows of a kind are enough to find out what is wrong
CLOCK_SLACK = datetime.timedelta(milliseconds=20)


@dataclasses.dataclass
class Expectation:
    """`find` finds differences in rows; `untold` gives for a row the keys that it does
    not look at."""
    find: typing.Callable
    untold: typing.Callable = lambda row: ()


def fits(value, wanted):
    """`wanted` is a value, a set of values, a pattern of the whole text, or a function."""
    if callable(wanted):
        return wanted(value)
    if isinstance(wanted, (set, frozenset)):
        return value in wanted
    if isinstance(wanted, re.Pattern):
        return isinstance(value, str) and bool(wanted.fullmatch(value))
    return value == wanted


def differences(rows, wanted):
    """What in the rows is not as `wanted`, from keys to what fits() takes."""
    problems = []
    for key, value in wanted.items():
        wrong = [row for row in rows if not fits(row[key], value)]
        if wrong:
            shown = value.pattern if isinstance(value, re.Pattern) else \
                value.__name__ if callable(value) else value
            problems.append(f"{len(wrong)} of {len(rows)} rows with another {key} than {shown}: "
                            f"{wrong[:SHOWN]}")
    return problems


def form(rows):
    """Keys in the order asked for, types, and numbers that can be."""
    for row in rows:
        if list(row) != list(KEYS):
            return [f"its keys are not those asked for: {row}"]
        for key, (kind, may_be_null) in KEYS.items():
            value = row[key]
            if value is None and may_be_null:
                continue
            # type() and not isinstance(): for that, true is an integer.
            if type(value) is not kind or (kind is int and key != "time_ns" and value < 0):
                return [f"{key} cannot be {value!r}: {row}"]
        if row["bytes"] and row["sector"] is None:
            return [f"bytes of no sector: {row}"]
    return []


def times(rows, begin, end):
    """A request is issued and completed between the two times, and its clock and
    time tell the same."""
    problems = []
    length = (end - begin + CLOCK_SLACK) / datetime.timedelta(microseconds=1) * 1000
    origins = []
    for row in rows:
        clock = datetime.datetime.fromisoformat(row["clock"])
        if clock.tzinfo is None:
            problems.append(f"clock has no offset: {row}")
            continue
        if not begin - CLOCK_SLACK <= clock <= end + CLOCK_SLACK:
            problems.append(f"clock is not between {begin} and {end}: {row}")
        if row["latency_ns"] + (row["queue_ns"] or 0) > length:
            problems.append(f"took longer than what was done: {row}")
        origins.append(clock - datetime.timedelta(microseconds=row["time_ns"] / 1000))
    if origins and max(origins) - min(origins) > CLOCK_SLACK:
        problems.append(f"the first row was at times from {min(origins)} to {max(origins)}")
    return problems[:SHOWN]


def totals(rows, kernel, sector_bytes=512):
    """Against the kernel's counts of the disk, for work that may flush with its writes."""
    wanted = {"R": kernel.read_sectors * sector_bytes,
              "W": (kernel.write_sectors + kernel.discard_sectors) * sector_bytes}
    problems = []
    for letter, count in wanted.items():
        found = sum(row["bytes"] for row in rows if row["type"] == letter)
        if found != count:
            problems.append(f"{letter}: rows of {found} bytes, where the kernel counted {count}")
    for letter, count in (("R", kernel.reads), ("M", kernel.flushes)):
        found = sum(1 for row in rows if row["type"] == letter)
        if found != count:
            problems.append(f"{letter}: {found} rows, where the kernel counted {count}")
    return problems


def places(rows, wanted):
    """The (sector, bytes) of each row, whatever their order."""
    found = collections.Counter((row["sector"], row["bytes"]) for row in rows)
    wanted = collections.Counter(wanted)
    return [f"{words}: {sorted(some.elements())[:SHOWN]} (sector, bytes)"
            for words, some in (("too much", found - wanted), ("missing", wanted - found)) if some]


def patterns(rows, wanted):
    """Of the rows after the first, in the order of their issue. What was before the
    first is not known here. Where it was the first of its disk, it says so: another one that is
    issued on another CPU at that moment may have the earlier time."""
    rows = sorted(rows, key=lambda row: (row["pattern"] is not None,
                                         row["time_ns"] - row["latency_ns"]))
    return differences(rows[1:], {"pattern": wanted})


class Places:
    """Which sectors are whose: `extents` are (first, end, name)."""

    def __init__(self, extents):
        self.extents = list(extents)

    def name(self, row):
        """None where it is no file's."""
        sector = -1 if row["sector"] is None else row["sector"]
        return next((name for first, end, name in self.extents if first <= sector < end), None)

    def of(self, rows, name):
        return [row for row in rows if row["bytes"] and self.name(row) == name]


def files(rows, places_of_files, elsewhere, unknown=()):
    """Each row with data names the file that has its sectors, or of the files `unknown`
    perhaps none; `elsewhere` is what may stand where no file has them."""
    problems = []
    for row in rows:
        if not row["bytes"] or row["op"].startswith("D"):
            continue
        name = places_of_files.name(row)
        wanted = elsewhere if name is None else {name, None} if name in unknown else name
        if not fits(row["file"], wanted):
            problems.append(f"file is not {wanted}: {row}")
    more = f"and {len(problems) - SHOWN} rows more" if len(problems) > SHOWN else None
    return problems[:SHOWN] + ([more] if more else [])


def covered(rows, name, size):
    """The rows of the file have at least its bytes."""
    found = sum(row["bytes"] for row in rows if row["file"] == name)
    return [] if found >= size else [f"rows of {found} bytes of {name}, which has {size}"]


def exactly(rows, name, size):
    """The rows of the file have so many bytes."""
    found = sum(row["bytes"] for row in rows)
    return [] if found == size else [f"rows of {found} bytes of {name}, not of {size}"]
