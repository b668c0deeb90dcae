"""Bubblewrap, Bare and a container engine keep the same contract."""

from __future__ import annotations

import os

import pytest

from harness.core.ports import Sandbox
from harness.testing.sandbox_contract import SandboxContract
from harness.workspace.bare import Bare
from harness.workspace.bubblewrap import Bubblewrap
from tests.containers import container


class TestBubblewrap(SandboxContract):
    @pytest.fixture
    def sandbox(self) -> Sandbox:
        return Bubblewrap()


class TestBare(SandboxContract):
    @pytest.fixture
    def sandbox(self) -> Sandbox:
        return Bare()


@pytest.mark.skipif(os.getuid() != 0, reason="containers are tested as root")
class TestContainer(SandboxContract):
    @pytest.fixture
    def sandbox(self) -> Sandbox:
        return container()
