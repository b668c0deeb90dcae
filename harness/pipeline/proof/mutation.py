"""Changed lines, each altered: those that no test notices are told."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from harness.core.base import Value
from harness.core.change_proof import ProvenPart, Survivor
from harness.pipeline.proof.trials import Budget, Seen, Subject, lacking
from harness.proof.groups import Texts
from harness.proof.mutants import Mutant, mutants_of


class Altered(Value):
    """What came of altering lines; `left`: alterations for which there was no time."""

    survivors: tuple[Survivor, ...] = ()
    tried: int = 0
    left: int = 0


async def alter(
    subject: Subject, parts: Sequence[ProvenPart], before: Seen, budget: Budget
) -> Altered:
    """Of the lines of parts that matter: those whose absence a test notices, or that one runs."""
    mutants = await asyncio.to_thread(_of_parts, subject.texts, parts)
    survivors, tried = list[Survivor](), 0
    for mutant in mutants:
        if budget.over or not before.passed:
            break
        after = await subject.run(await subject.variant({mutant.path: mutant.text}), budget)
        if after.timed_out and budget.over:
            break
        tried += 1
        if not (after.timed_out or lacking(before, after)):
            survivors.append(_told(mutant, tried))
    return Altered(survivors=tuple(survivors), tried=tried, left=len(mutants) - tried)


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


def _told(mutant: Mutant, number: int) -> Survivor:
    return Survivor(
        number=number,
        path=mutant.path,
        line=mutant.line,
        kind=mutant.kind,
        before=mutant.before,
        after=mutant.after,
    )
