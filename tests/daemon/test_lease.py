"""One holder of an issue at a time, seen from two machines that share a forge."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Awaitable, Callable, Coroutine
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, cast

import pytest

from harness.core.errors import Conflict, LeaseLost, Unavailable
from harness.core.types import LocalizedText, Run, RunState, Waiting
from harness.engine.database import Database
from harness.engine.store import SqlStore
from harness.git.workspace import Author, ProjectWorkspace
from harness.pipeline.outbound.leased import LeasedForge, LeasedWorkspace
from harness.pipeline.outbound.leases import Holder, Leases, Spans
from harness.ports.forge import ForgeWriter
from harness.ports.workspace import Workspace
from tests.daemon.fakes import HandClock
from tests.environment.projects import Made
from tests.fake_forge import LEASE, Leasing
from tests.forge.world import Local, make_local

SPANS = Spans(work_s=600, rest_s=86_400, fresh_s=3)


class Machine:
    """A state folder's side of the leases."""

    def __init__(self, local: Local, store: SqlStore, clock: HandClock) -> None:
        self.forge = Leasing(local.forge("harness"))
        self.holder = Holder(store)
        self.leases = Leases(self.forge, self.holder, clock, SPANS)


Scene = Callable[[Machine, Machine, HandClock], Awaitable[None]]


async def play(tmp_path: Path, scene: Scene) -> None:
    """Two machines with a database each, one forge with issue 1, a clock moved by hand."""
    clock = HandClock()
    local = await make_local(tmp_path, clock)
    await local.forge("ada").create_issue("Title", "body")
    bases = [Database(tmp_path / name) for name in ("a.db", "b.db")]
    for base in bases:
        await base.open()
    try:
        here, there = (Machine(local, SqlStore(base), clock) for base in bases)
        await scene(here, there, clock)
    finally:
        for base in bases:
            await base.close()


def resting(state: RunState = RunState.WAITING, until: datetime | None = None) -> Run:
    wait = Waiting(reason=LocalizedText(key="daemon.timer"), signals=("retry",), until=until)
    facts: dict[str, Any] = {"issue": 1, "state": state, "wait": wait}
    return Run.model_construct(**facts)


async def lease_loss(work: Coroutine[Any, Any, object]) -> LeaseLost:
    with pytest.raises(LeaseLost) as caught:
        await work
    return caught.value


async def test_the_second_machine_is_told_who_has_it_and_until_when(tmp_path: Path) -> None:
    async def scene(here: Machine, there: Machine, clock: HandClock) -> None:
        await here.leases.begin(1)
        told = await lease_loss(there.leases.begin(1))
        assert told.key == "daemon.lease_other"
        assert told.facts["holder"] == await here.holder.name()
        assert told.until == clock.at + timedelta(seconds=600)
        assert await here.holder.name() != await there.holder.name()

    await play(tmp_path, scene)


async def test_a_holder_that_dies_is_replaced_and_stops_at_its_next_effect(tmp_path: Path) -> None:
    async def scene(here: Machine, there: Machine, clock: HandClock) -> None:
        await here.leases.begin(1)
        clock.at += timedelta(seconds=599)
        await lease_loss(there.leases.begin(1))
        clock.at += timedelta(seconds=1)
        await there.leases.begin(1)
        told = await lease_loss(here.leases.check(1))
        assert told.facts["holder"] == await there.holder.name()
        # it stays lost for this stretch of work, even when the other one is done
        await there.leases.settle(resting(RunState.DONE))
        assert (await lease_loss(here.leases.check(1))).key == "daemon.lease_other"
        assert here.leases.loss_of(1) is not None
        await here.leases.begin(1)
        await here.leases.check(1)

    await play(tmp_path, scene)


async def test_another_that_came_and_went_in_between_is_noticed(tmp_path: Path) -> None:
    async def scene(here: Machine, there: Machine, clock: HandClock) -> None:
        await here.leases.begin(1)
        clock.at += timedelta(seconds=700)
        await there.leases.begin(1)
        await there.leases.settle(resting(RunState.DONE))
        assert (await lease_loss(here.leases.check(1))).key == "daemon.lease_between"

    await play(tmp_path, scene)


async def test_asking_is_cheap_and_a_jump_of_the_clock_asks_again(tmp_path: Path) -> None:
    async def scene(here: Machine, there: Machine, clock: HandClock) -> None:
        await here.leases.begin(1)
        here.forge.calls.clear()
        for _ in range(50):
            await here.leases.check(1)
        assert here.forge.calls == {}
        clock.at += timedelta(seconds=4)
        for _ in range(50):
            await here.leases.check(1)
        assert here.forge.calls == {"holds_lease": 1}
        clock.at -= timedelta(hours=10)
        await here.leases.check(1)
        assert here.forge.calls == {"holds_lease": 2}
        clock.at += timedelta(hours=20)
        await here.leases.check(1)
        assert here.forge.calls == {"holds_lease": 2, "take_lease": 1}

    await play(tmp_path, scene)


async def test_a_run_that_rests_keeps_it_for_long_and_renews_it_when_half_over(
    tmp_path: Path,
) -> None:
    async def scene(here: Machine, there: Machine, clock: HandClock) -> None:
        run = resting()
        await here.leases.begin(1)
        await here.leases.settle(run)
        for _ in range(30):
            clock.at += timedelta(hours=5)
            await here.leases.keep(run)
            await lease_loss(there.leases.begin(1))
        assert here.forge.calls["take_lease"] <= 2 + 30 * 5 // 12 + 1
        # at work again: its end is noticed soon
        await here.leases.begin(1)
        clock.at += timedelta(seconds=601)
        await there.leases.begin(1)
        await here.leases.keep(run)
        assert (await lease_loss(here.leases.begin(1))).key == "daemon.lease_other"

    await play(tmp_path, scene)


async def test_a_restart_finds_its_own_lease(tmp_path: Path) -> None:
    async def scene(here: Machine, there: Machine, clock: HandClock) -> None:
        await here.leases.begin(1)
        again = Leases(here.forge, here.holder, clock, SPANS)
        await again.keep(resting())
        await again.begin(1)
        await again.settle(resting(RunState.FAILED))
        await there.leases.begin(1)

    await play(tmp_path, scene)


async def test_a_forge_that_is_down_stops_effects_but_not_the_end_of_a_stretch(
    tmp_path: Path,
) -> None:
    async def scene(here: Machine, there: Machine, clock: HandClock) -> None:
        await here.leases.begin(1)
        down = Unavailable("github.unavailable", why="503")
        here.forge.fail = dict.fromkeys(LEASE, down)
        clock.at += timedelta(seconds=10)
        with pytest.raises(Unavailable):
            await here.leases.check(1)
        await here.leases.settle(resting(RunState.DONE))
        assert here.leases.loss_of(1) is None

    await play(tmp_path, scene)


async def test_fifty_at_once_and_one_has_it(tmp_path: Path) -> None:
    async def scene(here: Machine, there: Machine, clock: HandClock) -> None:
        both = [m.leases.begin(1) for m in (here, there) for _ in range(25)]
        ends = await asyncio.gather(*both, return_exceptions=True)
        assert sorted(type(e).__name__ for e in ends) == ["LeaseLost"] * 25 + ["bool"] * 25

    await play(tmp_path, scene)


async def test_every_write_of_the_port_looks_at_the_lease_first(tmp_path: Path) -> None:
    async def scene(here: Machine, there: Machine, clock: HandClock) -> None:
        await there.leases.begin(1)

        async def check() -> None:
            await here.leases.check(1)

        here.forge.put(1)
        forge = LeasedForge(here.forge, check)
        for name, write in inspect.getmembers(ForgeWriter, inspect.isfunction):
            if name.startswith("_"):
                continue
            asked = list(inspect.signature(write).parameters.values())[1:]
            needed = {p.name: "" for p in asked if p.default is p.empty}
            await lease_loss(getattr(forge, name)(**needed))
        assert set(here.forge.calls) <= {"take_lease", "lease"}
        assert (await forge.issue(1)).number == 1

    await play(tmp_path, scene)


def workspace_of(tmp_path: Path, local: Local) -> ProjectWorkspace:
    author = Author("harness", "harness@localhost", False)
    remote = local.forge("harness").remote
    return ProjectWorkspace(tmp_path / "workspaces", "p", remote, author, Made())


async def test_a_branch_that_only_harness_pushed_to_is_taken_over_and_no_other(
    tmp_path: Path,
) -> None:
    local = await make_local(tmp_path)
    forge = local.forge("harness")

    async def check() -> None:
        return None

    inner = workspace_of(tmp_path, local)
    leased = LeasedWorkspace(cast(Workspace, inner), forge, check)
    await inner.sync()
    main = await inner.resolve("main")
    tree = await inner.tree_of(main)
    theirs = await inner.commit(tree, [main], "another daemon's\n", HandClock().at)
    ours = await inner.commit(tree, [main], "ours\n", HandClock().at)
    assert (await inner.ours(theirs), await inner.ours(main)) == (True, False)
    await inner.push(theirs, "agent/issue-1", None)
    await leased.push(ours, "agent/issue-1", None)
    await inner.sync()
    assert await inner.resolve("agent/issue-1") == ours
    # a person's commit on top of one of ours is never forced over
    person = await asyncio.to_thread(
        local.push, "agent/issue-1", {"b": "a person's"}, "agent/issue-1"
    )
    with pytest.raises(Conflict):
        await leased.push(theirs, "agent/issue-1", None)
    await inner.sync()
    assert await inner.resolve("agent/issue-1") == person
