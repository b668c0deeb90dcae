"""The requests of people that the round under way answers."""

from __future__ import annotations

from harness.pipeline import slots
from harness.pipeline.agents.verdicts import Finished
from harness.pipeline.job import Job
from harness.pipeline.slots import ChangeRequest


async def open_requests(job: Job) -> tuple[ChangeRequest, ...]:
    """Those of the round under way."""
    return await job.get(slots.REQUESTS) or ()


async def missing_answers(job: Job, claim: Finished, tree: str) -> str:
    """What `done` lacks as an answer to them, in words for the agent; "" when nothing. A new
    version answers by itself; what is not changed needs a reason."""
    asked = await open_requests(job)
    if not asked:
        return ""
    said = {a.request.strip("[] "): a for a in claim.answers}
    same = tree == await job.deps.workspace.tree_of(job.run.head_sha)
    mute = []
    for request in asked:
        mine = said.get(request.key)
        refused = same or (mine is not None and not mine.fixed)
        if refused and not (mine is not None and mine.text.strip()):
            mute.append(request.key)
    if not mute:
        return ""
    return job.prompt("verdicts/done_unanswered", requests=", ".join(mute))
