"""What came of trying a recipe, and which of several tries can judge a change. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from harness.core.base import LocalizedText, Value
from harness.core.tally_types import Tally
from harness.testruns.recipes.recipe import Recipe
from harness.testruns.recipes.scene import Stage

MOST_NAMED = 50
BAD = ("failed", "error")


class Tried(Value):
    """One try. `said`: why it came to nothing, or which results are missing; None: all is there."""

    recipe: Recipe
    stage: Stage
    exit_code: int = 0
    printed: str = ""
    counts: dict[str, int] = {}
    """Outcome -> how many tests."""
    failing: tuple[str, ...] = ()
    """Tests that fail or break, the first of them by name."""
    named: bool = False
    """Every result is known by name, or why it is not."""
    said: LocalizedText | None = None
    setup_s: float = 0.0
    suite_s: float = 0.0

    @property
    def passed(self) -> int:
        return self.counts.get("passed", 0)

    @property
    def bad(self) -> int:
        return sum(self.counts.get(one, 0) for one in BAD)

    @property
    def judges(self) -> bool:
        """Whether a suite like this can tell a good change from a bad one."""
        return self.stage == "suite" and self.named and self.passed > 0

    @property
    def clean(self) -> bool:
        """Nothing is left to be mended."""
        return self.judges and not self.bad and self.said is None

    @property
    def worth(self) -> tuple[bool, bool, int, int]:
        """The greater, the better."""
        return self.judges, self.stage == "suite", self.passed, -self.bad


class Found(Value):
    """What a search for a recipe came to. `best`: the try that got furthest, None when there was
    nothing to try. `whys`: what was mended on the way to it."""

    best: Tried | None = None
    whys: tuple[LocalizedText, ...] = ()
    tries: int = 0
    unsourced: LocalizedText | None = None
    """Why a recipe was not tried: a dependency that cannot be had from where it comes from."""

    @property
    def works(self) -> bool:
        return self.best is not None and self.best.judges


def tally_of(tally: Tally) -> tuple[dict[str, int], tuple[str, ...]]:
    """How many tests had which outcome, and the names of those that did not do well."""
    counts: dict[str, int] = {}
    for outcome in tally.outcomes.values():
        counts[outcome] = counts.get(outcome, 0) + 1
    return counts, tuple(sorted(tally.having(*BAD))[:MOST_NAMED])


def key_of(recipe: Recipe) -> str:
    """The same for recipes that do the same."""
    return recipe.model_dump_json(exclude={"origin", "unsourced"})


def best_of(tries: Sequence[Tried]) -> Tried | None:
    """The first of the best."""
    return max(tries, key=lambda one: one.worth, default=None)


def told_of(tried: Tried) -> LocalizedText:
    """A suite's results in one sentence."""
    if not tried.counts:
        return LocalizedText(key="trying.no_results", facts={"code": tried.exit_code})
    counts = tried.counts
    facts: dict[str, str | int | float] = {
        "passed": tried.passed,
        "failed": tried.bad,
        "skipped": counts.get("skipped", 0) + counts.get("xfailed", 0),
        "seconds": round(tried.suite_s),
    }
    return LocalizedText(key="trying.results", facts=facts)
