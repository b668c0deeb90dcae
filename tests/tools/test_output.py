"""Output: cleaned, cut with the missing lines named, summaries found."""

from __future__ import annotations

import json

import pytest

from harness.tools.output import clean, clip
from harness.tools.summary import failing, summary


def test_every_byte_becomes_text_that_json_and_utf8_can_hold() -> None:
    raw = bytes(range(256)) * 3 + "한글 😀".encode() + b"\xed\xa0\x80"
    for text in (raw.decode("utf-8", "replace"), raw.decode("utf-8", "surrogateescape")):
        done = clean(text + "\ud800x")
        assert json.loads(json.dumps(done)) == done
        assert done.encode().decode() == done
        assert "\x00" not in done
        assert "한글 😀" in done


def test_colours_and_progress_bars_go() -> None:
    assert clean("\x1b[31mred\x1b[0m \x1b]0;title\x07x") == "red x"
    assert clean("10%\r50%\r100%\nend\r\n") == "100%\nend\n"


def test_a_cut_names_the_lines_and_how_to_page() -> None:
    text = "\n".join(f"line {n}" for n in range(1, 1001))
    cut = clip(text, lines=100, where="/tmp/o.txt")
    rows = cut.text.split("\n")
    assert len(rows) == 101
    assert rows[0] == "line 1"
    assert rows[-1] == "line 1000"
    assert rows[40] == "[lines 41-940 of 1000 left out; page with read /tmp/o.txt offset=41]"
    assert (cut.first, cut.last, cut.whole) == (41, 940, False)


def test_a_cut_by_characters_keeps_whole_lines_and_shortens_giants() -> None:
    cut = clip("\n".join(["x" * 90] * 50), chars=1_000)
    assert all(len(row) == 90 or row.startswith("[lines") for row in cut.text.split("\n"))
    assert len(cut.text) < 1_100
    giant = clip("y" * 5_000_000)
    assert len(giant.text) < 2_100
    assert "more characters" in giant.text
    assert not giant.whole
    assert clip("short\n").text == "short\n"


RUNNERS = {
    "pytest": (
        "collected 3 items\n\n....\n=== short test summary info ===\nFAILED tests/t.py::a - assert"
        " 1"
        "\nERROR tests/u.py\n=================== 1 failed, 2 passed, 1 error in 0.12s ==========\n",
        [
            "1 failed, 2 passed, 1 error in 0.12s",
            "FAILED tests/t.py::a - assert 1",
            "ERROR tests/u.py",
        ],
    ),
    "pytest -q": ("..F\n1 failed, 2 passed in 0.10s\n", ["1 failed, 2 passed in 0.10s"]),
    "pytest fine": ("====== 5 passed, 1 warning in 1.00s ======", ["5 passed, 1 warning in 1.00s"]),
    "unittest": (
        "FAIL: test_a (t.T.test_a)\n----\nRan 3 tests in 0.001s\n\nFAILED (failures=1)\n",
        ["Ran 3 tests in 0.001s", "FAILED (failures=1)", "FAIL: test_a (t.T.test_a)"],
    ),
    "jest": (
        "FAIL src/a.test.js\n  ● adds\nTest Suites: 1 failed, 1 total\n"
        "Tests:       1 failed, 2 passed, 3 total\n",
        [
            "Test Suites: 1 failed, 1 total",
            "Tests:       1 failed, 2 passed, 3 total",
            "FAIL src/a.test.js",
        ],
    ),
    "vitest": (
        " FAIL  src/a.test.ts > adds\n Test Files  1 failed (1)\n"
        "      Tests  1 failed | 2 passed (3)\n",
        [
            "Test Files  1 failed (1)",
            "Tests  1 failed | 2 passed (3)",
            "FAIL  src/a.test.ts > adds",
        ],
    ),
    "node": (
        "✖ adds (1.2ms)\nℹ tests 3\nℹ pass 2\nℹ fail 1\n",
        ["ℹ tests 3", "ℹ pass 2", "ℹ fail 1", "✖ adds (1.2ms)"],
    ),
    "mocha": ("  2 passing (9ms)\n  1 failing\n", ["2 passing (9ms)", "1 failing"]),
    "go": (
        "--- FAIL: TestAdd (0.00s)\nFAIL\texample.com/a\t0.003s\nok  \texample.com/b\t0.002s\n",
        ["--- FAIL: TestAdd (0.00s)", "FAIL\texample.com/a\t0.003s", "ok  \texample.com/b\t0.002s"],
    ),
    "cargo": (
        "test tests::a ... FAILED\ntest result: FAILED. 1 passed; 1 failed; 0 ignored\n",
        ["test result: FAILED. 1 passed; 1 failed; 0 ignored", "test tests::a ... FAILED"],
    ),
}


@pytest.mark.parametrize("runner", RUNNERS)
def test_each_runners_summary_is_found(runner: str) -> None:
    output, wanted = RUNNERS[runner]
    lines = summary(output)
    assert list(lines) == wanted
    assert failing(lines) == (runner != "pytest fine")


def test_other_output_has_no_summary_and_success_is_no_failure() -> None:
    assert summary("hello\n5 apples in 3 baskets\nERROR: disk\n") == ()
    assert not failing(summary("ℹ tests 3\nℹ pass 3\nℹ fail 0\n"))
    assert not failing(summary("test result: ok. 2 passed; 0 failed; 0 ignored\n"))
    assert not failing(summary("Tests:       3 passed, 3 total\n"))


def test_many_failures_are_counted() -> None:
    rows = [f"FAILED t.py::t{n} - x" for n in range(50)]
    lines = summary("\n".join([*rows, "== 50 failed in 1.00s =="]))
    assert lines[0] == "50 failed in 1.00s"
    assert lines[-1] == "and 38 more failing"
    assert len(lines) == 14
