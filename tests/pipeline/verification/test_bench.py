"""With what a command of ours is run."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

import pytest

from harness.core.types import BoxLimits, CommandResult, Layout
from harness.pipeline.verification.bench import Bench, Parts, Trial


@dataclass
class Recording:
    """A sandbox, and its only Box, that notes what it was opened with."""

    name = "bubblewrap"
    layouts: list[Layout] = field(default_factory=list)

    async def open(self, layout: Layout, limits: BoxLimits) -> Recording:
        self.layouts.append(layout)
        return self

    async def exec(self, command: str, timeout_s: float) -> CommandResult:
        return CommandResult(exit_code=0, output="", timed_out=False, cwd="", duration_s=0.1)

    async def close(self) -> None: ...


@pytest.mark.parametrize(("given", "seed"), [({}, "0"), ({"PYTHONHASHSEED": "4711"}, "4711")])
async def test_names_that_come_of_a_set_are_the_same_each_time(
    given: dict[str, str], seed: str, tmp_path: Path
) -> None:
    box, none = Recording(), cast(Any, None)
    layout = Layout(tree=tmp_path, env=given)
    parts = Parts(none, cast(Any, box), BoxLimits())
    copy = cast(Any, type("Copied", (), {"path": tmp_path})())
    place = Bench(parts, "t", copy, layout, tmp_path / "out", "/out")
    trial = Trial(kind="criterion", side="change", tree="t", command="true")
    (tmp_path / "out").mkdir()
    await place.run(trial, trial.command)
    assert box.layouts[0].env["PYTHONHASHSEED"] == seed
