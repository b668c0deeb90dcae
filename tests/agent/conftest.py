"""Rigs that are closed at the end of each test."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from harness.ports.model import Model
from tests.agent.rig import MakeRig, Rig


@pytest.fixture
async def make_rig(tmp_path: Path) -> AsyncIterator[MakeRig]:
    made: list[Rig] = []

    def make(model: Model, **options: Any) -> Rig:
        made.append(Rig(tmp_path / f"rig{len(made)}", model, **options))
        return made[-1]

    yield make
    for rig in made:
        await rig.database.close()
