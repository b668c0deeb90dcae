"""What stands on the issue is what is so: the plan and the change that a person is asked for,
words that work, and no question that is over."""

from __future__ import annotations

import json
import shlex
from pathlib import Path

import pytest

from tests.e2e.world import (
    DONE,
    FIX,
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

ALWAYS = '[policy]\nplan_approval = "always"\n'
WEAKEN = call("write", path="tests/test_calc.py", content=TEST_CALC.replace(" == 4", ""))


NAMED = verdict(
    "plan",
    summary="Add, and ask less of double.",
    tasks=[{"id": "1", "title": "add", "files": ["calc.py", "tests/test_calc.py"]}],
)


def plan_hash(world: World) -> str:
    return str(json.loads(world.run("plan", "1", "--json").stdout)["hash"])


def asked(world: World) -> str:
    """The comment in which a person was asked; the newest."""
    return [c.body for c in world.comments() if "held-" in c.body.splitlines()[0]][-1]


def status(world: World) -> str:
    (found,) = [c.body for c in world.comments() if "progress-" in c.body.splitlines()[0]]
    return found


def waiting(root: Path) -> World:
    world = World(root, settings=ALWAYS)
    world.begin()
    world.run("run", "--once")
    return world


def test_the_plan_is_shown_where_it_is_asked_for_and_the_question_ends(tmp_path: Path) -> None:
    world = waiting(tmp_path)
    before = asked(world)
    assert "```plan\n# Plan: add subtracts" in before
    assert "Reply with one of these words: `approve`, `reject`, `plan`, `cancel`." in before
    world.run("approve", "1")
    world.run("run", "--once")
    assert asked(world).splitlines()[1].startswith("Over: no person is needed here any more.")
    assert "```plan" not in asked(world)
    assert "Outcome: merged as pull request #2" in status(world)


def test_after_cancel_both_comments_say_so(tmp_path: Path) -> None:
    world = waiting(tmp_path)
    world.run("cancel", "1")
    assert "Over: no person is needed here any more." in asked(world)
    assert "Outcome: cancelled by me" in status(world)
    assert "(now)" not in status(world)


def test_a_newer_plan_is_asked_for_anew_in_the_same_comment(tmp_path: Path) -> None:
    world = waiting(tmp_path)
    script = tmp_path / "editor.sh"
    script.write_text("#!/bin/sh\nsed -i 's/^Add instead.*/Add, never subtract./' \"$1\"\n")
    script.chmod(0o755)
    old = plan_hash(world)
    world.run("plan", "1", "--edit", env={"EDITOR": shlex.quote(str(script))})
    new = plan_hash(world)
    assert new != old
    assert new in asked(world)
    assert "Add, never subtract." in asked(world)
    assert old not in asked(world)
    assert new in status(world)
    assert len([c for c in world.comments() if "held-" in c.body]) == 1
    told = world.run("approve", "1", old, code=None)
    assert "Add instead" not in told.stdout
    assert world.status()[1]["state"] == "held", "an approval of the older plan is none"


@pytest.mark.parametrize("language", ["en", "ko"])
def test_a_held_change_is_shown_before_any_pull_request(tmp_path: Path, language: str) -> None:
    world = World(tmp_path, settings=f'language = "{language}"\n')
    work = turn(TRIAGE, NAMED, WRITE_TEST, REPRODUCTION, FIX, WEAKEN, DONE)
    world.script(conversation(work, session="-worker"), REVIEWER)
    world.begin()
    world.run("run", "--once")
    assert world.status()[1]["state"] == "held"
    assert not world.pulls()
    shown = world.run("diff", "1").stdout
    assert "+    return a + b" in shown
    assert "-    assert double(2) == 4" in shown
    assert "```diff\n" in asked(world)
    assert "-    assert double(2) == 4" in asked(world)
    assert "harness diff 1" in asked(world)


def test_no_change_is_said_in_one_sentence(tmp_path: Path) -> None:
    world = waiting(tmp_path)
    done = world.run("diff", "1", code=1)
    assert done.stderr == "harness: Issue #1 has no change yet.\n"
