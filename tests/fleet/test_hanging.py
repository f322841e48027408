"""A disk that hangs, as Prometheus sees it while it does."""

import subprocess

import frozen_disk
import prometheus
import tracer
from checks import Check
from frozen_disk import FrozenDisk
from probe import Probe
from prometheus import Prometheus

ALERT = "DisksnoopRequestHanging"
FAMILY = "disksnoop_request_duration_seconds"
RULES = prometheus.shipped("docker/rules.yaml")


def sooner(rules):
    """The rules with times that a check can wait for."""
    for long, short in (("oldest_request_seconds) > 10\n", "oldest_request_seconds) > 2\n"),
                        ("for: 30s\n", "for: 1s\n")):
        if rules.count(long) != 1:
            raise AssertionError(f"the rules have {long!r} {rules.count(long)} times")
        rules = rules.replace(long, short)
    return rules


class Hanging(Check):
    tools = ("prometheus",)

    def setUp(self):
        super().setUp()
        if why := frozen_disk.why_not():
            self.skipTest(why)

    def test_the_alert_comes_and_goes(self):
        with FrozenDisk(tracer.place.path) as frozen, Probe(frozen.disk) as probe, \
                Prometheus([probe], sooner(RULES)) as server:
            self.eventually(lambda: server.query("sum(up)") == 1, "a target")
            self.same(server.alerts("firing"), [], "alerts")
            writer = subprocess.Popen(["dd", "if=/dev/zero", f"of={frozen.disk.path}", "bs=8k",
                                       "count=1", "oflag=direct", "status=none"])
            self.eventually(lambda: server.alerts("firing"), "the alert")
            alert, = server.alerts("firing")
            self.same((alert["alertname"], alert["device"], alert["instance"]),
                      (ALERT, frozen.disk.name, "%s:%d" % probe.address), "alert")
            self.same(server.query("disksnoop_requests_in_flight"), 1, "requests in flight")
            age = server.query("disksnoop_oldest_request_seconds")
            self.assertGreater(age, 2)
            self.eventually(lambda: server.query("disksnoop_oldest_request_seconds") > age, "it ages")
            self.same(server.query(f"sum({FAMILY}_count)") or 0, 0, "requests that completed")
            frozen.thaw()
            self.same(writer.wait(tracer.START), 0, "status of the writer")
            self.eventually(lambda: not server.alerts("firing"), "the end of the alert")
            self.eventually(lambda: server.query("disksnoop_requests_in_flight") == 0,
                            "nothing is in flight")
            self.same(server.query("disksnoop_oldest_request_seconds"), 0, "age of the oldest")
            # Now its whole time is in the histogram.
            self.eventually(lambda: server.query(f"sum({FAMILY}_count)") == 1, "it is counted")
            self.assertGreater(server.query(f"sum({FAMILY}_sum)"), age)
            for group in server.api("rules")["groups"]:
                self.same({rule["health"] for rule in group["rules"]}, {"ok"},
                          f"health of the rules of {group['name']}")
            self.same(probe.end().status, 0, "status")
