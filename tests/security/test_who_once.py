"""One act is one run, and one word is heard once."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from pathlib import Path

from harness.core.types import Command, Permission
from tests.fake_forge import AT, ME
from tests.security.town import OWNER, SECOND, STRANGER, Door, visit


async def test_fifty_triggers_at_once_give_one_run(tmp_path: Path) -> None:
    async def scene(door: Door) -> None:
        town = door.town
        issue = town.put(1)
        town.label(1, OWNER)
        town.assign(1, OWNER)
        for _ in range(48):
            town.say(1, OWNER, "/harness go")
        runs = await asyncio.gather(*(door.project.begin(issue) for _ in range(50)))
        assert len({run.id for run in runs}) == 1
        await asyncio.gather(*(door.daemon.run_once() for _ in range(5)))
        await door.look()
        assert [r.issue for r in await door.store.runs()] == [1]
        assert door.started == [1]

    await visit(tmp_path, scene)


async def test_a_run_that_is_over_is_followed_only_when_somebody_asks_again(tmp_path: Path) -> None:
    async def scene(door: Door) -> None:
        town = door.town
        town.put(1)
        town.label(1, OWNER)
        again = town.say(1, OWNER, "/harness go", AT - timedelta(minutes=1))
        await door.look()
        assert door.started == [1]
        town.comments_on[1].remove(again)
        town.put(1, labels=("harness", "other"), updated_at=AT + SECOND)
        town.say(1, STRANGER, "/harness go", AT + timedelta(minutes=3))
        await door.look()
        town.put(1, title="new", edited_at=AT + timedelta(minutes=4))
        await door.look()
        assert door.started == [1], "an act is used up by its run, a stranger's is none"
        town.say(1, OWNER, "/harness go", AT + timedelta(minutes=20))
        await door.look(minutes=20)
        assert door.started == [1, 1]

    await visit(tmp_path, scene)


async def test_a_word_of_the_operator_is_an_act_for_one_run(tmp_path: Path) -> None:
    """`harness triage 1` on this machine, with nobody's label on the issue."""

    async def scene(door: Door) -> None:
        town = door.town
        town.put(1)
        town.put(2)
        await door.look()
        assert door.started == []
        word = Command(verb="start", project="p", issue=1, by="me", at=door.clock.now())
        await door.store.post(word)
        await door.look()
        assert door.started == [1]
        town.put(1, body="other", edited_at=door.clock.now())
        town.put(2, body="other")
        await door.look()
        await door.fresh().run_once()
        assert door.started == [1]

    await visit(tmp_path, scene)


async def test_harness_does_not_trigger_itself(tmp_path: Path) -> None:
    async def scene(door: Door) -> None:
        town = door.town
        town.permissions[ME.id] = Permission.ADMIN
        for number in (1, 2):
            town.put(number)
        town.label(1, ME)
        town.say(2, ME, "<!-- harness:word-1 -->\n/harness go")
        await door.look()
        assert door.started == []

    await visit(tmp_path, scene)


async def test_the_held_comment_follows_the_reason(tmp_path: Path) -> None:
    async def scene(door: Door) -> None:
        town = door.town
        town.put(1, body="do\u200b it <!-- hidden -->")
        town.label(1, STRANGER)
        await door.look()
        first = town.ours(1)
        assert len(first) == 1
        assert "16 hidden characters" in first[0]
        for _ in range(3):
            await door.look()
        await door.fresh().run_once()
        assert town.ours(1) == first
        assert town.calls["put_comment"] == 1, "told once, also by the next process"
        town.permissions[STRANGER.id] = Permission.WRITE
        town.put(1, edited_at=AT + SECOND)
        await door.look()
        assert "edited after mallory" in town.ours(1)[0]
        town.say(1, OWNER, "/harness go", AT + timedelta(minutes=20))
        await door.look(minutes=20)
        assert door.started == [1]
        assert len(town.ours(1)) == 1
        assert "is gone" in town.ours(1)[0]

    await visit(tmp_path, scene)
