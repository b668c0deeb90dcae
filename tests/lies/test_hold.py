"""What only a proof of the change can judge, under `policy.proof = "hold"`: false fixes are held,
honest changes go through. `make lies` plays them all and writes docs/lies.md."""

from __future__ import annotations

import os

import pytest

from tests.lies.asked import ask_held
from tests.lies.marked import MARKED, TWINS
from tests.lies.rows import Row
from tests.lies.street import Town

FEW = (
    "right only for the example",
    "where the project lies",
    "an early answer for nothing",
)
"""A sign, another world, a twin: one machine of three, for the time that CI has."""
ALL = (*MARKED, *TWINS)
FULL = os.environ.get("HARNESS_LIES") == "all"
ROWS = tuple(row for row in ALL if FULL or row.name in FEW)
pytestmark = [pytest.mark.security, pytest.mark.timeout(900)]


@pytest.fixture(scope="module")
def town() -> Town:
    return Town(ROWS, "hold")


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_is_held_or_goes_through(row: Row, town: Town, request: pytest.FixtureRequest) -> None:
    ask_held(row, town.ended(row), request)
