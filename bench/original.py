#!/usr/bin/python3
"""Runs the Python original over a recorded trace_pipe stream.

    original.py SCRIPT STREAM > rows

Its loop, bcc's trace_fields() and all formatting are the real ones; what needs
a kernel is replaced. It reads line by line from the file, as it would from
trace_pipe, and the end of the file is the Ctrl-C that ends it.
"""

import sys

from bcc import BPF


class Recording:
    def __init__(self, path):
        self._readline = open(path, "rb").readline

    def readline(self, size):
        line = self._readline(size)
        if not line:
            raise KeyboardInterrupt
        return line


def main(script, stream):
    def init(bpf, *_args, **_kwargs):
        bpf.tracefile = Recording(stream)

    BPF.__init__ = init
    BPF.attach_kprobe = lambda *_args, **_kwargs: None
    BPF.get_kprobe_functions = staticmethod(lambda _event: [])
    BPF.cleanup = lambda _bpf: None
    with open(script, "rb") as file:
        exec(compile(file.read(), script, "exec"), {"__name__": "__main__"})


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__.strip())
    main(*sys.argv[1:])
