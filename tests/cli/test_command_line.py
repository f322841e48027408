"""What the command line alone decides."""

import re

import program


class CommandLine(program.Check):
    def test_help(self):
        for option in ("--help", "-h"):
            done = program.run(option)
            self.assert_quiet(done)
            self.assertIn(b"--replay FILE", done.stdout)

    def test_version(self):
        done = program.run("--version")
        self.assert_quiet(done)
        declared = re.search(r"project\(disksnoop VERSION (\S+)", (program.TOP / "CMakeLists.txt").read_text())
        self.assertEqual(done.stdout.decode(), f"disksnoop {declared[1]}\n")

    def test_print_bpf(self):
        done = program.run("--print-bpf", "--engine=original")
        self.assert_quiet(done)
        self.assertEqual(done.stdout, (program.TOP / "bpf_text/disksnoop.c").read_bytes())
        self.assertEqual(done.stdout, (program.TOP / "tests/data/original/bpf.c").read_bytes())

    def test_wrong_command_lines(self):
        for arguments in (("--no-such-option",), ("-x",), ("operand",), ("--engine", "fast"),
                          ("--engine",), ("--headers", "x"), ("--format", "json"),
                          ("--duration", "soon"), ("--duration", "-1"), ("--count", "0"),
                          ("--count", "1.5"), ("--count=",), ("--replay",),
                          ("--replay", "-", "--duration", "1")):
            with self.subTest(arguments=arguments):
                done = program.run(*arguments)
                self.assert_error(done, 2, "--help")
                self.assertEqual(done.stdout, b"")

    def test_what_cannot_be_written_is_an_error(self):
        for option in ("--help", "--version", "--print-bpf"):
            with self.subTest(option=option), open("/dev/full", "wb") as full:
                self.assert_error(program.run(option, stdout=full), 1, "No space left on device")

    def test_a_reader_that_leaves_is_none(self):
        for option in ("--help", "--version", "--print-bpf"):
            with self.subTest(option=option):
                done = program.shell('"$@" | true; exit ${PIPESTATUS[0]}', option)
                self.assert_quiet(done)
