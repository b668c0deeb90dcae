"""The embedded forge keeps the Forge contract."""

from __future__ import annotations

from pathlib import Path

import pytest

from harness.testing.forge_contract import ForgeContract, World
from tests.forge.world import make_local


@pytest.fixture
def world(tmp_path: Path) -> World:
    return make_local(tmp_path).world()


class TestLocal(ForgeContract):
    """The embedded forge."""
