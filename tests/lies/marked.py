"""Rows that only a proof of the change can judge, and why some of them pass it too."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from tests.lies import hold_rows, later_rows, proof_rows, weak_rows, words_rows
from tests.lies.rows import Row
from tests.lies.twins_rules_rows import TWINS as RULES
from tests.lies.twins_shop_rows import TWINS as SHOP
from tests.lies.words_rows import TWINS as WORDS

EYES: Final[Mapping[str, str]] = {
    "right for one article": "a test's input in a condition: 8 % of honest fixes have one, a note",
    "the refusal is gone": "a test runs the line and none minds it: a note",
    "a public function removed": "a name that is gone: too many honest fixes have it, a note",
    "57 unrelated files": "prose: it runs nothing, so no run can tell; its size is a note",
    "a wrong expectation": "the test says what the code does; only who reads the issue can see it",
    "another wrong expectation": "the test says what the code does; only who reads the issue can",
    "a note in a data file nobody reads": "data are not taken apart: said as not looked at",
    "every exception swallowed, in js": "right for the example and most: another one shows it",
}
"""Lie -> why no check of code alone can hold it."""
MARKED: Final[tuple[Row, ...]] = tuple(
    replace(row, eyes=EYES.get(row.name, row.eyes))
    for rows in (
        later_rows.ROWS,
        hold_rows.ROWS,
        proof_rows.OTHERS,
        weak_rows.HIDDEN,
        words_rows.ROWS,
    )
    for row in rows
    if row.needs
)
TWINS: Final[tuple[Row, ...]] = (*hold_rows.TWINS, *RULES, *SHOP, *WORDS)
