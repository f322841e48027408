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
        for engine in ((), ("--engine=original",), ("--engine=auto",)):
            done = program.run("--print-bpf", *engine)
            self.assert_quiet(done)
            self.assertEqual(done.stdout, (program.TOP / "bpf_text/disksnoop.c").read_bytes())
            self.assertEqual(done.stdout, (program.TOP / "tests/data/original/bpf.c").read_bytes())

    def test_print_bpf_of_the_tracepoint_engine(self):
        def text(name):
            return (program.TOP / "bpf_text" / name).read_bytes()
        done = program.run("--print-bpf", "--engine=tracepoint")
        self.assert_quiet(done)
        self.assertTrue(done.stdout.startswith(text("block_rq.h")))
        self.assertIn(text("common.h"), done.stdout)
        self.assertTrue(done.stdout.endswith(text("block_rq.c")))
        self.assertNotIn(text("parts/sector.h"), done.stdout)
        wider = program.run("--print-bpf", "--engine=tracepoint", "--columns", "+sector")
        self.assertIn(text("parts/sector.h"), wider.stdout)

    def test_wrong_command_lines(self):
        for arguments in (("--no-such-option",), ("-x",), ("operand",), ("--engine", "fast"),
                          ("--engine",), ("--headers", "x"), ("--format", "xml"),
                          ("--duration", "soon"), ("--duration", "-1"), ("--count", "0"),
                          ("--count", "1.5"), ("--count=",), ("--replay",),
                          ("--count", "+5"), ("--count", " 5"), ("--count", "0x10"),
                          ("--duration", "nan"), ("--buffer", "2G"), ("--max-delay", "1.5"), ("--layer", "dm"),
                          ("--layer",)):
            with self.subTest(arguments=arguments):
                done = program.run(*arguments)
                self.assert_error(done, 2, "--help")
                self.assertEqual(done.stdout, b"")

    def test_options_that_do_not_go_together(self):
        live = (("--engine", "auto"), ("--headers", "auto"), ("--buffer", "1M"), ("--max-delay", "5"),
                ("--duration", "1"))
        for first, others in (
                (("--replay", program.RECORDING), (*live, ("--layer", "bio"), ("--print-bpf",), ("--children",))),
                (("--print-bpf",), (*live[1:], ("--format", "bcc"), ("--count", "1"))),
                (("--engine", "original"), (("--disk", "sda"), ("--layer", "bio"), ("--buffer", "1M"),
                                            ("--max-delay", "5")))):
            for other in others:
                for arguments in ((*first, *other), (*other, *first)):
                    with self.subTest(arguments=arguments):
                        done = program.run(*arguments)
                        self.assert_error(done, 2, first[0])
                        self.assertIn(other[0], done.stderr.decode())
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
