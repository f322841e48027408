"""Three machines with known loads: what Prometheus makes of their metrics, against all rows."""

import bisect
import math
import subprocess

from checks import FleetCheck
from network import Host
from probe import KILLED_WITH_US, Probe, samples
from prometheus import Prometheus

SECONDS = 6
LOADS = [
    ["--rw=randread", "--bs=4k", "--iodepth=1", "--rate_iops=1000"],
    ["--rw=randwrite", "--bs=256k", "--iodepth=4", "--rate_iops=300"],
    ["--rw=randrw", "--bs=16k", "--iodepth=32", "--rate_iops=700"],
]
QUANTILES = [0.5, 0.9, 0.99, 0.999]
OPERATIONS = {"R": "read", "W": "write"}
FAMILY = "disksnoop_request_duration_seconds"


def load(disk, options):
    return subprocess.Popen(
        [*KILLED_WITH_US, "fio", "--name=fleet", f"--filename={disk.path}", "--direct=1", "--thread",
         "--ioengine=libaio", "--norandommap", "--time_based", f"--runtime={SECONDS}",
         "--output=/dev/null", *options], stdin=subprocess.DEVNULL)


class Quantiles(FleetCheck):
    def setUp(self):
        super().setUp()
        numbers = range(len(LOADS))
        self.disks = [self.disk(f"disk{number}") for number in numbers]
        hosts = [self.enterContext(Host(number)) for number in numbers]
        self.probes = [self.enterContext(Probe(disk, host=host, columns="disk,op,bytes,latency"))
                       for disk, host in zip(self.disks, hosts)]
        self.prometheus = self.enterContext(Prometheus(self.probes))
        self.seen = []

    def test_of_the_fleet_as_of_all_rows(self):
        self.eventually(lambda: self.prometheus.query("sum(up)") == len(LOADS), "three targets")
        before = [disk.counts() for disk in self.disks]
        for running in [load(disk, options) for disk, options in zip(self.disks, LOADS)]:
            self.same(running.wait(), 0, "status of fio")
        self.eventually(self.all_is_scraped, "all rows are counted, and scraped")
        rows = [row for probe in self.probes for row in probe.rows_of_json()]
        limits = sorted({float(dict(labels)["le"]) for (name, labels) in
                         samples(self.probes[0].scrape()) if name == f"{FAMILY}_bucket"})

        self.assert_quantiles(rows, limits, "")
        for operation in OPERATIONS.values():
            self.assert_quantiles([row for row in rows if OPERATIONS[row["op"][0]] == operation],
                                  limits, f'operation="{operation}"')
        for disk in self.disks:
            self.assert_quantiles([row for row in rows if row["disk"] == disk.name], limits,
                                  f'device="{disk.name}"')
        self.assert_sums(rows)
        for probe, disk, at_first in zip(self.probes, self.disks, before):
            counted = disk.counts() - at_first
            done = probe.end()
            self.same(done.status, 0, f"status, with {done.stderr!r}")
            told = done.end_line()
            self.same((told.rows + told.completion_not_shown, told.all()),
                      (counted.reads + counted.writes,) * 2, f"requests, with {told}")
        self.figures = f"{len(rows)} rows, {len(limits)} buckets; {'; '.join(self.seen)}"

    def all_is_scraped(self):
        """Nothing is on its way any more: rows, metrics, and what Prometheus has of them."""
        rows = [probe.lines() for probe in self.probes]
        return (min(rows) > 0 and rows == [probe.count() for probe in self.probes] and
                self.prometheus.query(f"sum({FAMILY}_count)") == sum(rows) and
                rows == [probe.lines() for probe in self.probes])

    def assert_quantiles(self, rows, limits, selector):
        """Each lies in the bucket in which that of the rows is."""
        times = sorted(row["latency_ns"] / 1e9 for row in rows)
        self.assertGreater(len(times), 1000, f"rows with {selector or 'any labels'}")
        for quantile in QUANTILES:
            exact = times[math.ceil(quantile * len(times)) - 1]
            of_buckets = self.prometheus.query(
                f"histogram_quantile({quantile}, sum by (le) ({FAMILY}_bucket{{{selector}}}))")
            at = bisect.bisect_left(limits, exact)
            least = limits[at - 1] if at else 0
            self.assertTrue(least <= of_buckets <= limits[at],
                            f"quantile {quantile} with {selector or 'any labels'}: {of_buckets}, and "
                            f"{exact} of the rows, whose bucket is from {least} to {limits[at]}")
            if not selector:
                self.seen.append(f"p{100 * quantile:g} {of_buckets * 1e6:.0f} µs for "
                                 f"{exact * 1e6:.0f} µs")

    def assert_sums(self, rows):
        """What is counted is what the rows have together."""
        for limit, count in self.buckets().items():
            self.same(count, sum(row["latency_ns"] <= limit * 1e9 for row in rows),
                      f"requests of at most {limit} s")
        for query, wanted in ((f"{FAMILY}_count", len(rows)),
                              ("disksnoop_request_bytes_total", sum(row["bytes"] for row in rows)),
                              ("disksnoop_request_errors_total", 0),
                              ("disksnoop_requests_in_flight", 0),
                              ("disksnoop_oldest_request_seconds", 0),
                              ("disksnoop_lost_total{cause!~'.*_not_shown'}", 0)):
            self.same(self.prometheus.query(f"sum({query})"), wanted, query)
        self.assertAlmostEqual(self.prometheus.query(f"sum({FAMILY}_sum)"),
                               sum(row["latency_ns"] for row in rows) / 1e9, places=6)

    def buckets(self):
        found = self.prometheus.api("query", query=f"sum by (le) ({FAMILY}_bucket)")["result"]
        return {float(one["metric"]["le"]): float(one["value"][1]) for one in found}
