"""Projects of one home make and share what their tests need."""

from __future__ import annotations

import json
from pathlib import Path

from tests.e2e.world import CALC, TEST_CALC, World

FILES = {"calc.py": CALC, "tests/test_calc.py": TEST_CALC}


def test_four_projects_of_a_fresh_home_are_worked_on_at_once(tmp_path: Path) -> None:
    worlds = [World(tmp_path, name=name) for name in ("a", "b", "c")]
    worlds.append(World(tmp_path, name="d", files={**FILES, "more.txt": "another tree\n"}))
    for world in worlds:
        world.begin()
    worlds[0].run("run", "--once", timeout_s=400)
    runs = json.loads((worlds[0].state / "snapshot.json").read_text())["runs"]
    assert [run["why"]["key"] for run in runs] == ["pipeline.merged"] * 4
    made = {path.name for path in (worlds[0].state / "environments").iterdir()}
    assert len(made - {"pytest"}) == 1
    assert not [name for name in made if name.startswith("pytest.")]
