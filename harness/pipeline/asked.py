"""The requests of people that the round under way answers."""

from __future__ import annotations

from harness.core.base import Value
from harness.pipeline.job import Job
from harness.pipeline.verdicts import Finished

OPEN = "requests"
"""Where they are kept."""


class Request(Value):
    """One thing asked for. `key` is r<review>, t<newest comment of the thread> or c<comment>."""

    key: str
    text: str
    by: str
    head: str = ""
    """The head it was about."""
    thread: str = ""
    resolvable: bool = False
    """Whether we may resolve the thread once it is settled."""


async def open_requests(job: Job) -> tuple[Request, ...]:
    """Those of the round under way."""
    stored = await job.parts.store.kept(job.run.id, OPEN)
    return tuple(Request.model_validate(r) for r in stored) if isinstance(stored, list) else ()


async def unanswered(job: Job, claim: Finished, tree: str) -> str:
    """What `done` lacks as an answer to them, in words for the agent; "" when nothing. A new
    version answers by itself; what is not changed needs a reason."""
    asked = await open_requests(job)
    if not asked:
        return ""
    said = {a.request.strip("[] "): a for a in claim.answers}
    same = tree == await job.parts.workspace.tree_of(job.run.head_sha)
    mute = []
    for request in asked:
        mine = said.get(request.key)
        refused = same or (mine is not None and not mine.fixed)
        if refused and not (mine is not None and mine.text.strip()):
            mute.append(request.key)
    if not mute:
        return ""
    return f"Nothing was changed for {', '.join(mute)}: say why, in the text of its answer."
