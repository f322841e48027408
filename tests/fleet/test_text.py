"""The text itself: by Prometheus' own tool, and by way of node_exporter."""

import contextlib
import os
import subprocess
import tempfile

import prometheus
import tracer
from checks import Check
from loop import fio
from probe import KILLED_WITH_US, Probe, get, samples

NODE_EXPORTER = ("127.0.0.1", 9100)


class Text(Check):
    tools = ("promtool", "prometheus-node-exporter")

    def work(self, disk):
        fio(disk, "--rw=randrw", "--bs=4k", "--iodepth=8", "--number_ios=2000", "--fsync=50")

    def test_it_is_good(self):
        """By each of what it can be asked for."""
        disk = self.disk()
        for options in ([], ["--by", "comm"], ["--by", "cgroup"]):
            with self.subTest(options=options), Probe(disk, *options) as probe:
                self.work(disk)
                self.eventually(lambda probe=probe: probe.count() > 0, "requests that are counted")
                done = prometheus.promtool("check", "metrics", input=probe.scrape())
                self.same((done.returncode, done.stdout, done.stderr), (0, "", ""), "promtool")

    def test_nothing_but_metrics(self):
        """Rows are printed where they are asked for."""
        disk = self.disk()
        with Probe(disk) as probe:
            self.work(disk)
            self.eventually(lambda: probe.count() > 0, "requests that are counted")
            done = probe.end()
        self.same((done.status, done.stdout), (0, b""), f"status and stdout, with {done.stderr!r}")

    def test_node_exporter_serves_the_file(self):
        disk = self.disk()
        with tempfile.TemporaryDirectory(dir=tracer.place.path) as directory, \
                node_exporter(directory):
            os.chmod(directory, 0o755)  # node_exporter may be another user than the program
            path = f"{directory}/disksnoop.prom"
            with tracer.Tracer("-d", disk.path, "--metrics", path, "-i", "1",
                               user=KILLED_WITH_US) as traced:
                traced.until(lambda: os.path.exists(path), "the file")
                self.work(disk)
                self.eventually(lambda: is_served(path), "node_exporter serves the file")
                self.same(traced.end().stdout, b"", "stdout")
            self.same(os.listdir(directory), ["disksnoop.prom"], "files")


@contextlib.contextmanager
def node_exporter(directory):
    process = subprocess.Popen(
        [*KILLED_WITH_US, "prometheus-node-exporter", "--collector.disable-defaults",
         "--collector.textfile", f"--collector.textfile.directory={directory}",
         "--web.listen-address=%s:%d" % NODE_EXPORTER], stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        yield
    finally:
        process.kill()
        process.wait()


def is_served(path):
    """Every value of the file, with 1000 requests or more, and without an error."""
    def read():
        with open(path, encoding="utf-8") as file:
            return file.read()

    before = read()
    served = samples(get(NODE_EXPORTER)[1])
    wanted = samples(before)
    count = sum(value for (name, _), value in wanted.items()
                if name == "disksnoop_request_duration_seconds_count")
    return (count >= 1000 and read() == before and
            served["node_textfile_scrape_error", frozenset()] == 0 and
            all(served.get(key) == value for key, value in wanted.items()))
