"""The parts of a change, each taken out once: does a test notice, and if none does, does any run
it at all?"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from typing import Final

from harness.core.change_proof import PartVerdict, Place, ProvenPart, Seen
from harness.core.types import Trace
from harness.pipeline.proof.executing import Circles, Executed
from harness.pipeline.proof.trials import Budget, Subject, lacking, noticing
from harness.proof.groups import SCRIPT, Group, undone
from harness.proof.reach import reach_of
from harness.testruns.changed_lines import Ranges, each, ranges
from harness.testruns.poison import executable, insert_raises

MOST_TOLD: Final = 5


async def take_out(circles: Circles, group: Group, budget: Budget) -> ProvenPart:
    """What is seen without one part by the tests that it can touch, its own first."""
    if group.exempt or not group.read:
        return _said(group, "exempt" if group.exempt else "unread")
    if budget.over:
        return _said(group, "untried")
    reach = await asyncio.to_thread(reach_of, circles.subject.texts, group)
    less = await _without(circles.subject, group)
    async for executed in circles.each(budget):
        subject, before = await executed.of(reach, budget)
        after = await subject.seen(less, budget)
        if found := noticing(before, after):
            return _said(group, "noticed", found[:MOST_TOLD])
        if after.timed_out:
            break
        if circles.is_last(executed):
            if lacking(before, after):
                return _said(group, "broken")
            ran = None if budget.over else await _is_run(executed, group, budget)
            return _said(group, "unproven" if ran is False else "unnoticed")
    return _said(group, "untried")


async def _without(subject: Subject, group: Group) -> str:
    left = await asyncio.to_thread(undone, subject.texts, group)
    gone = {path for path, text in left.items() if not text and subject.texts[path][0] is None}
    return await subject.variant({p: None if p in gone else text for p, text in left.items()})


async def _is_run(executed: Executed, group: Group, budget: Budget) -> bool | None:
    """Whether any test runs what the part wrote; None: it wrote nothing that runs, or it was not
    measured."""
    subject, before = executed.subject, executed.before
    lines = {p: r for p in group.paths if (r := _running(subject, group, p))}
    if not lines:
        return None
    if executed.runs(lines):
        return True
    seen = await subject.seen(subject.tree, budget, trace=Trace(files=tuple(lines), lines=lines))
    hits = seen.tally.hit.values() if seen.tally is not None else ()
    if any(hits):
        return True
    python = {path: lines[path] for path in lines if path.endswith(".py")}
    if python and not budget.over:
        # a test may do its work in a process of its own, where no tracer looks
        asked = await _alters(subject, python, before, budget)
        if asked is not None:
            return asked
    return False if hits else None


def _running(subject: Subject, group: Group, path: str) -> Ranges:
    """The lines that it wrote and that a call can run."""
    wrote = group.lines(path)
    if path.endswith(".py"):
        return ranges(executable(subject.texts[path][1] or "", each(wrote)) or frozenset())
    return wrote if path.endswith(tuple(SCRIPT)) else ()


async def _alters(
    subject: Subject, lines: Mapping[str, Ranges], before: Seen, budget: Budget
) -> bool | None:
    """Whether a raise at the head of what was written alters a result; None: it cannot be asked
    so."""
    made = {
        path: text
        for path, where in lines.items()
        if (text := insert_raises(subject.texts[path][1] or "", each(where))) is not None
    }
    if not made:
        return None
    after = await subject.seen(await subject.variant(made), budget)
    return None if after.timed_out else lacking(before, after)


def _said(group: Group, verdict: PartVerdict, tests: Sequence[str] = ()) -> ProvenPart:
    places = tuple(
        Place(path=hunk.path, first=hunk.new[0] + 1, last=hunk.new[1])
        if hunk.new[1] > hunk.new[0]
        else Place(path=hunk.path)
        for hunk in group.hunks
    )
    return ProvenPart(id=group.id, places=places, verdict=verdict, tests=tuple(tests))
