"""What was not seen of a run's change. While there is something, the change is held: its pull
request is a draft that says so first, its check asks for a person, and it is not merged by itself.
"""

from __future__ import annotations

from collections.abc import Sequence

from harness.core.types import Finding, LocalizedText
from harness.pipeline import slots
from harness.pipeline.job import Job
from harness.pipeline.slots import NotSeen


async def hold(job: Job, findings: Sequence[Finding], *, product: bool) -> None:
    """Keeps what was not seen of the run's present tree; nothing is an answer too. `product`:
    whether it changes anything but prose and tests."""
    found = NotSeen(tree=_what(job), findings=tuple(findings), product=product)
    await job.put(slots.NOT_SEEN, found)


async def unseen(job: Job) -> tuple[Finding, ...] | None:
    """What was not seen of the present tree on the present base; None: it was not looked at."""
    kept = await job.get(slots.NOT_SEEN)
    if kept is None or kept.tree != _what(job):
        return None
    return (*kept.findings, *(await _of_the_issue(job) if kept.product else ()))


async def _of_the_issue(job: Job) -> list[Finding]:
    """A bug that nothing reproduced; a kind that only the one who did the work gave."""
    if job.run.kind == "bug" and job.run.reproduction is None:
        return [Finding(source="unseen", say=LocalizedText(key="unseen.not_reproduced"))]
    kind = await job.get(slots.KIND)
    if job.run.kind == "bug" or (kind is not None and kind.by != "worker"):
        return []
    facts = {"kind": LocalizedText(key=f"view.kind.{job.run.kind}")}
    return [Finding(source="unseen", say=LocalizedText(key="unseen.kind", facts=facts))]


async def is_held(job: Job) -> bool:
    """True unless everything was seen: a tree that nobody looked at is held too."""
    return await unseen(job) != ()


def _what(job: Job) -> str:
    return f"{job.run.tree}@{job.run.base_sha}"
