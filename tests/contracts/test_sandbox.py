"""Bubblewrap and Bare keep the same contract."""

from __future__ import annotations

import pytest

from harness.core.ports import Sandbox
from harness.testing.sandbox_contract import SandboxContract
from harness.workspace.bare import Bare
from harness.workspace.bubblewrap import Bubblewrap


class TestBubblewrap(SandboxContract):
    @pytest.fixture
    def sandbox(self) -> Sandbox:
        return Bubblewrap()


class TestBare(SandboxContract):
    @pytest.fixture
    def sandbox(self) -> Sandbox:
        return Bare()
