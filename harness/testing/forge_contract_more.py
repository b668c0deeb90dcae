"""What every forge tells about itself, its leases and what waits for a merge."""

from __future__ import annotations

import pytest

from harness.core.errors import Forbidden
from harness.core.forge_types import ForgeLimits
from harness.testing.forge_world import ForgeWorld


class MoreContract:
    """Leases as they are read, open pull requests, rules, permissions."""

    async def test_a_lease_is_told_and_held_until_it_is_given_back(self, world: ForgeWorld) -> None:
        number = (await world.colleague.create_issue("Title", "body")).number
        assert await world.forge.lease(number) is None
        taken = await world.forge.take_lease(number, "here", 600)
        assert taken is not None
        assert await world.forge.lease(number) == taken
        assert await world.colleague.lease(number) == taken
        assert await world.forge.holds_lease(taken)
        for wrong in ({"token": taken.token + 1}, {"holder": "there"}):
            assert not await world.forge.holds_lease(taken.model_copy(update=wrong))
        await world.colleague.drop_lease(taken)
        assert not await world.forge.holds_lease(taken)
        assert await world.forge.lease(number) is None
        other = await world.colleague.take_lease(number, "there", 600)
        assert other is not None
        assert not await world.forge.holds_lease(taken)
        over = await world.colleague.take_lease(number, "there", -1)
        assert over is not None
        assert not await world.forge.holds_lease(over)
        with pytest.raises(Forbidden):
            await world.stranger.take_lease(number + 1000, "nobody", 60)

    async def test_open_pull_requests_are_listed_newest_first(self, world: ForgeWorld) -> None:
        assert await world.forge.pulls() == ()
        one, two = await world.pull("one"), await world.pull("two", draft=True)
        listed = await world.forge.pulls()
        assert [(p.number, p.head, p.draft) for p in listed] == [
            (two.number, "two", True),
            (one.number, "one", False),
        ]
        await world.forge.close_pr(one.number)
        assert [p.number for p in await world.forge.pulls()] == [two.number]

    async def test_without_rules_nothing_is_asked_for_and_nothing_is_queued(
        self, world: ForgeWorld
    ) -> None:
        pull = await world.pull()
        rules = await world.forge.protection("main")
        assert (rules.approvals, rules.checks) == (0, ())
        assert (rules.conversations, rules.queue, rules.auto_merge) == (False, False, False)
        assert not await world.forge.enqueue(pull.number, pull.head_sha, "merge")
        assert (await world.forge.pr(pull.number)).state == "open"
        issue = await world.colleague.create_issue("Title", "body")
        assert not issue.waits
        assert await world.forge.blockers(issue.number) == ()

    async def test_a_locked_issue_says_so(self, world: ForgeWorld) -> None:
        number = (await world.colleague.create_issue("Title", "body")).number
        cursor = (await world.forge.issues()).cursor
        assert not (await world.forge.issue(number)).locked
        await world.lock(number, True)
        assert (await world.forge.issue(number)).locked
        page = await world.forge.issues(cursor)
        assert [i.locked for i in page.issues] == [True]
        assert [e.kind for e in await world.forge.timeline(number)] == ["locked"]
        await world.lock(number, False)
        assert not (await world.forge.issue(number)).locked

    async def test_a_check_of_ours_may_say_that_a_person_is_needed(self, world: ForgeWorld) -> None:
        pull = await world.pull()
        forge, head = world.forge, pull.head_sha
        held = await forge.put_check(head, "evidence", "action_required", "not seen: a")
        again = await forge.put_check(head, "evidence", "action_required", "not seen: a")
        assert again.id == held.id
        (seen,) = await forge.checks(head)
        said = ("completed", "action_required") if held.kind == "run" else ("in_progress", None)
        assert (seen.status, seen.conclusion) == said
        assert "not seen: a" in seen.summary
        for conclusion in ("failure", "success", "action_required", "success"):
            await forge.put_check(head, "evidence", conclusion, "seen")
        (seen,) = await forge.checks(head)
        assert (seen.status, seen.conclusion) == ("completed", "success")

    async def test_permissions_are_proved_and_nothing_stays_behind(self, world: ForgeWorld) -> None:
        before = (await world.forge.issues()).issues
        ours = [p for p in await world.forge.powers() if p.needed]
        assert [p.name for p in ours if p.ok is not True] == []
        theirs = [p for p in await world.stranger.powers() if p.needed]
        refused = [p for p in theirs if p.ok is False]
        assert refused
        assert all(p.why for p in refused)
        assert (await world.forge.issues()).issues == before
        assert await world.forge.pulls() == ()
        assert isinstance(await world.forge.limits(), ForgeLimits)
