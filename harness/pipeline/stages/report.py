"""report: the run's facts, written down for the engineer and the manager (H3)."""

from __future__ import annotations

from harness.core.outcome import Done, Outcome
from harness.core.types import LocalizedText
from harness.pipeline.job import Job
from harness.pipeline.people.notes import progress


async def report(job: Job) -> Outcome:
    """The last word; the pages themselves are written at the end of every activation."""
    await progress(job)
    return Done(
        why=LocalizedText(
            key="pipeline.merged", facts={"pr": job.run.pr, "commit": job.run.merged_sha[:12]}
        )
    )
