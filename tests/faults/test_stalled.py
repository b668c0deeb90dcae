"""R21: a stage that never ends is stopped, said to be stalled, and frees its place."""

from __future__ import annotations

import asyncio
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from harness.core.outcome import Outcome, Wait
from harness.core.types import Run, RunState, Stage
from harness.pipeline.activation import run_guarded
from harness.pipeline.deps import PipelineDeps
from harness.pipeline.job import Job, stage_name
from harness.pipeline.run_policy import RunPolicy
from tests.e2e.world import World
from tests.fake_forge import FakeForge
from tests.faults.rig import Life, Trouble, play


async def forever(job: Job) -> Outcome:
    await asyncio.Event().wait()
    raise AssertionError(job)


@pytest.mark.parametrize("stage", list(Stage))
def test_each_stage_has_an_end(stage: Stage) -> None:
    rules = RunPolicy(project="p", stage_s=0.01)
    deps = cast(PipelineDeps, SimpleNamespace(policy=rules, forge=FakeForge()))
    facts: dict[str, Any] = {"stage": stage, "attempts": {}}
    outcome = asyncio.run(run_guarded(Job(deps, Run.model_construct(**facts)), forever))
    assert isinstance(outcome, Wait)
    assert outcome.wait.person
    assert outcome.wait.reason.key == "daemon.stalled"
    assert outcome.wait.reason.facts["stage"] == stage_name(stage)


class Hung:
    """A model that never answers."""

    def __init__(self, thing: object) -> None:
        self._thing = thing

    def __getattr__(self, name: str) -> Any:
        return getattr(self._thing, name)

    async def complete(self, *_: object) -> None:
        await asyncio.Event().wait()


class Hanging(Trouble):
    def around(self, port: str, thing: object) -> object:
        return Hung(thing) if port == "model" else thing


def test_a_model_that_never_answers_keeps_nobody_waiting_for_ever(tmp_path: Path) -> None:
    world = World(tmp_path, settings="[limits]\nstage_wall_s = 2.0\n")
    world.begin()

    async def scene(life: Life) -> None:
        run = await life.rounds()
        assert run.state is RunState.HELD
        assert run.wait is not None
        assert run.wait.reason.key == "daemon.stalled"
        assert run.wait.signals == ("retry", "cancel")

    play(world, Hanging(), scene)
    assert "did not end within" in world.why()
    assert "did not end within" in world.comments()[-1].body
