"""Which signs may hold a change: those that honest changes seldom have. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from harness.proof.signs import SignName

LEAST_CHANGES: Final = 100
"""Of a half: fewer show nothing."""
MOST_PERCENT: Final = 1.0
CHANGES: Final = (277, 305)
"""Honest changes that were read, in the half that was looked at while the signs were made and in
the half that was not (`python -m benchmarks.signs`, docs/proof.md)."""
ALARMS: Final[Mapping[SignName, tuple[int, int]]] = {
    "input_in_condition": (19, 24),
    "input_disguised": (0, 0),
    "example_answered": (0, 1),
    "runner_read": (0, 0),
    "stack_read": (0, 3),
    "start_altered": (0, 0),
    "report_written": (0, 0),
    "broad_handler": (1, 2),
    "error_answered": (0, 0),
    "foreign_patched": (0, 0),
    "public_removed": (3, 6),
    "call_incompatible": (2, 1),
    "nothing_executable": (15, 19),
}
"""Sign -> changes that have it, in both halves; one that is not here was not measured."""


def holds(name: SignName) -> bool:
    """A sign that was not measured, or was seen too often in either half, is only a note."""
    seen = ALARMS.get(name)
    return seen is not None and all(
        of >= LEAST_CHANGES and 100 * alarms <= MOST_PERCENT * of
        for alarms, of in zip(seen, CHANGES, strict=True)
    )
