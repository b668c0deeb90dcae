"""The daemon when things break, stop or start again: nothing is lost, nobody is kept waiting."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path

import pytest

from harness.core.errors import EngineError, NotFound, Unavailable
from harness.core.trust_types import Admission
from harness.core.types import Issue, LocalizedText, Run, RunState
from harness.daemon.dispatch import Limits
from harness.daemon.executor import OPEN
from harness.engine.store import SqlStore
from tests.daemon.fakes import FakeProject, World, finish, play, waits
from tests.patience import PATIENCE_S

DONE, WAITING, HELD, ACTIVE = RunState.DONE, RunState.WAITING, RunState.HELD, RunState.ACTIVE


async def test_a_word_is_not_lost_when_the_daemon_dies_before_acting_on_it(tmp_path: Path) -> None:
    async def scene(world: World) -> None:
        world.project.forge.put(1)
        world.project.walks[(1, 1)] = waits("approve")
        await world.daemon().run_once()
        await world.post("approve", 1)
        await world.daemon().apply_inbox()
        assert await world.store.inbox() == ()
        assert await world.states() == {1: WAITING}
        await world.daemon().run_once()
        assert await world.states() == {1: DONE}

    await play(tmp_path, scene)


async def test_a_run_that_keeps_breaking_off_is_held_for_a_person(tmp_path: Path) -> None:
    async def breaks(run: Run) -> Run:
        raise EngineError("engine.closed", workflow="w")

    async def scene(world: World) -> None:
        p = world.project
        p.forge.put(1)
        for number in range(1, 9):
            p.walks[(1, number)] = breaks
        await world.daemon(Limits(crashes=3)).run_once()
        run = (await world.store.runs())[0]
        assert (run.state, run.activation) == (HELD, 4)
        assert run.wait is not None
        assert run.wait.person
        assert run.wait.reason == LocalizedText(key="daemon.crash_loop", facts={"times": 3})
        assert world.stopped == [(HELD, run.wait.reason)]
        assert LocalizedText(key="engine.closed", facts={"workflow": "w"}) in world.told
        p.walks[(1, 5)] = finish
        await world.post("retry", 1)
        await world.daemon().run_once()
        assert await world.states() == {1: DONE}

    await play(tmp_path, scene)


async def test_progress_between_breaks_starts_the_count_again(tmp_path: Path) -> None:
    async def further(run: Run) -> Run:
        await world_store[0].save_run(run.model_copy(update={"tree": f"t{run.activation}"}))
        raise EngineError("engine.closed", workflow="w")

    world_store = []

    async def scene(world: World) -> None:
        world_store.append(world.store)
        world.project.forge.put(1)
        for number in range(1, 8):
            world.project.walks[(1, number)] = further
        await world.daemon(Limits(crashes=2)).run_once()
        assert await world.states() == {1: DONE}
        assert (await world.store.runs())[0].activation == 8

    await play(tmp_path, scene)


async def test_one_project_in_trouble_does_not_stop_the_others(tmp_path: Path) -> None:
    class Broken(FakeProject):
        async def admit(self, issue: Issue, *, comments: bool = True) -> Admission:
            raise ValueError("our own mistake")

    async def scene(world: World) -> None:
        world.projects["a"].forge.fail["issues"] = Unavailable("forge.down")
        broken = Broken("b", world.store, world.durable)
        broken.forge.put(1)
        world.projects["b"] = broken
        world.projects["c"].forge.put(1)
        daemon = world.daemon()
        for _ in range(2):
            await daemon.run_once()
        assert [r.project for r in await world.store.runs()] == ["c"]
        assert [s.key for s in world.told] == [
            "daemon.look_failed",
            "forge.down",
            "daemon.look_failed",
            "daemon.tick_failed",
        ], "told once while it stays the same"

    await play(tmp_path, scene, ("a", "b", "c"))


async def test_one_issue_in_trouble_does_not_stop_the_others(tmp_path: Path) -> None:
    class Stubborn(FakeProject):
        async def activate(self, run: Run) -> str:
            if run.issue == 1:
                raise Unavailable("forge.down")
            return await super().activate(run)

    async def scene(world: World) -> None:
        project = Stubborn("p", world.store, world.durable)
        world.projects["p"] = project
        for number in (1, 2):
            project.forge.put(number)
        await world.daemon().run_once()
        assert (await world.states())[2] == DONE
        assert [s.key for s in world.told][:2] == ["daemon.act_failed", "forge.down"]

    await play(tmp_path, scene)


async def test_an_issue_whose_author_is_gone_is_held_and_the_rest_go_on(tmp_path: Path) -> None:
    class Gone(FakeProject):
        async def admit(self, issue: Issue, *, comments: bool = True) -> Admission:
            if issue.number == 1:
                raise NotFound("forge.no_user", login="ghost")
            return Admission()

    async def scene(world: World) -> None:
        world.projects["p"] = project = Gone("p", world.store, world.durable)
        for number in (1, 2):
            project.forge.put(number)
        daemon = world.daemon()
        await daemon.run_once()
        assert await world.states() == {2: DONE}
        assert [(h.issue, h.why.key) for h in daemon.held_issues] == [(1, "forge.no_user")]

    await play(tmp_path, scene)


async def test_what_was_under_way_is_followed_not_started_again(tmp_path: Path) -> None:
    entered, gate = asyncio.Event(), asyncio.Event()

    async def slow(run: Run) -> Run:
        entered.set()
        await gate.wait()
        return await finish(run)

    async def scene(world: World) -> None:
        world.project.forge.put(1)
        world.project.walks[(1, 1)] = slow
        daemon = world.daemon()
        daemon.grace_s = 0.1
        first = asyncio.create_task(daemon.run_once())
        await entered.wait()
        first.cancel()
        await asyncio.gather(first, return_exceptions=True)
        assert await world.states() == {1: ACTIVE}

        world.assemble()
        await world.durable.launch()
        gate.set()
        await world.daemon().run_once()
        assert await world.states() == {1: DONE}
        assert world.project.log == []
        assert (await world.store.runs())[0].activation == 1

    await play(tmp_path, scene)


@pytest.mark.parametrize("seconds", [0.0, 0.3])
async def test_told_to_stop_it_ends_soon_and_loses_nothing(tmp_path: Path, seconds: float) -> None:
    async def slow(run: Run) -> Run:
        await asyncio.sleep(0.5)
        return run.model_copy(update={"state": DONE, "wait": None})

    async def scene(world: World) -> None:
        world.project.forge.put(1)
        world.project.walks[(1, 1)] = slow
        daemon = world.daemon()
        asyncio.get_running_loop().call_later(seconds, daemon.stop)
        async with asyncio.timeout(PATIENCE_S):
            await daemon.run_forever("1h")
        assert LocalizedText(key="daemon.stopping") in world.told
        world.assemble()
        await world.durable.launch()
        await world.daemon().run_once()
        assert await world.states() == {1: DONE}

    await play(tmp_path, scene)


async def test_a_dispatch_that_breaks_off_is_tried_again_at_the_next_beat(tmp_path: Path) -> None:
    class Full(SqlStore):
        left = 3

        async def runs(
            self, project: str | None = None, states: Sequence[RunState] = ()
        ) -> tuple[Run, ...]:
            if tuple(states) == OPEN and self.left:
                self.left -= 1
                raise EngineError("engine.disk_full", path="p", why="full")
            return await super().runs(project, states)

    async def scene(world: World) -> None:
        world.store = Full(world.database)
        world.assemble()
        await world.durable.launch()
        world.project.forge.put(1)
        daemon = world.daemon()
        running = asyncio.create_task(daemon.run_forever("1h"))
        await world.until({1: DONE})
        daemon.stop()
        await running
        assert [s.key for s in world.told] == ["engine.disk_full", "daemon.stopping"]

    await play(tmp_path, scene)
