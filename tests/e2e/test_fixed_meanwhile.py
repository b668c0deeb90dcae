"""Somebody fixes the bug on the default branch while work on it rests: the run ends as already
fixed, by its own reproduction, and no model is asked."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.street import OVER, Street, play
from tests.e2e.world import (
    BUG,
    CALC,
    DONE,
    FIX,
    PLAN,
    REPRODUCTION,
    REVIEWER,
    TEST_CALC,
    TRIAGE,
    WRITE_TEST,
    turn,
    verdict,
)

FILES_BUG = {"calc.py": CALC, "tests/test_calc.py": TEST_CALC}
SETTINGS_BUG = '[policy]\nmerge = "ask"\nquiet_s = 0\n{policy}\n'
SAME_FIX = CALC.replace("a - b", "a + b")
OTHER_FIX = CALC.replace("return a - b", "return sum((a, b))")
TO_CHANGE = (TRIAGE, PLAN, WRITE_TEST, REPRODUCTION)


def bug(
    root: Path, scene: Callable[[Street], Awaitable[None]], *turns: dict[str, Any], policy: str = ""
) -> None:
    play(
        root,
        "embedded",
        scene,
        *turns,
        policy=policy,
        settings=SETTINGS_BUG,
        files=FILES_BUG,
        others=(REVIEWER,),
        issue=BUG,
    )


@pytest.mark.parametrize("fix", [SAME_FIX, OTHER_FIX], ids=["the same fix", "another fix"])
def test_somebody_fixes_it_while_the_change_waits_to_be_merged(tmp_path: Path, fix: str) -> None:
    async def scene(s: Street) -> None:
        assert await s.look() == ("held", "pipeline.merge_ask")
        calls = (await s.app.shared.ledger.spend_of("run", (await s.run()).id)).calls
        s.push("calc.py", fix, "main")
        await s.says("/harness approve")
        assert await s.look() == ("done", "pipeline.already_fixed")
        assert (await s.app.shared.ledger.spend_of("run", (await s.run()).id)).calls == calls
        (said,) = await s.ours("already_fixed-")
        assert "This is fixed already" in said
        assert "1 passed" in said, "the run that shows it stands there"
        assert OVER in await s.asked()
        assert "Outcome: already fixed" in await s.status()
        assert [p.state for p in await s.boss.pulls("all")] == ["closed"]
        assert (await s.boss.issue(1)).state == "closed"

    bug(tmp_path, scene, turn(*TO_CHANGE, FIX, DONE))


def test_somebody_fixes_it_while_the_agent_is_stuck(tmp_path: Path) -> None:
    async def scene(s: Street) -> None:
        assert await s.look() == ("held", "pipeline.blocked")
        s.push("calc.py", SAME_FIX, "main")
        await s.says("/harness retry")
        assert await s.look() == ("done", "pipeline.already_fixed")
        assert "Fixed meanwhile by somebody else" in (s.world.folder() / "PROGRESS.md").read_text()
        assert "Outcome: already fixed" in await s.status()

    # no word more is scripted: a model that was asked would have none
    bug(tmp_path, scene, turn(*TO_CHANGE, verdict("blocked", reason="no idea")))


def test_a_base_that_moves_without_a_fix_ends_nothing(tmp_path: Path) -> None:
    async def scene(s: Street) -> None:
        assert await s.look() == ("held", "pipeline.blocked")
        s.push("README.md", "calc\n", "main")
        s.push("calc.py", CALC.replace("a * 2", "2 * a"), "main")
        await s.says("/harness retry the sign")
        assert await s.look() == ("held", "pipeline.merge_ask")
        assert (await s.boss.issue(1)).state == "open"

    turns = (
        turn(*TO_CHANGE, verdict("blocked", reason="no idea")),
        turn(FIX, DONE),
    )
    bug(tmp_path, scene, *turns)


def test_an_issue_closed_by_the_commit_that_fixes_it(tmp_path: Path) -> None:
    async def scene(s: Street) -> None:
        assert await s.look() == ("held", "pipeline.merge_ask")
        s.push("calc.py", SAME_FIX, "main")
        await s.boss.close(1, "completed")
        assert await s.look() == ("done", "pipeline.already_fixed")
        assert [p.state for p in await s.boss.pulls("all")] == ["closed"]
        assert OVER in await s.asked()

    bug(tmp_path, scene, turn(*TO_CHANGE, FIX, DONE))


HIDDEN = {
    "a file beside it": ("conftest.py", "import calc\n\ncalc.add = lambda a, b: a + b\n"),
    "another function": (
        "calc.py",
        CALC + "\n\ndef _other(a, b):\n    return a + b\n\n\nglobals()['add'] = _other\n",
    ),
}


@pytest.mark.parametrize("how", HIDDEN)
def test_a_base_that_hides_the_bug_closes_nothing(tmp_path: Path, how: str) -> None:
    """The test passes there, and nothing that it runs and the issue speaks of was changed."""

    async def scene(s: Street) -> None:
        assert await s.look() == ("held", "pipeline.merge_ask")
        path, text = HIDDEN[how]
        s.push(path, text, "main")
        await s.says("/harness approve")
        assert (await s.look())[1] != "pipeline.already_fixed"
        assert (await s.app.shared.ledger.spend_of("run", (await s.run()).id)).calls
        assert not await s.ours("already_fixed-")

    bug(tmp_path, scene, turn(*TO_CHANGE, FIX, DONE))
