"""All columns of what happens to a disk, as the program's JSON tells them."""

import json
import os
import signal

import tracer

ALL = ("time,clock,type,op,bytes,latency,queue,disk,partition,sector,pid,comm,cgroup,file,"
       "pattern,error")
KEYS = ["time_ns", "clock", "type", "op", "bytes", "latency_ns", "queue_ns", "disk", "partition",
        "sector", "pid", "comm", "cgroup", "file", "pattern", "error"]


class Recording:
    """The program traces the disk during the `with` block; then `rows` has its rows."""

    def __init__(self, check, disk, *arguments, **options):
        self.check = check
        columns = arguments[arguments.index("-o") + 1] if "-o" in arguments else ALL
        # Issue, requeue, completion, and where a request is allocated.
        self.hooks = 4 if {"comm", "pid", "file"} & set(columns.split(",")) else 3
        self.tracer = tracer.Tracer("-d", disk.path, "-f", "json", *(arguments or ("-o", ALL)),
                                    **options)
        self.rows = []
        self.told = None

    def __enter__(self):
        self.tracer.__enter__()
        try:
            self.wait_for_hooks()
        except BaseException:
            self.tracer.__exit__()
            raise
        return self

    def wait_for_hooks(self):
        """JSON has no header. The last hook that it attaches is that of the issue."""
        self.tracer.until(lambda: (self.tracer.hooks() or 0) >= self.hooks, "hooks")

    def __exit__(self, kind, *_):
        try:
            if kind is None:
                self.end()
        finally:
            self.tracer.__exit__()

    def end(self):
        # With a row it is certain that it tells its end as usual.
        self.tracer.until(self.so_far, "a row")
        own = self.tracer.own_pid()
        if own != self.tracer.pid:
            os.kill(own, signal.SIGINT)  # the command before it does not hand it on
        done = self.tracer.end()
        self.check.same(done.status, 0, f"status, with {done.stderr!r} on stderr")
        self.check.assertNotIn("warning", done.stderr)
        self.rows = self.parse(done.stdout)
        self.told = done.end_line()
        self.check.same(self.told.rows, len(self.rows), "rows that are told")

    @staticmethod
    def parse(text):
        """Strictly: each line is UTF-8 and one object."""
        return [json.loads(line) for line in text.decode().splitlines()]

    def so_far(self):
        """The rows that are there by now."""
        text = self.tracer.text(self.tracer.out)
        return self.parse(text[:text.rfind(b"\n") + 1])

    def until(self, condition, what):
        """Waits for rows that are so."""
        self.tracer.until(lambda: condition(self.so_far()), what)

    def of(self, **wanted):
        """The rows that have these values."""
        return [row for row in self.rows
                if all(row[key] == value for key, value in wanted.items())]
