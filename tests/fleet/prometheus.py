"""Prometheus itself, and its tools."""

import http.client
import json
import os
import shutil
import subprocess
import tempfile
import urllib.parse

import tracer
from probe import KILLED_WITH_US

TOP = os.path.realpath(f"{os.path.dirname(os.path.abspath(__file__))}/../..")
ADDRESS = ("127.0.0.1", 9090)


def shipped(name):
    """The text of a file of the project. To be read before the checks begin: our mounts may
    lie over it."""
    with open(f"{TOP}/{name}", encoding="utf-8") as file:
        return file.read()


def why_not(*tools):
    """Why these cannot be used here; "" if they can."""
    for tool in tools:
        if shutil.which(tool) is None:
            return f"{tool} is missing"
    return ""


def promtool(*arguments, **options):
    return subprocess.run(["promtool", *arguments], capture_output=True, text=True, check=False,
                          timeout=tracer.START, **options)


class Prometheus:
    """It scrapes the probes each second, as the job `disksnoop`, and evaluates the rules."""

    def __init__(self, probes, rules=None):
        self.directory = tempfile.TemporaryDirectory(dir=tracer.place.path)
        path = f"{self.directory.name}/config"
        files = []
        if rules is not None:
            files.append(f"{self.directory.name}/rules.yaml")
            with open(files[0], "w", encoding="utf-8") as file:
                file.write(rules)
        targets = ["%s:%d" % probe.address for probe in probes]
        with open(path, "w", encoding="utf-8") as file:  # JSON is YAML
            json.dump({"global": {"scrape_interval": "1s", "scrape_timeout": "1s",
                                  "evaluation_interval": "1s"},
                       "rule_files": files,
                       "scrape_configs": [{"job_name": "disksnoop",
                                           "static_configs": [{"targets": targets}]}]}, file)
        self.log = tempfile.TemporaryFile(dir=tracer.place.path)
        self.process = subprocess.Popen(
            [*KILLED_WITH_US, "prometheus", f"--config.file={path}",
             f"--storage.tsdb.path={self.directory.name}/data",
             "--web.listen-address=%s:%d" % ADDRESS, "--log.level=warn"],
            stdin=subprocess.DEVNULL, stdout=self.log, stderr=self.log)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()
        self.log.close()
        self.directory.cleanup()

    def api(self, path, **parameters):
        connection = http.client.HTTPConnection(*ADDRESS, timeout=tracer.START)
        try:
            connection.request("GET", f"/api/v1/{path}?{urllib.parse.urlencode(parameters)}")
            answer = json.load(connection.getresponse())
        finally:
            connection.close()
        if answer["status"] != "success":
            raise AssertionError(f"{path} {parameters}: {answer}")
        return answer["data"]

    def query(self, expression):
        """The value, or None if there is none."""
        found = self.api("query", query=expression)["result"]
        return float(found[0]["value"][1]) if found else None

    def alerts(self, state):
        """The names and labels of those in this state."""
        return [alert["labels"] for alert in self.api("alerts")["alerts"] if alert["state"] == state]
