"""`retry`: a run that rests tries again, at the stage where it rests or at one that the person
names."""

from __future__ import annotations

import re

from harness.core.base import Fact
from harness.core.types import Attempts, Command, LocalizedText, RunState, Stage, Waiting
from harness.pipeline import slots
from harness.pipeline.job import Job, stage_name
from harness.pipeline.outbound.authority import AREA
from harness.pipeline.people.speaking import spoken
from harness.pipeline.pull_request.foreign_push import FOREIGN, REWRITTEN
from harness.pipeline.slots import RejectedPlan
from harness.pipeline.verification import freeze
from harness.pipeline.verification.kinds import Settled
from harness.report.comment import spoken_words

USED_UP = (
    "agent.context_full",
    "agent.turns_used",
    "agent.calls_used",
    "agent.time_used",
    "engine.cap_session_tokens",
    "engine.cap_session_cost",
    "engine.cap_session_tool_calls",
)
CHECKING = (Stage.VERIFY, Stage.REVIEW, Stage.PUBLISH)
CLOSED = "follow.pr_closed"
"""The reason of a run whose pull request somebody closed."""
UNHEARD = ("pipeline.attempts_used", "pipeline.policy_holds")
"""Reasons of a hold that no worker was told."""
AFTER = (Stage.FOLLOW_UP, Stage.MERGE)
"""Stages without an agent of their own: words for one go to the worker."""
FAULT = ("retry", "cancel")
"""What helps against a fault outside: a refused token, a sandbox that died, a stage that hung."""
NAMES = {
    "reproduce": Stage.REPRODUCE,
    "재현": Stage.REPRODUCE,
    "plan": Stage.PLAN,
    "계획": Stage.PLAN,
    "implement": Stage.IMPLEMENT,
    "구현": Stage.IMPLEMENT,
    "verify": Stage.VERIFY,
    "검증": Stage.VERIFY,
}
NAMED = re.compile(
    rf"\s*(?:from\s+)?(?P<name>{'|'.join(NAMES)})(?:\s*단계)?(?:부터)?(?=[\s:：,.]|$)[\s:：,.]*(?P<rest>.*)",
    re.I | re.S,
)


def stage_in(text: str) -> tuple[Stage | None, str]:
    """The stage that these words begin with, and what follows it."""
    found = NAMED.match(text)
    if found is None:
        return None, text
    return NAMES[found["name"].casefold()], found["rest"]


async def retry(job: Job, command: Command) -> LocalizedText:
    """A held or waiting run tries its stage again with its counters cleared, or begins the stage
    that the words name."""
    if job.run.state is RunState.ACTIVE or job.run.state.over:
        return nothing(job, "retry")
    stage, text = stage_in(command.text)
    wait = job.run.wait
    if stage is None and wait is not None and wait.subject.startswith("kind:"):
        # a reviewer takes it for a bug, and the person does not object
        stage = Stage.REPRODUCE
    said = await spoken(job, command, text)
    if stage is not None:
        return await _begin(job, stage, said, command)
    await job.tell("retried", f"{command.id}", by=command.by)
    await again(job, said)
    key = "pipeline.did_retry_told" if said else "pipeline.did_retry"
    return LocalizedText(
        key=key, facts={"issue": job.run.issue, "stage": stage_name(job.run.stage)}
    )


async def _begin(job: Job, stage: Stage, said: str, command: Command) -> LocalizedText:
    name = stage_name(stage)
    facts: dict[str, Fact] = {"issue": job.run.issue, "stage": name}
    if await job.get(slots.TRIAGE) is None:
        return LocalizedText(key="claim.retry_too_early", facts=facts)
    if stage is Stage.VERIFY and not job.run.tree:
        return LocalizedText(key="claim.retry_no_change", facts=facts)
    stored = await job.deps.store.plan(job.run.id)
    if stage is Stage.IMPLEMENT and stored is None:
        stage = Stage.PLAN
    await job.tell("began_again", f"{command.id}", stage=name, by=command.by)
    tries = await _fresh(job)
    if stage is Stage.REPRODUCE:
        await job.put(slots.FREEZE_GRANTED, command.by)
        kind = Settled(kind="bug", by="worker" if job.run.kind == "bug" else "person")
        await job.put(slots.KIND, kind)
        await job.change(kind="bug")
    if stage is Stage.PLAN and stored is not None:
        anew = said or job.prompt("messages/plan_anew")
        wanted = RejectedPlan(hash=stored.hash, text=anew)
        await job.put(slots.REJECTED, wanted)
    if stage is not Stage.VERIFY:
        tries = tries.again(stage)
        await job.put(slots.MESSAGE.at(f"{stage.value}:{tries.of(stage)}"), said)
    if stage in (Stage.REPRODUCE, Stage.PLAN):
        # what was said to be done before counts no more
        tries = tries.again(Stage.IMPLEMENT)
    tries = tries.having(implement_from=max(tries.implement - 1, 0))
    await job.change(stage=stage, attempts=tries, verified="")
    await wake(job)
    return LocalizedText(key="claim.did_retry_from", facts=facts)


async def _fresh(job: Job) -> Attempts:
    """The counters without those of faults and rounds; what a person was shown is handed back."""
    wait = job.run.wait
    tries = job.run.attempts.having(faults=0, review=0)
    for counted in (slots.CI_FIXED, slots.REQUEST_ROUNDS):
        await job.drop(counted)
    if wait is not None and wait.reason.key in (FOREIGN, REWRITTEN):
        # what the person was shown is handed back, no later version
        await job.put(slots.ADOPT, str(wait.reason.facts["head"]))
    if wait is not None and wait.reason.key == CLOSED:
        await job.put(slots.REOPEN, True)
    if wait is not None and wait.reason.key in USED_UP:
        # only a fresh session can go on; it is told what there is
        tries = tries.having(worker=tries.worker + 1)
    if wait is not None and wait.subject.startswith("freeze:"):
        await freeze.drop_pending(job)
    return tries


async def again(job: Job, text: str) -> None:
    """Back to work with fresh counters; a verify that held goes back to implement's worker."""
    stage = job.run.stage
    wait = job.run.wait
    tries = await _fresh(job)
    outside = wait is not None and (wait.signals == FAULT or wait.reason.key.startswith(AREA))
    if outside and not text and stage in CHECKING:
        # nothing was wrong with the change: the same stage again
        await job.change(attempts=tries)
        await wake(job)
        return
    if stage in (*CHECKING, Stage.IMPLEMENT) or (text and stage in AFTER):
        await _tell_worker(job, text)
        stage = stage if _comes_first(wait) else Stage.IMPLEMENT
        if stage is Stage.IMPLEMENT:
            tries = tries.having(implement=tries.implement + 1, implement_from=tries.implement)
    else:
        tries = tries.again(stage)
        await job.put(slots.MESSAGE.at(f"{stage.value}:{tries.of(stage)}"), text)
    await job.change(stage=stage, attempts=tries, verified="")
    await wake(job)


async def _tell_worker(job: Job, text: str) -> None:
    """For the next attempt: a person's words, and what was held against the one before as far as
    the worker has not heard it."""
    tries, wait = job.run.attempts.implement, job.run.wait
    before = await job.get(slots.RETURN.at(tries))
    unheard = wait is not None and wait.reason.key in UNHEARD
    if before and (unheard or not text):
        await job.put(slots.RETURN.at(tries + 1), before)
    elif not text:
        text = job.prompt("messages/try_again")
    if text:
        await job.put(slots.MESSAGE.at(f"implement:{tries + 1}"), text)


def _comes_first(wait: Waiting | None) -> bool:
    """Whether `retry` hands a branch back that a person pushed to, or asks for another pull
    request: that comes before what is said to the worker."""
    return wait is not None and wait.reason.key in (FOREIGN, REWRITTEN, CLOSED)


async def wake(job: Job) -> None:
    """The run is worked on again."""
    await job.change(state=RunState.ACTIVE, wait=None)


def nothing(job: Job, verb: str) -> LocalizedText:
    """What this word would do, there is not; what it waits for instead, if it does."""
    run, facts = job.run, dict[str, Fact](verb=verb, issue=job.run.issue)
    words = spoken_words(run.wait) if run.wait is not None else ()
    if run.wait is None or run.state is RunState.ACTIVE or not words:
        facts["state"] = LocalizedText(key=f"cli.state.{run.state.value}")
        return LocalizedText(key="pipeline.nothing_to_do", facts=facts)
    facts["why"] = run.wait.reason
    facts["words"] = ", ".join(f"`{word}`" for word in words)
    return LocalizedText(key="pipeline.nothing_while", facts=facts)
