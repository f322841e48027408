"""Names and words that others chose do nothing to a terminal."""

import os
import pathlib
import pty
import tempfile

import program
from program import HEADER, line, row

HOSTILE = "\x1b[2J\x9b\n\x07\udcff\u202e"
ESCAPED = r"\x1b[2J\xc2\x9b\x0a\x07\xff\xe2\x80\xae"


def run_on_a_terminal(*arguments, stdin):
    """What the terminal is given when stdout is one."""
    terminal, end = pty.openpty()
    with tempfile.TemporaryFile() as stream:
        stream.write(stdin)
        stream.seek(0)
        pid = os.fork()
        if pid == 0:
            os.dup2(stream.fileno(), 0)
            os.dup2(end, 1)
            os.execv(program.binary, [program.binary, "--replay", "-", *arguments])
    os.close(end)
    text = b""
    try:
        while part := os.read(terminal, 65536):
            text += part
    except OSError:  # EIO: the other end is closed
        pass
    os.close(terminal)
    os.waitpid(pid, 0)
    return text.replace(b"\r\n", b"\n")


class TextOfOthers(program.Check):
    def assert_escaped(self, done, status):
        self.assert_error(done, status, ESCAPED)
        self.assertEqual(done.stderr.decode().rstrip("\n").isprintable(), True, done.stderr)

    def test_names_of_files(self):
        self.assert_escaped(program.run("--replay", "/no/such/" + HOSTILE), 1)
        with tempfile.TemporaryDirectory() as directory:
            path = pathlib.Path(directory, HOSTILE)
            path.write_bytes(line(1))
            done = program.run("--replay", path)
            self.assert_quiet(done)
            self.assertEqual(done.stdout, HEADER + row(0))

    def test_words_of_the_command_line(self):
        for arguments in (("--engine", HOSTILE), ("--" + HOSTILE,), (HOSTILE,),
                          ("--buffer", HOSTILE), ("--count", HOSTILE), ("--duration", HOSTILE)):
            with self.subTest(arguments=arguments):
                self.assert_escaped(program.run(*arguments), 2)

    def test_rows_are_the_originals_but_on_a_terminal(self):
        stream = line(1, "\x1b[2J 0 250") + line(2, "4096 1 250") + line(3, "٤٢ 0 250")
        plain = HEADER + row(0, "\x1b[2J", "R") + row(1) + row(2, "٤٢", "R")
        done = program.run("--replay", "-", stdin=stream)
        self.assert_quiet(done)
        self.assertEqual(done.stdout, plain)
        self.assertEqual(run_on_a_terminal(stdin=stream),
                         HEADER + row(0, r"\x1b[2J", "R") + row(1) + row(2, "٤٢", "R"))

    def test_bytes_that_are_no_utf8_on_a_terminal(self):
        stream = line(1, "SIZE 0 250").replace(b"SIZE", b"\x9b2J")
        self.assertIn(rb"R  \x9b2J  ", run_on_a_terminal("--format", "bcc", stdin=stream))
