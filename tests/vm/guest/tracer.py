"""disksnoop with the tracepoint engine: its rows and what it says at the end."""

import dataclasses
import re
import signal

import tool

ROW = re.compile(r"\d+\.\d{9} +([RWM])  +(\d+) +(\d+\.\d\d)")
END = re.compile(r"^disksnoop: (\d+) rows, (\d+) lost in the buffer$", re.MULTILINE)


@dataclasses.dataclass
class Row:
    letter: str
    size: int
    milliseconds: float


def parse_rows(lines):
    """The rows; a line that is none is an error of the check."""
    found = [(line, ROW.fullmatch(line)) for line in lines]
    wrong = [line for line, row in found if not row]
    if wrong:
        raise ValueError(f"no row: {wrong[0]!r}")
    return [Row(row[1], int(row[2]), float(row[3])) for _, row in found]


class Tracer(tool.Tool):
    def __init__(self, label, directory, disk, *options):
        super().__init__(label, [tool.DISKSNOOP, "-e", "tracepoint", "-d", disk, *options],
                         directory)

    def end(self):
        """Stops it; its rows, and what was wrong with its end."""
        problems = self.stop_well()
        rows = parse_rows(self.output().decode().splitlines()[1:])
        end = END.findall(self.errors())
        if end != [(str(len(rows)), "0")]:
            problems.append(f"{len(rows)} rows, and on stderr {self.errors()[-300:]!r}")
        return rows, problems


def start_all(check, directory, disks):
    """A tracer for each disk, all at once; None after "not ok" lines."""
    tracers = [Tracer(disk.kind, directory, disk.asked or disk.name) for disk in disks]
    late = [one for one in tracers if not one.started()]
    for one in late:
        tool.not_ok(f"{check} {one.label}", one.why_not_started())
    if late:
        for one in tracers:
            one.stop(signal.SIGKILL)
        return None
    return tracers
