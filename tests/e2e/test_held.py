"""What was not seen: the pull request is a draft that says so first, its check asks for a person,
and nothing merges it by itself."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from harness.core.types import Check, PullRequest
from tests.e2e.world import (
    CALC,
    DONE,
    FIX,
    PLAN,
    REPRODUCTION,
    REVIEWER,
    TEST_CALC,
    TRIAGE,
    WRITE_TEST,
    World,
    call,
    conversation,
    turn,
    verdict,
)

AUTOUSE = "import pytest\n\n\n@pytest.fixture(autouse=True)\ndef quiet():\n    yield\n"
WIDER = verdict(
    "plan",
    summary="Add instead of subtracting.",
    tasks=[{"id": "1", "title": "add", "detail": "", "files": ["calc.py", "tests/conftest.py"]}],
)


def held(tmp_path: Path, merge: str) -> World:
    """A right fix that also brings a fixture for every test, which no person's plan names."""
    world = World(tmp_path, f'[policy]\nmerge = "{merge}"\n')
    more = call("write", path="tests/conftest.py", content=AUTOUSE)
    first = turn(TRIAGE, WIDER, WRITE_TEST, REPRODUCTION, FIX, more, DONE)
    world.script(conversation(first, session="-worker"), REVIEWER)
    world.begin()
    world.run("run", "--once")
    return world


def own_check(world: World, pull: PullRequest) -> Check:
    checks = asyncio.run(world.forge().checks(pull.head_sha))
    return next(check for check in checks if check.name == "harness/evidence")


def test_a_held_change_is_a_draft_until_a_person_approves(tmp_path: Path) -> None:
    world = held(tmp_path, "auto")
    run = world.status()[1]
    assert (run["state"], run["why"]["key"]) == ("held", "pipeline.merge_held"), run
    pull = world.pulls()[0]
    assert (pull.state, pull.draft) == ("open", True)
    assert "## Not seen" in pull.body.partition("## What")[0]
    assert "tests/conftest.py" in pull.body.partition("## What")[0]
    assert own_check(world, pull).conclusion == "action_required"
    assert "conftest" in world.why()
    world.run("run", "--once")
    assert world.pulls()[0].draft
    world.run("approve", "1")
    world.run("run", "--once")
    merged = world.pulls()[0]
    assert merged.state == "merged"
    assert own_check(world, pull).conclusion == "action_required"
    assert "return a + b" in world.merged_file("calc.py")
    report = (world.folder() / "REPORT.md").read_text()
    assert "Not seen" in report
    assert "What people allowed" in report


@pytest.mark.parametrize("merge", ["ask", "never"])
def test_where_a_person_merges_anyway_it_becomes_ready(tmp_path: Path, merge: str) -> None:
    world = held(tmp_path, merge)
    pull = world.pulls()[0]
    assert (pull.state, pull.draft) == ("open", False)
    assert "## Not seen" in pull.body.partition("## What")[0]
    assert own_check(world, pull).conclusion == "action_required"
    if merge == "ask":
        # one approval, as without it
        world.run("approve", "1")
        world.run("run", "--once")
        assert world.pulls()[0].state == "merged"


def test_a_plan_that_a_person_approved_and_that_names_it_holds_nothing(tmp_path: Path) -> None:
    world = World(tmp_path, '[policy]\nmerge = "auto"\nplan_approval = "always"\n')
    more = call("write", path="tests/conftest.py", content=AUTOUSE)
    first = turn(TRIAGE, WIDER, WRITE_TEST, REPRODUCTION, FIX, more, DONE)
    world.script(conversation(first, session="-worker"), REVIEWER)
    world.begin()
    world.run("run", "--once")
    world.run("approve", "1")
    world.run("run", "--once")
    pull = world.pulls()[0]
    assert pull.state == "merged"
    assert own_check(world, pull).conclusion == "success"


def test_what_was_seen_merges_by_itself(tmp_path: Path) -> None:
    world = World(tmp_path, files={"calc.py": CALC, "tests/test_calc.py": TEST_CALC})
    world.script(
        conversation(turn(TRIAGE, PLAN, WRITE_TEST, REPRODUCTION, FIX, DONE), session="-worker"),
        REVIEWER,
    )
    world.begin()
    world.run("run", "--once")
    pull = world.pulls()[0]
    assert pull.state == "merged"
    assert own_check(world, pull).conclusion == "success"
    assert "## Not seen" not in pull.body
