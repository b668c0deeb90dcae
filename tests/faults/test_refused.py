"""R10, R6, R7: a token that is refused, or limited, at each call in turn: work is kept, a person or
a time is named, and it goes on."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from harness.core.errors import Forbidden, HarnessError, Unavailable
from harness.core.types import RunState
from tests.e2e.world import World
from tests.faults.rig import HandClock, Life, Trouble, one_of_each, play

EACH = {
    *("issues", "issue", "comments", "take_lease", "holds_lease", "find_pr", "pr", "checks"),
    *("push", "open_pr", "put_check", "ready", "merge", "put_comment", "delete_branch"),
}


def test_a_token_refused_at_each_call_asks_a_person_and_loses_nothing(tmp_path: Path) -> None:
    world = World(tmp_path)
    world.begin()
    met: set[str] = set()

    def instead(name: str) -> HarnessError | None:
        if name in met or name not in EACH:
            return None
        met.add(name)
        return Forbidden("git.forbidden", project="calc", said=f"401 at {name}")

    async def scene(life: Life) -> None:
        for _ in range(40):
            await life.app.daemon.run_once()
            run = await life.run()
            if run is not None and run.state.over:
                break
            if run is not None and run.state is RunState.HELD:
                assert run.wait is not None
                assert "401" in str(run.wait.reason.facts)
                await life.say("retry")
            life.clock.pass_(minutes=6)
        assert run is not None
        assert run.outcome is not None, run.wait
        assert run.outcome.key == "pipeline.merged"

    play(world, Trouble(instead=instead), scene)
    assert met >= EACH - {"holds_lease"}
    (pull,) = world.pulls()
    assert pull.state == "merged"
    bodies = [c.body for c in world.comments()]
    assert len(bodies) == len(set(bodies))


def test_a_limit_is_waited_out_and_nothing_is_asked_before(tmp_path: Path) -> None:
    world = World(tmp_path)
    world.begin()
    clock = HandClock()
    until = clock.at + timedelta(minutes=50)
    early: list[str] = []

    def instead(name: str) -> HarnessError | None:
        if name != "limits" and limited and clock.at < until:
            early.append(name)
            return Unavailable("github.unavailable", retry_at=until, why="limited")
        if name == "open_pr" and not limited:
            limited.append(name)
            return Unavailable("github.unavailable", retry_at=until, why="limited")
        return None

    limited: list[str] = []

    async def scene(life: Life) -> None:
        await life.app.daemon.run_once()
        run = await life.run()
        assert run is not None
        assert run.wait is not None
        assert run.wait.until == until
        # what could not be written beside it, and no more
        asked = len(early)
        await life.app.daemon.run_once()
        for _ in range(48):
            clock.pass_(minutes=1)
            await life.app.daemon.run_once(due=True)
        assert len(early) - asked <= 1
        clock.pass_(minutes=3)
        assert (await life.rounds()).state is RunState.DONE

    play(world, Trouble(instead=instead), scene, clock)
    one_of_each(world)
