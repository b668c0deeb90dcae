"""The snapshot holds what `status` and `why` need, for every state a run can be in."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest

from harness.core.forge_types import Actor
from harness.core.run_types import (
    Event,
    IssueSnapshot,
    LocalizedText,
    Run,
    RunState,
    Spend,
    Stage,
    Waiting,
)
from harness.i18n.catalogue import Catalogue
from harness.report.snapshot import HeldIssue, SnapshotFacts, build, signals, why

NOW = datetime(2026, 1, 2, 3, 4, tzinfo=UTC)
ANN = Actor(id=1, login="ann")


def run(issue: int = 1, **given: object) -> Run:
    snapshot = IssueSnapshot(
        number=issue, title=f"Issue {issue}", body="", author=ANN, taken_at=NOW, trigger=ANN
    )
    made = {
        "id": f"app-{issue}-1",
        "project": "app",
        "issue": issue,
        "number": 1,
        "state": RunState.ACTIVE,
        "stage": Stage.IMPLEMENT,
        "snapshot": snapshot,
        "created_at": NOW,
        "updated_at": NOW,
    }
    return Run.model_validate({**made, **given})


ASKED = Waiting(
    reason=LocalizedText(key="cli.run_paused"),
    signals=("answer", "approve"),
    until=NOW + timedelta(days=1),
    person=True,
)


@pytest.mark.parametrize("stage", list(Stage))
def test_work_under_way_says_what_it_is_doing(stage: Stage) -> None:
    for language in ("en", "ko"):
        assert Catalogue(language)(why(run(stage=stage)).key)


@pytest.mark.parametrize("state", [RunState.DONE, RunState.FAILED, RunState.CANCELLED])
def test_what_is_over_says_how_it_ended(state: RunState) -> None:
    assert Catalogue("en")(why(run(state=state)).key)
    ended = LocalizedText(key="cli.run_done")
    assert why(run(state=state, outcome=ended)) == ended


def test_a_wait_explains_itself_and_a_pause_goes_before_it() -> None:
    waiting = run(state=RunState.WAITING, wait=ASKED)
    assert why(waiting) == ASKED.reason
    assert why(run(state=RunState.WAITING, wait=ASKED, paused=True)).key == "cli.run_paused"


def test_words_that_may_be_said() -> None:
    assert signals(run()) == ("pause", "cancel")
    assert signals(run(paused=True)) == ("resume", "cancel")
    held = run(state=RunState.HELD, wait=ASKED)
    assert signals(held) == ("answer", "approve", "pause", "cancel")
    assert signals(run(state=RunState.FAILED)) == ("retry",)
    assert signals(run(state=RunState.DONE, merged_sha="a" * 40)) == ("undo",)
    assert signals(run(state=RunState.DONE)) == ()


def test_the_whole_is_json_with_open_runs_first() -> None:
    old = run(1, state=RunState.DONE, updated_at=NOW)
    new = run(2, state=RunState.WAITING, wait=ASKED, updated_at=NOW - timedelta(hours=1))
    last = Event(run=new.id, key="k", at=NOW, stage=Stage.TRIAGE, kind="triaged", facts={"a": 1})
    facts = SnapshotFacts(
        runs=(old, new),
        held=(
            HeldIssue(project="app", issue=9, title="T", why=LocalizedText(key="cli.run_paused")),
        ),
        spent={new.id: Spend(tokens=5, cost_usd=0.5, calls=2)},
        last={new.id: last},
        today=Spend(cost_usd=1.5),
        today_of={"app": Spend(cost_usd=0.5, tool_calls=9)},
        next_look=NOW + timedelta(minutes=1),
    )
    data = json.loads(json.dumps(build(facts, NOW)))
    assert [r["issue"] for r in data["runs"]] == [2, 1]
    first = data["runs"][0]
    assert first["person"] is True
    assert first["until"] == (NOW + timedelta(days=1)).isoformat()
    assert first["spent"]["cost_usd"] == 0.5
    assert data["today_of"]["app"]["tool_calls"] == 9
    assert first["last"]["key"] == "event.triaged"
    assert data["runs"][1]["until"] is None
    assert data["held"][0]["issue"] == 9
    assert data["next_look"] == (NOW + timedelta(minutes=1)).isoformat()


def test_a_wait_that_is_over_asks_nobody() -> None:
    done = run(state=RunState.CANCELLED, wait=ASKED)
    shown = build(SnapshotFacts(runs=(done,)), NOW)["runs"]
    assert isinstance(shown, list)
    first = shown[0]
    assert isinstance(first, dict)
    assert (first["person"], first["until"]) == (False, None)
