"""Whether the issue still says what the run was started for (A7)."""

from __future__ import annotations

import hashlib

from harness.core.outcome import Wait
from harness.core.trust_types import Trigger
from harness.core.types import Issue, LocalizedText, Run
from harness.pipeline.agents.sessions import ask_person
from harness.pipeline.deps import PipelineDeps
from harness.pipeline.job import Job
from harness.pipeline.scan import scan

DRIFTED = "pipeline.text_drifted"


async def check_drift(job: Job) -> Wait | None:
    """A hold when the text was edited since: to be asked before anything is published. Approving
    it lets the run go on with the text it began with; putting the text back does too."""
    issue = await job.deps.forge.issue(job.run.issue)
    subject = await edited_text(job.deps, job.run, issue)
    if not subject:
        return None
    why = LocalizedText(key="pipeline.text_drifted", facts={"issue": job.run.issue})
    return ask_person(why, ("approve", "retry", "cancel"), subject)


async def edited_text(deps: PipelineDeps, run: Run, issue: Issue) -> str:
    """What an approval of the new text is about; "" for the text as it was, or one approved."""
    taken = run.snapshot
    asked = Trigger(kind="author", actor=taken.trigger, at=taken.taken_at, key="")
    now = await scan(deps.guard.snapshot, issue, (), asked)
    if (now.title, now.body) == (taken.title, taken.body):
        return ""
    text = "\0".join((now.title, now.body)).encode("utf-8", "surrogatepass")
    subject = f"text:{hashlib.sha256(text).hexdigest()[:16]}"
    return "" if subject in run.approvals else subject
