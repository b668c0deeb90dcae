"""What counts as red, as green, and which tests a name means."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Literal

import pytest

from harness.core.types import Evidence, Failure, LocalizedText, Tally
from harness.i18n.catalogue import Catalogue
from harness.pipeline.agents.claims import explain
from harness.pipeline.verification.evidence import is_green, is_red, is_unseen_red, is_unsteady
from harness.pipeline.verification.examining import has_conflict_marks
from harness.testruns.names import match_ids

TEST = "tests/test_a.py::test_x"


def ran(
    exit_code: int,
    outcomes: dict[str, str] | None = None,
    *,
    collected: bool = True,
    timed_out: bool = False,
    phase: Literal["", "setup", "call"] = "",
) -> Evidence:
    failures = {TEST: Failure(phase=phase)} if phase else {}
    tally = None
    if outcomes is not None:
        tally = Tally(outcomes=outcomes, collected=collected, failures=failures)
    return Evidence(
        id="e",
        kind="reproduction",
        tree="t",
        side="base",
        command="c",
        exit_code=exit_code,
        output="",
        tests=tally,
        started_at=datetime.now(UTC),
        duration_s=0.1,
        sandbox="s",
        timed_out=timed_out,
    )


@pytest.mark.parametrize(
    ("evidence", "fails", "passes"),
    [
        (ran(1, {TEST: "failed"}), True, False),
        (ran(1, {TEST: "failed", "tests/test_a.py::test_y": "passed"}), True, False),
        (ran(0, {TEST: "passed"}), False, True),
        (ran(1, {TEST: "error"}), False, False),
        (ran(1, {TEST: "failed", "tests/test_b.py::test_z": "error"}), True, False),
        (ran(1, {TEST: "failed", "tests/test_a.py::test_z": "error"}), False, False),
        (ran(1, {TEST: "failed", "tests/test_a.py": "error"}), False, False),
        (ran(1, {TEST: "failed"}, phase="setup"), False, False),
        (ran(1, {TEST: "failed"}, phase="call"), True, False),
        (ran(1, {"tests/test_a.py::other_test_x": "failed"}), False, False),
        (ran(0, {TEST: "xfailed"}), False, False),
        (ran(0, {TEST: "skipped"}), False, False),
        (ran(0, {}), False, False),
        (ran(0, {}, collected=False), False, False),
        (ran(1, {}, collected=False), False, False),
        (ran(0, {TEST: "failed"}), False, False),
        (ran(1, {TEST: "passed"}), False, False),
        (ran(1, {"tests/test_a.py::other": "failed"}), False, False),
        (ran(-1, {TEST: "failed"}, timed_out=True), False, False),
        (ran(1), False, False),
        (ran(0), False, False),
        (ran(127), False, False),
        (ran(137), False, False),
    ],
)
def test_red_and_green(evidence: Evidence, fails: bool, passes: bool) -> None:
    assert (is_red(evidence, (TEST,)), is_green(evidence, (TEST,))) == (fails, passes)


@pytest.mark.parametrize(
    ("name", "found"),
    [
        (TEST, {TEST}),
        (f"./{TEST}", {TEST}),
        ("test_x", {TEST}),
        ("tests/test_a.py::test_p", {"tests/test_a.py::test_p[1]", "tests/test_a.py::test_p[2]"}),
        ("test_p[2]", {"tests/test_a.py::test_p[2]"}),
        ("test_none", set()),
    ],
)
def test_names_mean_tests(name: str, found: set[str]) -> None:
    tally = Tally(
        outcomes={
            TEST: "failed",
            "tests/test_a.py::test_p[1]": "passed",
            "tests/test_a.py::test_p[2]": "passed",
        }
    )
    assert match_ids(tally, (name,)) == found


def test_green_wants_each_name() -> None:
    seen = ran(0, {"a.py::test_p[1]": "passed", "a.py::test_p[2]": "xfailed", "b.py::t": "passed"})
    assert is_green(seen, ("test_p", "b.py::t"))
    assert not is_green(seen, ("test_p", "test_q"))
    assert not is_green(seen, ("test_p[2]",))
    assert is_green(seen)


FAILS, PASSES, BREAKS = ran(1, {TEST: "failed"}), ran(0, {TEST: "passed"}), ran(1, {TEST: "error"})


@pytest.mark.parametrize(
    ("runs", "unsteady"),
    [
        ((FAILS, PASSES), True),
        ((FAILS, FAILS, PASSES), True),
        ((BREAKS, PASSES), True),
        ((FAILS, FAILS), False),
        ((PASSES, PASSES), False),
        # neither a pass nor a failure of that name
        ((FAILS, ran(0, {})), False),
        ((FAILS, ran(0)), False),
        ((PASSES, ran(1, {})), False),
        ((PASSES, ran(1)), False),
        ((PASSES, ran(1, {}, collected=False)), False),
        ((FAILS, ran(0, {"tests/test_b.py::test_x": "passed"})), False),
        ((FAILS, ran(0, {TEST: "skipped"})), False),
    ],
)
def test_unsteady_is_a_named_pass_and_a_named_failure(
    runs: tuple[Evidence, ...], unsteady: bool
) -> None:
    assert is_unsteady(runs, TEST) == unsteady


@pytest.mark.parametrize(
    ("unseen", "alone", "red"),
    [
        (("tests/test_a.py",), (FAILS, FAILS), True),
        (("tests/",), (FAILS, BREAKS), True),
        (("",), (FAILS, FAILS), True),
        (("tests/test_a.py",), (FAILS, PASSES), False),
        (("tests/test_a.py",), (PASSES, PASSES), False),
        # no result by name says nothing
        (("tests/test_a.py",), (FAILS, ran(1, {})), False),
        (("tests/test_a.py",), (ran(1), ran(1)), False),
        (("tests/test_a.py",), (FAILS,), False),
        # the whole run would have had it
        ((), (FAILS, FAILS), False),
        (("tests/test_b.py", "other/"), (FAILS, FAILS), False),
    ],
)
def test_what_fails_on_a_base_that_had_no_time_for_it_is_no_news(
    unseen: tuple[str, ...], alone: tuple[Evidence, ...], red: bool
) -> None:
    why = LocalizedText(key="unseen.package_not_run")
    tally = Tally(outcomes={"x/test_c.py::t": "passed"}, unseen=dict.fromkeys(unseen, why))
    base = ran(0, {}).model_copy(update={"tests": tally})
    assert is_unseen_red(base, alone, TEST) == red


def test_conflict_marks_come_in_pairs() -> None:
    assert has_conflict_marks(b"a\n<<<<<<< ours\nb\n=======\nc\n>>>>>>> theirs\n")
    assert not has_conflict_marks(b"=======\nTitle\n=======\n")
    assert not has_conflict_marks(b"<<<<<<< only a beginning\n")


UNCOLLECTED = LocalizedText(key="unseen.uncollected", facts={"why": "ImportError: no x"})


@pytest.mark.parametrize(
    ("names", "unseen", "says"),
    [
        ((TEST,), {"tests/test_a.py": UNCOLLECTED},
         "did not run: tests/test_a.py could not be collected: ImportError: no x."),
        (("test_a.py::test_x",), {"tests/test_a.py": UNCOLLECTED}, "tests/test_a.py could not be"),
        (("tests.test_a.T.test_x",), {"tests/test_a.py": UNCOLLECTED}, "ImportError: no x"),
        (("test_x",), {"tests/test_a.py": UNCOLLECTED}, "ImportError: no x"),
        ((TEST,), {"": LocalizedText(key="unseen.killed", facts={"exit_code": 139})},
         "the suite ended the interpreter (exit 139)"),
        ((TEST,), {"tests/test_c.py": UNCOLLECTED}, "these did: tests/test_b.py::test_z."),
        ((TEST,), {}, "these did: tests/test_b.py::test_z."),
    ],
)  # fmt: skip
def test_named_tests_that_did_not_run_say_why(
    names: tuple[str, ...], unseen: dict[str, LocalizedText], says: str
) -> None:
    tally = Tally(outcomes={"tests/test_b.py::test_z": "passed"}, unseen=unseen)
    evidence = ran(2, {}).model_copy(update={"tests": tally})
    say = explain((evidence, evidence), names)
    assert says in Catalogue("en")(say.key, **say.facts)


def test_a_run_without_a_report_says_what_did_not_load() -> None:
    tally = Tally(outcomes={}, collected=False, unseen={"": UNCOLLECTED})
    evidence = ran(4, {}).model_copy(update={"tests": tally})
    say = explain((evidence,), (TEST,))
    assert Catalogue("en")(say.key, **say.facts) == (
        "no test report was written (exit 4): could not be collected: ImportError: no x."
    )
