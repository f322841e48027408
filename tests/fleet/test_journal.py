"""Rows on their way to who collects logs: the journal has each of them, as it was printed."""

import contextlib
import json
import os
import shutil
import subprocess

import machine
import tracer
from checks import Check
from loop import fio
from probe import KILLED_WITH_US

JOURNALD = "/lib/systemd/systemd-journald"
# Of this journal alone: the kernel's log is the machine's, and a limit would drop rows.
CONFIGURATION = """[Journal]
Storage=volatile
Audit=keep
ReadKMsg=no
RateLimitIntervalSec=0
"""
REQUESTS = 3000


@contextlib.contextmanager
def journal():
    """A journald of our own, in a /run of our own. Its directory."""
    machine.mount("tmpfs", "/run")
    try:
        for name in ("systemd/journal", "systemd/journald.conf.d", "log/journal"):
            os.makedirs(f"/run/{name}")
        with open("/run/systemd/journald.conf.d/test.conf", "w", encoding="ascii") as file:
            file.write(CONFIGURATION)
        with subprocess.Popen([*KILLED_WITH_US, JOURNALD], stdin=subprocess.DEVNULL,
                              stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
            try:
                yield "/run/log/journal"
            finally:
                process.kill()
    finally:
        machine.unmount("/run")


class Journal(Check):
    tools = ("systemd-cat", "journalctl")

    def setUp(self):
        super().setUp()
        if shutil.which(JOURNALD) is None:
            self.skipTest("systemd-journald is missing")

    def messages(self, directory):
        done = subprocess.run(["journalctl", f"--directory={directory}", "--identifier=disksnoop",
                               "--output=cat", "--no-pager", "--quiet"],
                              stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
        return done.stdout.splitlines()

    def test_it_has_each_row(self):
        disk = self.disk()
        with journal() as directory:
            self.eventually(lambda: os.path.exists("/run/systemd/journal/stdout"), "the journal")
            to_journal = [*KILLED_WITH_US, "systemd-cat", "--identifier=disksnoop"]
            with tracer.Tracer("-d", disk.path, "-f", "json", "-o", "disk,op,bytes,latency",
                               user=to_journal) as traced:
                traced.until(lambda: (traced.hooks() or 0) >= 3, "hooks")
                before = disk.counts()
                fio(disk, "--rw=randwrite", "--bs=4k", "--iodepth=4", f"--number_ios={REQUESTS}")
                counted = disk.counts() - before
                self.same(traced.end().status, 0, "status")
            # What is told at the end comes last.
            self.eventually(lambda: any(" rows, " in line for line in self.messages(directory)),
                            "the end line in the journal")
            lines = self.messages(directory)
        told = tracer.END_LINE.search("\n".join(lines) + "\n")
        rows = [json.loads(line) for line in lines if line.startswith("{")]
        self.same(len(rows), int(told[1]), "rows of the end line")
        self.same(len(rows) + int(told[8] or 0), counted.writes, f"rows, with {told[0]!r}")
        self.same({row["disk"] for row in rows}, {disk.name}, "disks")
        self.figures = f"{len(rows)} rows"
