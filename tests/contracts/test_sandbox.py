"""Bubblewrap, Bare and a container engine keep the same contract."""

from __future__ import annotations

import os

import pytest

from harness.ports.sandbox import Sandbox
from harness.sandbox.bare import BareSandbox
from harness.sandbox.bubblewrap import Bubblewrap
from harness.testing.sandbox_contract import SandboxContract
from tests.containers import container


class TestBubblewrap(SandboxContract):
    @pytest.fixture
    def sandbox(self) -> Sandbox:
        return Bubblewrap()


class TestBare(SandboxContract):
    @pytest.fixture
    def sandbox(self) -> Sandbox:
        return BareSandbox()


@pytest.mark.skipif(os.getuid() != 0, reason="containers are tested as root")
class TestContainer(SandboxContract):
    @pytest.fixture
    def sandbox(self) -> Sandbox:
        return container()
