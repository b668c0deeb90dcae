"""A person's word, applied to a run's row. Nothing here starts work: the daemon does, when the
row is active again."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable

from harness.core.base import Json
from harness.core.plan_page import parse, tidy
from harness.core.types import Command, Run, RunState, Say, Stage
from harness.pipeline.job import Job
from harness.pipeline.later import withdrawn
from harness.pipeline.overlap import ordered, waves
from harness.pipeline.stages.ci import FIXED
from harness.pipeline.stages.pushed import ADOPT, FOREIGN, REWRITTEN
from harness.pipeline.stages.threads import ROUNDS
from harness.pipeline.undo import undo
from harness.pipeline.words_in import data

USED_UP = (
    "agent.context_full",
    "agent.turns_used",
    "agent.calls_used",
    "agent.time_used",
    "engine.cap_session_tokens",
    "engine.cap_session_cost",
    "engine.cap_session_tool_calls",
)
HASH = re.compile(r"[0-9a-f]{6,64}")
GENTLE = ("pipeline.paused", "pipeline.stopped_after")
ORDER = list(Stage)
CHECKING = (Stage.VERIFY, Stage.REVIEW, Stage.PUBLISH)
FAULT = ("retry", "cancel")
"""What helps against a fault outside: a refused token, a sandbox that died, a stage that hung."""
Verb = Callable[[Job, Command], Awaitable[Say]]


async def applied(job: Job, command: Command) -> Say:
    """What was done, or why not, as a sentence."""
    verb = VERBS.get(command.verb)
    if verb is None:
        return Say(key="pipeline.unknown_verb", facts={"verb": command.verb})
    return await verb(job, command)


async def approve(job: Job, command: Command) -> Say:
    """The Wait's subject is approved by this person; work goes on."""
    wait = job.run.wait
    if wait is None or "approve" not in wait.signals:
        return _nothing(job.run, "approve")
    named = command.text.strip() if HASH.fullmatch(command.text.strip()) else ""
    subject = wait.subject or f"go:{job.run.activation}"
    if named and not subject.endswith(named):
        return Say(key="pipeline.approve_other", facts={"named": named, "subject": subject})
    await job.change(approvals={**job.run.approvals, subject: command.by})
    await job.tell("approved", f"{command.id}", by=command.by, subject=subject)
    await _wake(job)
    return Say(key="pipeline.did_approve", facts={"issue": job.run.issue, "subject": subject})


async def reject(job: Job, command: Command) -> Say:
    """A plan goes back with the reason; a weakened test goes back to be mended; a merge is not
    made."""
    wait = job.run.wait
    if wait is None or "reject" not in wait.signals:
        return _nothing(job.run, "reject")
    text = command.text or job.parts.words("pipeline.no_reason")
    await job.tell("rejected", f"{command.id}", by=command.by, text=text)
    if wait.subject.startswith("call:"):
        # one tool call: the agent hears of it and finds another way
        refused = {**job.run.approvals, f"refused:{wait.subject}": command.by}
        await job.change(approvals=refused)
        await _wake(job)
        return Say(key="pipeline.did_refuse_call", facts={"issue": job.run.issue})
    if job.run.stage is Stage.PLAN and wait.subject:
        kept: Json = {"hash": wait.subject, "text": data(job, text)}
        await job.parts.store.keep(job.run.id, "rejected", kept)
        tries = job.attempt(Stage.PLAN) + 1
        await job.change(attempts={**job.run.attempts, Stage.PLAN.value: tries})
        await _wake(job)
        return Say(key="pipeline.did_reject_plan", facts={"issue": job.run.issue})
    if job.run.stage in (Stage.VERIFY, Stage.PUBLISH):
        tries = job.attempt(Stage.IMPLEMENT) + 1
        told = f"A person rejected it:\n{data(job, text)}"
        await job.parts.store.keep(job.run.id, f"return:{tries}", told)
        await job.change(
            stage=Stage.IMPLEMENT, attempts={**job.run.attempts, Stage.IMPLEMENT.value: tries}
        )
        await _wake(job)
        return Say(key="pipeline.did_send_back", facts={"issue": job.run.issue})
    return await cancel(job, command)


async def plan(job: Job, command: Command) -> Say:
    """The plan as a person wrote it: a new version, which is approved like any other."""
    if job.run.state.over or ORDER.index(job.run.stage) > ORDER.index(Stage.IMPLEMENT):
        return _nothing(job.run, "plan")
    edited = tidy(parse(command.text))
    try:
        waves(ordered(edited.tasks))
    except ValueError as error:
        return Say(key="pipeline.plan_order", facts={"why": str(error)})
    stored = await job.parts.store.put_plan(job.run.id, edited, command.by, command.at)
    await job.tell("plan_edited", stored.hash, version=stored.version, by=command.by)
    told = f"{command.by} edited the plan. It is now:\n{data(job, command.text)}"
    await job.parts.store.keep(job.run.id, "message:implement:0", told)
    await job.change(plan_version=stored.version, stage=Stage.PLAN)
    wait = job.run.wait
    if wait is not None and wait.reason.key == "pipeline.plan_waits":
        # it goes on waiting, for the new hash: an approval of the old one is void
        facts = {**wait.reason.facts, "hash": stored.hash}
        reason = wait.reason.model_copy(update={"facts": facts})
        renewed = wait.model_copy(update={"subject": stored.hash, "reason": reason})
        await job.change(wait=renewed, state=RunState.HELD)
    else:
        await _wake(job)
    return Say(key="pipeline.did_plan", facts={"version": stored.version, "hash": stored.hash})


async def answer(job: Job, command: Command) -> Say:
    """An answer to the question asked, also for a run that a person must help."""
    wait = job.run.wait
    if wait is None or "answer" not in wait.signals:
        return _nothing(job.run, "answer")
    if not command.text.strip():
        return Say(key="pipeline.empty_answer")
    kept = await job.parts.store.kept(job.run.id, "answers")
    said = [*kept] if isinstance(kept, list) else []
    await job.parts.store.keep(job.run.id, "answers", [*said, f"{command.by}: {command.text}"])
    await job.tell("answer_given", f"{command.id}", by=command.by, text=command.text)
    if wait.signals[0] == "answer":
        # the stage takes the answer itself: it needs to see what it waited for
        await job.change(state=RunState.ACTIVE)
    else:
        await _again(job, f"{command.by} says:\n{data(job, command.text)}")
    return Say(key="pipeline.did_answer", facts={"issue": job.run.issue})


async def pause(job: Job, command: Command) -> Say:
    """A flag read between turns and stages."""
    if job.run.state.over:
        return _nothing(job.run, "pause")
    await job.change(paused=True)
    await job.tell("paused", f"{command.id}", by=command.by)
    return Say(key="pipeline.did_pause", facts={"issue": job.run.issue})


async def resume(job: Job, command: Command) -> Say:
    """Go on after a pause, or look again now."""
    if job.run.state.over:
        return _nothing(job.run, "resume")
    was = job.run.paused
    await job.change(paused=False)
    if was or (job.run.wait is not None and "resume" in job.run.wait.signals):
        await job.tell("resumed", f"{command.id}", by=command.by)
        if job.run.wait is not None and job.run.wait.reason.key in GENTLE:
            await _wake(job)
        elif not was:
            await _again(job, "")
        return Say(key="pipeline.did_resume", facts={"issue": job.run.issue})
    return _nothing(job.run, "resume")


async def cancel(job: Job, command: Command) -> Say:
    """The run is over; its pull request is closed, its branch stays for a look."""
    if job.run.state.over:
        return _nothing(job.run, "cancel")
    why = Say(key="pipeline.cancelled", facts={"by": command.by})
    await job.change(state=RunState.CANCELLED, outcome=why, wait=None)
    await job.tell("cancelled", f"{command.id}", by=command.by)
    if job.run.id not in job.parts.at_work.values():
        # else the activation does it, when its agent is stopped
        await withdrawn(job)
    return Say(key="pipeline.did_cancel", facts={"issue": job.run.issue})


async def retry(job: Job, command: Command) -> Say:
    """A held or waiting run tries its stage again with its counters cleared."""
    if job.run.state is RunState.ACTIVE or job.run.state.over:
        return _nothing(job.run, "retry")
    await job.tell("retried", f"{command.id}", by=command.by)
    said = f"{command.by} says:\n{data(job, command.text)}" if command.text.strip() else ""
    await _again(job, said)
    return Say(key="pipeline.did_retry", facts={"issue": job.run.issue})


async def _again(job: Job, text: str) -> None:
    """Back to work with fresh counters; a verify that held goes back to implement's worker."""
    stage = job.run.stage
    wait = job.run.wait
    tries = {k: v for k, v in job.run.attempts.items() if k not in ("faults", "review", "crashes")}
    for counted in (FIXED, ROUNDS):
        await job.parts.store.keep(job.run.id, counted, [])
    if wait is not None and wait.reason.key in (FOREIGN, REWRITTEN):
        # what the person was shown is handed back, no later version
        await job.parts.store.keep(job.run.id, ADOPT, wait.reason.facts["head"])
    if wait is not None and wait.reason.key in USED_UP:
        # only a fresh session can go on; it is told what there is
        tries["worker"] = tries.get("worker", 0) + 1
    if wait is not None and not text and stage in CHECKING and wait.signals == FAULT:
        # nothing was wrong with the change: the same stage again
        await job.change(attempts=tries)
        await _wake(job)
        return
    if stage in (Stage.VERIFY, Stage.REVIEW, Stage.PUBLISH, Stage.IMPLEMENT):
        before = await job.parts.store.kept(job.run.id, f"return:{job.attempt(Stage.IMPLEMENT)}")
        number = job.attempt(Stage.IMPLEMENT) + 1
        said = text or str(before or "Try again.")
        await job.parts.store.keep(job.run.id, f"return:{number}", said)
        tries["implement"] = number
        tries["implement_from"] = number - 1
        stage = Stage.IMPLEMENT
    else:
        number = tries.get(stage.value, 0) + 1
        await job.parts.store.keep(job.run.id, f"message:{stage.value}:{number}", text)
        tries[stage.value] = number
    await job.change(stage=stage, attempts=tries, verified="")
    await _wake(job)


async def _wake(job: Job) -> None:
    await job.change(state=RunState.ACTIVE, wait=None)


def _nothing(run: Run, verb: str) -> Say:
    facts: dict[str, str | int | float] = {
        "verb": verb,
        "issue": run.issue,
        "state": run.state.value,
    }
    return Say(key="pipeline.nothing_to_do", facts=facts)


VERBS: dict[str, Verb] = {
    "approve": approve,
    "reject": reject,
    "plan": plan,
    "answer": answer,
    "pause": pause,
    "resume": resume,
    "cancel": cancel,
    "retry": retry,
    "undo": undo,
}
