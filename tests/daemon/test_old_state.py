"""A daemon on a state folder of before: what was under way goes on, what waits takes its word."""

from __future__ import annotations

from pathlib import Path

from harness.core.types import RunState
from tests.daemon.fakes import World, play
from tests.old_state import old_state


async def test_the_running_run_ends_and_the_waiting_one_takes_its_word(tmp_path: Path) -> None:
    async def scene(world: World) -> None:
        for number in (1, 2):
            world.project.forge.put(number)
        world.project.prints[1] = "f1"
        await world.daemon().run_once()
        assert await world.states() == {1: RunState.HELD, 2: RunState.DONE}
        assert world.project.log == ["activate 2.2"]
        await world.post("approve", 1)
        await world.daemon().run_once()
        assert "approve 1" in world.project.log
        assert (await world.states())[1] is RunState.DONE
        assert world.project.log[-1] == "activate 1.4"

    old_state(tmp_path / "state.db")
    await play(tmp_path, scene)
