"""The search for a recipe that works: candidates in order, each mended for as long as what it
prints tells how. Bounded in tries and time; the same recipe is never tried twice."""

from __future__ import annotations

from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field

from harness.core.types import LocalizedText
from harness.testruns.recipes.recipe import Recipe
from harness.testruns.recipes.scene import Mended
from harness.testruns.recipes.tried import Found, Tried, best_of, key_of

MOST_TRIES = 12
BEYOND = 3  # what a model may hand in


@dataclass(frozen=True)
class Searching:
    """`try_out` runs a recipe, `mend` reads what it printed; `has_time` is asked before each try.
    `tell` hears what is begun (True) and what came of it (False)."""

    try_out: Callable[[Recipe], Awaitable[Tried]]
    mend: Callable[[Tried], Awaitable[Mended | None]]
    tell: Callable[[LocalizedText, bool], None]
    has_time: Callable[[], bool]
    most: int = MOST_TRIES
    _seen: set[str] = field(default_factory=set)
    _tries: list[Tried] = field(default_factory=list)
    _whys: dict[str, tuple[LocalizedText, ...]] = field(default_factory=dict)

    async def find(self, first: Sequence[Recipe]) -> Found:
        """May be called again with more; what was tried counts."""
        queue = deque(one for one in first if one.test and not one.unsourced)
        while queue and len(self._tries) < self.most and self.has_time():
            recipe = queue.popleft()
            if key_of(recipe) in self._seen:
                continue
            tried = await self._try(recipe)
            if tried.clean:
                break
            mended = await self.mend(tried)
            if mended is not None and key_of(mended.recipe) not in self._seen:
                known = self._whys.get(key_of(recipe), ())
                self._whys[key_of(mended.recipe)] = (*known, mended.why)
                self.tell(LocalizedText(key="trying.mended", facts={"why": mended.why}), False)
                queue.appendleft(mended.recipe)
            elif tried.judges and tried.passed >= tried.bad:
                break
        lost = next((one.unsourced[0] for one in first if one.unsourced), None)
        facts = {"name": lost.name, "source": lost.source} if lost else {}
        return self.found(LocalizedText(key="workspace.unsourced", facts=facts) if lost else None)

    async def try_one(self, recipe: Recipe) -> Tried | None:
        """One that came from elsewhere; None when nothing is tried any more, or it was."""
        over = len(self._tries) >= self.most + BEYOND or not self.has_time()
        return None if over or key_of(recipe) in self._seen else await self._try(recipe)

    @property
    def tries(self) -> tuple[Tried, ...]:
        return tuple(self._tries)

    async def _try(self, recipe: Recipe) -> Tried:
        self._seen.add(key_of(recipe))
        number = len(self._tries) + 1
        facts: dict[str, str | int] = {"origin": str(recipe.origin), "number": number}
        self.tell(LocalizedText(key="trying.begins", facts={**facts, "most": self.most}), True)
        tried = await self.try_out(recipe)
        self._tries.append(tried)
        return tried

    def found(self, unsourced: LocalizedText | None) -> Found:
        """What it came to so far."""
        best = best_of(self._tries)
        return Found(
            best=best,
            whys=self._whys.get(key_of(best.recipe), ()) if best else (),
            tries=len(self._tries),
            unsourced=unsourced,
        )
