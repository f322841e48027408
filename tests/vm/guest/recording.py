"""disksnoop writing JSON lines with every column: its rows, cut into sections."""

import dataclasses
import datetime
import json
import mmap
import os
import re
import time

import diskstats
import tool

COLUMNS = ("clock,time,type,op,bytes,latency,queue,disk,partition,sector,pid,comm,cgroup,file,"
           "pattern,error")
# Of what the kernel skipped nothing is said here: each disk's rows are counted anyway.
END = re.compile(r"^disksnoop: (\d+) rows, 0 lost in the buffer"
                 r"(?:; \d+ times the kernel skipped a hook)?$", re.MULTILINE)


def now():
    return datetime.datetime.now(datetime.timezone.utc)


@dataclasses.dataclass
class Section:
    """What was done, and what was seen of it: rows and the kernel's counts by disk."""
    result: object
    rows: dict
    kernel: dict
    begin: datetime.datetime
    end: datetime.datetime
    late: list


def read_directly(path):
    disk = os.open(path, os.O_RDONLY | os.O_DIRECT)
    os.preadv(disk, [mmap.mmap(-1, 4096)], 0)
    os.close(disk)


def seen(rows):
    """What the kernel counts too: bytes and flushes."""
    return sum(row["bytes"] for row in rows), sum(1 for row in rows if row["type"] == "M")


def counted(kernel):
    return kernel.sectors * diskstats.SECTOR, kernel.flushes


class Recorder(tool.Tool):
    """The disks are those whose rows are kept, by name."""

    def __init__(self, directory, disks, *options):
        super().__init__("columns", [tool.DISKSNOOP, "-f", "json", "-o", COLUMNS, *options],
                         directory)
        self.rows_of = {name: [] for name in disks}
        self.base = {}
        self.read_bytes = 0
        self.total = 0

    def take(self):
        """Reads what has been written since the last call."""
        with open(self.out_path, "rb") as file:
            file.seek(self.read_bytes)
            data = file.read()
        data = data[:data.rfind(b"\n") + 1]
        self.read_bytes += len(data)
        for line in data.decode().splitlines():
            row = json.loads(line)
            self.total += 1
            if row["disk"] in self.rows_of:
                self.rows_of[row["disk"]].append(row)

    def begins(self, path):
        """Waits for the row of a read, which is done again and again: JSON has no header."""
        begin = time.monotonic()

        def row_comes():
            read_directly(path)
            self.take()
            return self.total or not self.running()

        tool.wait_until(row_comes, tool.START_SECONDS, 0.2)
        self.start_seconds = time.monotonic() - begin
        if not self.total:
            return False
        time.sleep(2)  # for the rows of the reads before it
        for name in self.rows_of:
            self.add(name)
        return True

    def add(self, name):
        """From now on the rows of this disk are kept, and compared with its counts."""
        if name in self.base:
            self.settle([name])
            time.sleep(0.3)  # for the last flushes, which have no bytes
        self.take()
        self.rows_of[name] = []
        self.base[name] = diskstats.at_rest(name)

    def settle(self, names):
        """Waits until each disk is at rest and has its rows; for which it waited in vain."""
        late = []
        for name in names:
            diskstats.at_rest(name)

            def complete():
                self.take()
                kernel = counted(diskstats.read(name) - self.base[name])
                return all(have >= want for have, want in zip(seen(self.rows_of[name]), kernel))

            if not tool.wait_until(complete, tool.LATE_SECONDS / 4):
                kernel = counted(diskstats.read(name) - self.base[name])
                late.append(f"of {name} bytes and flushes in rows {seen(self.rows_of[name])}, "
                            f"by the kernel's count {kernel}")
        return late

    def section(self, work, *names):
        """Does the work, and returns the Section of these disks."""
        self.settle(names)
        before = {name: (diskstats.read(name), len(self.rows_of[name])) for name in names}
        begin = now()
        result = work()
        late = self.settle(names)
        time.sleep(0.3)  # for rows that should not come
        self.take()
        return Section(
            result=result, begin=begin, end=now(), late=late,
            rows={name: self.rows_of[name][count:] for name, (_, count) in before.items()},
            kernel={name: diskstats.read(name) - counts for name, (counts, _) in before.items()})

    def end(self):
        """Stops it; what was wrong with its end."""
        problems = self.stop_well()
        self.take()
        if END.findall(self.errors()) != [str(self.total)]:
            problems.append(f"{self.total} rows, and on stderr {self.errors()[-300:]!r}")
        return problems
