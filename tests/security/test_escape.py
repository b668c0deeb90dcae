"""Hostile code in every sandbox of ours: the escape suite."""

from __future__ import annotations

import pytest

from harness.core.ports import Sandbox
from harness.testing.escape_contract import EscapeContract
from harness.workspace.bubblewrap import Bubblewrap

pytestmark = pytest.mark.security


class TestBubblewrap(EscapeContract):
    @pytest.fixture
    def sandbox(self) -> Sandbox:
        return Bubblewrap()
