#!/usr/bin/python3
"""Generates trace_pipe streams from a seed.

    generate.py main|odd|mutated [--seed S] [--lines N] > stream

main     lines that both originals take: rows, and lines that they pass over
odd      the same, with lines of which at least one of them dies in between
mutated  lines of all these kinds, in each of which some bytes are others

The same seed and number of lines give the same bytes.
"""

import argparse
import random
import sys

import corners
from oracle import PIECE
from words import BROKEN_UTF8, BYTES_SPACES, LOOKALIKES, TEXT_SPACES, Words

COMMS = (b"<idle>", b"<...>", b"fio", b"dd", b"kworker/0:1H", b"kworker/u8:3", b"jbd2/nvme0n1-8", "naïve-ß".encode(),
         b"my prog", b"[kthread]", b"a-1", b"-", b":", b"1 [000] d.h. 1.0:"[:16], b"CPU:", b"CPU:1 [LOST 2 E", b"CPU:1 [LOST 2 EV")
COMM_BYTES = bytes(b" :[]-()<>/.,_0129aZ\t\r\v\f\x01\x1c\x7f\x80\x85\xa0\xc3\xbf\xff")
CMD_FLAGS = (0, 1, 0x700, 0x3000, 0x80700, 0x8801, 0x29801, 0x3, 0x5, 0x23)
LENGTHS = (0, 0, 0, 512, 4096, 4096, 8192, 131072, 1048576, 2**31 - 1, -(2**31), -1)
LATENCIES = (0, 1, -1, 4, -4, 5, 994, 995, 2**31 - 1, -(2**31), 2**63 - 1, -(2**63), 2**53 + 1)
SYMBOLS = (b"bpf_trace_printk", b"bpf_trace_printk", b"bpf_trace_printk", b"0x00000001", b"", b"tracing_mark_write")
EDITS = (b" ", b":", b"\0", b"\r", b"\v", b"_", b"-", b"+", b".", b"[", b"0", b"1", b"f", b"x", b"\xff", b"\xc3\xa9", b"\x85",
         b"\xc2\x85", b"\xe2\x80\x83", b"\x1c", b"e", b"CPU:", b"   ", b"\n", b"\t")


class Lines:
    """Draws lines, each with its newline, from a random.Random."""

    def __init__(self, rng):
        self.rng = rng
        self.words = Words(rng)
        self.microseconds = rng.choice((0, rng.randrange(10**8), rng.randrange(10**15)))

    def comm(self):
        rng = self.rng
        kind = rng.random()
        if kind < 0.6:
            return rng.choice(COMMS)
        size = rng.randint(0, 16)
        if kind < 0.9:
            return bytes(rng.choices(COMM_BYTES, k=size))
        # Anything but NUL, at which the kernel's string ends; also newlines.
        return rng.randbytes(size).replace(b"\0", b"\n")

    def timestamp(self):
        """Microseconds, mostly rising: each CPU's buffer is in order, the stream is not."""
        rng = self.rng
        kind = rng.random()
        if kind < 0.0005:
            self.microseconds = rng.choice((0, rng.randrange(10**9), rng.randrange(10**15, 5 * 10**15), rng.getrandbits(62)))
        elif kind < 0.06:
            return max(0, self.microseconds - rng.randrange(10**5))
        self.microseconds += rng.randrange(20000)
        return self.microseconds

    def flags(self):
        rng = self.rng
        flags = rng.choice("dDXxb.-") + rng.choice("Nnp.Ll") + rng.choice("HhsZz.") + rng.choice("0123456789abcdef.")
        return (flags + rng.choice(("", "", rng.choice("0123456789abcdef.")))).encode()

    def header(self, comm=None, pid=None, cpu=None, timestamp=None, symbol=None):
        """A line up to its message, in the kernel's columns."""
        rng = self.rng
        if comm is None:
            comm = self.comm()
        if pid is None:
            pid = rng.choice((b"0", b"%d" % rng.randrange(10 ** rng.randint(1, 7))))
        if cpu is None:
            cpu = b"%03d" % rng.choice((0, 1, rng.randrange(8192)))
        if timestamp is None:
            seconds, micros = divmod(self.timestamp(), 10**6)
            # Some clocks of the kernel count in units of their own.
            timestamp = b"%5d.%06d" % (seconds, micros) if rng.random() < 0.99 else b"%12d" % micros
        if symbol is None:
            symbol = SYMBOLS[0] if rng.random() < 0.95 else rng.choice(SYMBOLS)
        width = 7 if rng.random() < 0.9 else 5  # up to Linux 5.4, and since
        return b"%s-%s [%s] %s %s: %s: " % (comm.rjust(16), pid.ljust(width), cpu, self.flags(), timestamp, symbol)

    def length(self):
        rng = self.rng
        return rng.choice(LENGTHS) if rng.random() < 0.6 else self.words.signed(32)

    def cmd_flags(self):
        rng = self.rng
        return rng.choice((rng.choice(CMD_FLAGS), 1 << rng.randrange(32), rng.getrandbits(32)))

    def latency(self):
        rng = self.rng
        kind = rng.random()
        if kind < 0.1:
            return rng.choice(LATENCIES)
        return self.words.signed(64) if kind < 0.2 else self.words.signed(32)

    def message(self):
        return b"%d %x %d" % (self.length(), self.cmd_flags(), self.latency())

    def row(self):
        """A row as the kernel writes it: the program's newline, and trace_pipe's own."""
        return self.header() + self.message() + b"\n\n"

    def spelled_row(self):
        """Numbers as no kernel writes them, and Python reads them."""
        rng, words = self.rng, self.words
        header = self.header(
            # A newline in it would cut the line within the spelled pid.
            comm=self.comm().replace(b"\n", b"?"),
            pid=words.integer(9).encode() if rng.random() < 0.3 else None,
            cpu=words.integer(4).encode() if rng.random() < 0.3 else None,
            timestamp=words.real().encode() if rng.random() < 0.4 else None)
        longest = rng.choice((2, 12, 12, 12, 200))
        message = f"{self.length()} {words.hexadecimal(longest)} {words.integer(longest)}"
        return header + message.encode() + rng.choice((b"\n\n", b"\n", b"\r\n", b" \n"))

    def text_row(self):
        """BYTES is any text; white space of any width around the words."""
        rng = self.rng
        gaps = ["".join(rng.choices(BYTES_SPACES, k=rng.randint(0 if end else 1, 3))) for end in (1, 0, 0, 1)]
        words = [self.words.text(8), b"%x" % self.cmd_flags(), b"%d" % self.latency()]
        message = gaps[0].encode() + b"".join(word + gap.encode() for word, gap in zip(words, gaps[1:]))
        return self.header() + message + b"\n"

    def misshapen_row(self):
        """A row all the same, for the way in which bcc cuts a line up."""
        rng = self.rng
        comm = self.comm().replace(b"\n", b"?").rjust(16)
        if comm.startswith(b"CPU:"):
            comm = b"x" * 16
        gap = rng.choice((b"-", b" ", b":", b"\0", b"\r", b"7", b"\xff"))
        pid, cpu, flags = b"%d" % rng.randrange(10), b"[%d]" % rng.randrange(10**3), b"%x" % self.cmd_flags()
        kind = rng.randrange(4)
        if kind == 0:  # no colon: the last byte falls off, and the fields are the message
            return b"%s%s%s %s %s %d\n" % (comm, gap, pid, cpu, flags, rng.randrange(10, 10**9))
        header = b"%s%s%s\t%s \v%s  %d.5:" % (comm, gap, pid, cpu, flags, rng.randrange(10**5))
        if kind == 1:  # one colon
            return header + rng.choice((b" ", b"x", b"\0")) + self.message() + b"\n"
        if kind == 2:  # any byte after the second colon
            return header + b"f:" + rng.choice((b" ", b"\0", b"\t", b":", b"A", b"\xff")) + self.message() + b"\n"
        # more colons
        return header + b" f: " + b"a:b" * rng.randint(1, 3) + b" %x %d\n" % (self.cmd_flags(), self.latency())

    def lost(self):
        rng = self.rng
        if rng.random() < 0.05:  # the kernel does not know how many
            return b"CPU:%d [LOST EVENTS]\n" % rng.randrange(8)
        return b"CPU:%d [LOST %d EVENTS]\n" % (rng.randrange(512), rng.randrange(1, 10 ** rng.randint(1, 8)))

    def passed_over(self):
        """A line in which trace_fields() sees nothing."""
        rng = self.rng
        row = self.header(comm=b"fio") + self.message()
        comm, rest = row[:17], row[17:]
        return rng.choice((
            b"", b" \t\v\f\r", b"\0", b"x" * rng.randrange(18),
            comm + rest[:rng.randrange(12)],  # ends before its last field
            comm + b"1 (   77) " + rest.lstrip(b"0123456789"),  # a column too many, with the option record-tgid
            comm + rest.lstrip(b"0123456789"),  # a column too few
            comm + b": 4 5 6")) + b"\n"

    def long_line(self):
        """More than readline(1024) takes: the rest is a line of its own."""
        rng = self.rng
        row = self.header().replace(b"\n", b"?")
        row = (b"x" + row[1:] if row.startswith(b"CPU:") else row) + self.message()
        kind = rng.randrange(5)
        if kind == 0:  # the newline around the boundary
            return row.ljust(PIECE + rng.randint(-3, 3)) + b"\n"
        if kind == 1:  # two rows on one line
            return row.ljust(PIECE) + self.row()
        if kind == 2:
            return row.ljust(PIECE * rng.randint(1, 3)) + self.lost()
        if kind == 3:  # a rest in which there is nothing
            return row.ljust(PIECE) + b"z" * rng.randint(1, 3000) + b"\n"
        pid = b"%0*d" % (rng.randint(100, 900), rng.randrange(10**6))
        return self.header(comm=b"fio", pid=pid) + self.message() + b"\n"

    def good(self):
        """A line that neither original dies of."""
        kind = self.rng.random()
        if kind < 0.90:
            return self.row()
        if kind < 0.93:
            return self.spelled_row()
        if kind < 0.95:
            return self.text_row()
        if kind < 0.965:
            return self.misshapen_row()
        if kind < 0.98:
            return self.lost()
        if kind < 0.995:
            return self.passed_over()
        return self.long_line()

    def miscounted(self):
        """A message of another number of words."""
        rng = self.rng
        words = [rng.choice((b"4096", b"1", b"0", b"hello,", b"world", b"\xff")) for _ in range(rng.choice((0, 1, 2, 2, 4, 4, 5)))]
        return self.header() + b" ".join(words) + b"\n"

    def misspelled(self):
        """A number, or several, that Python does not read."""
        rng = self.rng
        fields = [None, None, None, b"4096", b"1", b"100"]
        for _ in range(rng.choice((1, 1, 2))):
            fields[rng.randrange(6)] = self.words.refused().encode()
        pid, cpu, timestamp, *words = fields
        return self.header(pid=pid, cpu=cpu, timestamp=timestamp) + b" ".join(words) + b"\n"

    def undecodable(self):
        """Bytes that are no UTF-8: nothing to bcc's script, the end of the other."""
        rng = self.rng
        words = self.message().split()
        for _ in range(rng.choice((1, 1, 2))):
            index = rng.choice((0, 0, 0, 1, 2))
            words[index] = rng.choice((words[index], b"")) + rng.choice(BROKEN_UTF8) + rng.choice((b"", b"a"))
        return self.header() + b" ".join(words) + b"\n"

    def spaced(self):
        """White space that only one of the two sees."""
        rng = self.rng
        gaps = TEXT_SPACES + LOOKALIKES + BYTES_SPACES
        words = [str(self.length()), f"{self.cmd_flags():x}", str(self.latency())]
        rest = "".join(rng.choice(gaps) + word for word in words)
        return self.header() + rng.choice((rest, rest[1:], rest + rng.choice(gaps))).encode() + b"\n"

    def other_script(self):
        """Digits of other scripts than Latin."""
        words = self.words
        message = f"{words.integer(5, True)} {words.hexadecimal(5, True)} {words.integer(5, True)}"
        return self.header() + message.encode() + b"\n"

    def huge(self):
        return self.header() + b"4096 " + self.words.hexadecimal(300).encode() + b" " + self.words.huge().encode() + b"\n"

    def edited(self):
        """A row with some bytes put in, taken out or changed."""
        rng = self.rng
        line = bytearray(self.header() + self.message())
        for _ in range(rng.randint(1, 3)):
            start = rng.randrange(len(line) + 1)
            line[start:start + rng.choice((0, 1, 1, 4))] = rng.choice(EDITS + (b"",))
        return bytes(line) + b"\n"

    def random_bytes(self):
        rng = self.rng
        alphabet = rng.choice((b"".join(EDITS), bytes(range(256)), b"01:[] -._f"))
        return bytes(rng.choices(alphabet, k=rng.randint(0, 90))) + b"\n"

    def cut(self):
        """A long line that readline(1024) cuts anywhere."""
        rng = self.rng
        row = self.header() + self.message()
        return (row + rng.choice((b" ", b"\t", b"7", b"\xc3\xa9")) * rng.randrange(600, 1200))[rng.randrange(3):] + row + b"\n"

    def word_at_random(self, line):
        """Where a word of the line begins, and where it ends."""
        begins = [at for at in range(len(line)) if line[at] > 0x20 and (at == 0 or line[at - 1] <= 0x20)]
        if not begins:
            return 0, len(line)
        begin = self.rng.choice(begins)
        end = begin
        while end < len(line) and line[end] > 0x20:
            end += 1
        return begin, end

    def mutate(self, line, other):
        """Changes a piece of `line`, by one of `other` perhaps."""
        rng, words = self.rng, self.words
        start = rng.randrange(len(line) + 1)
        length = rng.choice((0, 1, 1, 1, 2, 4, 16))
        kind = rng.randrange(10)
        if kind == 0:
            line[start:start + 1] = rng.randbytes(1)
        elif kind == 1:
            line[start:start + length] = rng.choice(EDITS)
        elif kind == 2:
            del line[start:start + length]
        elif kind == 3:  # twice
            line[start:start] = line[start:start + length]
        elif kind == 4:  # goes on as another line does
            line[start:] = other[rng.randrange(len(other) + 1):]
        elif kind == 5 and start < len(line):
            line[start] ^= 1 << rng.randrange(8)
        elif kind == 6:  # words change their places
            (first, first_end), (last, last_end) = sorted((self.word_at_random(line), self.word_at_random(line)))
            if first_end <= last:
                line[first:last_end] = line[last:last_end] + line[first_end:last] + line[first:first_end]
        else:  # a word is another one
            begin, end = self.word_at_random(line)
            line[begin:end] = rng.choice((
                words.integer, words.hexadecimal, words.real, words.refused, words.huge, lambda: words.integer(5, True),
                lambda: words.hexadecimal(5, True), lambda: "[%s]" % words.integer(3), lambda: str(words.signed(64)),
                lambda: rng.choice(TEXT_SPACES + LOOKALIKES)))().encode()

    def mutated(self):
        """A line of any kind, changed in some places."""
        line, other = bytearray(self.good()), self.good()
        if self.rng.random() < 0.2:
            line = bytearray(self.odd())
        end = b"\n" if line.endswith(b"\n") else b""
        line = bytearray(line.rstrip(b"\n"))
        for _ in range(self.rng.choice((1, 1, 1, 2, 2, 3, 6))):
            self.mutate(line, other.rstrip(b"\n"))
        return bytes(line) + end

    def odd(self):
        """A line of any kind."""
        return self.rng.choice((
            self.good, self.good, self.good, self.spelled_row, self.text_row, self.misshapen_row, self.long_line,
            self.miscounted, self.misspelled, self.misspelled, self.undecodable, self.spaced, self.other_script,
            self.huge, self.edited, self.edited, self.edited, self.random_bytes, self.cut))()


def main_stream(seed, count):
    """`count` lines that neither original dies of."""
    lines = Lines(random.Random(f"main {seed}"))
    return b"".join(lines.good() for _ in range(count))


def odd_stream(seed, count):
    """`count` lines of every kind, and among them all corners."""
    rng = random.Random(f"odd {seed}")
    lines = Lines(rng)
    chosen = [lines.odd() for _ in range(count)] + [line + b"\n" for line in corners.LINES]
    rng.shuffle(chosen)
    return b"".join(chosen)


def mutated_stream(seed, count):
    """`count` lines of every kind, changed."""
    lines = Lines(random.Random(f"mutated {seed}"))
    return b"".join(lines.mutated() for _ in range(count))


def short_streams(seed):
    """Streams that differ in how they begin and how they end."""
    rng = random.Random(f"short {seed}")
    lines = Lines(rng)
    row = lines.header(comm=b"fio", timestamp=b"5.5") + b"4096 1 100"
    streams = [b"", b"\n", b"\n\n\n", b" ", b"x", row, row + b" ", row + b"\n", row + b"\r", b"\n" + row,
               row.ljust(PIECE - 1), row.ljust(PIECE), row.ljust(PIECE) + row, row + b"\n" + row[:30],
               b"CPU:0 [LOST 5 EVENTS]", b"CPU:0 [LOST 5 EVENTS]\nCPU:1 [LOST 7 EVENTS]\n", b"\xff", row + b"\xff", row + b" 5"]
    # `start` is set by the first row, and again while it is 0; not by a line
    # with which the script could not go on.
    for first in (b"0.000000", b"-0.0", b"0e5", b"1e-400", b"nan", b"inf", b"-inf", b"1e300", b"-5.5", b"9999999999.999999"):
        head = lines.header(comm=b"fio", timestamp=first)
        died = rng.choice((b"0 1 five\n", b"0 one 5\n", b"0 1 " + b"9" * 400 + b"\n", b"0 1\n", b"\xff 1 5\n"))
        for message in (b"0 1 5\n", died):
            streams.append(head + message + b"".join(lines.good() for _ in range(rng.randint(1, 9))))
    for _ in range(10):
        stream = b"".join(lines.odd() for _ in range(rng.randint(1, 30)))
        streams.append(rng.choice((stream, stream.rstrip(b"\n"), stream[:-rng.randint(1, 60)])))
    return streams


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("kind", choices=("main", "odd", "mutated"))
    parser.add_argument("--seed", type=int, default=random.SystemRandom().getrandbits(32))
    parser.add_argument("--lines", type=int, default=200000)
    arguments = parser.parse_args()
    print(f"seed {arguments.seed}", file=sys.stderr)
    make = {"main": main_stream, "odd": odd_stream, "mutated": mutated_stream}[arguments.kind]
    sys.stdout.buffer.write(make(arguments.seed, arguments.lines))


if __name__ == "__main__":
    main()
