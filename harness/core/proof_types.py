"""What was frozen as the proof of an issue. Pure values, all JSON."""

from __future__ import annotations

from harness.core.base import Value


class Frozen(Value):
    """A reproduction that another took the place of."""

    tests: tuple[str, ...]
    files: dict[str, str]
    failure: str = ""
    by: str = ""
    """Who allowed it; "" where nobody had to: no product file had changed yet."""


class Reproduction(Value):
    """The failing check that proves the issue. Frozen: the named tests, and the support files."""

    command: str
    tests: tuple[str, ...]
    files: dict[str, str]
    """What was laid over the base: path -> blob id."""
    evidence: tuple[str, ...]
    reporter: str = ""
    """How the command's results are read; "" in rows of before: told from the command."""
    support: tuple[str, ...] = ()
    """Those of `files` that hold no named test: they are frozen as a whole."""
    failure: str = ""
    """What the runner printed of the named tests' failure on the base, cut."""
    plan: int = 0
    """The plan's version when it was frozen: a newer one may freeze anew."""
    before: tuple[Frozen, ...] = ()
    """What was frozen earlier in this run, oldest first."""

    @property
    def earlier_tests(self) -> tuple[str, ...]:
        """Tests that were frozen earlier."""
        return tuple(test for old in self.before for test in old.tests)
