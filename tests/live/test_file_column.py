"""The file whose data a request reads or writes, against who read and wrote what."""

import concurrent.futures
import mmap
import os
import subprocess

import filesystem
import io_group
import machine
from filesystem import BLOCK, OnAFilesystem, child, opened

class WhoDidWhat:
    """On each filesystem."""

    def test_direct(self):
        path = self.make("/dir/sub/direct")
        with self.recording() as recorded:
            writer = child(lambda: filesystem.write_direct(path), b"writer")
            reader = child(lambda: filesystem.read_direct(path), b"reader")
        for pid, letter in ((writer, "W"), (reader, "R")):
            rows = recorded.of(pid=pid, type=letter, file="/dir/sub/direct")
            self.assert_bytes(rows, 3 * BLOCK, f"the process {letter} in {recorded.rows}")
            self.same({row["op"][0] for row in rows}, {letter}, "operations")

    def test_buffered_read(self):
        path = self.make("/dir/read")
        with self.recording() as recorded:
            reader = child(lambda: filesystem.read_buffered(path), b"reader")
        rows = recorded.of(type="R", file="/dir/read")
        self.assert_bytes(rows, 16 * BLOCK, f"the file in {recorded.rows}")
        self.same({row["comm"] for row in rows}, {"reader"}, "names")
        self.same({row["pid"] for row in rows}, {reader}, "processes")
        self.same({row["partition"] for row in rows}, {None}, "partitions")

    def test_written_back_by_the_kernel(self):
        self.make("/dir/one")
        sizes = {"/dir/one": 64, "/dir/other": 32}
        with self.recording() as recorded:
            for name, blocks in sizes.items():
                filesystem.write_buffered(self.path(name), blocks, sync=False)
                # Each by itself: the kernel makes one request of what is side by side.
                filesystem.write_back(self.filesystem)
        for name, blocks in sizes.items():
            self.assert_bytes(recorded.of(type="W", file=name), blocks * BLOCK,
                              f"{name} in {recorded.rows}")

    def test_memory_mapped(self):
        path = self.make("/mapped", 4)

        def work():
            with opened(path, os.O_RDWR) as fd:
                memory = mmap.mmap(fd, 4 * BLOCK)
                memory[:] = b"y" * (4 * BLOCK)
                memory.flush()  # msync

        with self.recording() as recorded:
            child(work)
        self.assert_bytes(recorded.of(type="W", file="/mapped"), 4 * BLOCK, "the file")

    def test_buffer_of_direct_io_is_not_the_file(self):
        """That it is in the page cache of another file says nothing."""
        target = self.make("/target")
        self.make("/buffer", 1)

        def work():
            with opened(self.path("/buffer"), os.O_RDWR) as fd:
                buffer = mmap.mmap(fd, BLOCK)
                buffer[:] = b"z" * BLOCK
                filesystem.write_direct(target, 4, buffer)
                filesystem.read_direct(target, 4, buffer)

        with self.recording() as recorded:
            pid = child(work)
        rows = recorded.of(pid=pid)
        self.assert_bytes(recorded.of(pid=pid, type="W", file="/target"), 4 * BLOCK,
                          f"writes of the target in {rows}")
        reads = recorded.of(pid=pid, type="R")
        self.assert_bytes(reads, 4 * BLOCK, f"reads in {rows}")
        self.same({row["file"] for row in reads}, {"/target"}, f"the files of {reads}")

    def test_deleted(self):
        self.make("/gone")
        with opened(self.path("/gone"), os.O_RDWR) as fd:
            os.unlink(self.path("/gone"))
            with self.recording() as recorded:
                os.pwrite(fd, b"x" * BLOCK, 0)
                os.fsync(fd)
        self.assert_bytes(recorded.of(file="/gone (deleted)"), BLOCK, f"it in {recorded.rows}")


class Ext4(WhoDidWhat, OnAFilesystem):
    def test_metadata_and_journal(self):
        for number in range(20):
            self.make(f"/dir/{number}", 1)
        self.filesystem.mount_again()
        with self.recording() as recorded:
            child(lambda: os.listdir(self.path("/dir")), b"lister")
            filesystem.write_buffered(self.path("/dir/new"), 1)
        reads = recorded.of(type="R", comm="lister")
        self.assertTrue(reads, "no reads of a directory")
        self.same({row["file"] for row in reads}, {"[metadata]"}, "what a directory is")
        journal = [row for row in recorded.rows if row["comm"].startswith("jbd2/")]
        self.same({row["file"] for row in journal if row["bytes"]}, {"[journal]"},
                  f"what {recorded.rows} are")
        self.assert_bytes(recorded.of(file="/dir/new"), BLOCK, "the file")

    def test_raw_device_has_none(self):
        """Also while it is read through memory, by whatever name."""
        path = self.filesystem.disk.path
        machine.unmount(self.top)
        try:
            with self.recording() as recorded:
                child(lambda: filesystem.read_direct(path, 2), b"direct")
                child(lambda: self.read_some(path), b"buffered")
        finally:
            machine.mount_disk(path, self.top)
        for comm in ("direct", "buffered"):
            self.same({row["file"] for row in recorded.of(comm=comm)}, {None}, comm)

    @staticmethod
    def read_some(path):
        with opened(path, os.O_RDONLY) as fd:
            os.posix_fadvise(fd, 0, 0, filesystem.POSIX_FADV_DONTNEED)
            os.pread(fd, BLOCK, 0)

    def test_overlay(self):
        """A file in a container is that of the directory it lies in."""
        for name in ("lower", "upper", "work", "merged"):
            os.mkdir(self.path(f"/{name}"))
        self.make("/lower/below", 4)
        merged = self.path("/merged")
        subprocess.run(
            ["mount", "-t", "overlay", "overlay", "-o",
             f"lowerdir={self.path('/lower')},upperdir={self.path('/upper')},"
             f"workdir={self.path('/work')}", merged], check=True)
        try:
            with self.recording() as recorded:
                child(lambda: filesystem.write_buffered(f"{merged}/new", 4), b"writer")
                child(lambda: filesystem.read_direct(f"{merged}/below", 4), b"reader")
        finally:
            machine.unmount(merged)
        self.assert_bytes(recorded.of(type="W", file="/upper/new"), 4 * BLOCK, "the new file")
        self.assert_bytes(recorded.of(type="R", file="/lower/below", comm="reader"), 4 * BLOCK,
                          "the file below")

    def test_io_of_fio(self):
        """By its engines: what is issued by threads of the kernel too."""
        engines = ["libaio", "io_uring", "psync"]
        for engine in engines:
            self.make(f"/{engine}")
        with self.recording() as recorded:
            for engine in engines:
                subprocess.run(
                    ["fio", f"--name={engine}", f"--filename={self.path('/' + engine)}",
                     "--size=64k", "--bs=4k", "--rw=randwrite", "--direct=1", "--iodepth=8",
                     f"--ioengine={engine}", "--output=/dev/null", "--thread"], check=True)
        for engine in engines:
            rows = recorded.of(file=f"/{engine}", type="W")
            self.assert_bytes(rows, 16 * BLOCK, engine)


class Xfs(WhoDidWhat, OnAFilesystem):
    kind = "xfs"


class Btrfs(WhoDidWhat, OnAFilesystem):
    kind = "btrfs"


class TwoWriters(OnAFilesystem):
    WRITES = 10000

    def test_ten_thousand_writes_by_two_processes_in_two_groups(self):
        """Written back by the kernel, each row has its file; and its cgroup where the
        kernel knows whose a page is (v2)."""
        try:
            groups = [io_group.IoGroup("one"), io_group.IoGroup("two")]
        except io_group.NoGroup as error:
            self.skipTest(str(error))
        files = ["/one", "/two"]
        # Not side by side, where the kernel may make one request of parts of both.
        for name, blocks in (("/one", 5000), ("/between", 100), ("/two", 5000)):
            with opened(self.path(name), os.O_RDWR | os.O_CREAT) as fd:
                os.posix_fallocate(fd, 0, blocks * BLOCK)
                os.fsync(fd)
        order = list(range(self.WRITES // 2))
        order = order[::2] + order[1::2][::-1]
        with groups[0], groups[1]:
            with self.recording() as recorded:
                with concurrent.futures.ThreadPoolExecutor() as pool:
                    list(pool.map(lambda *whose: self.write(order, *whose), files, groups))
                filesystem.write_back(self.filesystem)
            for name, group in zip(files, groups):
                rows = recorded.of(type="W", file=name)
                self.assert_bytes(rows, self.WRITES // 2 * BLOCK, name)
                self.same({row["cgroup"] for row in rows}, {"/" if group.is_v1 else group.name},
                          f"cgroups of {name}")
            self.figures = f"{len(recorded.rows)} rows"

    def write(self, order, name, group):
        def work():
            with opened(self.path(name), os.O_RDWR | os.O_CREAT) as fd:
                for number in order:
                    os.pwrite(fd, b"x" * BLOCK, number * BLOCK)
        return child(work, before=[group.join])
