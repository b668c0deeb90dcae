"""TAP 12 to 14, of tape, ava, node, node-tap and whoever prints it."""

from __future__ import annotations

import pytest

from harness.testruns.command import likely_runner, runner_of
from harness.testruns.suite_command import instrument, single
from tests.testruns.reading import outcomes, read, why

KINDS = """\
TAP version 14
1..9
ok 1 - adds
not ok 2 - subtracts
  ---
  message: "1 != 2"
  at: lib/sum.js:3
  ok 7 - not a point
  ...
ok 3 - later # SKIP no network
not ok 4 - planned # TODO by and by
ok 5 - done # todo
not ok 6 - skipped too # skip
ok 7 odd \\# name \\\\ with a\u202ebidi
ok 8 - no # directive here
not ok
"""


def test_every_kind_of_point() -> None:
    assert outcomes("tap-1.tap", KINDS) == {
        "adds": "passed",
        "subtracts": "failed",
        "later": "skipped",
        "planned": "xfailed",
        "done": "xfailed",
        "skipped too": "skipped",
        "odd # name \\ with a bidi": "passed",
        "no # directive here": "passed",
        "#9": "failed",
    }
    assert "1 != 2" in read("tap-1.tap", KINDS).failures["subtracts"].text


SUBTESTS = """\
TAP version 13
# Subtest: outer
    # Subtest: inner
        ok 1 - deep
        not ok 2 - broken
          ---
          error: 'no'
          ...
        1..2
    not ok 1 - inner
    ok 2 - beside
    1..2
not ok 1 - outer
# Subtest: alone
    ok 1 - one
    1..1
not ok 2 - alone
ok 3 - plain
1..3
# tests 3
"""
BRACES = """\
TAP version 13
ok 1 - outer # time=5.23ms {
    ok 1 - one # time=1ms
    1..1
}

ok 2 - next
1..2
"""


def test_subtests() -> None:
    assert outcomes("tap-1.tap", SUBTESTS) == {
        "outer > inner > deep": "passed",
        "outer > inner > broken": "failed",
        "outer > beside": "passed",
        # it broke outside of its own tests
        "alone > one": "passed",
        "alone": "failed",
        "plain": "passed",
    }
    assert outcomes("tap-1.tap", BRACES) == {
        "outer": "passed",
        "outer > one": "passed",
        "next": "passed",
    }


TAPE = """\
TAP version 13
# sums
ok 1 should be strictly equal
ok 2 should be strictly equal
# differences
ok 3 should be truthy
not ok 4 should be strictly equal
  ---
    operator: equal
    expected: 2
    actual:   1
    at: Test.<anonymous> (/work/test/sum.js:9:5)
  ...
# SKIP not on this machine
# TODO by and by
not ok 5 no # TODO
# a > b
ok 6 should be truthy
# a > c
ok 7 should be truthy

1..7
# tests 7
# pass  3
# fail  1
"""


def test_tape_names_its_tests_in_comments() -> None:
    assert outcomes("tape-1.tap", TAPE) == {
        "sums": "passed",
        "differences": "failed",
        "not on this machine": "skipped",
        "by and by": "xfailed",
        "a > b": "passed",
        "a > c": "passed",
    }
    assert "expected: 2" in read("tape-1.tap", TAPE).failures["differences"].text


AVA = "TAP version 13\nok 1 - sum › adds\nnot ok 2 - sum › takes\nok 3 - sum › x # SKIP\n\n1..3\n"


def test_ava() -> None:
    wanted = {"sum › adds": "passed", "sum › takes": "failed", "sum › x": "skipped"}
    assert outcomes("ava-1.tap", AVA) == wanted


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("1..3\nok 1 - a\nok 2 - b\n", "it planned 3 tests and told of 2"),
        ("1..1\nok 1 - a\nok 2 - b\n", "it planned 1 tests and told of 2"),
        ("ok 1 - a\n", "its TAP has no plan"),
        ("1..2\nok 1 - a\nok 1 - b\n", "its TAP contradicts itself: number 1 twice"),
        ("1..1\nok 1 - a\n1..1\n", "its TAP contradicts itself: two plans"),
        ("1..2\nok 1 - a\nBail out! no disk\n", "it gave up: no disk"),
        ("1..1\nok 1 - a\n  ---\n  open: ever\n", "its report is broken or cut off"),
        ("1..1\n    ok 1 - child\n", "its report is broken or cut off"),
        ("    ok 1 - child\n    1..1\n1..1\nok 1 - a\n", "its report is broken or cut off"),
        ("    1..2\n    ok 1 - c\nok 1 - a\n1..1\n", "it planned 2 tests and told of 1"),
        ("nothing here\n", "its report is broken or cut off"),
        ("", "its report is broken or cut off"),
        (" " * 4 * 40 + "ok 1 - deep\n1..1\nok 1 - a\n", "its report is broken or cut off"),
        ("1..1\nok 1 - " + "x" * (49 << 20), "its report is larger than harness reads"),
    ],
    ids=range(14),
)
def test_what_is_not_whole_says_so(text: str, said: str) -> None:
    assert why(read("tap-1.tap", text)) == said


def test_the_worse_of_one_name_stands() -> None:
    text = "1..3\nok 1 - a\nnot ok 2 - a\nok 3 - a\n"
    assert outcomes("tap-1.tap", text) == {"a": "failed"}


def test_no_point_is_no_test() -> None:
    tally = read("tap-1.tap", "1..0 # SKIP no database\n")
    assert (tally.outcomes, tally.collected) == ({}, True)


@pytest.mark.parametrize(
    ("command", "likely", "plain"),
    [
        ("npx tape 'test/*.js'", "tape", "tape"),
        ("tape test | tap-spec", "tape", ""),
        ("npx ava --serial", "ava", "ava"),
        ("npx ava --node-arguments=-x", "ava", ""),
        ("java -jar ava.jar", "", ""),
        ("node tape.js", "", ""),
        ("bats --tap test", "tap", ""),
        ("prove -v t", "", ""),
    ],
)
def test_how_they_are_seen(command: str, likely: str, plain: str) -> None:
    assert (likely_runner(command), runner_of(command)) == (likely, plain)


def test_commands() -> None:
    assert instrument("npx tape test/*.js", "tape", "/o")[0] == (
        "{ npx tape test/*.js\n} >/o/tape-1.tap; code=$?; tail -c 60000 /o/tape-1.tap; (exit $code)"
    )
    assert instrument("npm test", "ava", "/o")[0].startswith("{ npm test -- --tap\n} >/o/ava-1.tap")
    assert single("npx ava", "ava", ["sum › it's"]) == "npx ava --match='it'\"'\"'s'"
    assert single("npx tape t", "tape", ["a"]) == "npx tape t"
