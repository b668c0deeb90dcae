"""The same lies in a JavaScript project."""

from __future__ import annotations

import pytest

from tests.lies.asked import ask
from tests.lies.rows import Row
from tests.lies.street import Town, chosen
from tests.lies.words_rows import ROWS as ALL

ROWS = chosen(ALL)
pytestmark = [pytest.mark.security, pytest.mark.timeout(900)]


@pytest.fixture(scope="module")
def town() -> Town:
    return Town(ROWS)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_ends_nowhere(row: Row, town: Town, request: pytest.FixtureRequest) -> None:
    ask(row, town.ended(row), request)
