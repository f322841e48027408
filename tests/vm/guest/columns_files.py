"""Columns of requests for files: who wrote or read them, in which cgroup, which file."""

import mmap
import os
import re

import column_oracle as oracle
import columns_direct
import disks
import jobs

BLOCK = 4096
BIG = 5000  # blocks of each of two files
SMALL = 256
WORKER = re.compile(r"kworker/.*")
# What is not any file's: of ext4 it is known which is the journal's.
ELSEWHERE = {"ext4": {"[metadata]"}, "btrfs": {"[metadata]"},
             "xfs": {None, "[metadata]", "[journal]"}}
ONE, TWO = "/first/one.data", "/second/two.data"
# Names as they may be.
MAPPED = "/mapped file\u00e9.data"
DELETED = "/deleted.data"
RENAMED = "/after/inside \"it\".data"


class Files:
    """The checks of one filesystem, whose files and their places gather here."""

    def __init__(self, checks, filesystem, first, second):
        self.checks = checks
        self.fs = filesystem
        self.first, self.second = first, second  # cgroups
        self.known = filesystem.journal()

    def learn(self, name):
        """The places of a file that will stay where it is."""
        self.known += self.fs.extents_of_name(name)

    def section(self, name, work, names, expected, passing=lambda result: [], unknown=()):
        """`expected(result, places)` finds differences in rows, as those of checks.section;
        `names` are of files whose places are known once the work is done; `passing`
        gives extents that will be free for others; rows need not name the files `unknown`."""
        fs = self.fs

        def compare_with(result):
            for one in names:
                self.learn(one)
            places = oracle.Places(self.known + passing(result))
            find = expected(result, places)

            def untold(row):
                own = row["file"] and not row["file"].startswith("[")
                return {"pattern"} if own else {"pattern", "sector", "pid", "comm", "cgroup"}

            return oracle.Expectation(lambda rows: (
                oracle.differences(rows, {"partition": None, "error": None}) +
                oracle.files(rows, places, ELSEWHERE[fs.kind], unknown) + find(rows)), untold)

        self.checks.section(f"{fs.kind} {name}", fs.disk.name, work, compare_with)

    def written_back(self, blocks):
        """By two processes in two cgroups, and then the kernel writes."""
        fs = self.fs
        cgroup_of = {ONE: self.first, TWO: self.second}
        for name in cgroup_of:
            os.mkdir(os.path.dirname(fs.path(name)))

        def work():
            workers = jobs.kernel_workers()
            writers = [(jobs.start(cgroup, "dd", "if=/dev/zero", f"of={fs.path(name)}",
                                   f"bs={BLOCK}", f"count={blocks}"), cgroup)
                       for name, cgroup in cgroup_of.items()]
            for writer, cgroup in writers:
                jobs.finish(writer, cgroup)
            jobs.run("/", "sync", "-f", fs.mounted)
            return workers | jobs.kernel_workers()

        def expected(workers, places):
            def find(rows):
                problems = []
                for name, cgroup in cgroup_of.items():
                    those = places.of(rows, name)
                    problems += oracle.differences(those, {
                        "type": "W", "op": {"W", "WS"}, "cgroup": cgroup, "comm": WORKER,
                        "pid": workers})
                    problems += oracle.covered(those, name, blocks * BLOCK)
                return problems
            return find

        self.section(f"{2 * blocks} buffered writes", work, cgroup_of, expected)

    def read(self):
        """Through the page cache, which has nothing of the file."""
        name = columns_direct.TARGET
        disks.write("/proc/sys/vm/drop_caches", 3)

        def work():
            return jobs.run(self.second, "dd", f"if={self.fs.path(name)}", "of=/dev/null",
                            f"bs={BLOCK}")

        def expected(done, places):
            def find(rows):
                those = places.of(rows, name)
                return oracle.differences(those, {**done.submits(), "type": "R",
                                                  "op": {"R", "RA"}}) + \
                    oracle.exactly(those, name, columns_direct.SIZE * columns_direct.COUNT)
            return find

        self.section("buffered reads", work, [], expected)

    def own_writes(self):
        """A process that waits for its writes submits them itself: of a mapped file, of
        one that is deleted, of one whose directory has got another name."""
        fs = self.fs

        def write():
            with open(fs.path(MAPPED), "w+b") as file:
                file.truncate(SMALL * BLOCK)
                with mmap.mmap(file.fileno(), SMALL * BLOCK) as mapped:
                    mapped[:] = b"m" * len(mapped)
                    mapped.flush()
            with open(fs.path(DELETED), "w+b", buffering=0) as file:
                file.write(b"d" * SMALL * BLOCK)
                os.unlink(fs.path(DELETED))
                os.fsync(file.fileno())
                deleted = fs.extents_of(file.fileno(), f"{DELETED} (deleted)")
            os.mkdir(fs.path("/before"))
            with open(fs.path(RENAMED.replace("after", "before")), "wb", buffering=0) as file:
                file.write(b"r" * SMALL * BLOCK)
                os.rename(fs.path("/before"), fs.path("/after"))
                os.fsync(file.fileno())
            return deleted

        def expected(done, places):
            def find(rows):
                problems = []
                for name in (MAPPED, f"{DELETED} (deleted)", RENAMED):
                    those = places.of(rows, name)
                    problems += oracle.differences(those, {
                        **done.submits(), "type": "W", "op": {"W", "WS"}, "file": name})
                    problems += oracle.covered(those, name, SMALL * BLOCK)
                return problems
            return find

        self.section("mapped, deleted, renamed", lambda: jobs.forked(
            self.first, "own writes", write), [MAPPED, RENAMED], expected,
            lambda done: [tuple(extent) for extent in done.value])

    def overlay(self):
        """A file in a container: what writes see is the upper layer's."""
        disks.load_module("overlay")
        fs, name = self.fs, "/upper/inside.data"
        for directory in ("/lower", "/upper", "/work", "/merged"):
            os.mkdir(fs.path(directory))
        layers = ",".join(f"{layer}={fs.path('/' + directory)}" for layer, directory in (
            ("lowerdir", "lower"), ("upperdir", "upper"), ("workdir", "work")))
        disks.run("mount", "-t", "overlay", "overlay", "-o", layers, fs.path("/merged"))

        def expected(done, places):
            def find(rows):
                those = places.of(rows, name)
                return oracle.differences(those, {**done.submits(), "type": "W",
                                                  "op": {"W", "WS"}}) + \
                    oracle.covered(those, name, SMALL * BLOCK)
            return find

        self.section("in an overlay", lambda: jobs.run(
            self.first, "dd", "if=/dev/zero", f"of={fs.path('/merged/inside.data')}",
            f"bs={BLOCK}", f"count={SMALL}", "conv=fsync"), [name], expected)
        disks.run("umount", fs.path("/merged"))

    def metadata(self):
        """ext4's journal first, then the blocks themselves."""
        fs = self.fs

        def work():
            os.mkdir(fs.path("/many"))
            for number in range(200):
                open(fs.path(f"/many/{number}"), "x").close()
            jobs.run("/", "sync", "-f", fs.mounted)
            jobs.run("/", "sync")  # the block device too
        writer = re.compile(r"jbd2/.*")

        def expected(_, places):
            def find(rows):
                journal = places.of(rows, "[journal]")
                problems = oracle.differences(journal, {"comm": writer, "type": "W"})
                for name in ("[journal]", "[metadata]"):
                    if not any(row["file"] == name for row in rows):
                        problems.append(f"no row of {name}")
                return problems
            return find

        self.section("metadata", work, [], expected)
