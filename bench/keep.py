#!/usr/bin/python3 -B
"""Puts the tables of one part, from stdin, in their place in a document.

    keep.py DOCUMENT PART < tables

The place is between the lines <!-- PART --> and <!-- end of PART -->.
"""

import pathlib
import sys


def main(document, part):
    path = pathlib.Path(document)
    text = path.read_text(encoding="utf-8")
    begin, end = f"<!-- {part} -->\n", f"<!-- end of {part} -->\n"
    before, found, rest = text.partition(begin)
    _, ended, after = rest.partition(end)
    if not found or not ended:
        sys.exit(f"keep.py: {document} has no place for {part}")
    path.write_text(f"{before}{begin}\n{sys.stdin.read().strip()}\n\n{end}{after}", encoding="utf-8")


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__.strip())
    main(*sys.argv[1:])
