"""R3, R4, R30: a write is made and its answer is lost; nothing is ever made twice."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

from tests.e2e.world import World
from tests.faults.rig import Life, Trouble, one_of_each, play

KINDS = {"push", "open_pr", "put_check", "ready", "merge", "put_comment", "delete_branch"}


TIMES = 2


def test_every_write_of_a_run_is_made_once_whatever_is_lost(tmp_path: Path) -> None:
    """Each kind of write loses its answer again and again; the run goes on by itself."""
    world = World(tmp_path)
    world.begin()
    lost: Counter[str] = Counter()

    def loses(name: str) -> bool:
        lost[name] += 1
        return lost[name] <= TIMES

    async def scene(life: Life) -> None:
        run = await life.rounds()
        assert run.outcome is not None, run.wait
        assert run.outcome.key == "pipeline.merged"

    trouble = Trouble(loses)
    play(world, trouble, scene)
    one_of_each(world)
    assert set(lost) >= KINDS
