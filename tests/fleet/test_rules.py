"""The rules and the configuration that come with the program, by Prometheus' own tool."""

import os
import tempfile
import unittest

import prometheus
import tracer

NAMES = ["docker/rules.yaml", "docker/prometheus.yaml", "tests/fleet/rules_test.yaml"]
FILES = {name: prometheus.shipped(name) for name in NAMES}


class Rules(unittest.TestCase):
    def setUp(self):
        if why := prometheus.why_not("promtool"):
            self.skipTest(why)
        self.top = self.enterContext(tempfile.TemporaryDirectory(dir=tracer.place.path))
        for name, text in FILES.items():
            os.makedirs(os.path.dirname(f"{self.top}/{name}"), exist_ok=True)
            with open(f"{self.top}/{name}", "w", encoding="utf-8") as file:
                file.write(text)

    def assert_good(self, *arguments):
        done = prometheus.promtool(*arguments, cwd=self.top)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        return done.stdout

    def test_they_are_rules(self):
        self.assert_good("check", "rules", "--lint=all", "--lint-fatal", "docker/rules.yaml")

    def test_what_they_say(self):
        self.assert_good("test", "rules", "tests/fleet/rules_test.yaml")

    def test_the_configuration_has_them(self):
        self.assertIn("1 rule files found", self.assert_good("check", "config",
                                                             "docker/prometheus.yaml"))
