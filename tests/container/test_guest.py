"""The image in containers of a QEMU guest, on Debian's 5.10 of the image's architecture."""

import json
import os
import shutil
import subprocess
import tempfile
import unittest

import machine
import podman

KERNEL = "5.10"
SHARED = ("stream.py", "tool.py", "workload.py")
HERE = os.path.dirname(os.path.abspath(__file__))


def output_of(*argv):
    done = subprocess.run(argv, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, check=False)
    if done.returncode:
        raise AssertionError(f"{argv[0]}: {done.stderr.strip()[-600:]}")
    return done.stdout.strip().splitlines()[-1]


def documented(*words):
    return next(command for command in podman.documented("docker run")
                if all(any(word in part for part in command) for word in words))


class Guest(podman.Check):
    """One guest runs everything; each of its lines is a check here."""

    lines = None

    @classmethod
    def setUpClass(cls):
        if not podman.guests:
            raise unittest.SkipTest("--no-guest")
        for tool in (machine.KINDS[podman.arch].emulator[0], "mke2fs"):
            if shutil.which(tool) is None:
                raise unittest.SkipTest(f"{tool} is missing")
        output_of("buildah", "bud", "--pull-never", "--arch", podman.arch, "--layers",
                  *podman.CGROUP, "--tag", "original", "--file", f"{HERE}/original.Dockerfile", podman.TOP)
        # The list has the 5.10 of another architecture for --long alone.
        root = output_of(f"{podman.VM}/image", "bookworm", podman.arch,
                         *(["long"] if podman.emulated() else []))
        disk = output_of(f"{HERE}/guest-disk", podman.arch, podman.cache, podman.image, "original")
        directory = tempfile.mkdtemp(dir=f"{podman.cache}/tmp")
        machine.write_job(
            f"{directory}/job.tar", {"CHECK_SECONDS": machine.CHECK_SECONDS},
            {"guest": f"{HERE}/guest", "commands": cls.commands(directory),
             "docker": f"{podman.TOP}/docker",
             **{f"guest/{name}": f"{podman.VM}/guest/{name}" for name in SHARED}})
        guest = machine.Machine(directory, root, KERNEL, disk, arch=podman.arch)
        try:
            guest.run(machine.BOOT_SECONDS + machine.CHECK_SECONDS)
            cls.lines = {text.split(":")[0]: (kind, text) for kind, text in guest.results()}
        except machine.MachineError as error:
            raise AssertionError(f"{error}\n{guest.console_tail()}") from error
        finally:
            keep = f"{podman.cache}/guest-result"
            shutil.rmtree(keep, ignore_errors=True)
            if os.path.isdir(f"{directory}/result"):
                shutil.move(f"{directory}/result", keep)
            shutil.rmtree(directory)

    @staticmethod
    def commands(directory):
        path = f"{directory}/commands"
        with open(path, "w", encoding="utf-8") as file:
            # With the headers, which disksnoop.py cannot do without.
            privileged, _ = podman.with_headers(documented("--privileged"))
            json.dump({"image": podman.image, "privileged": privileged,
                       "seccomp": documented("--cap-add", "seccomp=", "--rm")}, file)
        return path

    def check(self, name):
        self.assertIn(name, self.lines)
        kind, text = self.lines[name]
        self.assertEqual(kind, "ok", text)

    def test_the_bytes_of_the_python_original(self):
        self.check("side by side")

    def test_stop_on_the_original_engine(self):
        self.check("stop on the original engine")

    def test_two_capabilities(self):
        self.check("two capabilities")

    def test_too_little_locked_memory(self):
        self.check("locked memory")

    def test_kprobes_without_privileges(self):
        self.check("kprobes without privileges")
