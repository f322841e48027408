"""Work whose process, cgroup, partition, operation and place on the disk are known."""

import errno
import fcntl
import mmap
import os
import struct
import subprocess
import threading

import cgroups
import columns_raw
import disks
import jobs
import tool

SECTOR = 512
SIZE = 16384
COUNT = 10
REGION = 16 << 20  # bytes of a disk for one job
BY_DD, OF_LATE = 7, 13  # numbers of such regions
PARTS = ((16384, 32768), (65536, 32768))  # first sector and length; nothing else goes there
ZEROES_AT, ZEROES = 100 << 20, 64 << 10
BLKZEROOUT = 0x127f
BLOCK = 4096
BUFFERED = 200  # blocks of a file
DIRECT = 20
MIXED = 75  # requests of one of the four at once
SLOW_REQUESTS = 3
BAD_SECTOR = 0x1234
NAMED, LATER, OTHER_FIO = 'named "reader"', "named later", "/run/other_io"
CHOSEN, EXACT, LATE = "/a.slice", "/exact.scope", "/late.scope"
# Below the chosen one, two levels below, one by itself; and one whose name begins as
# that of the chosen one.
INSIDE = ("/a.slice/one.scope", "/a.slice/b.slice/two.scope", EXACT)
OUTSIDE = "/a.slice-other.scope"


def region(number):
    """(sector, bytes) of the reads there; dd leaves no gaps."""
    step = SIZE if number == BY_DD else 2 * SIZE
    return columns_raw.steps(number * REGION // SECTOR, step, COUNT, SIZE)


def reads(path, first, step=2 * SIZE):
    """COUNT direct reads from this byte on; how many of them failed."""
    opened = os.open(path, os.O_RDONLY | os.O_DIRECT)
    block = mmap.mmap(-1, SIZE)
    failed = 0
    for number in range(COUNT):
        try:
            os.preadv(opened, [block], first + number * step)
        except OSError as error:
            if error.errno != errno.EIO:
                raise
            failed += 1
    os.close(opened)
    return failed


def in_thread(function, comm=None):
    def run():
        if comm:
            disks.write("/proc/thread-self/comm", comm)
        function()

    thread = threading.Thread(target=run)
    thread.start()
    thread.join()


def in_child(function):
    pid = os.fork()
    if pid == 0:
        try:
            function()
            os._exit(0)
        except BaseException:
            os._exit(1)
    if os.waitpid(pid, 0)[1]:
        raise RuntimeError("a child failed")
    return pid


class Processes:
    """Some that are there before disksnoop is, and read their regions of the disk later."""

    def __init__(self, disk):
        def read(number):
            return lambda: reads(disk.path, number * REGION)

        def single():
            read(1)()
            in_thread(read(2), "its thread")
            in_child(read(3))

        def parent():
            read(4)()

            def child():
                read(5)()
                in_child(read(6))
            in_child(child)
            subprocess.run(["dd", f"if={disk.path}", "of=/dev/null", "iflag=direct", f"bs={SIZE}",
                            f"count={COUNT}", f"skip={BY_DD * REGION // SIZE}"], check=True,
                           stderr=subprocess.DEVNULL)

        def named():
            read(8)()
            in_thread(read(9), "another name")
            in_child(read(10))

        self.disk = disk
        self.single = jobs.Waiting("/", "single", single)
        self.parent = jobs.Waiting("/", "parent", parent)
        self.named = jobs.Waiting("/", NAMED, named)

    def work(self):
        for one in (self.single, self.parent, self.named):
            one.go()
        jobs.forked("/", LATER, lambda: reads(self.disk.path, 11 * REGION))
        jobs.forked("/", "nobody", lambda: reads(self.disk.path, 12 * REGION))


def on_partitions(disk, names):
    """Reads and writes of each, and of the whole disk inside the first."""
    for name in names:
        jobs.run("/", "dd", f"if=/dev/{name}", "of=/dev/null", "iflag=direct", f"bs={SIZE}",
                 f"count={COUNT}", "skip=1")
        jobs.run("/", "dd", "if=/dev/zero", f"of=/dev/{name}", "oflag=direct", f"bs={SIZE}",
                 f"count={COUNT}", f"seek={COUNT + 1}")
    jobs.run("/", "dd", f"if={disk.path}", "of=/dev/null", "iflag=direct", f"bs={SIZE}",
             f"count={COUNT}", f"skip={(PARTS[0][0] + SIZE // SECTOR) * SECTOR // SIZE}")


def places_on_partition():
    """(sector, bytes) of what was done on the first. Before 5.12 the kernel finds a request's
    partition by its sector (blk_account_io_start): what is done on the whole disk inside
    of it is its own then."""
    numbers = [*range(1, 2 * COUNT + 1)]
    if tuple(map(int, os.uname().release.split(".")[:2])) < (5, 12):
        numbers += range(1, COUNT + 1)
    return [(PARTS[0][0] + number * SIZE // SECTOR, SIZE) for number in numbers]


def all_operations(disk):
    """Discards, writes, flushes, zeroes, and reads."""
    columns_raw.discards_and_syncs(disk.path)
    opened = os.open(disk.path, os.O_WRONLY)
    fcntl.ioctl(opened, BLKZEROOUT, struct.pack("QQ", ZEROES_AT, ZEROES))
    os.close(opened)
    reads(disk.path, 8 * REGION)


def slow_disk():
    """Each request takes a second: irqmode 2 completes it by a timer."""
    return disks.null_blk("slow", irqmode=2, completion_nsec=10 ** 9)


def bad_disk():
    return disks.null_blk("bad", badblocks=f"+{BAD_SECTOR}-{BAD_SECTOR}")


def one_by_one(disk, what="read"):
    """SLOW_REQUESTS of them."""
    ends = {"read": [f"if={disk.path}", "of=/dev/null", "iflag=direct"],
            "write": ["if=/dev/zero", f"of={disk.path}", "oflag=direct"]}
    jobs.run("/", "dd", *ends[what], f"bs={SIZE}", f"count={SLOW_REQUESTS}")


def on_slow_and_bad(slow, bad):
    """How many reads of the bad disk failed, of COUNT around the bad sector."""
    one_by_one(slow)
    first = BAD_SECTOR * SECTOR // SIZE * SIZE - COUNT // 2 * SIZE
    return jobs.forked("/", "bad", lambda: reads(bad.path, first, SIZE)).value


def in_cgroups(fs):
    """Writes of a file in each, through the page cache, which the kernel writes back, and
    directly; the extents of the files, each with the cgroup's path."""
    names = {cgroup: f"/file{number}" for number, cgroup in enumerate((*INSIDE, OUTSIDE))}
    for cgroup, name in names.items():
        jobs.run(cgroup, "dd", "if=/dev/zero", f"of={fs.path(name)}", f"bs={BLOCK}",
                 f"count={BUFFERED}")
    jobs.run("/", "sync", "-f", fs.mounted)
    for cgroup, name in names.items():
        jobs.run(cgroup, "dd", "if=/dev/zero", f"of={fs.path(name)}", f"bs={BLOCK}",
                 f"count={DIRECT}", "oflag=direct", "conv=notrunc")
    return [(first, end, cgroup) for cgroup, name in names.items()
            for first, end, _ in fs.extents_of_name(name)]


def until_shown(disk, one):
    """Makes the cgroup that was not there, and reads in it until the tool shows that;
    whether it does."""
    cgroups.make(LATE)
    place = OF_LATE * REGION

    def shown():
        jobs.run(LATE, "dd", f"if={disk.path}", "of=/dev/null", "iflag=direct", f"bs={SIZE}",
                 "count=1", f"skip={place // SIZE}")
        return any(row["disk"] == disk.name and row["sector"] == place // SECTOR
                   for row in one.so_far())
    return tool.wait_until(shown, tool.LATE_SECONDS, 0.2)


def mixed(one, two):
    """fio, and another program, read and write both disks at once, each its own part; by
    (disk, program) what it tells."""
    os.symlink("/usr/bin/fio", OTHER_FIO)
    running = {}
    for number, program in enumerate(("fio", OTHER_FIO)):
        for disk in (one, two):
            running[disk.name, os.path.basename(program)] = jobs.start_fio(
                "/", disk.path, "--rw=randrw", "--bsrange=4k-64k", "--ioengine=psync",
                f"--offset={(256 + 100 * number) << 20}", "--size=90m", f"--number_ios={MIXED}",
                program=program)
    return {key: jobs.finish_fio(*started) for key, started in running.items()}
