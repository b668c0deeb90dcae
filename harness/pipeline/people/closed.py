"""An issue that a person closed while work on it was under way: the work rests, and is kept."""

from __future__ import annotations

from harness.core.outcome import Outcome, Wait
from harness.core.types import LocalizedText, Stage, Waiting
from harness.pipeline import slots
from harness.pipeline.job import Job

LOOKS_ITSELF = (Stage.TRIAGE, Stage.FOLLOW_UP, Stage.MERGE, Stage.REPORT)
"""Stages that ask by themselves, or after which nothing is left to stop."""


async def rest_if_closed(job: Job) -> Outcome | None:
    """None: it is open, or closed by what this run did. Else a rest that ends by itself when the
    issue is opened again."""
    by_us = await job.get(slots.CLOSING)
    if by_us or job.run.merged_sha:
        return None
    if (await job.deps.forge.issue(job.run.issue)).state == "open":
        return None
    why = LocalizedText(key="authority.closed", facts={"issue": job.run.issue})
    return Wait(wait=Waiting(reason=why, signals=("retry", "cancel")))
