"""`policy.proof` in whole runs: what nothing proves is recorded, sent back once, held."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.world import (
    DONE,
    FIX,
    PLAN,
    REPRODUCTION,
    REVIEWER,
    TRIAGE,
    WRITE_TEST,
    World,
    call,
    conversation,
    turn,
)

MORE = "\n\ndef halve(a):\n    if a:\n        return a / 2\n    return 0\n"
ADDED = call(
    "edit", path="calc.py", edits=[{"old": "return a * 2\n", "new": f"return a * 2\n{MORE}"}]
)
TAKEN = call("edit", path="calc.py", edits=[{"old": MORE, "new": ""}])
FIRST = (TRIAGE, PLAN, WRITE_TEST, REPRODUCTION, FIX, ADDED, DONE)


def world(tmp_path: Path, proof: str, *later: dict[str, Any]) -> World:
    """A worker that adds what nobody asked for, and what it does when that comes back."""
    made = World(tmp_path, f'[policy]\nproof = "{proof}"\n')
    made.script(conversation(turn(*FIRST), *later, session="-worker"), REVIEWER)
    made.begin()
    made.run("run", "--once")
    return made


def report(made: World) -> str:
    return (made.folder() / "REPORT.md").read_text()


def test_what_is_unproven_is_only_recorded(tmp_path: Path) -> None:
    made = world(tmp_path, "observe")
    assert made.status()[1]["state"] == "done"
    assert "Unproven" in report(made)
    assert "calc.py, lines" in report(made)


def test_what_a_run_claims_is_made_again_from_its_pull_request(tmp_path: Path) -> None:
    made = world(tmp_path, "observe")
    (pull,) = asyncio.run(made.forge().pulls("merged"))
    assert pull.body.startswith("## Does every part matter?\n")
    page = tmp_path / "page.md"
    page.write_text(pull.body)
    made.git("fetch", "--quiet", "harness")
    head = pull.merged_sha or pull.head_sha
    again = ("prove", f"{pull.base_sha}..{head}", "--against", str(page))
    assert "Agrees" in made.run(*again).stdout


def test_off_takes_nothing_out(tmp_path: Path) -> None:
    made = world(tmp_path, "off")
    assert made.status()[1]["state"] == "done"
    assert "Does every part matter?" not in report(made)


def test_it_goes_back_once_and_is_taken_out(tmp_path: Path) -> None:
    made = world(tmp_path, "hold", turn(TAKEN, DONE))
    assert made.status()[1]["state"] == "done"
    assert "def halve" not in made.merged_file("calc.py")
    assert "unproven: 1" in made.run("logs", "1").stdout


@pytest.mark.parametrize(("proof", "state"), [("note", "done"), ("hold", "held")])
def test_what_comes_again_is_told_or_held(tmp_path: Path, proof: str, state: str) -> None:
    made = world(tmp_path, proof, turn(DONE))
    row = made.status()[1]
    if state == "done":
        assert row["state"] == "done"
        assert "Unproven" in report(made)
    else:
        assert row["state"] != "done"
        assert "no test runs it" in made.why()
        made.run("approve", "1")
        made.run("run", "--once")
        assert made.status()[1]["state"] == "done"
