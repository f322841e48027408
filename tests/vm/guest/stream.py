"""Copies trace_pipe, so that several tools can read one stream."""

import os
import threading
import time

import tool


class Reader(threading.Thread):
    """Copies trace_pipe to the FIFOs and to a file until it is told to stop."""

    def __init__(self, fifos, path, tracing=tool.TRACING):
        super().__init__(daemon=True)
        # Read and write: never without a writer, so no tool sees an end of file.
        self.fifos = [os.open(fifo, os.O_RDWR) for fifo in fifos]
        self.path = path
        self.pipe = f"{tracing}/trace_pipe"
        self.stopping = threading.Event()

    def run(self):
        pipe = os.open(self.pipe, os.O_RDONLY | os.O_NONBLOCK)
        try:
            with open(self.path, "wb", buffering=0) as copy:
                self.copy(pipe, copy)
        finally:
            os.close(pipe)  # which one reader at a time may have

    def copy(self, pipe, copy):
        while not self.stopping.is_set():
            try:
                data = os.read(pipe, 65536)
            except BlockingIOError:
                time.sleep(0.02)
                continue
            copy.write(data)
            for fifo in self.fifos:
                view = memoryview(data)
                while view:
                    view = view[os.write(fifo, view):]

    def settle(self, wanted):
        """Waits until there are as many events as wanted, and then until no more
        come; how many there are."""
        tool.wait_until(lambda: self.events() >= wanted, tool.LATE_SECONDS)
        before = None
        while before != (before := self.events()):
            time.sleep(1)
        return before

    def stop(self):
        """After it, every tool has the same stream; what is traced later, none has."""
        self.stopping.set()
        self.join(tool.LATE_SECONDS)
        return not self.is_alive()

    def events(self):
        """The requests so far: neither blank lines nor lines about lost events."""
        if not os.path.exists(self.path):
            return 0
        with open(self.path, "rb") as file:
            return sum(1 for line in file if line.strip() and not line.startswith(b"CPU:"))
