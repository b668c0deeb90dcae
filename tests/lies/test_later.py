"""False fixes that a later gate will see: counted, not asked."""

from __future__ import annotations

import pytest

from tests.lies.asked import ask
from tests.lies.later_rows import ROWS as ALL
from tests.lies.rows import Row
from tests.lies.street import Town, chosen

ROWS = chosen(ALL)
pytestmark = [pytest.mark.security, pytest.mark.timeout(900)]


@pytest.fixture(scope="module")
def town() -> Town:
    return Town(ROWS)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_is_counted(row: Row, town: Town, request: pytest.FixtureRequest) -> None:
    ask(row, town.ended(row), request)
