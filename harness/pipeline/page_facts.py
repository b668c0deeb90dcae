"""A run's recorded facts, gathered for the pages."""

from __future__ import annotations

from harness.core.change_proof import Independent, Proof
from harness.core.errors import HarnessError
from harness.core.types import FileChange, Finding, LocalizedText, PullRequest
from harness.pipeline import slots
from harness.pipeline.agents.checkpoint import last_done
from harness.pipeline.job import Job
from harness.pipeline.verification.evidence import detect_base, suite
from harness.pipeline.verification.held import unseen
from harness.report.facts import ReportFacts
from harness.weakening.merged import test_side_list
from harness.weakening.sides import side_of

VIEWS = ("correctness", "simplicity", "safety", "tests", "compatibility")


async def facts_of(job: Job) -> ReportFacts:
    """Everything recorded. What cannot be read any more (a forge that is down) is left out: a
    page must not stop a run."""
    store, run = job.deps.store, job.run
    evidence = await store.evidence(run.id)
    done = await last_done(job)
    lessons = done.lessons if done is not None else ()
    return ReportFacts(
        run=run,
        plan=await store.plan(run.id),
        events=await store.events(run.id),
        evidence=evidence,
        findings=await job.get(slots.FINDINGS_SEEN) or (),
        advice=await _advice(job),
        test_side=await _test_side(job),
        proof=await _proof(job),
        independent=await _independent(job),
        unseen=await unseen(job) or () if run.verified else (),
        calls=await job.deps.journal.calls(run.id),
        spent=await job.deps.ledger.spend_of("run", run.id),
        changes=await _changes(job),
        pr=await _pull_request(job),
        lessons=lessons,
        commit=done.commit if done is not None else "",
        notes=await job.get(slots.NOTES) or (),
        test_command=(await suite(job)).command if run.base_sha else "",
        sandbox_warning=job.policy.sandbox_warning or any(e.sandbox == "bare" for e in evidence),
    )


async def _proof(job: Job) -> Proof | None:
    """That of the newest tree."""
    kept = await job.get(slots.PROOF)
    return kept if kept is not None and kept.tree == job.run.tree else None


async def _independent(job: Job) -> Independent | None:
    """That of the newest tree."""
    kept = await job.get(slots.INDEPENDENT)
    return kept if kept is not None and kept.tree == job.run.tree else None


async def _advice(job: Job) -> tuple[Finding, ...]:
    found: list[Finding] = []
    for view in VIEWS:
        said = await job.get(slots.REVIEWED.at(view)) or ()
        found += [f for f in said if f.severity == "advice"]
    return tuple(found)


async def _changes(job: Job) -> tuple[FileChange, ...]:
    if not job.run.tree or not job.run.base_sha:
        return ()
    workspace = job.deps.workspace
    return await workspace.changes(await workspace.tree_of(job.run.base_sha), job.run.tree)


async def _test_side(job: Job) -> tuple[tuple[str, LocalizedText], ...]:
    """Changed files of the tests' side, with what each is to them."""
    changes = await _changes(job)
    if not changes:
        return ()
    globs = (await detect_base(job)).test_globs
    listed = test_side_list(changes, lambda path: side_of(path, globs))
    return tuple((one.path, one.say) for one in listed)


async def _pull_request(job: Job) -> PullRequest | None:
    if not job.run.pr:
        return None
    try:
        return await job.deps.forge.pr(job.run.pr)
    except HarnessError:
        return None
