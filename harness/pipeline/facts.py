"""A run's recorded facts, gathered for the pages."""

from __future__ import annotations

from harness.core.errors import HarnessError
from harness.core.types import FileChange, Finding, PullRequest
from harness.pipeline.desk import last_done
from harness.pipeline.evidence import suite
from harness.pipeline.job import Job
from harness.report.facts import ReportFacts

VIEWS = ("correctness", "simplicity", "safety", "tests", "compatibility")


async def facts_of(job: Job) -> ReportFacts:
    """Everything recorded. What cannot be read any more (a forge that is down) is left out: a
    page must not stop a run."""
    store, run = job.parts.store, job.run
    evidence = await store.evidence(run.id)
    done = await last_done(job)
    lessons = done.lessons if done is not None else ()
    notes = await store.kept(run.id, "notes")
    return ReportFacts(
        run=run,
        plan=await store.plan(run.id),
        events=await store.events(run.id),
        evidence=evidence,
        findings=await _findings(job, "findings"),
        advice=await _advice(job),
        calls=await job.parts.journal.calls(run.id),
        spent=await job.parts.ledger.spent("run", run.id),
        changes=await _changes(job),
        pr=await _pull_request(job),
        lessons=lessons,
        notes=tuple(str(n) for n in notes) if isinstance(notes, list) else (),
        test_command=(await suite(job)).command if run.base_sha else "",
        sandbox_warning=job.rules.sandbox_warning or any(e.sandbox == "bare" for e in evidence),
    )


async def _findings(job: Job, slot: str) -> tuple[Finding, ...]:
    stored = await job.parts.store.kept(job.run.id, slot)
    return tuple(Finding.model_validate(f) for f in stored) if isinstance(stored, list) else ()


async def _advice(job: Job) -> tuple[Finding, ...]:
    found: list[Finding] = []
    for view in VIEWS:
        said = await _findings(job, f"reviewed:{view}")
        found += [f for f in said if f.severity == "advice"]
    return tuple(found)


async def _changes(job: Job) -> tuple[FileChange, ...]:
    if not job.run.tree or not job.run.base_sha:
        return ()
    workspace = job.parts.workspace
    return await workspace.changes(await workspace.tree_of(job.run.base_sha), job.run.tree)


async def _pull_request(job: Job) -> PullRequest | None:
    if not job.run.pr:
        return None
    try:
        return await job.parts.forge.pr(job.run.pr)
    except HarnessError:
        return None
