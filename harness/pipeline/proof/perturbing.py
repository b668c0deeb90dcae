"""A change's own tests in a world that differs where tests must not care: they end the same."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from harness.core.types import Finding, LocalizedText
from harness.pipeline.proof.trials import Budget, Seen, Subject

WORLDS: Final[Mapping[str, Mapping[str, str]]] = {
    "zone": {"TZ": "Pacific/Chatham"},
    "locale": {"LANG": "C", "LC_ALL": "C", "PYTHONUTF8": "0"},
    "person": {
        "USER": "somebody",
        "LOGNAME": "somebody",
        "USERNAME": "somebody",
        "HOSTNAME": "elsewhere",
    },
    "order": {"PYTHONHASHSEED": "4711"},
    "folder": {"TMPDIR": "/dev/shm"},
}
"""What differs -> variables that make it so."""


async def perturb(subject: Subject, own: tuple[str, ...], budget: Budget) -> tuple[Finding, ...]:
    """A finding for each difference that alters a result; all at once first, and one by one only
    where something differed."""
    if not own or budget.over:
        return ()
    mine = replace(subject, files=own)
    before = await mine.run(mine.tree, budget)
    everything = {name: text for world in WORLDS.values() for name, text in world.items()}
    backwards = replace(mine, files=tuple(reversed(own)))
    if not before.passed or not _worse(
        before, await backwards.run(mine.tree, budget, env=everything)
    ):
        return ()
    again = await mine.run(mine.tree, budget)
    steady = before.kept(again.passed)
    found = []
    for name, world in WORLDS.items():
        if budget.over:
            break
        if worse := _worse(steady, await mine.run(mine.tree, budget, env=world)):
            found.append(_finding(name, worse))
    return tuple(found)


def _worse(before: Seen, after: Seen) -> tuple[str, ...]:
    if after.timed_out or after.tally is None:
        return ()
    outcomes = after.tally.outcomes
    return tuple(t for t in sorted(before.passed) if outcomes.get(t) in ("failed", "error"))


def _finding(world: str, tests: tuple[str, ...]) -> Finding:
    facts: dict[str, str | int | float] = {"tests": ", ".join(tests[:5])}
    return Finding(source="tests", say=LocalizedText(key=f"proof.world_{world}", facts=facts))
