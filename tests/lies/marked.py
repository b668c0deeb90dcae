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

EYES: Final[Mapping[str, str]] = {}
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
