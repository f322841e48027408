"""What is in the image, and what it says of itself."""

import os
import re
import subprocess

import podman

MOST_BYTES = 90_000_000


class Image(podman.Check):
    @classmethod
    def setUpClass(cls):
        done = podman.run("image", "mount", podman.image)
        if done.returncode:
            raise AssertionError(done.stderr)
        cls.root = done.stdout.strip()

    @classmethod
    def tearDownClass(cls):
        podman.run("image", "unmount", podman.image)

    def files(self):
        for directory, _, names in os.walk(self.root):
            for name in names:
                path = os.path.join(directory, name)
                if not os.path.islink(path):
                    yield os.path.relpath(path, self.root)

    def test_the_binary_and_what_it_links_and_nothing_else(self):
        allowed = re.compile(r"usr/bin/disksnoop|usr/lib(64)?/([^/]+-linux-gnu[^/]*/)?[^/]+\.so[.0-9]*"
                             r"|usr/share/doc/[^/]+/copyright|usr/share/doc/disksnoop/sbom\.spdx\.json"
                             r"|run/\.containerenv")
        files = list(self.files())
        self.assertEqual([file for file in files if not allowed.fullmatch(file)], [])
        loader = next(file for file in files if os.path.basename(file).startswith("ld-linux-"))
        listed = subprocess.run(["chroot", self.root, f"/{loader}", "--list", "/usr/bin/disksnoop"],
                                capture_output=True, text=True, check=True).stdout
        linked = {os.path.basename(path) for path in re.findall(r"=> (\S+)|^\s+(/\S+)", listed)
                  for path in path if path}
        there = {os.path.basename(file) for file in files if ".so" in file}
        self.assertEqual(there - {os.path.basename(loader)}, linked - {os.path.basename(loader)})

    def test_every_library_has_its_licence(self):
        licences = {file.split("/")[3] for file in self.files() if file.startswith("usr/share/doc")}
        for name in ("libc6", "libstdc++6", "libbpf1", "libelf1", "zlib1g"):
            self.assertIn(name, {licence.removesuffix("t64") for licence in licences})
        self.assertTrue(any(name.startswith("libllvm") for name in licences), licences)
        self.assertTrue(any(name.startswith("libbpfcc") for name in licences), licences)

    def test_size(self):
        size = podman.inspect(podman.image, ".Size")
        self.assertLess(size, MOST_BYTES)

    def test_every_symbol_is_there(self):
        done = podman.run_image("--env", "LD_BIND_NOW=1", command=["--version"])
        self.assertEqual((done.returncode, done.stderr), (0, ""))

    def test_labels(self):
        labels = podman.inspect(podman.image, ".Labels")
        version = podman.run_image(command=["--version"]).stdout
        self.assertEqual(version, f"disksnoop {labels['org.opencontainers.image.version']}\n")
        self.assertEqual(labels["org.opencontainers.image.title"], "disksnoop")
        self.assertTrue(labels["org.opencontainers.image.description"])

    def test_entry_point_and_user(self):
        config = podman.inspect(podman.image, ".Config")
        self.assertEqual(config["Entrypoint"], ["/usr/bin/disksnoop"])
        self.assertEqual(config["User"], "65534:65534")

    def test_a_recording_from_the_host(self):
        recordings = f"{podman.TOP}/tests/data/traces"
        name = "5.10.0-32-amd64"
        done = podman.run_image("--volume", f"{recordings}:/traces:ro",
                                command=["--replay", f"/traces/{name}.trace_pipe"])
        with open(f"{recordings}/{name}.expected", encoding="utf-8") as file:
            self.assertEqual((done.returncode, done.stdout), (0, file.read()), done.stderr)
