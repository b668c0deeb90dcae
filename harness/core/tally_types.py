"""What a run of tests came to, test by test."""

from __future__ import annotations

from typing import Literal

from harness.core.base import LocalizedText, Value


class Failure(Value):
    """How one test failed, as its runner told it."""

    phase: Literal["collection", "setup", "call", "teardown"] = "call"
    kind: str = ""
    """The exception's class name; "" where the runner does not tell."""
    text: str = ""
    """What the runner printed of it, cut."""
    frames: tuple[str, ...] = ()
    """"path:line function", outermost first, paths relative to the tree; files of it only."""


class Trace(Value):
    """What to watch while named tests run: functions of these files (paths in the tree), and
    whether one of these lines is run (path -> ranges of lines, both ends included). `by_test`:
    which of the lines each test runs, its set-up counted too."""

    files: tuple[str, ...] = ()
    lines: dict[str, tuple[tuple[int, int], ...]] = {}
    by_test: bool = False


LinesRun = dict[str, tuple[tuple[int, int], ...]]
"""Path -> ranges of its lines that ran, both ends included."""


class Tally(Value):
    """What a test command reported. Outcomes: passed, failed, error, skipped, xfailed."""

    outcomes: dict[str, str]
    """Test id -> outcome. `error` = in collection or set-up, `failed` = in the call phase."""
    collected: bool = True
    """False: the command ran but no report could be read."""
    failures: dict[str, Failure] = {}
    """Of some of the tests that failed or broke, and of files that could not be collected."""
    unseen: dict[str, LocalizedText] = {}
    """Test file, or folder of tests that nobody knows by file ("packages/a/"; "" is the whole
    suite) -> why its tests have no result."""
    ran: dict[str, tuple[str, ...]] = {}
    """Test -> functions of traced files that ran in its call phase, "path::qualified name"."""
    hit: dict[str, bool] = {}
    """Test -> whether its call phase ran one of the lines that were asked about. A test that is
    not there was not measured."""
    lines: dict[str, LinesRun] = {}
    """Where it was asked by test: test (its file, where the runner cannot tell more) -> the asked
    lines that it ran. A test that is not there, nor its file, was not measured."""
    shared: LinesRun = {}
    """Asked lines that ran for no one test: while files were loaded, in a set-up for several."""
    written: dict[str, str] = {}
    """Function of an inherited test -> its id by the class where it is written."""

    def having(self, *outcomes: str) -> frozenset[str]:
        """Ids with one of these outcomes."""
        return frozenset(k for k, v in self.outcomes.items() if v in outcomes)

    def is_unseen(self, test: str) -> bool:
        """Whether it has no result because its file, its folder or the whole has none."""
        folders = tuple(path for path in self.unseen if path.endswith("/"))
        file = test.partition("::")[0]
        return "" in self.unseen or file in self.unseen or file.startswith(folders)
