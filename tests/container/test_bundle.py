"""The bundle, made of what the image is made of, in roots that have other libraries or none."""

import os
import re
import shutil
import subprocess
import tempfile
import unittest

import podman

RECORDING = "5.10.0-32-amd64"
TRACES = f"{podman.TOP}/tests/data/traces"
# An old C library; and it is the newest Debian that has no libbcc of today.
OLD = "bullseye"


class Bundle(podman.Check):
    @classmethod
    def setUpClass(cls):
        if podman.emulated():
            raise unittest.SkipTest("bundles are made for this machine's architecture")
        cls.work = tempfile.mkdtemp()
        cls.addClassCleanup(shutil.rmtree, cls.work)
        made = podman.run("run", "--rm", "--volume", f"{podman.TOP}:/source:ro", "--volume",
                          f"{cls.work}:/out", podman.build_image, "sh", "-c", 'umask 077; exec "$@"',
                          "sh", "/source/scripts/bundle", "--built", "/disksnoop/build", "/trimmed",
                          "/out", timeout=600)
        if made.returncode:
            raise AssertionError(made.stderr)
        cls.archive = os.path.join(cls.work, os.path.basename(made.stdout.strip()))
        subprocess.run(["busybox", "tar", "-C", cls.work, "-xJf", cls.archive], check=True)
        cls.name = os.path.basename(cls.archive).removesuffix(".tar.xz")
        cls.folder = os.path.join(cls.work, cls.name)
        cls.empty = os.path.join(cls.work, "empty")
        for directory in ("bin", "dev", "etc", "proc", "sys", "tmp", "run", "opt", "traces"):
            os.makedirs(os.path.join(cls.empty, directory))
        shutil.copy("/bin/busybox", os.path.join(cls.empty, "bin"))

    def in_root(self, root, *command, options=()):
        """The command in a container of this root, where the bundle is /opt, read-only."""
        return podman.run("run", "--rm", "--privileged", "--read-only", "--volume",
                          f"{self.folder}:/opt:ro", "--volume", f"{TRACES}:/traces:ro", *options, *root,
                          *command)

    def check_in(self, root):
        version = self.in_root(root, "/opt/disksnoop", "--version")
        self.assertEqual((version.returncode, version.stdout), (0, podman.run_image(
            command=["--version"]).stdout), version.stderr)
        replay = self.in_root(root, "/opt/disksnoop", "--replay", f"/traces/{RECORDING}.trace_pipe")
        with open(f"{TRACES}/{RECORDING}.expected", encoding="utf-8") as file:
            self.assertEqual((replay.returncode, replay.stdout), (0, file.read()), replay.stderr)
        if podman.why_not_traced():
            self.skipTest(podman.why_not_traced())
        with podman.Load():
            traced = self.in_root(root, "/opt/disksnoop", "--engine=tracepoint", "-n", "1")
        self.assertEqual(traced.returncode, 0, traced.stderr)
        self.assert_rows(traced.stdout)

    def test_where_nothing_is_but_busybox(self):
        self.check_in(["--rootfs", self.empty])

    def test_an_older_userland(self):
        done = subprocess.run([f"{podman.TOP}/tests/container/base", OLD, podman.arch, podman.cache],
                              capture_output=True, text=True, check=False)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.check_in([f"docker.io/library/debian:{OLD}-slim"])

    def test_other_users_can_run_it(self):
        closed = [os.path.join(directory, name)
                  for directory, _, files in os.walk(self.folder) for name in (".", *files)
                  if os.stat(os.path.join(directory, name)).st_mode & 0o004 == 0]
        self.assertEqual(closed, [])

    def test_its_name_has_the_version(self):
        version = podman.run_image(command=["--version"]).stdout.split()[1]
        self.assertEqual(self.name, f"disksnoop-{version}-linux-{os.uname().machine}")

    def test_from_anywhere_by_a_link(self):
        path = os.path.join(self.work, "path")
        os.makedirs(path)
        os.symlink(os.path.relpath(f"{self.folder}/disksnoop", path), f"{path}/traced")
        environment = {"PATH": path, "LD_LIBRARY_PATH": "/nowhere"}
        for command, directory in ((["traced"], "/"), (["./path/traced"], self.work),
                                   (["./disksnoop"], self.folder)):
            with self.subTest(command=command):
                done = subprocess.run(["/usr/bin/env", *command, "--version"], cwd=directory,
                                      env=environment, capture_output=True, text=True, check=False)
                self.assertRegex(done.stdout, r"\Adisksnoop \d", done.stderr)

    def test_no_library_of_the_system(self):
        if podman.why_not_traced():
            self.skipTest(podman.why_not_traced())
        with subprocess.Popen([f"{self.folder}/disksnoop", "--engine=tracepoint", "--sandbox=off"],
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
            try:
                self.assertEqual(process.stdout.readline(), podman.HEADER)
                with open(f"/proc/{process.pid}/maps", encoding="utf-8") as file:
                    mapped = set(re.findall(r" (/\S+\.so\S*|/usr\S*|/lib\S*)$", file.read(), re.MULTILINE))
                with open(f"/proc/{process.pid}/comm", encoding="utf-8") as file:
                    self.assertEqual(file.read(), "disksnoop\n")
            finally:
                process.terminate()
                process.communicate()
        self.assertGreater(len(mapped), 10)
        self.assertEqual({path for path in mapped if not path.startswith(self.folder)}, set())
