"""A test written from the issue alone (F10), by a session that sees neither the change nor its
tests. Code holds it to the issue's own words and to the base. Passed by the change it is a proof
more; failed it goes back to the agent once, and then to people. It lifts nothing that is held.
"""

from __future__ import annotations

from typing import Final

from harness.core.change_proof import Independent, IndependentVerdict, independent_session
from harness.core.outcome import Outcome, Return
from harness.core.types import (
    Answered,
    Ended,
    Evidence,
    Finding,
    LocalizedText,
    Reproduction,
    Session,
    Stage,
    Verdict,
)
from harness.pipeline import slots
from harness.pipeline.agents.checkpoint import last_done
from harness.pipeline.agents.claims import runners
from harness.pipeline.agents.openings import opening_independent
from harness.pipeline.agents.sessions import meaning, verdict_from
from harness.pipeline.agents.verdicts import EXPECTING, Blocked, Expected, mistake, parse
from harness.pipeline.job import Job
from harness.pipeline.people.answers import cut, data
from harness.pipeline.proof.quoting import quote_fault, tidy
from harness.pipeline.slots import Expectation
from harness.pipeline.verification.evidence import Trial, attempt, is_red, passes
from harness.pipeline.verification.proving import failure_text, shown_red
from harness.pipeline.verification.split import Split

KIND: Final = "independent"
TOOLS: Final = ("bash", "read", "edit", "write", "search", "verdict")
TRIES: Final = 2
ANSWER: Final = "expectation"
"""What `done` calls it when it answers: see the prompt."""
MOST: Final = 4000
MOST_QUOTE: Final = 600


async def cross_check(job: Job, change: Split) -> list[Finding] | Outcome:
    """Of a bug's change that the gate lets through: what holds it; back to the agent, once; or why
    the session must go on later."""
    wanted = job.policy.independent
    if wanted == "off" or job.run.kind != "bug" or not change.sides.product_paths:
        return []
    if not await runners(job):
        return []
    kept = await _expectation(job)
    if not isinstance(kept, Expectation):
        return kept
    seen = await _on_change(job, change, kept)
    await _keep(job, seen)
    if seen.verdict in ("green", "none"):
        return []
    this = f"{job.run.tree}:{job.attempt(Stage.IMPLEMENT)}"
    # the same again after a kill, which came before the row knew of it
    if seen.verdict == "red" and await job.get(slots.EXPECTATION_ASKED) in (None, this):
        await job.put(slots.EXPECTATION_ASKED, this)
        return await _sent_back(job, kept, seen)
    return [_finding(seen)] if wanted == "hold" else []


# ---------------------------------------------------------------- the session


async def _expectation(job: Job) -> Expectation | Outcome:
    """What the session came to; asked once a run. On a base that moved the test must be red too."""
    kept = await job.get(slots.EXPECTATION) or Expectation()
    if not kept.over:
        ended = await _ask(job)
        kept = await job.get(slots.EXPECTATION) or Expectation()
        if not kept.over:
            await job.reload()
            if ended.retry_at or ended.subject or job.run.paused or job.run.state.over:
                return await meaning(job, ended)
            why = ended.why or LocalizedText(key="independent.why_silent")
            kept = await _over(job, kept.model_copy(update={"why": why}))
    if kept.proof is None or kept.base == job.run.base_sha:
        return kept
    if await _red_here(job, kept.proof):
        return kept
    why = LocalizedText(key="independent.why_base")
    return kept.model_copy(update={"proof": None, "why": why})


async def _ask(job: Job) -> Ended:
    session = await _session(job)

    async def take(verdict: Verdict) -> Answered:
        return await _take(job, verdict)

    ended = await verdict_from(job, session, "", take)
    talk = job.deps.live.conversations.pop(session.id, None)
    if talk is not None:
        await talk.suspend()
    return ended


async def _session(job: Job) -> Session:
    """Begins at the base: what it is opened with, and where, holds nothing of the change."""
    deps = job.deps
    return await deps.store.open_session(
        Session(
            id=independent_session(job.run.id),
            run=job.run.id,
            kind="reviewer",
            model=deps.policy.models["reviewer"],
            system=deps.prompts.text("independent"),
            opening=await opening_independent(job),
            tools=TOOLS,
            prompt_version=deps.prompts.version,
            base_tree=await deps.workspace.tree_of(job.run.base_sha),
            verdicts="independent",
            created_at=deps.clock.now(),
        )
    )


async def _take(job: Job, verdict: Verdict) -> Answered:
    """One verdict of that session; a resumed session may repeat it."""
    kept = await job.get(slots.EXPECTATION) or Expectation()
    if kept.over:
        return Answered(text=job.prompt("independent/kept"), reached=True)
    if verdict.call in kept.refused:
        return Answered(text=kept.refused[verdict.call], is_error=True)
    claim = parse(verdict, EXPECTING)
    if isinstance(claim, Blocked):
        await _over(job, kept.model_copy(update={"why": claim.reason}))
        return Answered(text=job.prompt("verdicts/noted"), reached=True)
    if not isinstance(claim, Expected):
        why = mistake(claim, "independent/wanted")
        return Answered(text=job.deps.prompts.fill(why), is_error=True)
    fault = _quote_fault(job, claim)
    shown = fault or await _shown(job, claim, verdict.tree)
    if isinstance(shown, Reproduction):
        quote = cut(tidy(claim.quote), MOST_QUOTE)
        found = {"proof": shown, "quote": quote, "base": job.run.base_sha}
        await _over(job, kept.model_copy(update=found))
        return Answered(text=job.prompt("independent/kept"), reached=True)
    refused = kept.model_copy(update={"refused": {**kept.refused, verdict.call: shown}})
    if len(refused.refused) < TRIES:
        await job.put(slots.EXPECTATION, refused)
        return Answered(text=shown, is_error=True)
    reason = LocalizedText(key="independent.why_quote" if fault else "independent.why_not_red")
    await _over(job, refused.model_copy(update={"why": reason}))
    return Answered(text=shown, is_error=True, reached=True)


def _quote_fault(job: Job, claim: Expected) -> str:
    """Why its quote is not the issue's, in words for the session; "" when it is."""
    shot, legible = job.run.snapshot, job.deps.guard.legible
    said = [legible(text) for text in (shot.title, shot.body, *shot.comments)]
    fault = quote_fault(claim.quote, said)
    return "" if fault is None else job.deps.prompts.fill(fault)


async def _shown(job: Job, claim: Expected, tree: str) -> Reproduction | str:
    """The test as it fails on the base; else why it is none, in words for the session."""
    shown = await shown_red(job, claim, tree, KIND)
    return shown if isinstance(shown, str) else shown[0]


async def _over(job: Job, kept: Expectation) -> Expectation:
    """Keeps what the session came to, and tells it."""
    kept = kept.model_copy(update={"over": True})
    await job.put(slots.EXPECTATION, kept)
    if kept.proof is not None:
        await job.tell("expected", tests=", ".join(kept.proof.tests), quote=kept.quote)
    else:
        await job.tell("expected_none", why=_bounded(kept.why))
    return kept


def _bounded(why: LocalizedText | str) -> LocalizedText | str:
    return cut(why, MOST_QUOTE) if isinstance(why, str) else why


# ---------------------------------------------------------------- on the change


async def _red_here(job: Job, proof: Reproduction) -> bool:
    """Whether it fails on the run's present base as well."""
    workspace = job.deps.workspace
    base = await workspace.tree_of(job.run.base_sha)
    tree = await workspace.with_files(base, dict(proof.files))
    runs = [await attempt(job, _trial(proof, tree, "base", n)) for n in (1, 2)]
    return all(is_red(ran, proof.tests) for ran in runs)


async def _on_change(job: Job, change: Split, kept: Expectation) -> Independent:
    """The test on the change's product files, beside the base's tests: as it was on the base."""
    name = independent_session(job.run.id)
    calls = [c for c in await job.deps.journal.calls(job.run.id) if c.session == name]
    none = Independent(
        tree=job.run.tree,
        base=job.run.base_sha,
        verdict="none",
        why=_bounded(kept.why),
        requests=len(calls),
        input_bytes=sum(call.input_bytes for call in calls),
    )
    if kept.proof is None:
        return none
    tests = kept.proof.tests
    verdict, ran = await _run(job, change, kept.proof)
    failed = {"failure": failure_text(ran, tests), "answer": await _answer(job)}
    seen = {"verdict": verdict, "tests": tests, "quote": kept.quote}
    return none.model_copy(update=seen if verdict == "green" else {**seen, **failed})


async def _run(job: Job, change: Split, proof: Reproduction) -> tuple[IndependentVerdict, Evidence]:
    """Once, and once more where it does not pass: what fails now and then says nothing."""
    tree = await job.deps.workspace.with_files(change.sides.product, dict(proof.files))
    ran = await attempt(job, _trial(proof, tree, "product", 1))
    if passes(ran, proof.tests):
        return "green", ran
    again = await attempt(job, _trial(proof, tree, "product", 2))
    red = is_red(ran, proof.tests) and is_red(again, proof.tests)
    return ("red" if red else "unclear"), again


def _trial(proof: Reproduction, tree: str, side: str, round_: int) -> Trial:
    return Trial(
        kind=KIND,
        side=side,
        tree=tree,
        command=proof.command,
        reporter=proof.reporter,
        round=round_,
    )


async def _answer(job: Job) -> str:
    """What the agent says against it."""
    done = await last_done(job)
    said = [a.text for a in done.answers if a.request.strip("[] ") == ANSWER] if done else []
    return cut(said[-1].strip(), MOST_QUOTE) if said else ""


async def _keep(job: Job, seen: Independent) -> None:
    """For the pages; and in the proof of this change, where there is one."""
    await job.put(slots.INDEPENDENT, seen)
    proof = await job.get(slots.PROOF)
    if proof is not None and (proof.tree, proof.base) == (seen.tree, seen.base):
        await job.put(slots.PROOF, proof.model_copy(update={"independent": seen}))
    if seen.verdict == "none":
        return
    verdict = LocalizedText(key=f"independent.{seen.verdict}")
    key = f"{seen.tree}:{job.attempt(Stage.IMPLEMENT)}"
    await job.tell("expected_of", key, tests=", ".join(seen.tests), verdict=verdict)


async def _sent_back(job: Job, kept: Expectation, seen: Independent) -> Return:
    assert kept.proof is not None
    proof, workspace = kept.proof, job.deps.workspace
    base = await workspace.tree_of(job.run.base_sha)
    tree = await workspace.with_files(base, dict(proof.files))
    paths = [path for path in proof.files if path not in proof.support]
    texts = [(await workspace.file(tree, path) or b"").decode("utf-8", "replace") for path in paths]
    told = job.prompt(
        "independent/red",
        quote=data(job, seen.quote),
        test=data(job, "\n".join(texts), chars=MOST),
        failure=data(job, seen.failure, chars=MOST),
    )
    facts = {"tests": ", ".join(seen.tests), "quote": seen.quote}
    why = LocalizedText(key="independent.sent_back", facts={**facts})
    return Return(stage=Stage.IMPLEMENT, why=why, told=told)


def _finding(seen: Independent) -> Finding:
    """What holds the change: both sides' words."""
    key = "unseen.expectation" if seen.verdict == "red" else "unseen.expectation_unclear"
    answer = seen.answer or LocalizedText(key="independent.no_answer")
    facts = {"tests": ", ".join(seen.tests), "quote": seen.quote, "answer": answer}
    return Finding(source="unseen", say=LocalizedText(key=key, facts={**facts}))
