"""A row for every request: the rows against the kernel's own count."""

import collections
import os
import subprocess

import tracer
from loop import LoopDisk, fio


# Of runs in which the kernel shows every completion; the program tells when it
# did not.
ATTEMPTS = 5


def all_of_them(count, *options):
    """A fio run of so many requests, each a request of the disk."""
    def run(disk):
        job = fio(disk, f"--number_ios={count}", *options)
        return {"done": job["read"]["total_ios"] + job["write"]["total_ios"],
                "syncs": job["sync"]["total_ios"]}
    return run


def synchronous_writes(count):
    """Writes that are each flushed, and followed by an fsync that the kernel
    makes itself."""
    def run(disk):
        done = all_of_them(count, "--rw=randwrite", "--bs=4k", "--ioengine=psync",
                           "--sync=dsync")(disk)
        return {**done, "syncs": done["done"]}
    return run


def some(*options):
    """A fio run whose requests the kernel splits or merges."""
    def run(disk):
        return {"syncs": fio(disk, *options)["sync"]["total_ios"]}
    return run


def blkdiscard(*options):
    def run(disk):
        subprocess.run(["blkdiscard", *options, disk.path], check=True)
        return {"syncs": 0}
    return run


WORK = {
    "reads": all_of_them(1000, "--rw=randread", "--bs=4k", "--iodepth=16"),
    "small_reads": all_of_them(1000, "--rw=randread", "--bs=512", "--iodepth=1"),
    "writes": all_of_them(1000, "--rw=randwrite", "--bs=4k", "--iodepth=16"),
    "mixed": all_of_them(2000, "--rw=randrw", "--bsrange=512-128k", "--bs_unaligned=0",
                         "--blockalign=512", "--iodepth=8"),
    "split": some("--rw=randrw", "--bs=8M", "--io_size=256M", "--iodepth=4"),
    "merged": some("--rw=write", "--bs=4k", "--size=16M", "--iodepth=64",
                   "--iodepth_batch_submit=64", "--iodepth_batch_complete_min=64"),
    "flushes": all_of_them(500, "--rw=randwrite", "--bs=4k", "--iodepth=1", "--fsync=5"),
    "synchronous_writes": synchronous_writes(500),
    "discards": some("--rw=randtrim", "--bs=64k", "--number_ios=500", "--ioengine=psync"),
    "discard_of_all": blkdiscard("--step", "1M"),
    "zeroes": blkdiscard("--zeroout", "--length", "64M"),
    "two_jobs": all_of_them(2000, "--rw=randrw", "--bs=4k", "--iodepth=16", "--numjobs=2",
                            "--offset_increment=128M", "--size=128M"),
}


def expected(kernel, known):
    """Rows of each T for what the kernel counted.

    A flush is a request of its own, which the kernel counts apart from the
    rest. It comes out of a write request of no bytes, which the kernel counts
    too, though no disk ever sees it: one for every fsync."""
    return collections.Counter(R=kernel.reads, M=kernel.flushes,
                               W=kernel.writes - known["syncs"] + kernel.discards)


class Counts(tracer.Check):
    def trace(self, work, user):
        """What is known of the work, what the kernel counted, and how the
        program ended."""
        with LoopDisk(os.path.join(tracer.place.path, "disk")) as disk:
            before = disk.counts()
            with tracer.Tracer("-d", disk.name, "--engine=tracepoint", user=user) as traced:
                traced.wait_for_header()
                known = WORK[work](disk)
                kernel = disk.counts() - before
                return known, kernel, traced.end()

    def compare(self, work, user):
        self.loop()
        for _ in range(ATTEMPTS):
            known, kernel, done = self.trace(work, user)
            if done.unseen() == 0:
                break
        rows = self.assert_ended_well(done)
        seen = collections.Counter(row[2].decode() for row in rows)
        self.same(seen, expected(kernel, known), "rows")
        self.same(sum(int(row[3]) for row in rows), kernel.sectors * 512, "BYTES")
        if "done" in known:
            self.same(seen["R"] + seen["W"], known["done"], "rows of what fio did")
        # What the work is there for did happen.
        self.assertGreater(len(rows), 0, "rows")
        for kind, count in (("merged", kernel.merges), ("flushes", seen["M"]),
                            ("synchronous_writes", seen["M"]), ("discards", kernel.discards),
                            ("discard_of_all", kernel.discards)):
            if work == kind:
                self.assertGreater(count, 0, kind)
        self.figures = (f"{seen['R']} R, {seen['W']} W, {seen['M']} M, "
                        f"{kernel.sectors * 512} bytes")


def add_checks():
    for work in WORK:
        for name, user in (("root", tracer.ROOT), ("nobody", tracer.NOBODY)):
            setattr(Counts, f"test_{work}_as_{name}",
                    lambda self, work=work, user=user: self.compare(work, user))


add_checks()
