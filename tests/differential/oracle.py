#!/usr/bin/python3
"""What the Python original prints for a recorded trace_pipe stream.

    oracle.py [--foreign] SCRIPT STREAM > rows

SCRIPT is an unmodified disksnoop.py and runs with the real bcc package: its
loop, bcc's trace_fields() and all formatting are the real ones. Replaced is
only what needs a kernel: BPF's constructor, attach_kprobe, the look-up of
kernel symbols and cleanup. The trace file gives the recorded lines and then
the Ctrl-C that ends the script.

With --foreign, a line of which the script dies is left out and its number is
told on stderr; without, such a line is an error.

bcc is a package of the system's Python: this runs under /usr/bin/python3.
"""

import argparse
import bisect
import io
import re
import sys

# What bcc's trace_readline() passes to readline(): a longer line comes in
# pieces of this size, and each piece is a line to it.
PIECE = 1024

LOST = re.compile(rb"CPU:\d+ \[LOST (\d+) EVENTS\]\s*")


class Unavailable(Exception):
    """The original cannot run here; the message says why."""


class Died(Exception):
    """The script died of the line with this index."""

    def __init__(self, index, cause):
        super().__init__(f"line {index + 1}: {type(cause).__name__}: {cause}")
        self.index = index


def split(stream):
    """The pieces in which the original reads the bytes of a stream."""
    reader = io.BufferedReader(io.BytesIO(stream))
    return list(iter(lambda: reader.readline(PIECE), b""))


class _TraceFile:
    """The trace_pipe that the script reads."""

    def __init__(self, pieces, start, printed):
        self.pieces = pieces
        self.printed = printed
        self.index = start - 1
        # For each piece, how much was printed before the script asked for it.
        self.offsets = []

    def readline(self, size):
        if size != PIECE:
            raise AssertionError(f"bcc reads {size} bytes at a time, not {PIECE}")
        self.offsets.append(self.printed.tell())
        self.index += 1
        if self.index == len(self.pieces):
            raise KeyboardInterrupt
        return self.pieces[self.index]


class Answer:
    """What the original prints, and of which lines it would have died."""

    def __init__(self, output, pieces, offsets, foreign):
        self.output = output
        self.foreign = foreign
        numbers = [int(match[1]) for match in map(LOST.fullmatch, pieces) if match]
        # The kernel's number has 64 bits, and no kernel loses more.
        self.lost = sum(number for number in numbers if number < 2**64) % 2**64
        self.pieces = pieces
        self._offsets = offsets
        dropped = set(foreign)
        self._kept = [index for index in range(len(pieces)) if index not in dropped]

    def read_for(self, offset):
        """The indices of the lines read for the row at `offset` of the output:
        from after the line that printed the row before to its own, or to the
        end of the stream where the output ends."""
        if not self._offsets or offset < self._offsets[0]:
            return range(0)  # the header, or nothing is known
        own = bisect.bisect_right(self._offsets, offset) - 1
        before = bisect.bisect_right(self._offsets, offset - 1) - 1
        last = self._kept[own] if own < len(self._kept) else len(self.pieces) - 1
        return range(self._kept[before] + 1 if before >= 0 else 0, last + 1)


class Oracle:
    """An unmodified script, ready to run over any number of streams."""

    # Line buffered, as on a terminal. In a pipe, bcc's own script prints its
    # first row before the header: the row goes straight to the buffer under
    # the text layer, where the header still waits.
    _printed = io.BytesIO()
    _stdout = io.TextIOWrapper(_printed, encoding="utf-8", newline="\n", line_buffering=True)
    _bpf = None

    def __init__(self, script):
        try:
            with open(script, "rb") as file:
                self._code = compile(file.read(), script, "exec")
        except FileNotFoundError:
            raise Unavailable(f"there is no {script}") from None
        self._load_bcc()

    @classmethod
    def _load_bcc(cls):
        if cls._bpf:
            return
        # bcc's printb() keeps the sys.stdout of the time of its import.
        stdout, sys.stdout = sys.stdout, cls._stdout
        try:
            from bcc import BPF
        except ImportError as error:
            raise Unavailable(f"python3-bpfcc is not installed ({error})") from None
        finally:
            sys.stdout = stdout
        BPF.attach_kprobe = lambda self, *args, **kwargs: None
        BPF.get_kprobe_functions = staticmethod(lambda event_re: [])
        BPF.cleanup = lambda self: None
        cls._bpf = BPF

    def _run(self, pieces, start=0):
        """Runs the script over the pieces from `start` on: its output, and its trace file."""
        self._printed.seek(0)
        self._printed.truncate()
        trace_file = _TraceFile(pieces, start, self._printed)

        def init(bpf, *_args, **_kwargs):
            bpf.tracefile = trace_file

        self._bpf.__init__ = init
        # exit() closes sys.stdin.
        stdin, stdout = sys.stdin, sys.stdout
        sys.stdin, sys.stdout = io.StringIO(), self._stdout
        try:
            exec(self._code, {"__name__": "__main__"})
        except SystemExit:
            pass
        except Exception as error:
            raise Died(trace_file.index, error) from error
        finally:
            sys.stdin, sys.stdout = stdin, stdout
        if trace_file.index != len(pieces):
            raise KeyboardInterrupt  # a real one, not that of the trace file
        return self._printed.getvalue(), trace_file

    def run(self, stream):
        """The answer for a stream in which nothing kills the script."""
        pieces = split(stream)
        output, trace_file = self._run(pieces)
        return Answer(output, pieces, trace_file.offsets, [])

    def run_without_foreign(self, stream):
        """The answer for the stream without the lines that kill the script."""
        pieces = split(stream)
        foreign = []
        start = 0
        while True:
            try:
                self._run(pieces, start)
                break
            except Died as died:
                # Whether a line kills does not hang on the lines before it:
                # the second run, below, would die if it did.
                foreign.append(died.index)
                start = died.index + 1
        if not foreign:
            return self.run(stream)
        dropped = set(foreign)
        kept = [piece for index, piece in enumerate(pieces) if index not in dropped]
        output, trace_file = self._run(kept)
        return Answer(output, pieces, trace_file.offsets, foreign)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--foreign", action="store_true", help="leave out the lines that kill the script")
    parser.add_argument("script")
    parser.add_argument("stream")
    arguments = parser.parse_args()
    with open(arguments.stream, "rb") as file:
        stream = file.read()
    try:
        oracle = Oracle(arguments.script)
        answer = oracle.run_without_foreign(stream) if arguments.foreign else oracle.run(stream)
    except (Unavailable, Died) as error:
        sys.exit(f"oracle.py: {error}")
    sys.stdout.buffer.write(answer.output)
    for index in answer.foreign:
        print(f"line {index + 1} is foreign", file=sys.stderr)


if __name__ == "__main__":
    main()
