"""Names that are no friends: they work as paths, and do nothing to a terminal."""

import os

import tracer

HOSTILE = "\x1b[2J\n\"quoted\"\\'; $(x)\x9b\udcff"
ESCAPED = "\\x1b[2J\\x0a\"quoted\"\\'; $(x)\\xc2\\x9b\\xff"


class HostileNames(tracer.Check):
    def test_of_a_directory_that_is_there(self):
        directory = os.path.join(tracer.place.path, HOSTILE)
        os.mkdir(directory)
        done = tracer.run("--engine=tracepoint", "-D", "0", env={**os.environ, "TMPDIR": directory})
        self.same((done.returncode, done.stdout), (0, tracer.HEADER),
                  f"status and stdout, with {done.stderr!r} on stderr")
        os.rmdir(directory)  # and nothing is left in it

    def test_of_directories_that_are_not(self):
        for name in ("TMPDIR", "BCC_KERNEL_SOURCE"):
            done = tracer.run("--engine=tracepoint", "-D", "0",
                              env={**os.environ, name: "/not-there/" + HOSTILE})
            self.assert_error(done, 1, "/not-there/" + ESCAPED)

    def test_of_a_disk(self):
        done = tracer.run("--engine=tracepoint", "-d", HOSTILE)
        self.assert_error(done, 1, ESCAPED)
