"""Tracing where it cannot be done."""

import os
import unittest

import program

TRACEFS = [path for path in ("/sys/kernel/tracing", "/sys/kernel/debug/tracing")
           if os.path.exists(f"{path}/trace_pipe")]


class NoTracing(program.Check):
    @unittest.skipIf(TRACEFS, "tracefs is mounted here")
    def test_no_tracefs(self):
        done = program.run("--engine=original", "--duration", "0")
        self.assert_error(done, 1, "tracefs")
        self.assertEqual(done.stdout, b"")
