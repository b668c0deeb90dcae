"""The whole proof of a change: the gate, its parts taken out, its lines altered, its tests in
another world, and what looks odd."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from harness.core.base import Value
from harness.core.change_proof import Proof, ProvenPart, SuiteCounts
from harness.core.types import Evidence, Finding, LocalizedText
from harness.pipeline.job import Job
from harness.pipeline.proof.ablation import take_out
from harness.pipeline.proof.executing import Circles
from harness.pipeline.proof.mutation import Altered, alter
from harness.pipeline.proof.perturbing import Perturbed, perturb
from harness.pipeline.proof.trials import Budget, Subject
from harness.pipeline.verification.evidence import Suite, base_tests
from harness.pipeline.verification.examining import examine
from harness.pipeline.verification.judging import Sides, near_tests, suite_of, test_files_of
from harness.pipeline.verification.split import Split, split
from harness.proof.groups import groups_of
from harness.proof.mutants import is_alterable
from harness.proof.signs import Judged, Sign, signs_of
from harness.proof.weights import holds

EXTRA_S: Final = 180.0
"""Beyond the suite's own time once more: what a proof may take by itself."""
MOST_NEAR: Final = 60


async def prove(job: Job, budget_s: float = 0.0) -> Proof:
    """The gate and the proof of the run's tree against its base. No model is asked."""
    change = await split(job, job.run.tree, await job.plan())
    held, _ = await examine(job, change)
    return await prove_change(job, change, held, budget_s)


async def prove_change(
    job: Job, change: Split, held: Sequence[Finding], budget_s: float = 0.0
) -> Proof:
    """Of a change that the gate looked at; `held` is what it found. `budget_s`: seconds beyond the
    gate's own runs; 0: the suite's own time again and `EXTRA_S`."""
    plan, tests = await job.plan(), await suite_of(job, change.sides)
    whole = (await base_tests(job, tests)).duration_s if tests.command else 0.0
    allowed_s = round(budget_s or whole + EXTRA_S, 1)
    budget = Budget(job.deps.clock, allowed_s)
    looked = await _look(job, change, tests, budget)
    judged = Judged(kind=job.run.kind, difficulty=job.run.difficulty, said=plan.model_dump_json())
    unplanned = judged.model_copy(update={"said": job.no_plan().model_dump_json()})
    signs = await _signs(job, change, judged)
    let = [sign for sign in await _signs(job, change, unplanned) if sign not in signs]
    seen = await job.deps.store.evidence(job.run.id)
    # a test that was looked at again by itself is no suite
    whole_runs = [evidence for evidence in seen if evidence.command == tests.command]
    return Proof(
        base=job.run.base_sha,
        head=await _commit_of(job),
        tree=job.run.tree,
        asked=job.run.snapshot.title,
        criteria=tuple(criterion.text for criterion in plan.criteria),
        kind=job.run.kind,
        difficulty=job.run.difficulty,
        command=tests.command,
        red=looked.red,
        suite_base=_counts(whole_runs, "base"),
        suite_change=_counts(whole_runs, "product") or _counts(whole_runs, "change"),
        parts=looked.parts,
        altered=looked.altered.tried,
        survivors=looked.altered.survivors,
        held=(*held, *looked.perturbed.held, *_holding(signs)),
        let_through=tuple(map(_say_sign, let)),
        notes=tuple(_say_sign(sign) for sign in signs if not holds(sign.name)),
        untried=_untried(looked),
        seconds=round(budget.spent, 1),
        budget_s=allowed_s,
    )


async def _commit_of(job: Job) -> str:
    """The commit that has the tree; "" while there is none: it is proved before it is made."""
    head = job.run.head_sha
    return head if head and await job.deps.workspace.tree_of(head) == job.run.tree else ""


class Looked(Value):
    """What came of running the change's variants."""

    red: tuple[str, ...] = ()
    parts: tuple[ProvenPart, ...] = ()
    altered: Altered = Altered()
    perturbed: Perturbed = Perturbed()
    untested: bool = False
    """No test near the change passed, so nothing could be compared."""


async def _look(job: Job, change: Split, tests: Suite, budget: Budget) -> Looked:
    sides = change.sides
    texts = {p: sides.texts[p] for p in sides.product_paths if p in sides.texts}
    groups = await asyncio.to_thread(groups_of, texts)
    if not tests.command:
        return Looked(untested=True)
    files = await _files(job, sides)
    subject = Subject(job=job, tree=sides.tree, texts=texts, suite=tests, files=files)
    own = tuple(path for path in files if path in sides.test_files)
    inner = [replace(subject, files=own)] if own and own != files else []
    circles = Circles([*inner, subject], groups)
    red = await _red(subject, sides, circles, budget) if own else ()
    parts = [await take_out(circles, group, budget) for group in groups]
    perturbed = await perturb(subject, sides.test_files, budget)
    altered = await alter(circles, parts, budget)
    return Looked(
        red=red,
        parts=tuple(parts),
        altered=altered,
        perturbed=perturbed,
        untested=not circles.passed,
    )


async def _files(job: Job, sides: Sides) -> tuple[str, ...]:
    """Test files that are likeliest to notice: the change's own, then those near it."""
    there = frozenset(await job.deps.workspace.files(sides.tree))
    close = await near_tests(job, sides, await test_files_of(job, sides.base))
    every = dict.fromkeys((*sides.test_files, *close))
    return tuple(path for path in every if path in there)[:MOST_NEAR]


async def _red(subject: Subject, sides: Sides, circles: Circles, budget: Budget) -> tuple[str, ...]:
    """Tests of the change that fail on its base and pass on it."""
    after = await circles.first(budget)
    workspace = subject.job.deps.workspace
    side = (*sides.test_files, *sides.other_tests)
    blobs = {path: await workspace.blob(sides.tree, path) for path in side}
    mine = replace(subject, files=sides.test_files)
    before = await mine.seen(await workspace.with_files(sides.base, blobs), budget)
    failing = before.tally.having("failed") if before.tally is not None else frozenset()
    return tuple(sorted(failing & after))


def _counts(seen: Sequence[Evidence], side: str) -> SuiteCounts | None:
    """Of the last whole suite on that side that was named."""
    found = [e for e in seen if e.kind == "tests" and e.side == side and e.tests is not None]
    if not found:
        return None
    tally = found[-1].tests
    assert tally is not None
    return SuiteCounts(
        passed=len(tally.having("passed", "xfailed")),
        failed=len(tally.having("failed", "error")),
        skipped=len(tally.having("skipped")),
    )


async def _signs(job: Job, change: Split, judged: Judged) -> tuple[Sign, ...]:
    sides = change.sides
    texts = {p: sides.texts[p] for p in sides.product_paths if p in sides.texts}
    tests = [sides.texts[p][1] or "" for p in sides.test_files if p in sides.texts]

    def find() -> tuple[Sign, ...]:
        return signs_of(texts, tests, groups_of(texts), judged)

    return await asyncio.to_thread(find)


def _holding(signs: Sequence[Sign]) -> tuple[Finding, ...]:
    """Those that honest changes seldom have."""
    return tuple(
        Finding(source="unseen", path=sign.path, say=_say_sign(sign))
        for sign in signs
        if holds(sign.name)
    )


def _say_sign(sign: Sign) -> LocalizedText:
    facts = {"path": sign.path, "line": sign.line, "what": sign.what}
    return LocalizedText(key=f"proof.sign_{sign.name}", facts=facts)


def _untried(looked: Looked) -> tuple[LocalizedText, ...]:
    """What was not looked at, and why."""
    found = []
    if looked.untested:
        found.append(LocalizedText(key="proof.untested"))
    found += looked.perturbed.untried
    late = sum(part.verdict == "untried" for part in looked.parts)
    if late and not looked.untested:
        found.append(LocalizedText(key="proof.no_time_parts", facts={"count": late}))
    for part in looked.parts:
        if part.verdict == "unread":
            paths = ", ".join(dict.fromkeys(place.path for place in part.places))
            found.append(LocalizedText(key="proof.unread", facts={"path": paths}))
    if paths := ", ".join(_unaltered(looked.parts)):
        found.append(LocalizedText(key="proof.unaltered", facts={"path": paths}))
    if looked.altered.left:
        found.append(LocalizedText(key="proof.no_time_lines", facts={"count": looked.altered.left}))
    return tuple(found)


def _unaltered(parts: Sequence[ProvenPart]) -> tuple[str, ...]:
    """Files whose lines matter and are in a language of which none can be altered."""
    ran = [part for part in parts if part.verdict in ("noticed", "unnoticed", "broken")]
    paths = (place.path for part in ran for place in part.places if place.first)
    return tuple(path for path in dict.fromkeys(paths) if not is_alterable(path))
