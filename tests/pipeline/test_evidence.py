"""What counts as red, as green, and which tests a name means."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from harness.core.types import Evidence, Tally
from harness.pipeline.evidence import green, named, red
from harness.pipeline.stages.verify import marked

TEST = "tests/test_a.py::test_x"


def ran(
    exit_code: int,
    outcomes: dict[str, str] | None = None,
    *,
    collected: bool = True,
    timed_out: bool = False,
) -> Evidence:
    tally = None if outcomes is None else Tally(outcomes=outcomes, collected=collected)
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
    ("evidence", "is_red", "is_green"),
    [
        (ran(1, {TEST: "failed"}), True, False),
        (ran(1, {TEST: "failed", "tests/test_a.py::test_y": "passed"}), True, False),
        (ran(0, {TEST: "passed"}), False, True),
        (ran(1, {TEST: "error"}), False, False),
        (ran(1, {TEST: "failed", "tests/test_b.py::test_z": "error"}), False, False),
        (ran(0, {TEST: "skipped"}), False, False),
        (ran(0, {}), False, False),
        (ran(0, {}, collected=False), False, False),
        (ran(1, {}, collected=False), False, False),
        (ran(0, {TEST: "failed"}), False, False),
        (ran(1, {TEST: "passed"}), False, False),
        (ran(1, {"tests/test_a.py::other": "failed"}), False, False),
        (ran(-1, {TEST: "failed"}, timed_out=True), False, False),
        (ran(1), True, False),
        (ran(0), False, True),
        (ran(127), False, False),
        (ran(137), False, False),
    ],
)
def test_red_and_green(evidence: Evidence, is_red: bool, is_green: bool) -> None:
    assert (red(evidence, (TEST,)), green(evidence, (TEST,))) == (is_red, is_green)


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
    assert named(tally, (name,)) == found


def test_conflict_marks_come_in_pairs() -> None:
    assert marked(b"a\n<<<<<<< ours\nb\n=======\nc\n>>>>>>> theirs\n")
    assert not marked(b"=======\nTitle\n=======\n")
    assert not marked(b"<<<<<<< only a beginning\n")
