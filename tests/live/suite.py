"""Runs the checks of a directory in a place of their own, and reports them."""

import argparse
import os
import signal
import unittest

import machine
import tracer


class Report(unittest.TestResult):
    """A line for each check, as soon as it is done."""

    def __init__(self):
        super().__init__()
        self.passed = 0
        self.failed = 0
        self.figures = ""

    @staticmethod
    def name(test):
        return ".".join(test.id().split(".")[-2:])

    def addSuccess(self, test):
        super().addSuccess(test)
        self.passed += 1
        figures = getattr(test, "figures", "")
        print(f"ok {self.name(test)}" + (f": {figures}" if figures else ""), flush=True)

    def addSkip(self, test, reason):
        super().addSkip(test, reason)
        print(f"skip {self.name(test)}: {reason}", flush=True)

    def addFailure(self, test, err):
        super().addFailure(test, err)
        self.failed += 1
        print(f"not ok {self.name(test)}: {err[1]}", flush=True)

    def addError(self, test, err):
        super().addError(test, err)
        self.failed += 1
        print(f"not ok {self.name(test)}: {self._exc_info_to_string(err, test)}", flush=True)

    def addSubTest(self, test, subtest, err):
        super().addSubTest(test, subtest, err)
        if err is not None:
            self.failed += 1
            print(f"not ok {self.name(test)} {subtest._subDescription()}: {err[1]}", flush=True)


def chosen(suite, names):
    for test in suite:
        if isinstance(test, unittest.TestSuite):
            yield from chosen(test, names)
        elif not names or any(name in test.id() for name in names):
            yield test


def main(description, directory):
    """The exit status of the script `directory`/run, whose description this is."""
    parser = argparse.ArgumentParser(description=description.split("\n", 1)[0])
    parser.add_argument("binary", help="the disksnoop to test")
    parser.add_argument("name", nargs="*", help="part of the name of a check")
    arguments = parser.parse_args()
    # Ignored where a shell starts it in the background; a program would inherit that.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGHUP, signal.SIG_DFL)
    signal.signal(signal.SIGQUIT, signal.SIG_DFL)
    if not os.access(arguments.binary, os.X_OK):
        parser.error(f"{arguments.binary} is not there or not executable")

    tests = list(chosen(unittest.defaultTestLoader.discover(directory), arguments.name))
    if not tests:
        parser.error("no check has such a name")
    report = Report()
    try:
        place = machine.Workplace(arguments.binary)
    except machine.NoPrivateMounts as error:
        print(f"skip {os.path.basename(directory)}: {error}")
        print("0 passed, 0 failed, 1 skipped")
        return 0
    with place:
        tracer.place = place
        unittest.TestSuite(tests).run(report)
    print(f"{report.passed} passed, {report.failed} failed, {len(report.skipped)} skipped")
    return 1 if report.failed else 0
