"""The look back at a run that rests: what it teaches becomes rows; nothing of it stops the run."""

from __future__ import annotations

import logging
from collections.abc import Sequence

from harness.core.errors import GitError, HarnessError, NotFound, StateReplaced
from harness.core.types import Event, FileChange, RunState
from harness.pipeline import slots
from harness.pipeline.job import Job
from harness.pipeline.lessons.keeping import sentence, with_sighting
from harness.pipeline.lessons.learning import RunFacts, lessons_of
from harness.pipeline.lessons.proposing import propose

log = logging.getLogger(__name__)
REJECTED = ("pipeline.pr_closed", "pipeline.cancelled")
"""How a run ends whose pull request people did not want."""


async def look_back(job: Job) -> None:
    """Record what the run teaches, and propose a lesson that came a second time where policy wants
    it. May be called again: what is known is not recorded twice."""
    if job.policy.lessons == "off" or not _rests(job):
        return
    try:
        await _record(job)
        if job.policy.lessons == "propose":
            await propose(job)
    except StateReplaced:
        raise
    except HarnessError as fault:
        # a look back is worth no run: the next one looks again
        log.warning("run %s taught nothing: %s", job.run.id, fault)


def _rests(job: Job) -> bool:
    """Its pull request was merged or not wanted, or a person is asked about it."""
    run = job.run
    return bool(run.pr) and (run.state.over or run.state is RunState.HELD)


async def _record(job: Job) -> None:
    store, project = job.deps.store, job.run.project
    for learned in lessons_of(await _facts(job)):
        known = await store.find_lesson(project, learned.key)
        lesson = with_sighting(known, learned, job.run)
        if lesson != known:
            await store.put_lesson(lesson)
        await job.tell("lesson", learned.key, what=sentence(lesson))


async def _facts(job: Job) -> RunFacts:
    run = job.run
    events = await job.deps.store.events(run.id)
    theirs = {*(await job.get(slots.THEIRS) or ()), *await _theirs_at_merge(job, events)}
    ended = run.outcome.key if run.outcome is not None else ""
    return RunFacts(
        run=run,
        events=events,
        changed=await _changed(job),
        theirs=tuple(sorted(theirs)),
        rejected=ended in REJECTED and not run.merged_sha,
    )


async def _changed(job: Job) -> tuple[FileChange, ...]:
    """The merged change."""
    run, workspace = job.run, job.deps.workspace
    if not (run.merged_sha and run.tree and run.base_sha):
        return ()
    return await workspace.changes(await workspace.tree_of(run.base_sha), run.tree)


async def _theirs_at_merge(job: Job, events: Sequence[Event]) -> tuple[str, ...]:
    """What people pushed to the branch and merged themselves: nobody handed it back to us."""
    run, workspace = job.run, job.deps.workspace
    merged = [event for event in events if event.kind == "merged"]
    head = str(merged[-1].facts.get("head", "")) if merged else ""
    if not head or not run.head_sha or head == run.head_sha:
        return ()
    try:
        before, after = [await workspace.tree_of(sha) for sha in (run.head_sha, head)]
        return tuple(change.path for change in await workspace.changes(before, after))
    except (GitError, NotFound):
        # the branch went with the merge, before we had its commits
        return ()
