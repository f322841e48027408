"""Summaries that are counted in the kernel, against what it counts itself and against rows."""

import collections
import ctypes
import mmap
import os
import re
import signal
import time
import xml.etree.ElementTree

import filesystem
import tracer
from filesystem import BLOCK, OnAFilesystem, child
from loop import MIB, fio
from recording import Recording
from test_columns import OnARawDisk

OTHER = re.compile(r"; (\d+) counted as other, with no room for a line")
KEYS = ["disk", "partition", "op", "comm", "pid", "cgroup", "file"]
BASE = re.compile(r"F?(R|WZ|W|DE|D|F|Z[A-Z]+|N)")
TOTALS = ("requests", "bytes", "errors", "sum_ns")


class Summary(Recording):
    """Then `lines` has the lines of its JSON."""

    def __init__(self, check, *options):
        self.check = check
        self.tracer = tracer.Tracer("-s", "-f", "json", *options)
        self.lines = []

    def wait_for_hooks(self):
        self.tracer.wait_for_loop()

    def end(self):
        done = self.tracer.end(signal.SIGTERM)
        self.check.same(done.status, 0, f"status, with {done.stderr!r} on stderr")
        self.lines = self.so_far()
        told = done.end_line()
        self.requests, self.no_completion = told.rows, told.completion_not_shown
        self.other = sum(map(int, OTHER.findall(done.stderr)))
        self.check.same(self.requests, sum(line["requests"] for line in self.lines),
                        "the requests of the end line")


def merged(lines, *keys):
    """By these keys what the lines have together."""
    found = {}
    for line in lines:
        one = found.setdefault(tuple(line[key] for key in keys), collections.Counter())
        for total in TOTALS:
            one[total] += line[total]
        for limit, count in line["buckets"]:
            one[limit] += count
        one["max_ns"] = max(one["max_ns"], line["max_ns"])
    return found


def room():
    """Lines of the kernel by any keys: as docs/summary.md has it."""
    with open("/sys/devices/system/cpu/possible", encoding="ascii") as file:
        cpus = sum(int(last or first) - int(first) + 1 for first, last in
                   re.findall(r"(\d+)(?:-(\d+))?", file.read()))
    each = 2 * cpus * 8008
    fewest = min(max(128 * MIB // each, 32), 128)
    return min(max(64 * MIB // each, fewest), 1024)


class OnADisk(OnARawDisk):
    def work(self, *more):
        return fio(self.disk, "--rw=randrw", "--bs=4k", "--iodepth=16", *more)

    def test_all_that_the_kernel_counts(self):
        """In intervals, while it goes on, and at once."""
        before = self.disk.counts()
        with Summary(self, "-d", self.disk.path) as whole, \
                Summary(self, "-d", self.disk.path, "-i", "0.1") as parts:
            self.work("--number_ios=60000")
        counted = self.disk.counts() - before
        for summary in (whole, parts):
            found = merged(summary.lines, "op")
            self.same(sum(one["requests"] for one in found.values()) + summary.no_completion,
                      counted.reads + counted.writes, "requests")
            if not summary.no_completion:
                self.same((found[("R",)]["bytes"], found[("W",)]["bytes"]),
                          (counted.read_sectors * 512, counted.write_sectors * 512), "bytes")
            self.same(summary.other, 0, "requests with no line")
        times = {line["time_ns"] for line in parts.lines}
        self.assertGreater(len(times), 3)
        for summary in (whole, parts):
            for line in summary.lines:
                self.same(sum(count for _, count in line["buckets"]), line["requests"], "buckets")
                longest = [limit for limit, _ in line["buckets"]][-1]
                self.assertTrue(line["max_ns"] <= longest, line)
                self.assertGreater(line["max_ns"] * 33 / 32, longest - 32)

    def test_by_what_rows_tell(self):
        """All keys at once: one program for them, and rows by another one."""
        with Summary(self, "-d", self.disk.path, "--by", ",".join(KEYS), "--top", "500") as summary, \
                Recording(self, self.disk) as recorded:
            for number in range(3):
                child(lambda n=number: filesystem.read_direct(self.disk.path, 5 + n),
                      b"reader%d" % number)
                child(lambda n=number: filesystem.write_direct(self.disk.path, 3 + n),
                      b"writer%d" % number)
        wanted = collections.Counter()
        for row in recorded.rows:
            row["op"] = BASE.match(row["op"])[1]
            wanted[tuple(row[key] for key in KEYS)] += row["bytes"]
        self.same({key: one["bytes"] for key, one in merged(summary.lines, *KEYS).items()},
                  dict(wanted), "bytes by all keys")

    def names(self, first, count):
        """So many processes' names, a read each."""
        def work():
            rename = ctypes.CDLL(None).prctl
            with filesystem.opened(self.disk.path, os.O_RDONLY | os.O_DIRECT) as fd:
                buffer = mmap.mmap(-1, BLOCK)
                for number in range(first, first + count):
                    rename(filesystem.PR_SET_NAME, ctypes.c_char_p(b"name%d" % number))
                    os.preadv(fd, [buffer], 0)
        child(work)

    def test_beyond_the_room(self):
        """Of those for which there is no line it is told how many there are."""
        many = 4000
        with Summary(self, "-d", self.disk.path, "--by", "comm", "--top", str(many)) as summary:
            self.names(0, many)
        self.same(summary.requests + summary.no_completion, many, "requests")
        self.assertGreater(summary.other, 0)
        without = [line for line in summary.lines if "other_lines" in line]
        self.same([line["requests"] for line in without], [summary.other], "of all the others")
        own = {line["comm"]: line["requests"] for line in summary.lines if "other_lines" not in line}
        self.assertGreater(len(own), 100)
        self.assertLessEqual(set(own), {f"name{number}" for number in range(many)})
        self.same(set(own.values()), {1}, "requests of each name")

    def test_lines_that_are_not_used_give_place(self):
        """Then there are more of them in time than there is room for."""
        each = room() * 7 // 8
        with Summary(self, "-d", self.disk.path, "--by", "comm", "--top", "9999",
                     "-i", "0.1") as summary:
            for first in range(0, 3 * each, each):
                self.names(first, each)
                seen = len(summary.so_far())
                # An interval without requests has no lines: so one in each.
                for _ in range(15):
                    self.names(99999, 1)
                    summary.tracer.until(lambda n=seen: len(summary.so_far()) > n, "a line")
                    seen = len(summary.so_far())
        found = {key[0]: one["requests"] for key, one in merged(summary.lines, "comm").items()}
        self.same(summary.other, 0, "requests with no line")
        self.same(sum(found.values()) + summary.no_completion, 3 * each + 3 * 15, "requests")
        self.same(found.pop("name99999") + summary.no_completion >= 3 * 15, True, "of the last name")
        self.same(set(found.values()), {1}, "requests of each other name")
        self.assertLessEqual(set(found), {f"name{number}" for number in range(3 * each)})

    def test_picture(self):
        """Also when a signal ends it; all requests are in it."""
        path = os.path.join(tracer.place.path, "picture.svg")
        with Summary(self, "-d", self.disk.path, "--heatmap", path) as summary:
            self.work("--number_ios=5000")
            self.assertFalse(os.path.exists(path))
        root = xml.etree.ElementTree.parse(path).getroot()
        os.unlink(path)
        titles = [element.text for element in root.iter() if element.tag.endswith("}title")]
        counts = [re.search(r": (\d+) requests?$", title or "") for title in titles]
        self.same(sum(int(found[1]) for found in counts if found), summary.requests, "requests")

    def test_while_the_tool_is_held_up(self):
        """Its delay moves requests to another interval, and loses none."""
        before = self.disk.counts()
        with Summary(self, "-d", self.disk.path, "-i", "0.1") as summary:
            for _ in range(3):
                os.kill(summary.tracer.pid, signal.SIGSTOP)
                self.work("--number_ios=3000")
                os.kill(summary.tracer.pid, signal.SIGCONT)
                time.sleep(0.3)
        counted = self.disk.counts() - before
        self.same(summary.requests + summary.no_completion, counted.reads + counted.writes,
                  "requests")


class OnFiles(OnAFilesystem):
    def test_files(self):
        self.make("/dir/one")
        with Summary(self, "-d", self.filesystem.disk.path, "--by", "file,op") as summary:
            filesystem.write_direct(self.path("/dir/one"), 7)
            filesystem.read_direct(self.path("/dir/one"), 4)
            filesystem.write_buffered(self.path("/dir/other"), 16, sync=False)
            filesystem.write_back(self.filesystem)
        found = merged(summary.lines, "file", "op")
        self.same({key: found[key]["bytes"] for key in
                   (("/dir/one", "W"), ("/dir/one", "R"), ("/dir/other", "W"))},
                  {("/dir/one", "W"): 7 * BLOCK, ("/dir/one", "R"): 4 * BLOCK,
                   ("/dir/other", "W"): 16 * BLOCK}, "bytes of files")


del OnAFilesystem, OnARawDisk  # or their checks run here again
