"""Every runner over every end that a test can have, and over hostile reports. What can be had here
was written by the real program (`made/README.md`); the rest as its documentation says."""

from __future__ import annotations

from pathlib import Path

import pytest

from harness.core.tally_types import Tally
from harness.testruns.registry import BY_NAME, RUNNERS
from harness.testruns.reports import read_reports
from tests.testruns import test_ctest, test_dotnet, test_go, test_maven
from tests.testruns.made.wanted import ENDED_EARLY, KINDS

MADE = Path(__file__).parent / "made"
ENDS = {"json": ("go", "jest", "rspec"), "txt": ("cargo", "minitest"), "tap": ("ava", "tape")}
BY_PROBE = ("pytest", "unittest")
"""Read as they run: test_runs.py, test_messy_suites.py, test_reading.py."""
REAL = (
    "node",
    "jest",
    "vitest",
    "mocha",
    "tape",
    "ava",
    "go",
    "cargo",
    "rspec",
    "minitest",
    "phpunit",
)
TAP = "1..7\nok 1 - a\nnot ok 2 - b\nok 3 - c # SKIP\nnot ok 4 - d # TODO\nok 5 - e (1, x)\n"
MIX = (
    '<testsuites><testsuite name="Elixir.S" errors="1" failures="1">'
    '<testcase classname="Elixir.S" name="test adds" file="test/s_test.exs:4"/>'
    '<testcase classname="Elixir.S" name="test takes" file="test/s_test.exs:9">'
    "<failure/></testcase>"
    '<testcase classname="Elixir.S" name="test later"><skipped message="no"/></testcase>'
    '<testcase classname="Elixir.S" name="test set-up"><error message="exit"/></testcase>'
    '<testcase classname="Elixir.S" name="test of 1, 2 is 3"/>'
    '<testcase classname="Elixir.S" name="test odd &lt;&amp;&gt; &#10;&#27;[31m"/>'
    "</testsuite></testsuites>"
)
WRITTEN = {
    "ctest": test_ctest.WRITTEN,
    "maven": test_maven.KINDS,
    "gradle": test_maven.KINDS,
    "gotestsum": MIX.replace("Elixir.S", "example.org/s"),
    "nextest": MIX.replace("Elixir.S", "calc::it"),
    "dotnet": test_dotnet.KINDS,
    "mix": MIX,
    "tap": TAP + "ok 6 - odd \\# <&> \x1b[31m\u202e\nnot ok 7\n",
}
"""What each of them says is held in the test of its runner."""


def name_of(runner: str) -> str:
    end = next((end for end, names in ENDS.items() if runner in names), "xml")
    return f"{runner}-1.{ {'dotnet': 'trx', 'tap': 'tap'}.get(runner, end) }"


def made(runner: str, suite: str) -> bytes:
    end = name_of(runner).rpartition(".")[2]
    return (MADE / runner / f"{suite}.{end}").read_bytes()


def kinds(runner: str) -> bytes:
    return made(runner, "kinds") if runner in REAL else WRITTEN[runner].encode()


def tally(runner: str, *reports: bytes) -> Tally:
    """Several reports of one run."""
    first = name_of(runner)
    return read_reports({first.replace("-1.", f"-1-{n}."): d for n, d in enumerate(reports)})


def broken(found: Tally) -> set[str]:
    return {test for test, outcome in found.outcomes.items() if outcome in ("failed", "error")}


def test_every_runner_has_a_report() -> None:
    assert {*REAL, *WRITTEN, *BY_PROBE} == {runner.name for runner in RUNNERS} == set(BY_NAME)


@pytest.mark.parametrize("runner", REAL)
def test_what_the_real_program_wrote(runner: str) -> None:
    found = tally(runner, made(runner, "kinds"))
    assert found.outcomes == KINDS[runner]
    assert set(found.unseen) == ({""} if runner == "rspec" else set())  # its hook after all
    assert all(found.failures[test].text or runner == "minitest" for test in broken(found))


@pytest.mark.parametrize(("runner", "suite"), ENDED_EARLY)
def test_a_run_that_ended_early(runner: str, suite: str) -> None:
    """What a test that leaves, or a file that does not load, lets be seen; nothing is whole."""
    found = tally(runner, made(runner, suite))
    assert (found.outcomes, set(found.unseen)) == ENDED_EARLY[runner, suite]
    wrong = broken(found) or found.unseen or not found.collected
    assert wrong or (runner, suite) == ("node", "exits"), "it looks like a run that went well"


@pytest.mark.parametrize("runner", [*REAL, *WRITTEN])
def test_every_outcome_and_odd_names(runner: str) -> None:
    found = tally(runner, kinds(runner)).outcomes
    outcomes = {*found.values()}
    assert "passed" in outcomes
    assert "failed" in outcomes
    assert "skipped" in outcomes or runner == "tape"  # it says nothing of what it skips
    assert any("odd" in name or "ünï" in name for name in found) or runner == "dotnet"
    assert any(" 1" in n or "(a: 1" in n or "s(int" in n or "/one" in n or "of_1" in n
               or "#0" in n or "(1" in n or "::of::" in n or "[1]" in n for n in found)  # fmt: skip
    assert all(name.isprintable() for name in found)


@pytest.mark.parametrize("runner", [*REAL, *WRITTEN])
def test_hostile_reports(runner: str) -> None:
    text = kinds(runner)
    honest = tally(runner, text)
    # a report that grows without end
    huge = tally(runner, text + b"\n" + b" " * (49 << 20))
    assert huge.unseen[""].key == "unseen.report_too_large"
    # one that was cut off, garbage, another runner's, none
    for bad in (text[: len(text) * 2 // 3], b"\xff\xfe\x00" * 1000, b"<project/>", b"[]", b""):
        read = tally(runner, bad)
        assert read.unseen or not read.collected or broken(read), bad[:20]
    # a second report, that says better
    for word in (b"failed", b"failure", b"FAILED", b'"fail"', b"not ok", b"error", b"= F", b"= E"):
        better = {b"not ok": b"ok", b"= F": b"= .", b"= E": b"= ."}.get(word, b"passed")
        assert broken(tally(runner, text, text.replace(word, better))) >= broken(honest)
    assert broken(tally(runner, text, text)) == broken(honest)


def test_go_says_what_it_could_not_build_in_no_event() -> None:
    """Before 1.24; beside packages that it built."""
    text = test_go.KINDS + "FAIL\texample.org/calc/b [build failed]\nFAIL\tc [setup failed]\n"
    found = tally("go", text.encode())
    assert found.outcomes == tally("go", test_go.KINDS.encode()).outcomes | {
        "example.org/calc/b": "error",
        "c": "error",
    }


def test_a_spec_that_prints_before_its_result() -> None:
    lines = [
        "A#a = well,",
        "b#c = so",
        "0.00 s = .",
        "A#b = 1",
        "2 it 0.01 s = F",
        "A#c = 0.0 s = S",
    ]
    text = "\n".join([*lines, "0.00 s = .", "3 runs, 2 assertions, 1 failures, 0 errors, 1 skips"])
    found = tally("minitest", text.encode())
    assert (found.unseen, found.outcomes) == (
        {},
        {"A#a": "passed", "A#b": "failed", "A#c": "skipped"},
    )


@pytest.mark.parametrize("sign", ["\x1b", "\x00", "\uffff", "&#27;", "&#x1B;", "&#0;", "&#00008;"])
@pytest.mark.parametrize("runner", ["phpunit", "maven", "vitest", "mix"])
def test_a_sign_that_xml_may_not_hold_is_no_end_of_a_report(runner: str, sign: str) -> None:
    text = f'<testsuite><testcase classname="S" name="a{sign}b"><failure/></testcase></testsuite>'
    assert [*tally(runner, text.encode()).outcomes.values()] == ["failed"]
