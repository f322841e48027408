"""The program, serving metrics."""

import http.client
import json
import os
import re

import tracer

PORT = 10101
KILLED_WITH_US = ["setpriv", "--pdeathsig", "KILL"]
SAMPLE = re.compile(r"(\w+)(?:\{(.*)\})? (\S+)")
LABEL = re.compile(r'(\w+)="((?:[^"\\]|\\.)*)"')


def samples(text):
    """The values of a text of metrics, each by its name and its labels."""
    found = {}
    for line in text.splitlines():
        if line and not line.startswith("#"):
            name, labels, value = SAMPLE.fullmatch(line).groups()
            found[name, frozenset(LABEL.findall(labels or ""))] = float(value)
    return found


def get(address, path="/metrics", method="GET", headers=None, timeout=tracer.START):
    """Status and text of an answer."""
    connection = http.client.HTTPConnection(*address, timeout=timeout)
    try:
        connection.request(method, path, headers=headers or {})
        answer = connection.getresponse()
        return answer.status, answer.read().decode()
    finally:
        connection.close()


class Probe(tracer.Tracer):
    """Of the disk, at `address`; with rows as JSON beside the metrics if `columns` are told."""

    def __init__(self, disk, *arguments, host=None, columns=None):
        self.address = ("127.0.0.1" if host is None else host.address, PORT)
        rows = [] if columns is None else ["-f", "json", "-o", columns]
        super().__init__("-d", disk.path, "--listen", f"{self.address[0]}:{PORT}", *rows, *arguments,
                         user=[*KILLED_WITH_US, *([] if host is None else host.command)])

    def __enter__(self):
        super().__enter__()
        try:
            self.until(self.is_there, "metrics")
        except BaseException:
            self.__exit__()
            raise
        return self

    def is_there(self):
        """Until it traces it has no metrics (404)."""
        try:
            return get(self.address)[0] == 200
        except (ConnectionError, http.client.HTTPException, TimeoutError):
            return False

    def scrape(self):
        status, text = get(self.address)
        if status != 200:
            raise AssertionError(f"status {status}: {text}")
        return text

    def total(self, name):
        """The sum over all labels."""
        return sum(value for (of, _), value in samples(self.scrape()).items() if of == name)

    def count(self):
        """Requests that it has counted."""
        return self.total("disksnoop_request_duration_seconds_count")

    def rows_of_json(self):
        text = self.text(self.out)
        return [json.loads(line) for line in text[:text.rfind(b"\n") + 1].splitlines()]

    def lines(self):
        """How many rows there are by now, where there is no header."""
        return self.text(self.out).count(b"\n")

    def descriptors(self):
        return len(os.listdir(f"/proc/{self.pid}/fd"))
