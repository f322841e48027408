"""The Kubernetes manifest: right by the API's schema, and with what it asks for. The file
for compose."""

import copy
import json
import os
import re
import shutil
import subprocess
import unittest

import podman

PACKAGE = "kubernetes-models@5.1.0"

try:
    import yaml
except ImportError:
    yaml = None


@unittest.skipIf(yaml is None, "python3-yaml is missing")
class Kubernetes(podman.Check):
    def setUp(self):
        with open(f"{podman.TOP}/docker/kubernetes.yaml", encoding="utf-8") as file:
            self.manifest = yaml.safe_load(file)
        self.pod = self.manifest["spec"]["template"]["spec"]
        self.container, = self.pod["containers"]

    def validator(self):
        """The directory with the API's schema, out of the npm registry."""
        if shutil.which("npm") is None:
            self.skipTest("npm is missing")
        directory = os.path.join(podman.cache, PACKAGE)
        if not os.path.exists(f"{directory}/complete"):
            shutil.rmtree(directory, ignore_errors=True)
            os.makedirs(directory)
            done = subprocess.run(["npm", "install", "--prefix", directory, "--ignore-scripts",
                                   "--no-audit", "--no-fund", PACKAGE],
                                  capture_output=True, text=True, check=False)
            if done.returncode:
                self.skipTest(f"npm does not give {PACKAGE}: {done.stderr.strip()[-200:]}")
            with open(f"{directory}/complete", "w", encoding="utf-8"):
                pass
        shutil.copy(f"{podman.TOP}/tests/container/manifest.mjs", directory)
        return directory

    def complaints(self, directory, manifest):
        return subprocess.run(["node", f"{directory}/manifest.mjs"], input=json.dumps(manifest),
                              capture_output=True, text=True, check=True).stdout

    def test_schema(self):
        directory = self.validator()
        self.assertEqual(self.complaints(directory, self.manifest), "")

    def test_the_schema_check_can_fail(self):
        directory = self.validator()
        container = ("spec", "template", "spec", "containers", 0, "securityContext")
        for path, key, value in (((), "kind", "Daemon"), (container, "runAsUser", "nobody"),
                                 (container, "readOnlyRootFileSystem", True),
                                 (container[:-1], "arg", [])):
            spoilt = copy.deepcopy(self.manifest)
            part = spoilt
            for step in path:
                part = part[step]
            part[key] = value
            with self.subTest(key=key):
                self.assertIn(key, self.complaints(directory, spoilt))

    def test_least_privilege(self):
        self.assertEqual(self.container["securityContext"], {
            "runAsNonRoot": True, "runAsUser": 65534, "runAsGroup": 65534,
            "allowPrivilegeEscalation": True,
            "capabilities": {"drop": ["ALL"], "add": ["BPF", "PERFMON"]},
            "readOnlyRootFilesystem": True, "seccompProfile": {"type": "RuntimeDefault"}})
        for asked in ("hostPID", "hostNetwork", "hostIPC", "volumes", "serviceAccountName"):
            self.assertNotIn(asked, self.pod)

    def test_metrics_are_where_they_are_looked_for(self):
        """By Prometheus, and by the probes; and not beyond the pod's own network."""
        listen, = [word for word in self.container["args"] if word.startswith("--listen=")]
        self.assertRegex(listen, r"\A--listen=0\.0\.0\.0:\d+\Z")
        port = int(listen.rpartition(":")[2])
        self.assertEqual(self.container["ports"], [{"name": "metrics", "containerPort": port}])
        self.assertEqual(self.manifest["spec"]["template"]["metadata"]["annotations"], {
            "prometheus.io/scrape": "true", "prometheus.io/port": str(port),
            "prometheus.io/path": "/metrics"})
        for probe in ("livenessProbe", "readinessProbe"):
            self.assertEqual(self.container[probe]["httpGet"], {"path": "/metrics", "port": "metrics"})

    def test_rows_are_for_a_collector_of_logs(self):
        self.assertIn("--format=json", self.container["args"])

    def test_it_selects_its_own_pods(self):
        labels = self.manifest["spec"]["template"]["metadata"]["labels"]
        self.assertEqual(self.manifest["spec"]["selector"]["matchLabels"], labels)

    def test_the_image_takes_its_arguments(self):
        done = podman.run_image(command=[*self.container["args"], "--version"])
        self.assertEqual((done.returncode, done.stderr), (0, ""))


@unittest.skipIf(yaml is None, "python3-yaml is missing")
class Compose(podman.Check):
    def setUp(self):
        with open(f"{podman.TOP}/docker/compose.yaml", encoding="utf-8") as file:
            self.services = yaml.safe_load(file)["services"]

    def test_rows_alone_without_the_profile(self):
        self.assertEqual([name for name, service in self.services.items()
                          if "profiles" not in service], ["disksnoop"])
        self.assertEqual(self.services["disksnoop"]["command"], ["--engine=tracepoint"])

    def test_metrics_need_no_other_rights(self):
        metrics, rows = self.services["metrics"], self.services["disksnoop"]
        self.assertEqual({**metrics, "command": rows["command"], "profiles": None},
                         {**rows, "profiles": None})

    def test_prometheus_finds_them(self):
        listen = self.services["metrics"]["command"][-1]
        with open(f"{podman.TOP}/docker/prometheus.yaml", encoding="utf-8") as file:
            job, = yaml.safe_load(file)["scrape_configs"]
        self.assertEqual(job["static_configs"],
                         [{"targets": [f"metrics:{listen.rpartition(':')[2]}"]}])
        prometheus = self.services["prometheus"]
        self.assertEqual(prometheus["depends_on"], ["metrics"])
        for mount in prometheus["volumes"]:
            self.assertTrue(os.path.isfile(f"{podman.TOP}/docker/{mount.split(':')[0]}"), mount)

    def test_prometheus_is_a_version_of_it_and_here_alone(self):
        prometheus = self.services["prometheus"]
        self.assertRegex(prometheus["image"], r":v\d+\.\d+\.\d+\Z")
        for port in prometheus["ports"]:
            self.assertTrue(re.match(r"127\.0\.0\.1:", port), port)
