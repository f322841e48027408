#!/usr/bin/python3
"""Compiles the original program and loads both its functions, as disksnoop.py
does, but attaches nothing: for kernels without kprobes.

    load_original.py SOURCE

Prints "loaded" and waits for a signal.
"""

import signal
import sys

from bcc import BPF


def main(source):
    program = BPF(src_file=source)
    for function in (b"trace_start", b"trace_completion"):
        program.load_func(function, BPF.KPROBE)
    print("loaded", flush=True)
    signal.pause()


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__.strip())
    main(sys.argv[1])
