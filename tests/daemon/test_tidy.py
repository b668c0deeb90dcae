"""Clearing up by the daemon: at its start and hourly; a full disk lets nothing new start."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from harness.core.types import LocalizedText, Run, RunState
from harness.daemon.dispatch import Limits
from harness.daemon.service import Daemon, Hooks
from tests.daemon.fakes import World, play, say, waits

FULL = say("disk.full", free=0.1, least=1.0, folder="/state")


class Disk:
    """What the next clearing up will say; how often it was asked."""

    def __init__(self) -> None:
        self.full: LocalizedText | None = None
        self.asked = 0

    async def tidy(self) -> LocalizedText | None:
        self.asked += 1
        return self.full

    def daemon(self, world: World) -> Daemon:
        hooks = Hooks(tell=world.told.extend, tidy=self.tidy)
        projects = list(world.projects.values())
        return Daemon(projects, world.store, world.durable, world.clock, Limits(), hooks)


async def test_a_full_disk_holds_what_is_new_and_lets_go_on_what_is_under_way(
    tmp_path: Path,
) -> None:
    async def scene(world: World) -> None:
        disk = Disk()
        world.project.walks[(1, 1)] = waits("approve")
        world.project.forge.put(1)
        daemon = disk.daemon(world)
        await daemon.run_once()
        world.project.forge.put(2)
        disk.full = FULL
        world.clock.at += timedelta(hours=2)
        await world.post("approve", 1)
        await daemon.run_once()
        assert await world.states() == {1: RunState.DONE}
        assert [(held.issue, held.why) for held in daemon.held_issues] == [(2, FULL)]
        disk.full = None
        await daemon.run_once()
        assert await world.states() == {1: RunState.DONE}  # asked again within the hour: no
        world.clock.at += timedelta(hours=2)
        await daemon.run_once()
        assert await world.states() == {1: RunState.DONE, 2: RunState.DONE}
        assert disk.asked == 3

    await play(tmp_path, scene)


async def test_a_crash_loop_stays_stopped_in_the_next_processes_until_a_person_says_so(
    tmp_path: Path,
) -> None:
    async def scene(world: World) -> None:
        async def breaks(run: Run) -> Run:
            raise RuntimeError("broken")

        for number in range(1, 8):
            world.project.walks[(1, number)] = breaks
        world.project.forge.put(1)
        for _ in range(8):
            await world.daemon().run_once()
            await world.durable.close(grace_s=0)
            world.assemble()
            await world.durable.launch()
        assert await world.states() == {1: RunState.HELD}
        run = await world.store.find_run("p", 1)
        assert run is not None
        assert run.wait is not None
        assert run.wait.reason.key == "daemon.crash_loop"
        tries = run.activation
        await world.daemon().run_once()
        await world.post("retry", 1)
        world.project.walks.clear()
        await world.daemon().run_once()
        after = await world.store.find_run("p", 1)
        assert after is not None
        assert after.activation == tries + 1
        assert after.state is RunState.DONE

    await play(tmp_path, scene)
