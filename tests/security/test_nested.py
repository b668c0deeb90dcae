"""harness started where it cannot build walls does not start work: inside a Box of its own, which
forbids user namespaces, every sandbox is refused with a sentence and the exit code for a missing
requirement."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

import pytest

from harness.core.types import BoxLimits, CommandResult, Layout
from harness.sandbox.bubblewrap import Bubblewrap
from tests.e2e.world import HARNESS, World

pytestmark = pytest.mark.security
ROOT = Path(__file__).resolve().parents[2]


def test_inside_a_box_no_run_starts(tmp_path: Path) -> None:
    world = World(tmp_path / "world")
    world.begin()
    shown = {str(folder): str(folder) for folder in (ROOT, Path(sys.prefix), Path(sys.base_prefix))}
    layout = Layout(
        tree=world.root,
        inside=str(world.root),
        read_only=shown,
        env={**world.env, "TMPDIR": "/tmp"},
    )

    async def scenario() -> dict[str, CommandResult]:
        box = await Bubblewrap().open(layout, BoxLimits())
        said = {}
        try:
            for command in ("run --once", "status"):
                said[command] = await box.exec(f"{HARNESS[0]} {command}", cwd=str(world.repo))
        finally:
            await box.close()
        return said

    said = asyncio.run(scenario())
    run = said["run --once"]
    assert run.exit_code == 4, run.output
    assert "bubblewrap is installed but could not open a sandbox" in run.output
    assert "Traceback" not in run.output
    assert said["status"].exit_code == 0, said["status"].output
    assert world.pulls() == []
    assert not world.folder().exists()
    assert len(world.comments()) == 0
