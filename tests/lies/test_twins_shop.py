"""Honest changes to the Python project go through."""

from __future__ import annotations

import pytest

from tests.lies.asked import ask
from tests.lies.rows import Row
from tests.lies.street import Town, chosen
from tests.lies.twins_shop_rows import TWINS

ROWS = chosen(TWINS)
pytestmark = [pytest.mark.security, pytest.mark.timeout(900)]


@pytest.fixture(scope="module")
def town() -> Town:
    return Town(ROWS)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_goes_through(row: Row, town: Town, request: pytest.FixtureRequest) -> None:
    ask(row, town.ended(row), request)
