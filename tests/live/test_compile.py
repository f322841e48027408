"""What libbcc and its clang open and change while they compile, as strace(1) sees it: docs/security.md
says so."""

import os
import re

import tracer

# Of a thread that was made by this process, and not a process.
THREAD = re.compile(r"\bclone3?\(.*CLONE_THREAD.* = (\d+)$", re.MULTILINE)
OPENED = re.compile(r'^(\d+) +open(?:at)?\((?:[^,"]*, )?"([^"]*)", ([A-Z_|]+)[^)]*\) = \d+<(.*?)>'
                    r"(?:\(deleted\))?$", re.MULTILINE)
CHANGING = re.compile(r'^\d+ +(?:mkdir|rmdir|unlink|rename|link|symlink|chmod|chown|truncate|mknod)\w*'
                      r'\((?:[^<"]*<([^>]*)>, )?"([^"]*)".* = 0$', re.MULTILINE)
PROCESS = re.compile(r"^\d+ +(?:fork|vfork|clone3?)\((?!.*CLONE_THREAD).* = \d+$", re.MULTILINE)


class Compile(tracer.Check):
    def setUp(self):
        super().setUp()
        self.log = os.path.join(tracer.place.path, "strace")
        self.addCleanup(lambda: os.path.exists(self.log) and os.unlink(self.log))

    def watched(self, *options):
        done = tracer.run("-D", "0", *options, before=[
            "strace", "-f", "-y", "-o", self.log, "-e", "trace=%file,%process,%network"])
        self.same(done.returncode, 0, f"status, with {done.stderr!r} on stderr")
        with open(self.log, encoding="utf-8", errors="replace") as file:
            return file.read()

    def test_with_made_headers(self):
        text = self.watched("-w")
        [thread] = THREAD.findall(text)
        opened = [(path, flags, there) for by, path, flags, there in OPENED.findall(text)
                  if by == thread]
        self.assertGreater(len(opened), 5)
        for path, flags, there in opened:
            self.assertNotRegex(flags, "O_WRONLY|O_RDWR|O_CREAT|O_TRUNC")
            # Its own status is read by the library that drops its capabilities; before that.
            self.assertRegex(there, r"\A(/dev/shm/disksnoop-\w+(/.*)?|/memfd:disksnoop header|"
                             rf"/sys/devices/system/cpu(/.*)?|/proc/{thread}/status)\Z", path)
        self.assert_little_is_changed(text)

    def assert_little_is_changed(self, text):
        changed = [os.path.join(where, name) for where, name in CHANGING.findall(text)]
        for path in changed:
            self.assertRegex(path, r"\A/dev/shm/disksnoop-\w+(/|\Z)")
        written = [there for _, _, flags, there in OPENED.findall(text)
                   if re.search("O_WRONLY|O_RDWR", flags)]
        for path in written:
            self.assertRegex(path, r"\A(/dev/shm/disksnoop-\w+/.*|/dev/null)\Z")
        self.same(text.count("execve("), 1, "programs that were run")
        # One writes out the BTF, one takes the directory of the headers away.
        self.assertLessEqual(len(PROCESS.findall(text)), 2)
        self.assertNotIn(" socket(", text)
