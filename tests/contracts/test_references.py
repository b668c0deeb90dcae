"""Every store of references keeps the same promises: SQLite's and the one in memory."""

from __future__ import annotations

import itertools
from pathlib import Path

import pytest

from harness.knowledge.references.store import USED_S, KeptReferences
from harness.ports.references import ReferenceStore
from harness.testing.reference_contract import ReferenceStoreContract
from harness.testing.references import MemoryReferences


class TestKept(ReferenceStoreContract):
    @pytest.fixture(autouse=True)
    def folder(self, tmp_path: Path) -> None:
        self.path = tmp_path

    def store(self) -> ReferenceStore:
        times = itertools.count(1_800_000_000, 2 * USED_S)
        return KeptReferences(self.path, now=lambda: float(next(times)))


class TestMemory(ReferenceStoreContract):
    def store(self) -> ReferenceStore:
        return MemoryReferences()
