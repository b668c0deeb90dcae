"""The wall clock is set while harness works: no interval grows by it, no moment is missed, nothing
took less than no time."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from harness.core.errors import LeaseLost, Unavailable
from harness.core.types import Issue, Run, RunState
from harness.daemon.elapsed import Deadlines, Elapsed
from harness.daemon.poll_intervals import Pace, Paces
from tests.daemon.fakes import FakeProject, World, play, waits
from tests.fake_forge import AT

WAITING, DONE = RunState.WAITING, RunState.DONE
STEPS = [-10, -1, -0.25, 0.25, 1, 10]


class SteppedClock:
    """Time passes for both; the wall clock is also set."""

    def __init__(self) -> None:
        self.wall = AT
        self.mark = 1000.0

    def now(self) -> datetime:
        return self.wall

    def monotonic(self) -> float:
        return self.mark

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(0)

    def pass_(self, seconds: float) -> None:
        self.wall += timedelta(seconds=seconds)
        self.mark += seconds

    def set(self, hours: float) -> None:
        self.wall += timedelta(hours=hours)

    def machine_sleeps(self, seconds: float) -> None:
        """The monotonic clock of the system stands still meanwhile."""
        self.wall += timedelta(seconds=seconds)


def stepped(world: World) -> SteppedClock:
    clock = SteppedClock()
    world.clock = clock  # type: ignore[assignment]
    world.assemble()
    return clock


# ---- time that goes by


@pytest.mark.parametrize("hours", STEPS)
def test_time_goes_by_whatever_the_wall_clock_is_set_to(hours: float) -> None:
    clock = SteppedClock()
    elapsed = Elapsed(clock)
    clock.pass_(60)
    before = elapsed.seconds()
    assert before == 60
    assert not elapsed.take_step()
    clock.set(hours)
    clock.pass_(60)
    assert elapsed.take_step()
    assert not elapsed.take_step()
    assert elapsed.seconds() >= before + 60
    if hours < 0:
        assert elapsed.seconds() == before + 60


def test_a_sleep_of_the_machine_counts() -> None:
    clock = SteppedClock()
    elapsed = Elapsed(clock)
    clock.machine_sleeps(8 * 3600)
    assert elapsed.take_step()
    assert elapsed.seconds() == 8 * 3600


def test_small_corrections_are_no_step() -> None:
    clock = SteppedClock()
    elapsed = Elapsed(clock)
    for _ in range(100):
        clock.pass_(1)
        clock.set(-0.5 / 3600)
        assert elapsed.seconds() > 0
    assert not elapsed.take_step()


@pytest.mark.parametrize("hours", [h for h in STEPS if h < 0])
def test_a_stored_moment_comes_when_it_would_have(hours: float) -> None:
    clock = SteppedClock()
    deadlines = Deadlines(clock, Elapsed(clock))
    until = AT + timedelta(seconds=60)
    assert deadlines.left_s("run", until, AT) == 60
    clock.set(hours)
    clock.pass_(20)
    assert deadlines.left_s("run", until, AT) == 40
    fresh = Deadlines(clock, Elapsed(clock))
    assert fresh.left_s("run", until, AT) == 60, "another process: it was stored in the future"
    clock.pass_(41)
    assert deadlines.left_s("run", until, AT) < 0
    deadlines.keep(set())
    assert deadlines.left_s("run", until, None) > 0, "forgotten, and read anew"


# ---- the daemon


@pytest.mark.parametrize("hours", STEPS)
async def test_a_wait_passes_in_time(tmp_path: Path, hours: float) -> None:
    async def scene(world: World) -> None:
        clock = stepped(world)
        world.project.forge.put(1)
        world.project.walks[(1, 1)] = waits("x", until=clock.now() + timedelta(minutes=5))
        daemon = world.daemon()
        await daemon.run_once()
        assert await world.states() == {1: WAITING}
        clock.set(hours)
        await daemon.run_once(due=True)
        if hours < 0:
            assert await world.states() == {1: WAITING}, "not before its time"
        clock.pass_(301)
        await daemon.run_once(due=True)
        assert await world.states() == {1: DONE}

    await play(tmp_path, scene)


@pytest.mark.parametrize("hours", STEPS)
async def test_a_wait_passes_in_time_when_the_daemon_was_away_meanwhile(
    tmp_path: Path, hours: float
) -> None:
    async def scene(world: World) -> None:
        clock = stepped(world)
        world.project.forge.put(1)

        async def walk(run: Run) -> Run:
            rests = await waits("x", until=clock.now() + timedelta(minutes=5))(run)
            return rests.model_copy(update={"updated_at": clock.now()})

        world.project.walks[(1, 1)] = walk
        await world.daemon().run_once()
        clock.set(hours)
        again = world.daemon()
        await again.run_once()
        clock.pass_(301)
        await again.run_once()
        assert await world.states() == {1: DONE}

    await play(tmp_path, scene)


@pytest.mark.parametrize("hours", STEPS)
async def test_a_forge_that_was_away_is_looked_at_in_time(tmp_path: Path, hours: float) -> None:
    async def scene(world: World) -> None:
        clock, forge = stepped(world), world.project.forge
        daemon = world.daemon(paces=Paces({"p": Pace(base_s=60, idle_s=300)}, lambda: 0.5))
        again = clock.now() + timedelta(minutes=10)
        forge.fail["issues"] = Unavailable("github.unavailable", retry_at=again, why="503")
        await daemon.run_once(due=True)
        forge.fail.clear()
        clock.set(hours)
        forge.put(1)
        clock.pass_(601)
        await daemon.run_once(due=True)
        assert await world.states() == {1: DONE}

    await play(tmp_path, scene)


@pytest.mark.parametrize("hours", [h for h in STEPS if h < 0])
async def test_an_issue_of_another_machine_is_asked_for_in_time(
    tmp_path: Path, hours: float
) -> None:
    class Elsewhere(FakeProject):
        until: datetime | None = None

        async def begin(self, issue: Issue) -> Run:
            if self.until is not None:
                raise LeaseLost("daemon.lease_other", until=self.until, issue=1, holder="b")
            return await super().begin(issue)

    async def scene(world: World) -> None:
        clock = stepped(world)
        away = Elsewhere("p", world.store, world.durable)
        world.projects["p"] = away
        away.forge.put(1)
        away.until = clock.now() + timedelta(minutes=5)
        daemon = world.daemon()
        await daemon.run_once()
        assert await world.states() == {}
        away.until = None
        clock.set(hours)
        await daemon.run_once()
        assert await world.states() == {}
        clock.pass_(301)
        await daemon.run_once()
        assert await world.states() == {1: DONE}

    await play(tmp_path, scene)


@pytest.mark.parametrize("hours", [-1, 1])
async def test_a_step_is_a_look_and_the_next_one_is_told_anew(tmp_path: Path, hours: float) -> None:
    async def scene(world: World) -> None:
        clock, forge = stepped(world), world.project.forge
        daemon = world.daemon()
        task = asyncio.create_task(daemon.run_forever("1h"))
        forge.put(1)
        await world.until({1: DONE})
        forge.put(2)
        clock.set(hours)
        await world.until({1: DONE, 2: DONE})
        daemon.stop()
        await task

    await play(tmp_path, scene)
