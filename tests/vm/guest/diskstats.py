"""What the kernel counts for a disk, Documentation/block/stat.rst."""

import dataclasses
import time

SECTOR = 512


@dataclasses.dataclass
class Counts:
    reads: int
    read_sectors: int
    writes: int
    write_sectors: int
    discards: int
    discard_sectors: int
    flushes: int
    merges: int

    def __sub__(self, other):
        return Counts(*(getattr(self, field.name) - getattr(other, field.name)
                        for field in dataclasses.fields(self)))

    @property
    def sectors(self):
        return self.read_sectors + self.write_sectors + self.discard_sectors


def words(disk, name):
    with open(f"/sys/block/{disk}/{name}") as file:
        return file.read().split()


def read(disk):
    field = [int(word) for word in words(disk, "stat")]
    return Counts(reads=field[0], read_sectors=field[2], writes=field[4], write_sectors=field[6],
                  discards=field[11], discard_sectors=field[13], flushes=field[15],
                  merges=field[1] + field[5] + field[12])


def at_rest(disk):
    """The counts once nothing is in flight: a request is counted a little after
    its reader is told that it is done."""
    end = time.monotonic() + 120
    before = None
    while time.monotonic() < end:
        now = read(disk)
        if now == before and words(disk, "inflight") == ["0", "0"]:
            return now
        before = now
        time.sleep(0.05)
    raise TimeoutError(f"{disk} does not come to rest")


def has_write_cache(disk):
    """Whether a flush reaches the disk; without a cache the kernel drops it."""
    return words(disk, "queue/write_cache") == ["write", "back"]


def differences(rows, kernel):
    """How the rows of a disk differ from what the kernel counted for it."""
    # A flush is a request of its own, which the kernel counts apart. It comes out
    # of a write of no bytes, which the kernel counts too, though no disk sees it.
    wanted = {"R": (kernel.reads, kernel.read_sectors * SECTOR),
              "W": (kernel.writes - kernel.flushes + kernel.discards,
                    (kernel.write_sectors + kernel.discard_sectors) * SECTOR),
              "M": (kernel.flushes, 0)}
    problems = []
    for letter, expected in wanted.items():
        sizes = [row.size for row in rows if row.letter == letter]
        seen = len(sizes), sum(sizes)
        if seen != expected:
            problems.append(f"{letter}: {seen[0]} rows of {seen[1]} bytes, where the kernel "
                            f"counted {expected[0]} of {expected[1]}")
    return problems
