"""The path of a file: whatever its names are, and wherever it is seen."""

import os
import subprocess

import filesystem
import machine
import tracer
from filesystem import BLOCK, OnAFilesystem, opened

NAMES = {
    "with blanks in it": "with blanks in it",
    "line\nfeed\ttab": "line\nfeed\ttab",
    "quotes\"'\\": "quotes\"'\\",
    "not UTF-8 \udcff\udc80": "not UTF-8 \ufffd\ufffd",
    "ünï-文件": "ünï-文件",
    "x" * 255: "x" * 255,
}


class Paths(OnAFilesystem):
    def test_names(self):
        for name in NAMES:
            self.make(f"/{name}", 1)
        with self.recording() as recorded:
            for name in NAMES:
                filesystem.read_direct(self.path(f"/{name}"), 1)
        self.same([row["file"] for row in recorded.rows if row["type"] == "R"],
                  [f"/{shown}" for shown in NAMES.values()], "files")

    def test_names_in_the_table(self):
        for name in NAMES:
            self.make(f"/{name}", 1)
        with tracer.Tracer("-d", self.filesystem.disk.path, "-o", "file,bytes") as traced:
            traced.until(lambda: traced.text(traced.out), "the header")
            for name in NAMES:
                filesystem.read_direct(self.path(f"/{name}"), 1)
            done = traced.end()
        seen = [line.split() for line in done.stdout.splitlines()[1:] if line.startswith(b"/")]
        self.same([row for row in seen if len(row) != 2], [], "rows of more than two columns")
        self.same([row[0].decode() for row in seen],
                  ["/with\\x20blanks\\x20in\\x20it", "/line\\x0afeed\\x09tab", "/quotes\"'\\",
                   "/not\\x20UTF-8\\x20\\xff\\x80", "/ünï-文件", "/" + "x" * 255], "files")

    def test_deep_and_long(self):
        """What is not known of a path is not left out without a sign."""
        deep = "".join(f"/{number}" for number in range(40))
        not_so_deep = "".join(f"/at-{number}" for number in range(20))
        long = "".join(f"/{letter * 255}" for letter in "abc")
        for name in (deep, not_so_deep, long):
            self.make(name + "/file", 1)
        with self.recording() as recorded:
            for name in (deep, not_so_deep, long):
                filesystem.read_direct(self.path(name + "/file"), 1)
        shown_deep, shown, shown_long = (row["file"] for row in recorded.rows
                                         if row["type"] == "R")
        self.same(shown, not_so_deep + "/file", "the path that is not so deep")
        for seen, name in ((shown_deep, deep), (shown_long, long)):
            self.assertTrue(seen.startswith(".../"), seen)
            self.assertTrue((name + "/file").endswith(seen[3:]), seen)
        self.assertGreater(shown_deep.count("/"), 20, shown_deep)

    def test_renamed(self):
        path = self.make("/before", 1)
        with self.recording() as recorded:
            filesystem.read_direct(path, 1)
            os.rename(path, self.path("/after"))

            def has_its_new_name(rows):
                filesystem.read_direct(self.path("/after"), 1)
                return any(row["file"] == "/after" for row in rows)
            recorded.until(has_its_new_name, "the new name")
        self.same(recorded.rows[0]["file"], "/before", "the file before")
        files = [row["file"] for row in recorded.of(type="R") if row["file"] != "[metadata]"]
        first = files.index("/after")
        self.same((set(files[:first]), set(files[first:])), ({"/before"}, {"/after"}),
                  "files before and after")

    def test_never_had_a_name(self):
        with opened(self.top, os.O_RDWR | os.O_TMPFILE) as fd:
            with self.recording() as recorded:
                os.pwrite(fd, b"x" * BLOCK, 0)
                os.fsync(fd)
            number = os.fstat(fd).st_ino
        self.assert_bytes(recorded.of(file=f"/#{number} (deleted)"), BLOCK,
                          f"it in {recorded.rows}")

    def test_file_in_a_mounted_directory(self):
        """The path is that in its filesystem, wherever that is mounted."""
        self.make("/dir/file", 1)
        here = os.path.join(tracer.place.path, "bound")
        os.mkdir(here)
        subprocess.run(["mount", "--bind", self.path("/dir"), here], check=True)
        try:
            with self.recording() as recorded:
                filesystem.read_direct(f"{here}/file", 1)
        finally:
            machine.unmount(here)
            os.rmdir(here)
        self.same([row["file"] for row in recorded.rows if row["type"] == "R"], ["/dir/file"],
                  "files")
