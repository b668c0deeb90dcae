"""A bug stays a bug, whatever a model calls it."""

from __future__ import annotations

import pytest

from tests.lies.asked import ask
from tests.lies.kind_rows import KINDS
from tests.lies.rows import Row
from tests.lies.street import Town, chosen

ROWS = chosen(KINDS)
pytestmark = [pytest.mark.security, pytest.mark.timeout(900)]


@pytest.fixture(scope="module")
def town() -> Town:
    return Town(ROWS)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_stays_a_bug(row: Row, town: Town, request: pytest.FixtureRequest) -> None:
    ask(row, town.ended(row), request)
