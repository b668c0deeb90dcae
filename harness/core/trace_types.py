"""What is watched while tests run, and how what ran is told. Pure values."""

from __future__ import annotations

from harness.core.base import Value


class Trace(Value):
    """What to watch while named tests run: functions of these files (paths in the tree), and
    whether one of these lines is run (path -> ranges of lines, both ends included). `by_test`:
    which of the lines each test runs, its set-up counted too."""

    files: tuple[str, ...] = ()
    lines: dict[str, tuple[tuple[int, int], ...]] = {}
    by_test: bool = False


LinesRun = dict[str, tuple[tuple[int, int], ...]]
"""Path -> ranges of its lines that ran, both ends included."""
