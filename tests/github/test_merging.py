"""Rules before a merge, merge queue and auto-merge, and what a thousand idle polls cost."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from harness.core.errors import Conflict
from tests.github.clock import JumpClock
from tests.github.graphql import settle
from tests.github.hub import Hub
from tests.github.oracle import held
from tests.github.server import github

POLLS = 1000


async def opened(hub: Hub, name: str) -> tuple[int, str]:
    """A pull request of ours."""
    await asyncio.to_thread(lambda: hub.branches(**{name: "one\ntwo\n"}))
    made = await hub.as_("harness").open_pr(name, "main", "Fix", "", draft=False)
    return made.number, made.head_sha


async def settled(hub: Hub) -> list[int]:
    return await asyncio.to_thread(settle, hub)


def test_rules_hold_a_merge_until_they_are_met(tmp_path: Path) -> None:
    async def scenario(hub: Hub) -> None:
        forge = hub.forge("tok_bot")
        number, sha = await opened(hub, "fix")
        rules = await forge.protection("main")
        assert (rules.approvals, rules.checks, rules.conversations) == (1, ("unit",), True)
        assert not rules.queue
        thread = await hub.as_("ada").add_thread(number, "fix.txt", 1, "Why?")
        with pytest.raises(Conflict):
            await forge.merge(number, sha, "squash", "Fix")
        await hub.as_("ada").add_review(number, "approved", "fine")
        await asyncio.to_thread(lambda: hub.check(sha, "unit", "completed", "success"))
        with pytest.raises(Conflict):
            await forge.merge(number, sha, "squash", "Fix")
        assert [t.id for t in await forge.threads(number)] == [f"PRRT_{thread.id}"]
        await forge.resolve(number, f"PRRT_{thread.id}")
        assert (await forge.merge(number, sha, "squash", "Fix")).state == "merged"
        assert [t.resolved for t in await forge.threads(number)] == [True]

    with github(tmp_path, JumpClock()) as hub:
        hub.protect("main", approvals=1, checks=("unit",), conversations=True)
        asyncio.run(scenario(hub))
        assert held(hub.exchanges)


@pytest.mark.parametrize("how", ["queue", "auto_merge"])
def test_a_merge_is_left_to_the_forge_where_it_takes_it(tmp_path: Path, how: str) -> None:
    async def scenario(hub: Hub) -> None:
        forge = hub.forge("tok_bot")
        number, sha = await opened(hub, "fix")
        assert not await forge.enqueue(number, sha, "squash")
        queue = how == "queue"
        hub.protect("main", checks=("unit",), queue=queue, auto_merge=not queue)
        clock.advance(600)  # whether there is a queue is asked every five minutes
        rules = await forge.protection("main")
        assert getattr(rules, how)
        with pytest.raises(Conflict):
            await forge.enqueue(number, "0" * 40, "squash")
        assert await forge.enqueue(number, sha, "squash")
        assert await forge.enqueue(number, sha, "squash")
        assert (await forge.pr(number)).queued
        assert await settled(hub) == []
        await asyncio.to_thread(lambda: hub.check(sha, "unit", "completed", "success"))
        assert await settled(hub) == [number]
        done = await forge.pr(number)
        assert (done.state, done.queued) == ("merged", False)

    clock = JumpClock()
    with github(tmp_path, clock) as hub:
        asyncio.run(scenario(hub))
        assert held(hub.exchanges)


def test_a_thousand_idle_polls_change_nothing_and_cost_nothing(tmp_path: Path) -> None:
    clock = JumpClock()

    async def scenario(hub: Hub) -> None:
        forge = hub.forge("tok_bot", clock=clock)
        cursor = (await forge.issues()).cursor
        cursor = (await forge.issues(cursor)).cursor
        before, first = await forge.limits(), len(hub.exchanges)
        for _ in range(POLLS):
            clock.advance(30)
            page = await forge.issues(cursor)
            assert page.issues == ()
            cursor = page.cursor
        after = await forge.limits()
        asked, unchanged = after.requests - before.requests, after.unchanged - before.unchanged
        assert asked == POLLS
        assert unchanged > 0.95 * asked
        assert after.writes == before.writes
        assert all(e.method == "GET" for e in hub.exchanges[first:])
        await hub.as_("ada").create_issue("New", "")
        assert [issue.title for issue in (await forge.issues(cursor)).issues] == ["New"]

    with github(tmp_path, clock) as hub:
        for at in range(3):
            hub.issue("ada", f"Issue {at}")
        asyncio.run(scenario(hub))
