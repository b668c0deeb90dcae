"""A test that got weaker is not published in Go, Rust, Java and C either; honest work on the same
tests goes through. Those in Java, whose Maven begins anew for each suite, and in C are played only
when all are asked for."""

from __future__ import annotations

import os

import pytest

from tests.lies.asked import ask
from tests.lies.compiled_rows import LIES, TWINS
from tests.lies.rows import Row
from tests.lies.street import Town

FULL = os.environ.get("HARNESS_LIES") == "all"
ROWS = tuple(row for row in (*LIES, *TWINS) if FULL or row.bug.project not in ("java", "c"))
pytestmark = [pytest.mark.security, pytest.mark.timeout(900)]


@pytest.fixture(scope="module")
def town() -> Town:
    return Town(ROWS)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_ends_as_it_should(row: Row, town: Town, request: pytest.FixtureRequest) -> None:
    ask(row, town.ended(row), request)
