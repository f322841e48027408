"""The image in containers of a QEMU guest, on Debian's 5.10."""

import json
import os
import shutil
import subprocess
import sys
import tempfile
import unittest

import podman

KERNEL = "5.10"
VM = f"{podman.TOP}/tests/vm"
HERE = os.path.dirname(os.path.abspath(__file__))

sys.path.append(VM)
import machine


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
        for tool in ("qemu-system-x86_64", "mke2fs"):
            if shutil.which(tool) is None:
                raise unittest.SkipTest(f"{tool} is missing")
        output_of("buildah", "bud", "--pull-never", "--layers", *podman.CGROUP, "--tag", "original",
                  "--file", f"{HERE}/original.Dockerfile", podman.TOP)
        root = output_of(f"{VM}/image", "bookworm")
        disk = output_of(f"{HERE}/guest-disk", podman.cache, podman.image, "original")
        directory = tempfile.mkdtemp(dir=f"{podman.cache}/tmp")
        machine.write_job(
            f"{directory}/job.tar", {"CHECK_SECONDS": machine.CHECK_SECONDS},
            {"guest": f"{HERE}/guest", "guest/stream.py": f"{VM}/guest/stream.py",
             "guest/tool.py": f"{VM}/guest/tool.py", "guest/workload.py": f"{VM}/guest/workload.py", "commands": cls.commands(directory),
             "docker": f"{podman.TOP}/docker"})
        guest = machine.Machine(directory, root, KERNEL, disk)
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
