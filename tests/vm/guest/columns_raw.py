"""Columns of requests to disks without a filesystem."""

import errno
import fcntl
import mmap
import os
import struct

import column_oracle as oracle
import disks
import diskstats
import jobs
import partition
import tool

COUNT = 40
SIZE = 16384
OFFSET = 1 << 20
SECTOR = 512
PART_FIRST, PART_SECTORS = 8192, 32768
DISCARDS, DISCARD_BYTES = 5, 64 << 10
SYNCS = 5
BLKDISCARD = 0x1277
COMM = 'two "words\\'  # what a name may be made of, and what JSON has to escape
BAD_SECTOR = 0x1234  # of scsi_debug's medium error
MEDIUM_ERROR = 0x2


def steps(first, step, count=COUNT, size=SIZE):
    return [(first + number * step // SECTOR, size) for number in range(count)]


def in_order(wanted, pattern, first, step):
    """COUNT requests with what is wanted, `step` bytes from one to the next."""
    return oracle.Expectation(
        lambda rows: (oracle.differences(rows, wanted) + oracle.patterns(rows, pattern) +
                      oracle.places(rows, steps(first, step))),
        lambda row: {"pattern"} if row["sector"] == first else ())


def writes_in_order(checks, disk, cgroup):
    def work():
        return jobs.fio(cgroup, disk.path, "--thread", "--ioengine=libaio", "--iodepth=1",
                        "--rw=write", f"--bs={SIZE}", f"--offset={OFFSET}",
                        f"--number_ios={COUNT}")

    def expected(done):
        wanted = {**done.submits(), "type": "W", "op": "WS", "partition": None, "file": None}
        return in_order(wanted, "S", OFFSET // SECTOR, SIZE)

    checks.section(f"{disk.kind} writes in order", disk.name, work, expected)


def reads_with_gaps(checks, disk, cgroup):
    """Several at a time, by a process that fio forks."""
    def work():
        return jobs.fio(cgroup, disk.path, "--ioengine=libaio", "--iodepth=8",
                        f"--rw=read:{SIZE}", f"--bs={SIZE}", f"--offset={OFFSET}",
                        f"--number_ios={COUNT}")

    def expected(done):
        wanted = {**done.submits(), "type": "R", "op": "R", "partition": None, "file": None}
        return in_order(wanted, "R", OFFSET // SECTOR, 2 * SIZE)

    checks.section(f"{disk.kind} reads with gaps", disk.name, work, expected)


def through_a_mapper(checks, cgroup):
    """The requests are those of the disk below; who wants them, that of the mapped one."""
    disk = disks.make("dm-linear")
    try:
        checks.recorder.add(disk.name)
        reads_with_gaps(checks, disk, cgroup)
    finally:
        disks.remove_mapped(disk)


def reads_a_partition(checks, disk):
    with partition.made(disk, PART_FIRST, PART_SECTORS) as name:
        def work():
            return jobs.run("/", "dd", f"if=/dev/{name}", "of=/dev/null", "iflag=direct",
                            f"bs={SIZE}", f"count={COUNT}", "skip=1")

        def expected(done):
            wanted = {**done.submits(), "type": "R", "op": {"R", "RS"}, "partition": name,
                      "file": None}
            return in_order(wanted, "S", PART_FIRST + SIZE // SECTOR, SIZE)

        checks.section(f"{disk.kind} reads a partition", disk.name, work, expected)


def discards_and_syncs(path):
    disk = os.open(path, os.O_WRONLY | os.O_DIRECT)
    block = mmap.mmap(-1, SIZE)
    for number in range(DISCARDS):
        fcntl.ioctl(disk, BLKDISCARD, struct.pack("QQ", number << 20, DISCARD_BYTES))
    for number in range(SYNCS):
        os.pwritev(disk, [block], number * 2 * SIZE)
        os.fsync(disk)
    os.close(disk)
    disk = os.open(path, os.O_WRONLY | os.O_DIRECT | os.O_DSYNC)
    for number in range(SYNCS):
        os.pwritev(disk, [block], OFFSET + number * 2 * SIZE)
    os.close(disk)


def tells_operations(checks, disk, cgroup):
    """Discards, writes, flushes, and writes that reach the medium before they are done."""
    name, cached = disk.name, diskstats.has_write_cache(disk.name)
    fua = cached and diskstats.words(name, "queue/fua") == ["1"]

    def work():
        return jobs.forked(cgroup, COMM, lambda: discards_and_syncs(disk.path))

    def expected(done):
        def find(rows):
            discards = [row for row in rows if row["op"].startswith("D")]
            writes = [row for row in rows if row["op"].startswith("W")]
            at_medium = [row for row in writes if (row["sector"] or 0) >= OFFSET // SECTOR]
            flushes = [row for row in rows if row["type"] == "M"]
            by_job = {**done.submits(), "type": "W", "file": None, "partition": None}
            problems = oracle.differences(discards + writes, by_job)
            problems += oracle.differences(at_medium, {"op": "WFS" if fua else "WS"})
            problems += oracle.differences([row for row in writes if row not in at_medium],
                                           {"op": "WS"})
            problems += oracle.differences(flushes, {"op": {"F", "FF"}, "error": None})
            problems += oracle.places(discards, steps(0, 1 << 20, DISCARDS, DISCARD_BYTES))
            problems += oracle.places(writes, steps(0, 2 * SIZE, SYNCS) +
                                      steps(OFFSET // SECTOR, 2 * SIZE, SYNCS))
            # How many there are the kernel counts; O_DSYNC flushes too, though FUA did it.
            if len(flushes) < cached * SYNCS:
                problems.append(f"{len(flushes)} flushes of {SYNCS} calls of fsync")
            if len(rows) != len(discards) + len(writes) + len(flushes):
                problems.append("rows that are no discards, writes or flushes")
            return problems

        def untold(row):
            of_flush = {"sector", "partition", "pid", "comm", "cgroup"}
            return {"pattern"} if row["bytes"] else {"pattern", *of_flush}
        return oracle.Expectation(find, untold)

    checks.section(f"{disk.kind} tells operations", disk.name, work, expected)


def queue_is_unknown(checks, disk):
    """The kernel does not stamp requests where nothing asks for it."""
    settings = {"iostats": 0, "scheduler": "none", "wbt_lat_usec": 0}
    before = {}
    for name, value in settings.items():
        try:
            old = diskstats.words(disk.name, f"queue/{name}")
            before[name] = next((word.strip("[]") for word in old if "[" in word), old[0])
            disks.write(f"/sys/block/{disk.name}/queue/{name}", value)
        except OSError:  # no wbt here
            pass
    recorder = checks.recorder
    have = len(recorder.rows_of[disk.name])
    jobs.run("/", "dd", f"if={disk.path}", "of=/dev/null", "iflag=direct", "bs=4k", "count=10")
    tool.wait_until(lambda: recorder.take() or len(recorder.rows_of[disk.name]) >= have + 10,
                    tool.LATE_SECONDS)
    rows = recorder.rows_of[disk.name][have:]
    problems = oracle.form(rows) or oracle.differences(rows, {"queue_ns": None, "type": "R"})
    if len(rows) != 10:
        problems.append(f"{len(rows)} rows of 10 reads")
    for name, value in before.items():
        disks.write(f"/sys/block/{disk.name}/queue/{name}", value)
    recorder.add(disk.name)
    tool.expect("columns queue is null where the kernel does not stamp", problems)


def fails(checks, disk, cgroup):
    """COUNT reads around the bad sector; one row has the error that the reader got."""
    # The one in the middle begins well and ends badly.
    first = BAD_SECTOR * SECTOR // 4096 * 4096 - SIZE * (COUNT // 2) - SIZE // 2

    def reads():
        opened = os.open(disk.path, os.O_RDONLY | os.O_DIRECT)
        block = mmap.mmap(-1, SIZE)
        failed = {}
        for number in range(COUNT):
            try:
                os.preadv(opened, [block], first + number * SIZE)
            except OSError as error:
                failed[str(number)] = errno.errorcode[error.errno]
        os.close(opened)
        return failed

    def work():
        return jobs.forked(cgroup, "reader", reads)

    def expected(done):
        failed = {first // SECTOR + int(number) * SIZE // SECTOR: name
                  for number, name in done.value.items()}

        def find(rows):
            problems = oracle.differences(rows, {**done.submits(), "error": failed_or_none,
                                                 "type": "R", "file": None, "partition": None})
            for row in rows:
                if row["error"] != failed.get(row["sector"]):
                    problems.append(f"the reader got {failed} (by sector): {row}")
            if len(failed) != 1:
                problems.append(f"the reader got {failed}, and not one error")
            return problems + oracle.places(rows, steps(first // SECTOR, SIZE))

        def failed_or_none(name):
            return name is None or name in failed.values()
        return oracle.Expectation(find, lambda row: {"pattern"})

    checks.section(f"{disk.kind} error", disk.name, work, expected)


def bad_medium(checks, cgroup):
    disk = disks.scsi_debug()
    try:
        checks.recorder.add(disk.name)
        disks.write(f"{disks.SCSI_DEBUG}/opts", hex(MEDIUM_ERROR))
        fails(checks, disk, cgroup)
        disks.write(f"{disks.SCSI_DEBUG}/opts", 0)
    finally:
        disks.run("modprobe", "-r", "scsi_debug")


def bad_block(checks, cgroup):
    disk = disks.null_blk("bad", badblocks=f"+{BAD_SECTOR}-{BAD_SECTOR}")
    try:
        checks.recorder.add(disk.name)
        fails(checks, disk, cgroup)
    finally:
        disks.remove_null_blk(disk)
