"""A forge that does not answer, an issue that is gone, an issue of another daemon: who waits."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from harness.core.errors import LeaseLost, NotFound, Unavailable
from harness.core.types import Issue, Run, RunState
from harness.daemon.poll_intervals import Pace, Paces
from tests.daemon.fakes import FakeProject, World, play, waits
from tests.fake_forge import AT

DONE, WAITING = RunState.DONE, RunState.WAITING
DOWN = Unavailable("forge.database", path="p", detail="down")


async def test_six_hours_away_start_nothing_and_say_little(tmp_path: Path) -> None:
    async def scene(world: World) -> None:
        forge, p = world.project.forge, world.project
        forge.put(1)
        p.walks[(1, 1)] = waits("approve", until=world.clock.at + timedelta(hours=1))
        daemon = world.daemon()
        await daemon.run_once()
        assert await world.states() == {1: WAITING}
        forge.put(2)
        forge.fail["issues"] = DOWN
        log, asked = list(p.log), forge.calls["issues"]
        for _ in range(360):
            world.clock.at += timedelta(minutes=1)
            await daemon.run_once(due=True)
        assert p.log == log
        assert 0 < len(world.told) < 100
        assert 70 <= forge.calls["issues"] - asked <= 80
        forge.fail.clear()
        for _ in range(6):
            world.clock.at += timedelta(minutes=1)
            await daemon.run_once(due=True)
        assert await world.states() == {1: DONE, 2: DONE}

    await play(tmp_path, scene)


async def test_a_clock_that_jumps_ten_hours_either_way_delays_nothing(tmp_path: Path) -> None:
    async def scene(world: World) -> None:
        forge, p = world.project.forge, world.project
        daemon = world.daemon()
        for number, hours in ((1, 0), (2, 10), (3, -20), (4, 10)):
            world.clock.at += timedelta(hours=hours)
            forge.put(number)
            p.walks[(number, 1)] = waits("x", until=world.clock.at + timedelta(minutes=5))
            await daemon.run_once(due=True)
            assert (await world.states())[number] == WAITING
        world.clock.at += timedelta(hours=11)
        await daemon.run_once(due=True)
        assert set((await world.states()).values()) == {DONE}

    await play(tmp_path, scene)


async def test_a_run_whose_issue_is_gone_moves_once_and_keeps_nobody_waiting(
    tmp_path: Path,
) -> None:
    class Gone(FakeProject):
        async def fingerprint(self, run: Run) -> str:
            if run.issue == 1:
                raise NotFound("forge.no_issue", number=1)
            return await super().fingerprint(run)

    async def scene(world: World) -> None:
        p = world.projects["p"] = Gone("p", world.store, world.durable)
        for number in (1, 2):
            p.forge.put(number)
            p.walks[(number, 1)] = waits("approve", fingerprint="f")
            p.prints[number] = "f"
        p.walks[(1, 2)] = waits("approve", fingerprint="NotFound forge.no_issue")
        daemon = world.daemon()
        for _ in range(4):
            p.forge.put(1, labels=("x",))
            await daemon.run_once()
        assert p.log.count("activate 1.2") == 1
        assert "activate 1.3" not in p.log
        p.prints[2] = "g"
        p.forge.put(2, labels=("x",))
        await daemon.run_once()
        assert await world.states() == {1: WAITING, 2: DONE}

    await play(tmp_path, scene)


async def test_what_another_daemon_works_on_is_asked_again_when_its_lease_is_over(
    tmp_path: Path,
) -> None:
    class Elsewhere(FakeProject):
        def __init__(self, world: World) -> None:
            super().__init__("p", world.store, world.durable)
            self.until = world.clock.at + timedelta(minutes=10)
            self.world = world

        async def begin(self, issue: Issue) -> Run:
            if issue.number == 1 and self.world.clock.at < self.until:
                self.log.append("asked 1")
                raise LeaseLost("daemon.lease_other", until=self.until, issue=1, holder="there")
            return await super().begin(issue)

    async def scene(world: World) -> None:
        p = world.projects["p"] = Elsewhere(world)
        for number in (1, 2):
            p.forge.put(number)
        daemon = world.daemon()
        for _ in range(5):
            await daemon.run_once()
            assert await world.states() == {2: DONE}
            (held,) = daemon.held_issues
            assert (held.issue, held.why.key) == (1, "daemon.lease_other")
            assert held.why.facts["holder"] == "there"
            world.clock.at += timedelta(minutes=1)
        assert p.log.count("asked 1") == 1
        # a person may ask sooner
        await world.post("retry", 1)
        await daemon.run_once()
        assert p.log.count("asked 1") == 2
        world.clock.at += timedelta(minutes=6)
        await daemon.run_once()
        assert await world.states() == {1: DONE, 2: DONE}
        assert daemon.held_issues == ()

    await play(tmp_path, scene)


async def test_a_limit_of_the_forge_is_waited_out(tmp_path: Path) -> None:
    again = AT + timedelta(minutes=30)
    paces = Paces({"p": Pace(base_s=60, idle_s=60)}, lambda: 0.5)

    async def scene(world: World) -> None:
        forge = world.project.forge
        limited = Unavailable("forge.database", retry_at=again, path="p", detail="limited")
        forge.fail["issues"] = limited
        daemon = world.daemon(paces=paces)
        for _ in range(30):
            await daemon.run_once(due=True)
            world.clock.at += timedelta(minutes=1)
        assert forge.calls["issues"] == 1
        assert len(world.told) == 2
        await daemon.run_once(due=True)
        assert forge.calls["issues"] == 2

    await play(tmp_path, scene)
