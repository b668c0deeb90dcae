"""Whether the issue still says what the run was started for (A7)."""

from __future__ import annotations

import hashlib

from harness.core.outcome import Wait
from harness.core.trust_types import Trigger
from harness.core.types import Say
from harness.pipeline.job import Job
from harness.pipeline.talk import ask_person


async def drifted(job: Job) -> Wait | None:
    """A hold when the text was edited since: to be asked before anything is published. Approving
    it lets the run go on with the text it began with; putting the text back does too."""
    issue, taken = await job.parts.forge.issue(job.run.issue), job.run.snapshot
    asked = Trigger(kind="author", actor=taken.trigger, at=taken.taken_at, key="")
    now = job.parts.guard.snapshot(issue, (), asked)
    if (now.title, now.body) == (taken.title, taken.body):
        return None
    text = "\0".join((now.title, now.body)).encode("utf-8", "surrogatepass")
    subject = f"text:{hashlib.sha256(text).hexdigest()[:16]}"
    if subject in job.run.approvals:
        return None
    why = Say(key="pipeline.text_drifted", facts={"issue": job.run.issue})
    return ask_person(why, ("approve", "retry", "cancel"), subject)
