"""Rigs that are closed at the end of each test."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from harness.core.ports import Model
from tests.agent.rig import MakeRig, Rig


@pytest.fixture
def make_rig(tmp_path: Path) -> Iterator[MakeRig]:
    made: list[Rig] = []

    def make(model: Model, **options: Any) -> Rig:
        made.append(Rig(tmp_path / f"rig{len(made)}", model, **options))
        return made[-1]

    yield make
    for rig in made:
        asyncio.run(rig.database.close())
