"""The decision, as a table of situations."""

from __future__ import annotations

import time
from datetime import datetime, timedelta

import pytest

from harness.core.trust_types import Ordering
from harness.core.types import Command, IssueSnapshot, LocalizedText, Run, RunState, Stage, Waiting
from harness.daemon.dispatch import (
    Action,
    Activate,
    Apply,
    Candidate,
    DispatchState,
    Hold,
    Limits,
    RunProgress,
    Start,
    decide,
    depends_of,
    next_deadline,
)
from tests.fake_forge import ANN, AT


def run(issue: int, state: RunState = RunState.ACTIVE, **more: object) -> Run:
    project = str(more.pop("project", "p"))
    labels = more.pop("labels", ())
    snapshot = IssueSnapshot(
        number=issue, title="t", body="b", author=ANN, taken_at=AT, trigger=ANN
    ).model_copy(update={"labels": labels})
    made = Run(
        id=f"{project}/{issue}/1",
        project=project,
        issue=issue,
        number=1,
        state=state,
        stage=Stage.PLAN,
        snapshot=snapshot,
        created_at=AT + timedelta(minutes=issue),
        updated_at=AT,
    )
    return made.model_copy(update=more)


def waiting(issue: int, until: datetime | None = None, **more: object) -> Run:
    wait = Waiting(reason=LocalizedText(key="daemon.resume"), signals=("approve",), until=until)
    return run(issue, RunState.WAITING, wait=wait, **more)


def candidate(issue: int, project: str = "p", **more: object) -> Candidate:
    made = Candidate(project=project, issue=issue, created_at=AT + timedelta(minutes=issue))
    return made.model_copy(update=more)


def state(*things: RunProgress | Candidate, **more: object) -> DispatchState:
    fields: dict[str, object] = {
        "projects": ("p", "q"),
        "standings": tuple(t for t in things if isinstance(t, RunProgress)),
        "candidates": tuple(t for t in things if isinstance(t, Candidate)),
        **more,
    }
    return DispatchState.model_validate(fields)


def short(actions: tuple[Action, ...]) -> list[str]:
    """`activate p1 word`, `start q2`, `hold p3`, `apply approve`."""
    said = []
    for action in actions:
        match action:
            case Apply():
                said.append(f"apply {action.command.verb}")
            case Activate():
                said.append(f"activate {action.project}{action.issue} {action.signal}")
            case Start():
                said.append(f"start {action.project}{action.issue}")
            case Hold():
                said.append(f"hold {action.project}{action.issue}")
    return said


def test_people_are_heard_before_anything_else() -> None:
    word = Command(verb="approve", project="p", issue=1, by="ann", at=AT)
    assert short(decide(state(candidate(1), commands=(word,)), AT)) == ["apply approve"]


@pytest.mark.parametrize(
    ("standing", "expected"),
    [
        (RunProgress(run=run(1), working=True), []),
        (RunProgress(run=run(1)), ["activate p1 resume"]),
        (RunProgress(run=run(1, paused=True), word="approve"), []),
        (RunProgress(run=run(1, RunState.DONE)), []),
        (RunProgress(run=waiting(1)), []),
        (RunProgress(run=waiting(1), word="approve"), ["activate p1 word"]),
        (RunProgress(run=waiting(1), changed=True), ["activate p1 changed"]),
        (RunProgress(run=waiting(1, AT + timedelta(seconds=1))), []),
        (RunProgress(run=waiting(1, AT)), ["activate p1 timer"]),
        (RunProgress(run=run(1, RunState.HELD)), []),
        (RunProgress(run=run(1, RunState.HELD), changed=True), ["activate p1 changed"]),
        (RunProgress(run=run(1), word="retry", crashed=9), ["activate p1 word"]),
    ],
)
def test_a_run_moves_for_a_signal_only(standing: RunProgress, expected: list[str]) -> None:
    assert short(decide(state(standing), AT)) == expected


def test_a_run_that_breaks_off_again_and_again_is_held() -> None:
    limits = Limits(crashes=3)
    for crashed, expected in ((2, "activate p1 resume"), (3, "hold p1"), (4, "hold p1")):
        actions = decide(state(RunProgress(run=run(1), crashed=crashed), limits=limits), AT)
        assert short(actions) == [expected]
    hold = actions[0]
    assert isinstance(hold, Hold)
    assert hold.run == "p/1/1"
    assert hold.why == LocalizedText(key="daemon.crash_loop", facts={"times": 4})


def test_a_timer_alone_does_not_go_on_for_ever() -> None:
    standing = RunProgress(run=waiting(1, AT), timed=100)
    assert short(decide(state(standing), AT)) == ["hold p1"]
    moved = standing.model_copy(update={"changed": True})
    assert short(decide(state(moved), AT)) == ["activate p1 changed"]


def test_an_issue_waits_for_those_it_depends_on() -> None:
    first, second = candidate(1), candidate(2, depends=(1, 9))
    actions = decide(state(first, second, unmet={("p", 1), ("q", 9)}), AT)
    assert short(actions) == ["hold p2", "start p1"]
    hold = actions[0]
    assert isinstance(hold, Hold)
    assert hold.why.facts == {"issues": "#1"}
    assert short(decide(state(second), AT)) == ["start p2"]


def test_what_has_begun_goes_first_then_priority_then_age() -> None:
    things = (
        candidate(1, priority="low"),
        candidate(2),
        candidate(3),
        candidate(9, priority="high"),
        RunProgress(run=run(8)),
        RunProgress(run=run(7, labels=("priority: high",), created_at=AT + timedelta(days=1))),
    )
    limits = Limits(runs=10, project_runs=10)
    assert short(decide(state(*things, limits=limits), AT)) == [
        "activate p7 resume",
        "activate p8 resume",
        "start p9",
        "start p2",
        "start p3",
        "start p1",
    ]


def test_no_more_at_once_than_there_are_places() -> None:
    busy = [RunProgress(run=run(n), working=True) for n in (1, 2)]
    rest = [RunProgress(run=waiting(n)) for n in (3, 4, 5)]
    new = [candidate(n) for n in (6, 7, 8)]
    for limits, expected in (
        (Limits(runs=2, project_runs=9), []),
        (Limits(runs=3, project_runs=9), ["start p6"]),
        (Limits(runs=9, project_runs=4), ["start p6", "start p7"]),
        (Limits(runs=9, project_runs=1), []),
    ):
        assert short(decide(state(*busy, *rest, *new, limits=limits), AT)) == expected


def test_projects_take_turns_beginning_after_the_last_served() -> None:
    things = [candidate(n, p) for p in ("p", "q", "r") for n in (1, 2, 3)]
    projects = ("p", "q", "r")
    limits = Limits(runs=4, project_runs=3)
    served = state(*things, projects=projects, limits=limits, last="p")
    assert short(decide(served, AT)) == ["start q1", "start r1", "start p1", "start q2"]
    tight = state(*things, projects=projects, limits=Limits(runs=9, project_runs=1))
    assert short(decide(tight, AT)) == ["start p1", "start q1", "start r1"]
    urgent = state(*things, candidate(9, "r", priority="high"), projects=projects, limits=limits)
    assert short(decide(urgent, AT))[:2] == ["start r9", "start p1"]


def test_the_next_deadline_is_the_earliest() -> None:
    standings = [
        RunProgress(run=waiting(1, AT + timedelta(hours=2))),
        RunProgress(run=waiting(2, AT + timedelta(hours=1))),
        RunProgress(run=waiting(3, AT, paused=True)),
        RunProgress(run=waiting(4)),
    ]
    assert next_deadline(standings) == AT + timedelta(hours=1)
    assert next_deadline([]) is None


@pytest.mark.parametrize(
    ("labels", "expected"),
    [
        ((), "normal"),
        (("bug", "priority: high"), "high"),
        (("Priority:Low",), "low"),
        (("priority: low", "priority: high"), "high"),
        (("high",), "normal"),
    ],
)
def test_priority_is_a_label(labels: tuple[str, ...], expected: str) -> None:
    assert Ordering().priority(labels) == expected


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("", ()),
        ("Depends on #3", (3,)),
        ("text\n- depends on: #4, #3 and #4\nmore #9", (3, 4)),
        ("**Blocked by** #12", (12,)),
        ("this depends on #3", ()),
        ("Depends on o/p#3", ()),
        ("Depends on #1 and #2", (2,)),
        ("Depends on #" + "9" * 50, ()),
    ],
)
def test_dependencies_are_lines_of_the_text(body: str, expected: tuple[int, ...]) -> None:
    assert depends_of(body, own=1) == expected


def test_ten_thousand_issues_are_decided_in_a_moment() -> None:
    many = state(
        *(candidate(n, "pq"[n % 2], depends=(n - 1,)) for n in range(2, 10_002)),
        unmet={("p", 1), ("q", 2)},
    )
    began = time.perf_counter()
    actions = decide(many, AT)
    assert len(actions) == 6
    assert time.perf_counter() - began < 2, "more than twenty times the aim of 100 ms"
