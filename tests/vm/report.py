"""Prints what the guests found, and writes it as a Markdown table."""

import dataclasses
import sys


def count(outcome, kind):
    return sum(1 for found, _ in outcome.lines if found == kind)


def verdict(outcome):
    if outcome.skipped:
        return "skipped"
    if outcome.machine_error:
        return "machine failed"
    return "failed" if count(outcome, "not ok") else "passed"


def without_packages(outcome, why):
    """Notes that the packages of a guest could not be had. Sid is in order on some days and on
    others is not, which nothing of ours can break or mend: of it that is a skip."""
    one = outcome.combination
    if "sid" in (one.suite, one.userland):
        outcome.skipped = f"not in order in Debian's archive: {why}"
    else:
        outcome.machine_error = why


def prepared(what, seconds):
    print(f"=== {what}: {seconds:.0f} s", flush=True)


def progress(outcome):
    """The lines of one guest, as soon as it is done; the first has what each check took."""
    one = outcome.combination
    print(f"=== {one.name}: {outcome.release}, {outcome.seconds:.0f} s "
          f"({facts(outcome, 'seconds')}): {verdict(outcome)}")
    if outcome.machine_error:
        print(f"machine failed: {outcome.machine_error}")
    if outcome.skipped:
        print(f"skipped: {outcome.skipped}")
    for kind, text in outcome.lines:
        if not text.startswith("seconds "):
            print(f"{kind} {text}")
    sys.stdout.flush()


def facts(outcome, name):
    """The values of the facts of this name that the checks printed."""
    words = [text.split(maxsplit=1) for kind, text in outcome.lines if kind == "fact"]
    return ", ".join(dict.fromkeys(value for found, value in words if found == name)) or "-"


HEADER = ("Kernel", "Userland", "Engine that auto takes", "Disks with a row for each request",
          "Devices with a row for each bio", "Filesystems", "Same bytes as disksnoop.py", "Result")
# No guest has these: what their sources say, and what unit tests (old_kernels_test.cpp) show of it.
NOT_RUN = (
    ("4.18, RHEL 8", "-", "original", "-", "-", "-", "-",
     "not run; by its sources: all columns and filters"),
    ("5.4, Ubuntu 20.04", "-", "original", "-", "-", "-", "-",
     "not run; by its sources: the columns and filters that need no BTF, no summaries"),
)


def by_kernel(outcomes):
    """Those of one kernel and userland as one, whose checks were shared between guests."""
    together = {}
    for outcome in outcomes:
        one = outcome.combination
        key = (outcome.release, one.kernel, one.suite, one.arch, one.userland)
        other = together.get(key)
        together[key] = outcome if other is None else dataclasses.replace(
            other, lines=other.lines + outcome.lines, skipped=other.skipped and outcome.skipped,
            machine_error=other.machine_error or outcome.machine_error)
    return together.values()


def table(outcomes):
    """The rows of the support table, the header first."""
    yield HEADER
    for outcome in by_kernel(outcomes):
        one = outcome.combination
        kernel = f"{one.kernel} ({one.suite}, {one.arch})" if outcome.release == "-" else outcome.release
        checks = count(outcome, "ok") + count(outcome, "not ok")
        yield (kernel, f"{one.userland}, BCC {facts(outcome, 'bcc')}",
               *(facts(outcome, name) for name in ("engine", "exact", "bios", "mounts", "identical")),
               verdict(outcome) + (f", {count(outcome, 'ok')} of {checks}" if checks else ""))
    yield from NOT_RUN


def summary(outcomes, path):
    """Prints and writes the table; the exit status of the run."""
    rows = list(table(outcomes))
    with open(path, "w") as file:
        for number, row in enumerate(rows):
            print("| " + " | ".join(row) + " |", file=file)
            if number == 0:
                print("|" + "---|" * len(row), file=file)
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    print()
    for row in rows:
        print("  ".join(cell.ljust(width) for cell, width in zip(row, widths)).rstrip())
    print()
    for outcome in outcomes:
        name = outcome.combination.name
        if outcome.machine_error:
            print(f"machine failed {name}: {outcome.machine_error}")
        if outcome.skipped:
            print(f"skip {name}: {outcome.skipped}")
        for kind, text in outcome.lines:
            if kind not in ("ok", "fact"):
                print(f"{kind} {name}: {text}")
    passed = sum(count(outcome, "ok") for outcome in outcomes)
    failed = sum(count(outcome, "not ok") + bool(outcome.machine_error) for outcome in outcomes)
    skips = sum(count(outcome, "skip") + bool(outcome.skipped) for outcome in outcomes)
    print(f"{passed} passed, {failed} failed" + (f", {skips} skipped" if skips else ""))
    return 1 if failed else 0
