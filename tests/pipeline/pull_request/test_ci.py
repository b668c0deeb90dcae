"""What follows from the checks of a head, as a table."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from harness.core.types import Check
from harness.pipeline.pull_request.ci import OWN, Red, judge, passed_here, standing
from harness.pipeline.run_policy import RunPolicy
from harness.pipeline.slots import SeenChecks

NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
SEEN = SeenChecks(since=NOW - timedelta(seconds=60))
RULES = RunPolicy(project="p", quiet_s=30, checks_s=3600, ci_fixes=3)


def check(name: str, conclusion: str | None = "failure", **more: Any) -> Check:
    status = "completed" if conclusion else "in_progress"
    fields = {"id": 1, "name": name, "commit": "c", "status": status, "conclusion": conclusion}
    return Check.model_validate(fields | more)


def red(name: str = "build", **more: Any) -> Red:
    return Red.model_validate({"name": name, "id": 1, "again": True, **more})


GREEN = check("build", "success")
ROWS: list[tuple[str, dict[str, Any], str, str]] = [
    ("all pass", {"checks": [GREEN]}, "green", "checks_pass"),
    ("skipped passes", {"checks": [check("b", "skipped")]}, "green", "checks_pass"),
    ("one runs", {"checks": [GREEN, check("slow", None)]}, "wait", "checks_run"),
    ("one waits for a person", {"checks": [check("b", "action_required")]}, "wait", "checks_run"),
    ("a required one is missing", {"checks": [GREEN], "missing": ["e2e"]}, "wait", "checks_run"),
    (
        "one runs for too long",
        {"checks": [check("slow", None)], "since": 3600},
        "person",
        "checks_late",
    ),
    (
        "one runs for too long beside a red one: what is known is mended",
        {"checks": [check("slow", None), check("build")], "reds": [red()], "since": 3600},
        "fix",
        "ci_failed",
    ),
    ("none yet", {"since": 10}, "wait", "checks_expected"),
    ("none after the quiet time", {"since": 30}, "none", "no_checks"),
    ("red", {"reds": [red()]}, "fix", "ci_failed"),
    ("red on the base too", {"reds": [red(on_base=True)]}, "base", "base_red"),
    (
        "one of two is red on the base too",
        {"reds": [red("a", on_base=True), red("b")]},
        "fix",
        "ci_failed",
    ),
    ("passes here", {"reds": [red(passes_here=True)]}, "rerun", "rerun_passes_here"),
    ("passed on this head", {"reds": [red()], "flaky": ["build"]}, "rerun", "rerun_flaky"),
    ("cancelled", {"reds": [red(cancelled=True)]}, "rerun", "rerun_cancelled"),
    (
        "a commit status cannot run again",
        {"reds": [red(passes_here=True, again=False)]},
        "fix",
        "ci_failed",
    ),
    ("no fourth rerun", {"reds": [red(passes_here=True)], "reruns": 3}, "fix", "ci_failed"),
    (
        "two reruns more than are left",
        {"reds": [red("a", passes_here=True), red("b", passes_here=True)], "reruns": 2},
        "fix",
        "ci_failed",
    ),
    (
        "an excused one beside one that is not",
        {"reds": [red("a", passes_here=True), red("b")]},
        "fix",
        "ci_failed",
    ),
    (
        "cancelled for the fourth time",
        {"reds": [red(cancelled=True)], "reruns": 3},
        "person",
        "checks_cancelled",
    ),
    ("mended often enough", {"reds": [red()], "fixes": 3}, "person", "ci_fixes_used"),
]


@pytest.mark.parametrize(("name", "case", "kind", "why"), ROWS, ids=[row[0] for row in ROWS])
def test_what_follows(name: str, case: dict[str, Any], kind: str, why: str) -> None:
    reds = case.get("reds", [])
    seen = SeenChecks(
        since=NOW - timedelta(seconds=case.get("since", 60)),
        reruns=case.get("reruns", 0),
        flaky=tuple(case.get("flaky", ())),
    )
    checks = case.get("checks", [check(r.name) for r in reds])
    found = judge(checks, case.get("missing", ()), reds, seen, NOW, RULES, case.get("fixes", 0))
    assert (found.kind, found.why.key) == (kind, f"follow.{why}")
    assert found.until is None or found.until > NOW


def test_a_rerun_that_does_not_show_yet_is_waited_for_a_minute() -> None:
    asked = SEEN.model_copy(update={"asked": {"build": NOW - timedelta(seconds=20)}, "reruns": 1})
    found = judge([check("build")], (), [red(passes_here=True)], asked, NOW, RULES, 0)
    assert (found.kind, found.until) == ("wait", NOW + timedelta(seconds=40))


OUTCOMES = {
    "tests/test_a.py::test_x": "passed",
    "tests/test_a.py::test_xy": "failed",
    "tests/test_a.py::test_p[1]": "passed",
}


@pytest.mark.parametrize(
    ("log", "excused"),
    [
        ("FAILED tests/test_a.py::test_x - assert 1", True),
        ("FAILED tests/test_a.py::test_p[1] - assert 1", True),
        ("FAILED tests/test_a.py::test_xy - assert 1", False),
        ("FAILED tests/test_a.py::test_x\nFAILED tests/test_a.py::test_xy", False),
        ("FAILED tests/test_a.py::test_x\nFAILED tests/test_new.py::test_z", False),
        ("tests/test_a.py::test_x passed", False),
        ("ERROR: no space left on device", False),
        ("", False),
    ],
)
def test_a_log_excuses_only_what_passed_here(log: str, excused: bool) -> None:
    assert passed_here(log, OUTCOMES) is excused


def test_only_a_result_is_a_signal() -> None:
    running = [check("a", "success"), check("b", None)]
    assert standing([check("a", None), check("b", None)]) == standing(running)
    assert standing(running) != standing([check("a", "success"), check("b", "success")])
    assert standing(running) != standing([check("a"), check("b", None)])
    mine = check(OWN, "success")
    assert standing([*running, mine]) == standing(running)
