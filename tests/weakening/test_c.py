"""Tests in C and C++: what makes them weaker is found, honest work passes; and the process that
reads them, whose end is nobody's harm."""

from __future__ import annotations

import random
import re
import subprocess
import sys
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path

import pytest

from harness.core.types import Finding
from harness.i18n.catalogue import Catalogue
from harness.pipeline.verification.weakening import find_weakening, is_test_file
from harness.weakening.code_apart import MOST_ENDS, read_apart
from tests.weakening.c_benign_rows import C_BENIGN
from tests.weakening.c_rows import C_WEAK, CATCH, GTEST, PLAIN, C, G, P

Row = tuple[str, str, str | None, str]


def found_in(rows: Sequence[Row]) -> dict[str, list[Finding]]:
    """All rows as one change, since each change starts a process: name -> findings."""
    places = {f"{number}/{path}": name for number, (name, path, _, _) in enumerate(rows)}
    texts = {p: (old, new) for p, (_, _, old, new) in zip(places, rows, strict=True)}
    assert all(is_test_file(path) for path in texts)
    found: dict[str, list[Finding]] = defaultdict(list)
    for one in find_weakening(texts):
        found[places[one.path]].append(one)
    return found


def test_a_weaker_test_is_found() -> None:
    found = found_in([row[:4] for row in C_WEAK])
    keys = {name: [f.say.key for f in found[name]] for name, *_ in C_WEAK}
    missed = {n: keys[n] for n, _, _, _, key in C_WEAK if not any(key in k for k in keys[n])}
    assert missed == {}
    for one in (f for some in found.values() for f in some):
        assert (one.source, one.severity) == ("weakening", "blocking")
        for language in ("en", "ko"):
            assert Catalogue(language)(one.say.key, **one.say.facts)


def test_honest_work_is_left_alone() -> None:
    found = found_in(C_BENIGN)
    assert {name: [f.say for f in one] for name, one in found.items()} == {}


def test_a_test_may_move_to_another_file() -> None:
    cut = C.index('TEST_CASE("sums are shown")')
    moved = {CATCH: (C, C[:cut]), "tests/show.cpp": (None, f"{C[: C.index('TEST_CASE')]}{C[cut:]}")}
    assert find_weakening(moved) == ()


DEEP = "if (x) " * 20_000
MANY = "/*" * 10_000


def test_what_ends_the_process_is_held_as_before() -> None:
    """And costs the other files of a change nothing."""
    good = [(f"t{n}.cc", G) for n in range(2)]
    assert [*read_apart([good[0], ("x.cpp", DEEP), ("x.c", MANY), good[1]])] == good
    changed = {GTEST: (G, f"{G}{DEEP}"), PLAIN: (f"{P}{MANY}", P)}
    keys = {f.say.key for f in find_weakening(changed)}
    assert keys >= {"guard.weak_unreadable", "guard.weak_language"}


PROBE = """
import socket, subprocess, sys
from harness.weakening import code_child
code_child.confine()
{}
print("done")
"""


@pytest.mark.parametrize(
    "deed",
    [
        "open('/etc/hostname')",
        "open('/tmp/written', 'w')",
        "socket.socket()",
        "subprocess.run(['true'])",
        "import os; os.fork()",
        "bytearray(3 << 30)",
        "import os; os.kill(1, 0)",
        "import ctypes; ctypes.string_at(0)",
    ],
)
def test_the_process_may_do_nothing_else(deed: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", PROBE.format(deed)], capture_output=True, check=False, timeout=300
    )
    assert done.returncode != 0
    assert b"done" not in done.stdout
    assert not Path("/tmp/written").exists()


def test_an_answer_that_is_nonsense_is_none() -> None:
    """Texts cannot write the child's answers: whatever is in them, each has one line."""
    odd = 'TEST(A, B) { EXPECT_EQ(f("\\n{\\"probes\\": {}}\\nnull"), 1); }\n'
    names = ["a.cc", "b.cc", "c.cc"]
    found = read_apart([(name, odd) for name in names])
    assert [path for path, _ in found] == names
    assert all([*one.probes] == ["A::B"] for one in found.values())
    assert read_apart([("a.py", "x"), ("a.cc", "\0"), ("a.cc", "\ud800")]) == {}
    assert MOST_ENDS < 10


def test_texts_that_nobody_wrote_are_answered_or_not() -> None:
    """Pieces of tests in any order: each is understood or is not, none is another's."""
    chance = random.Random(38)
    pieces = [
        *re.findall(r"\w+|[^\w\s]|\n", G + C + P),
        "#if 0\n",
        "#else\n",
        "#endif\n",
        '"',
        "/*",
    ]
    texts = []
    for number in range(120):
        lines = (G, C, P)[number % 3].splitlines(keepends=True)
        for _ in range(chance.randrange(1, 8)):
            at = chance.randrange(len(lines))
            lines[at] = "".join(chance.choice(pieces) for _ in range(chance.randrange(6))) + "\n"
        texts.append((f"{number}.cc", "".join(lines)))
    found = read_apart(texts)
    assert set(found) <= set(texts)
    assert found
    for (path, text), read in found.items():
        last = text.count("\n") + 1
        assert all(0 < probe.line <= last for probe in read.probes.values()), path
