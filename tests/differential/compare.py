"""Says in what a run of the program differs from what the original prints."""

import io
import itertools

# Lines of input shown with a difference, and bytes of each.
CONTEXT = 5
LONGEST = 400


def _show(line):
    if line is None:
        return "(nothing)"
    text = repr(line)[1:]
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}... ({len(line)} bytes)"


def first_difference(printed, answer):
    """The first row that differs, and the lines of input from which it comes."""
    rows = itertools.zip_longest(io.BytesIO(answer.output), io.BytesIO(printed))
    offset = 0
    for number, (expected, actual) in enumerate(rows):
        if expected != actual:
            break
        offset += len(expected)
    else:
        return []
    what = f"  row {number} differs" if number else "  the header differs"
    lines = answer.read_for(offset)[-CONTEXT:]
    return [f"{what}; the input up to it, since the row before:" if lines else what,
            *(f"    line {index + 1}: {_show(answer.pieces[index])}" for index in lines),
            f"    expected: {_show(expected)}",
            f"    printed:  {_show(actual)}"]


def problems(result, answer):
    """What is wrong with a run; nothing if it did what the original does."""
    found = []
    if result.status != 0:
        found.append(f"  exit status {result.status}")
    if result.stdout != answer.output:
        found += first_difference(result.stdout, answer)
    for what, actual, expected in (("foreign lines", result.foreign, len(answer.foreign)),
                                   ("lost events", result.lost, answer.lost)):
        if actual != expected:
            found.append(f"  {what} told on stderr: {actual}, expected {expected}")
    told = result.stderr.splitlines()
    # Lines that the original passes over in silence are told too: a header of
    # other than four fields, a loss without a number.
    silent = any(word in line for line in told for word in ("another header", "unknown number"))
    if told and not answer.foreign and not answer.lost and not silent:
        found.append("  stderr is not empty, and there is nothing to tell")
    if any(not line.startswith("disksnoop: ") for line in told):
        found.append("  stderr has lines that are not the program's own")
    if found:
        found += [f"  stderr: {line}" for line in told[:20]]
    return found
