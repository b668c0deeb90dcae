"""Changed lines, each altered: those that no test notices are told."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from harness.core.base import Value
from harness.core.change_proof import ProvenPart, Survivor
from harness.pipeline.proof.executing import Circles
from harness.pipeline.proof.trials import Budget, lacking
from harness.proof.groups import Texts
from harness.proof.mutants import Mutant, mutants_of
from harness.proof.reach import Reach, reach_of_line


class Altered(Value):
    """What came of altering lines; `left`: alterations for which there was no time."""

    survivors: tuple[Survivor, ...] = ()
    tried: int = 0
    left: int = 0


async def alter(circles: Circles, parts: Sequence[ProvenPart], budget: Budget) -> Altered:
    """Of the lines of parts that matter: those whose absence a test notices, or that one runs."""
    mutants = await asyncio.to_thread(_of_parts, circles.subject.texts, parts)
    survivors, tried = list[Survivor](), 0
    for mutant in mutants:
        noticed = await _is_noticed(circles, mutant, budget)
        if noticed is None:
            break
        tried += 1
        if not noticed:
            survivors.append(_told(mutant, tried))
    return Altered(survivors=tuple(survivors), tried=tried, left=len(mutants) - tried)


async def _is_noticed(circles: Circles, mutant: Mutant, budget: Budget) -> bool | None:
    """By the change's own tests or, where they do not, those near it. None: there was no time to
    see it."""
    reach = await asyncio.to_thread(_reach, circles.subject.texts, mutant)
    async for executed in circles.each(budget):
        if budget.over:
            break
        subject, before = await executed.of(reach, budget)
        after = await subject.seen(await subject.variant({mutant.path: mutant.text}), budget)
        if after.timed_out and budget.over:
            break
        if after.timed_out or lacking(before, after):
            return True
        if circles.is_last(executed):
            return False
    return None


def _of_parts(texts: Texts, parts: Sequence[ProvenPart]) -> list[Mutant]:
    lines: dict[str, set[int]] = {}
    for part in parts:
        if part.verdict in ("noticed", "unnoticed", "broken"):
            for place in part.places:
                lines.setdefault(place.path, set()).update(range(place.first, place.last + 1))
    found: list[Mutant] = []
    for path, wanted in sorted(lines.items()):
        _, new = texts[path]
        found += mutants_of(path, new or "", wanted - {0})
    return found


def _reach(texts: Texts, mutant: Mutant) -> Reach | None:
    return reach_of_line(texts[mutant.path][1] or "", mutant.path, mutant.line)


def _told(mutant: Mutant, number: int) -> Survivor:
    return Survivor(
        number=number,
        path=mutant.path,
        line=mutant.line,
        kind=mutant.kind,
        before=mutant.before,
        after=mutant.after,
    )
