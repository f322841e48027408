"""The kernel's own trace events of the block layer, in an instance of their own."""

import os
import re

import tool

NAMES = ("block_rq_issue", "block_rq_requeue", "block_rq_complete")
LINE = re.compile(r" (\d+\.\d+): (block_rq_\w+): (\d+,\d+) ")


class BlockEvents:
    def __init__(self, name):
        self.directory = f"{tool.TRACING}/instances/{name}"
        os.mkdir(self.directory)
        self.write("buffer_size_kb", 4096)
        for event in NAMES:
            self.write(f"events/block/{event}/enable", 1)

    def write(self, name, value):
        with open(f"{self.directory}/{name}", "w") as file:
            file.write(str(value))

    def take(self, disk):
        """(seconds, event) of this disk since the last call."""
        with open(f"/sys/block/{disk}/dev") as file:
            device = file.read().strip().replace(":", ",")
        with open(f"{self.directory}/trace") as file:
            found = LINE.findall(file.read())
        self.write("trace", "")
        return [(float(seconds), event) for seconds, event, of in found if of == device]


def milliseconds(events):
    """From each issue to its completion, of requests that come one at a time."""
    times = []
    issued = None
    for seconds, event in events:
        if event == "block_rq_issue":
            issued = seconds
        elif event == "block_rq_complete" and issued is not None:
            times.append((seconds - issued) * 1000)
            issued = None
    return times
