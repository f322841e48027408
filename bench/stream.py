#!/usr/bin/python3
"""Makes a long trace_pipe stream from a recorded one, by repetition.

    stream.py RECORDED ROWS > stream

The timestamps of each repetition go on where the one before it ended; all
else is as recorded, with the blank line that follows each row.
"""

import itertools
import re
import sys

LINE = re.compile(rb"(.{16}-\d+ +\[\d+\] \S+ +)(\d+)\.(\d{6})(: bpf_trace_printk: -?\d+ [0-9a-f]+ \d+)")


def read_rows(path):
    """(before the timestamp, microseconds, after it) of each row."""
    with open(path, "rb") as file:
        found = [LINE.fullmatch(line) for line in file.read().split(b"\n")]
    return [(match[1], int(match[2]) * 1_000_000 + int(match[3]), match[4]) for match in found if match]


def repeat(rows, count):
    """The stream of `count` rows, in pieces."""
    length = rows[-1][1] - rows[0][1] + 1000
    times = -(-count // len(rows))
    every = ((row, number * length) for number in range(times) for row in rows)
    for (before, time, after), shift in itertools.islice(every, count):
        seconds, micros = divmod(time + shift, 1_000_000)
        yield b"%s%d.%06d%s\n\n" % (before, seconds, micros, after)


def write(recorded, count, path):
    with open(path, "wb") as file:
        file.writelines(repeat(read_rows(recorded), count))


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__.strip())
    sys.stdout.buffer.writelines(repeat(read_rows(sys.argv[1]), int(sys.argv[2])))
