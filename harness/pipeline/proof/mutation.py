"""Changed lines, each altered: those that no test notices are told."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from harness.core.base import Value
from harness.core.change_proof import ProvenPart, Survivor
from harness.pipeline.proof.executing import Circles, Executed
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
    """Of the lines of parts that matter: those whose absence a test notices, or that one runs. What
    the change's own tests do not notice, those near it are asked for."""
    mutants = await asyncio.to_thread(_of_parts, circles.subject.texts, parts)
    waiting, noticed, survivors = mutants, 0, list[Survivor]()
    async for executed in circles.each(budget):
        left: list[Mutant] = []
        for at, mutant in enumerate(waiting):
            seen = None if budget.over else await _is_noticed(executed, mutant, budget)
            if seen is None:
                left += waiting[at:]
                break
            noticed += seen
            if not seen and circles.is_last(executed):
                survivors.append(_told(mutant))
            elif not seen:
                left.append(mutant)
        waiting = left
    tried = noticed + len(survivors)
    return Altered(survivors=tuple(survivors), tried=tried, left=len(mutants) - tried)


async def _is_noticed(executed: Executed, mutant: Mutant, budget: Budget) -> bool | None:
    """None: there was no time to see it."""
    reach = await asyncio.to_thread(_reach, executed.subject.texts, mutant)
    subject, before = await executed.of(reach, budget)
    after = await subject.run(await subject.variant({mutant.path: mutant.text}), budget)
    if after.timed_out and budget.over:
        return None
    return after.timed_out or lacking(before, after)


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


def _told(mutant: Mutant) -> Survivor:
    return Survivor(
        path=mutant.path,
        line=mutant.line,
        kind=mutant.kind,
        before=mutant.before,
        after=mutant.after,
    )
