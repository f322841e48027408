"""What libbcc and its clang open and change while they compile, as strace(1) sees it: docs/security.md
says so."""

import glob
import os
import re
import shutil

import tracer
from tracer import HEADER

# Of a thread that was made by this process, and not a process.
THREAD = re.compile(r"\bclone3?\(.*CLONE_THREAD.* = (\d+)$", re.MULTILINE)
OPENED = re.compile(r'^(\d+) +open(?:at|at2)?\((?:[^,"]*, )?"([^"]*)", ([^)]*)\) = \d+<(.*?)>'
                    r"(?:\(deleted\))?$", re.MULTILINE)
OPENING = re.compile(r"^\d+ +open\w*\(.* = \d+<.*$", re.MULTILINE)
CHANGING = re.compile(r'^\d+ +(?:mkdir|rmdir|unlink|rename|link|symlink|chmod|chown|truncate|mknod)\w*'
                      r'\((?:[^<"]*<([^>]*)>, )?"([^"]*)".* = 0$', re.MULTILINE)
PROCESS = re.compile(r"^\d+ +(?:fork|vfork|clone3?)\((?!.*CLONE_THREAD).* = \d+$", re.MULTILINE)
TO_WRITE = "O_WRONLY|O_RDWR|O_CREAT|O_TRUNC"
# Its own status is read by the library that drops its capabilities; before that.
MADE_HEADERS = (r"/dev/shm/disksnoop-\w+(/.*)?|/memfd:disksnoop header|/sys/devices/system/cpu(/.*)?|"
                r"/proc/self/status")


def headers_of_some_kernel():
    """The directories build and source in /lib/modules of a kernel whose headers are installed."""
    for build in glob.glob("/lib/modules/*/build/include/generated/autoconf.h"):
        release = build.removesuffix("/build/include/generated/autoconf.h")
        return [os.path.realpath(f"{release}/{name}") for name in ("build", "source")
                if os.path.exists(f"{release}/{name}")]
    return None


def as_those_of_this_kernel(directories):
    """A command that runs what follows it where they are."""
    release = f"/lib/modules/{os.uname().release}"
    links = "; ".join(f"ln -s {directory} {release}/{name}"
                      for directory, name in zip(directories, ("build", "source")))
    return ["unshare", "--mount", "sh", "-ec",
            f'mount -t tmpfs none /lib/modules; mkdir {release}; {links}; exec "$@"', "sh"]


class Compile(tracer.Check):
    def setUp(self):
        super().setUp()
        self.log = os.path.join(tracer.place.path, "strace")
        os.mkdir(self.log)
        self.addCleanup(shutil.rmtree, self.log)

    def watched(self, *options, before=()):
        """How it ended, and each call in a line that begins with its thread."""
        # A file for each thread: in one file a call may be two lines, with those of others between.
        done = tracer.run("-D", "0", *options, before=[
            *before, "strace", "-ff", "-y", "-o", f"{self.log}/of", "-e",
            "trace=%file,%process,%network"])
        calls = []
        for file in os.listdir(self.log):
            thread = file.removeprefix("of.")
            with open(f"{self.log}/{file}", encoding="utf-8", errors="replace") as lines:
                calls += [f"{thread} {line}" for line in lines]
        return done, "".join(calls)

    def opened_by_clang(self, text):
        """(path, where that is) of each file."""
        [thread] = THREAD.findall(text)
        opened = []
        for line in OPENING.findall(text):
            found = OPENED.fullmatch(line)
            self.assertIsNotNone(found, f"{line!r} is not understood")
            by, path, flags, there = found.groups()
            if by == thread:
                self.assertNotRegex(flags, TO_WRITE)
                opened.append((path, there.replace(f"/proc/{thread}/", "/proc/self/")))
        return opened

    def test_with_made_headers(self):
        done, text = self.watched("-w")
        self.same(done.returncode, 0, f"status, with {done.stderr!r} on stderr")
        opened = self.opened_by_clang(text)
        self.assertGreater(len(opened), 5)
        for path, there in opened:
            self.assertRegex(there, rf"\A({MADE_HEADERS})\Z", path)
        # One writes out the BTF, one takes the directory of the headers away.
        self.assert_little_is_changed(text, processes=2, where=r"/dev/shm/disksnoop-\w+(/.*)?")

    def test_with_kernel_headers(self):
        """Those of whatever kernel; what it makes of them is none of this test's."""
        directories = headers_of_some_kernel()
        if directories is None:
            self.skipTest("no kernel headers are installed")
        _, text = self.watched("--engine=tracepoint", "--headers=kernel",
                               before=as_those_of_this_kernel(directories))
        read = [there for _, there in self.opened_by_clang(text)
                if there.startswith(tuple(directories))]
        self.assertGreater(len(read), 100, "headers that were read")
        self.assert_little_is_changed(text, processes=1, where="nowhere")

    def assert_little_is_changed(self, text, processes, where):
        for directory, name in CHANGING.findall(text):
            self.assertRegex(os.path.join(directory, name), rf"\A({where})\Z")
        written = [there for _, _, flags, there in OPENED.findall(text)
                   if re.search("O_WRONLY|O_RDWR", flags)]
        for path in written:
            self.assertRegex(path, rf"\A({where}|/dev/null)\Z")
        self.same(text.count(" execve("), 1, "programs that were run")
        self.assertLessEqual(len(PROCESS.findall(text)), processes)
        self.assertNotIn(" socket(", text)

    def test_below_a_directory_of_another_user(self):
        """Which root may enter by its capabilities alone; in a container it may have one of them."""
        directory = os.path.join(tracer.place.path, "of-another")
        os.mkdir(directory, mode=0o700)
        self.addCleanup(os.rmdir, directory)
        os.chown(directory, 12345, 12345)
        for before in ([], ["setpriv", "--bounding-set=-dac_read_search"]):
            with self.subTest(before=before):
                done = tracer.run("--engine=tracepoint", "--headers=btf", "-D", "0", before=before,
                                  env={**os.environ, "TMPDIR": directory})
                self.same((done.returncode, done.stdout), (0, HEADER),
                          f"status and stdout, with {done.stderr!r} on stderr")
