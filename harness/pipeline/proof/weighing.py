"""What comes of a proof in a run: recorded, sent back to the agent once, held for a person; by the
operator's policy."""

from __future__ import annotations

from harness.core.change_proof import Proof, ProvenPart
from harness.core.outcome import Return
from harness.core.types import Finding, LocalizedText, Stage
from harness.pipeline import slots
from harness.pipeline.job import Job
from harness.pipeline.people.answers import data
from harness.pipeline.proof.proving import prove_change
from harness.pipeline.verification.examining import let_through
from harness.pipeline.verification.findings import sentences
from harness.pipeline.verification.split import Split


async def weigh(job: Job, change: Split) -> list[Finding] | Return:
    """Of a change that the gate lets through: what holds it, or back to the agent with what
    nothing proves."""
    wanted = job.policy.proof
    if wanted == "off" or not change.sides.product_paths:
        return []
    proof = await _proof_of(job, change)
    unproven = [_finding(part) for part in proof.having("unproven")]
    key = f"{job.run.tree}:{job.attempt(Stage.IMPLEMENT)}"
    await job.tell(
        "proved",
        key,
        parts=len(proof.parts),
        noticed=len(proof.having("noticed")),
        unproven=len(unproven),
        survivors=len(proof.survivors),
        policy=wanted,
    )
    found = [*unproven, *proof.held]
    if not found or wanted == "observe":
        return []
    if not await job.get(slots.PROOF_ASKED):
        await job.put(slots.PROOF_ASKED, True)
        return _sent_back(job, found)
    return found if wanted == "hold" else []


async def _proof_of(job: Job, change: Split) -> Proof:
    """The one that is kept, where it is of this tree and base."""
    kept = await job.get(slots.PROOF)
    if kept is not None and (kept.tree, kept.base) == (job.run.tree, job.run.base_sha):
        return kept
    proof = await prove_change(job, change, ())
    let = tuple(finding.say for finding in await let_through(job))
    proof = proof.model_copy(update={"let_through": (*let, *proof.let_through)})
    await job.put(slots.PROOF, proof)
    return proof


def _sent_back(job: Job, found: list[Finding]) -> Return:
    told = "\n".join(job.english(finding.say) for finding in found)
    return Return(
        stage=Stage.IMPLEMENT,
        why=LocalizedText(key="proof.sent_back", facts={"what": sentences(found)}),
        told=data(job, told),
    )


def _finding(part: ProvenPart) -> Finding:
    """In the words that an agent gets, too."""
    # what only takes away has no lines of its own
    place = max(part.places, key=lambda place: place.first > 0)
    facts: dict[str, str | int | float] = {
        "path": place.path,
        "first": place.first,
        "last": place.last,
    }
    say = LocalizedText(key="unseen.unproven", facts=facts)
    return Finding(source="unseen", path=place.path, line=place.first, say=say)
