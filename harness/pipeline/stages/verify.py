"""verify: the evidence gate (F1, F2). No agent takes part and nothing an agent said counts. Where
policy wants it, a test that was written from the issue alone is run last (F10).

In fresh sandboxes: the reproduction is green with the product files alone, the base's tests judge
those files, the change's own tests pass, no test was weakened, the plan's criteria hold, the change
stays inside the plan. What was not seen holds the change; it never passes for seen.
"""

from __future__ import annotations

from harness.core.outcome import Advance, Outcome, Return, Wait
from harness.core.types import Evidence, Finding, LocalizedText, Stage, Waiting
from harness.pipeline import slots
from harness.pipeline.agents.claims import summary
from harness.pipeline.fingerprint import digest
from harness.pipeline.job import Job
from harness.pipeline.people.answers import data
from harness.pipeline.proof.independent import cross_check
from harness.pipeline.proof.weighing import weigh
from harness.pipeline.verification.examining import examine
from harness.pipeline.verification.findings import place, sentences
from harness.pipeline.verification.held import hold
from harness.pipeline.verification.split import split
from harness.report.document import of_last_trees

ALONE = ("weakening", "unseen")
"""Sources of findings that need a person, not more work."""


async def verify(job: Job) -> Outcome:
    """On with a tree that was judged, and what was not seen of it; back with what is wrong; to a
    person when a test got weaker."""
    change = await split(job, job.run.tree, await job.plan())
    findings, proof = await examine(job, change)
    await job.put(slots.FINDINGS_SEEN, tuple(findings))
    weak = [f for f in findings if f.source == "weakening"]
    unseen = [f for f in findings if f.source == "unseen"]
    blocking = [f for f in findings if f.severity == "blocking" and f.source not in ALONE]
    if blocking:
        # a weaker test among other faults may be one of them: it can be taken back with the rest
        return await _sent_back(job, [*blocking, *weak], proof)
    subject = await _subject(job, weak)
    if weak and subject not in job.run.approvals:
        return await _weak(job, weak, subject)
    weighed = await weigh(job, change)
    if isinstance(weighed, Return):
        return weighed
    checked = await cross_check(job, change)
    if not isinstance(checked, list):
        return checked
    unseen += [*weighed, *checked]
    await hold(job, unseen, product=bool(change.sides.product_paths))
    key = f"{job.run.tree}:{job.attempt(Stage.IMPLEMENT)}"
    await job.change(verified=f"{job.run.tree}@{job.run.base_sha}")
    if unseen:
        await job.tell("not_seen", key, what=sentences(unseen), count=len(unseen))
    await job.tell("verified", key, tree=job.run.tree[:12], checks=await _count_evidence(job))
    return Advance()


async def _sent_back(job: Job, wrong: list[Finding], proof: list[Evidence]) -> Outcome:
    key = f"{job.run.tree}:{job.attempt(Stage.IMPLEMENT)}"
    shown = sentences(wrong)
    await job.tell("verify_failed", key, findings=shown, count=len(wrong))
    told = [place(f) + job.english(f.say) for f in wrong]
    return Return(
        stage=Stage.IMPLEMENT,
        why=LocalizedText(key="pipeline.verify_failed", facts={"what": shown}),
        told=data(job, "\n".join([*told, *(summary(e) for e in proof[:3])])),
    )


async def _weak(job: Job, weak: list[Finding], subject: str) -> Outcome:
    key = f"{job.run.tree}:{job.attempt(Stage.IMPLEMENT)}"
    shown = sentences(weak)
    await job.tell("weakened", key, findings=shown, count=len(weak), subject=subject)
    return Wait(
        wait=Waiting(
            reason=LocalizedText(key="pipeline.weakened", facts={"what": shown[:5]}),
            signals=("approve", "reject", "retry", "cancel"),
            subject=subject,
            person=True,
        )
    )


async def _subject(job: Job, weak: list[Finding]) -> str:
    """What a person approves: these weaker tests, in whatever tree they come again just so."""
    said = []
    for finding in weak:
        blob = await job.deps.workspace.blob(job.run.tree, finding.path) if finding.path else ""
        said.append((finding.path, blob, finding.say.model_dump_json()))
    return f"weakening:{digest([*sorted(map(str, said))])}"


async def _count_evidence(job: Job) -> int:
    """The runs that stand, as the report's table has them."""
    return len(of_last_trees(await job.deps.store.evidence(job.run.id)))
