"""What starts the program of a bundle (docker/launcher.c), here with a loader that only tells how it
was called."""

import os
import pathlib
import shutil
import subprocess
import tempfile

import program

LOADER = """#!/bin/sh
printf '%s\\n' "$@" "${LD_PRELOAD-none} ${LD_AUDIT-none}"
"""


class Launcher(program.Check):
    @classmethod
    def setUpClass(cls):
        cls.temporary = tempfile.TemporaryDirectory()
        cls.addClassCleanup(cls.temporary.cleanup)
        os.chmod(cls.temporary.name, 0o755)
        cls.folder = pathlib.Path(cls.temporary.name, "a folder")
        cls.folder.mkdir()
        subprocess.run(["gcc", "-static", "-D_GNU_SOURCE", '-DLOADER="loader"', '-DLIBRARIES="lib"',
                        '-DPROGRAM="program"', "-o", cls.folder / "disksnoop",
                        program.TOP / "docker/launcher.c"], check=True)
        (cls.folder / "loader").write_text(LOADER)
        (cls.folder / "loader").chmod(0o755)

    def run_in(self, folder, **options):
        return subprocess.run([folder / "disksnoop", "-n", "1"], stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE, timeout=program.LATE, check=False, **options)

    def test_all_comes_from_its_folder(self):
        done = self.run_in(self.folder, env={**os.environ, "LD_PRELOAD": "x", "LD_AUDIT": "x"})
        self.assertEqual(done.stdout.decode().splitlines(), [
            "--inhibit-cache", "--library-path", f"{self.folder}/lib", "--argv0",
            f"{self.folder}/disksnoop", f"{self.folder}/program", "-n", "1", "none none"])
        self.assert_quiet(done)

    def test_a_path_that_the_loader_would_part(self):
        for name in ("a:b", "a;b"):
            with self.subTest(name=name):
                folder = self.folder.with_name(name)
                shutil.copytree(self.folder, folder)
                self.assert_error(self.run_in(folder), 1, "colon or a semicolon")

    def test_a_copy_without_its_folder(self):
        copy = self.folder / "elsewhere"
        copy.mkdir()
        shutil.copy(self.folder / "disksnoop", copy)
        self.assert_error(self.run_in(copy), 1, "its whole folder")

    def test_rights_that_its_caller_does_not_have(self):
        if os.geteuid() != 0:
            self.skipTest("not root")
        done = self.run_in(self.folder, preexec_fn=lambda: os.setresuid(65534, 0, 0))
        self.assert_error(done, 1, "setuid")
        self.assertEqual(done.stdout, b"")
