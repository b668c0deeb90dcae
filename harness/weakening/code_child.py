"""Reads tests in C and C++ in a process of its own: a list of paths and texts from standard input,
a line for each to standard output. Its parsers can overflow, hang and take all memory, so the
process has bounds, no files, no network and no other program; how it ends is the parent's to see.
"""

from __future__ import annotations

import json
import sys
from pathlib import PurePosixPath

from harness.syntax.tree import parse_native
from harness.system.confining import confine
from harness.weakening.c_text import prepare
from harness.weakening.code_c import C
from harness.weakening.code_tests import read_code
from harness.weakening.demands import TestFile


def read_one(path: str, text: str) -> TestFile | None:
    """The tests of one file; None when they are not understood."""
    try:
        prepared = prepare(text)
    except ValueError:
        return None
    tree = parse_native(prepared.text, path)
    return None if tree is None else read_code(tree, C(prepared.heads))


def main() -> int:
    # both grammars are loaded, and every module that reading takes, before the door closes
    for ending in (".c", ".cc"):
        read_one(f"a{ending}", "TEST(a, b) { EXPECT_EQ(f(1), 2); }\n")
    confine()
    data = sys.stdin.buffer.read()
    for path, text in json.loads(data):
        found = read_one(PurePosixPath(path).name, text)
        answer = "null" if found is None else found.model_dump_json()
        sys.stdout.write(answer + "\n")
        sys.stdout.flush()
    return 0


if __name__ == "__main__":
    sys.exit(main())
