"""Columns of requests for files by O_DIRECT: libaio, io_uring, and write(2)."""

import os

import column_oracle as oracle
import disks
import extents
import jobs

TARGET = "/direct/target.data"
SIZE = 16384
COUNT = 64  # of that size in the file
BLOCK = 4096
DEPTH = 4
READ = {"R", "RS"}  # of which the second is waited for


def one(files, title, letter, work, step, count):
    """`work(path)` transfers `count` times SIZE, `step` bytes from one to the next."""
    def expected(done, places):
        of_file = [extent for extent in places.extents if extent[2] == TARGET]
        wanted = [(extents.sector_at(of_file, number * step), SIZE) for number in range(count)]
        if files.fs.kind == "btrfs":
            # It reads through the page cache where a buffer was not touched before (7.2).
            wanted = wanted[DEPTH:]

        def find(rows):
            those = places.of(rows, TARGET)
            direct = [row for row in those if row["sector"] >= wanted[0][0]]
            return oracle.differences(those, {**done.submits(), "type": letter}) + \
                oracle.differences(direct, {"op": READ if letter == "R" else "WS"}) + \
                oracle.places(direct, wanted)
        return find

    files.section(title, lambda: work(files.fs.path(TARGET)), [], expected,
                  unknown=set() if files.fs.names_direct_io() else {TARGET})


def each(files):
    """One way after the other, with a file whose blocks are there."""
    fs = files.fs
    os.mkdir(os.path.dirname(fs.path(TARGET)))
    disks.run("dd", "if=/dev/zero", f"of={fs.path(TARGET)}", f"bs={SIZE}", f"count={COUNT}",
              "conv=fsync")
    files.learn(TARGET)

    def by_fio(engine, rw, cgroup):
        return lambda path: jobs.fio(cgroup, path, f"--ioengine={engine}", f"--iodepth={DEPTH}",
                                     f"--rw={rw}:{SIZE}", f"--bs={SIZE}", f"--size={SIZE * COUNT}",
                                     f"--number_ios={COUNT // 2}")

    def by_dd(path):
        return jobs.run(files.second, "dd", "if=/dev/zero", f"of={path}", "oflag=direct",
                        "conv=notrunc", f"bs={SIZE}", f"count={COUNT}")

    if fs.kind != "btrfs":  # which writes what has a checksum elsewhere, or buffers it
        one(files, "libaio writes", "W", by_fio("libaio", "write", files.first), 2 * SIZE,
            COUNT // 2)
        one(files, "dd direct writes", "W", by_dd, SIZE, COUNT)
    one(files, "libaio reads", "R", by_fio("libaio", "read", files.second), 2 * SIZE, COUNT // 2)
    one(files, "io_uring reads", "R", by_fio("io_uring", "read", files.first), 2 * SIZE, COUNT // 2)


def at_once(files, by_name, count):
    """A process for each name, by_name[name] is (fio's engine, cgroup): each writes
    `count` blocks of its file, which is there."""
    def work():
        running = [(name, jobs.start_fio(cgroup, files.fs.path(name), f"--ioengine={engine}",
                                         "--iodepth=8", "--rw=randwrite", f"--bs={BLOCK}",
                                         f"--number_ios={count}"))
                   for name, (engine, cgroup) in by_name.items()]
        return {name: jobs.finish_fio(*started) for name, started in running}

    def expected(done, places):
        def find(rows):
            problems = []
            for name, process in done.items():
                those = places.of(rows, name)
                problems += oracle.differences(those, {
                    **process.submits(), "type": "W", "op": "WS", "file": name})
                problems += oracle.exactly(those, name, count * BLOCK)
            return problems
        return find

    files.section(f"{len(by_name) * count} direct writes", work, [], expected)
