"""A person's word, applied to a run's row. Nothing here starts work: the daemon does, when the
row is active again."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from harness.core.errors import RefusedError
from harness.core.types import Command, LocalizedText, RunState, Stage
from harness.pipeline import slots
from harness.pipeline.agents.naming import agents_for_tasks, unknown_agents
from harness.pipeline.job import Job, stage_name
from harness.pipeline.outbound.deferred_comments import withdrawn
from harness.pipeline.overlap import order_tasks, waves
from harness.pipeline.people.answers import data
from harness.pipeline.people.approval_summary import approved_for
from harness.pipeline.people.approvals import hash_in, is_named, short
from harness.pipeline.people.notes import ask_again, refresh
from harness.pipeline.people.retry import again, nothing, retry, wake
from harness.pipeline.people.speaking import how_to, introduce, spoken, was_shown
from harness.pipeline.pull_request.undo import undo
from harness.pipeline.slots import RejectedPlan
from harness.report.plan_page import parse, tidy

GENTLE = ("pipeline.paused", "pipeline.stopped_after")
ORDER = list(Stage)
Verb = Callable[[Job, Command], Awaitable[LocalizedText]]


async def apply_command(job: Job, command: Command) -> LocalizedText:
    """What was done, or why not, as a sentence."""
    verb = VERBS.get(command.verb)
    if verb is None:
        return LocalizedText(key="pipeline.unknown_verb", facts={"verb": command.verb})
    return await verb(job, command)


async def approve(job: Job, command: Command) -> LocalizedText:
    """The Wait's subject is approved by this person; work goes on."""
    wait = job.run.wait
    if wait is None or "approve" not in wait.signals:
        return nothing(job, "approve")
    subject = wait.subject or f"go:{job.run.activation}"
    no = await _not_about(job, command, subject)
    if no is not None:
        return no
    await job.change(approvals={**job.run.approvals, subject: command.by})
    await approved_for(job, subject, command.by, wait.reason)
    await job.tell("approved", f"{command.id}", by=command.by, subject=subject)
    await wake(job)
    facts = {"issue": job.run.issue, "subject": subject, "stage": stage_name(job.run.stage)}
    return LocalizedText(key="pipeline.did_approve", facts=facts)


async def _not_about(job: Job, command: Command, subject: str) -> LocalizedText | None:
    """Why this approval is of something else than what waits: it names another hash, or it names
    none and what waits was not shown yet when it was written."""
    named = hash_in(command.text)
    how = await how_to(job, command, "approve", short(subject))
    if named and not is_named(subject, named):
        facts = {"named": named, "subject": subject, "how": how}
        return LocalizedText(key="pipeline.approve_other", facts=facts)
    if not named and not await was_shown(job, command):
        facts = {"subject": subject, "how": how}
        return LocalizedText(key="pipeline.approve_unseen", facts=facts)
    return None


async def agree(job: Job, command: Command) -> LocalizedText:
    """What the agent claims is so, says this person: it is posted and the issue closed."""
    wait = job.run.wait
    if wait is None or "agree" not in wait.signals:
        return nothing(job, "agree")
    if not await was_shown(job, command):
        how = await how_to(job, command, "agree", "")
        return LocalizedText(key="pipeline.agree_unseen", facts={"how": how})
    await job.change(approvals={**job.run.approvals, wait.subject: command.by})
    await wake(job)
    return LocalizedText(key="claim.did_agree", facts={"issue": job.run.issue})


async def reject(job: Job, command: Command) -> LocalizedText:
    """A plan goes back with the reason; a weakened test goes back to be mended; a merge is not
    made."""
    wait = job.run.wait
    if wait is None or "reject" not in wait.signals:
        return nothing(job, "reject")
    no_reason = LocalizedText(key="pipeline.no_reason")
    await job.tell("rejected", f"{command.id}", by=command.by, text=command.text or no_reason)
    text = command.text or job.english(no_reason)
    if wait.subject.startswith(("call:", "freeze:")):
        # one tool call, or another test: the agent hears of it and finds another way
        await job.put(slots.REFUSED.at(wait.subject), text)
        refused = f"refused:{wait.subject}"
        await job.change(approvals={**job.run.approvals, refused: command.by})
        await wake(job)
        return LocalizedText(key="pipeline.did_refuse_call", facts={"issue": job.run.issue})
    if job.run.stage is Stage.PLAN and wait.subject:
        rejected = RejectedPlan(hash=wait.subject, text=await spoken(job, command, text))
        await job.put(slots.REJECTED, rejected)
        await job.change(attempts=job.run.attempts.again(Stage.PLAN))
        await wake(job)
        return LocalizedText(key="pipeline.did_reject_plan", facts={"issue": job.run.issue})
    if job.run.stage in (Stage.VERIFY, Stage.PUBLISH):
        tries = job.run.attempts.again(Stage.IMPLEMENT)
        told = job.prompt("messages/rejected", why=await spoken(job, command, text))
        await job.put(slots.RETURN.at(tries.implement), told)
        await job.change(stage=Stage.IMPLEMENT, attempts=tries)
        await wake(job)
        return LocalizedText(key="pipeline.did_send_back", facts={"issue": job.run.issue})
    return await cancel(job, command)


async def plan(job: Job, command: Command) -> LocalizedText:
    """The plan as a person wrote it: a new version, which is approved like any other."""
    if job.run.state.over or ORDER.index(job.run.stage) > ORDER.index(Stage.IMPLEMENT):
        return nothing(job, "plan")
    edited = tidy(parse(command.text))
    try:
        waves(order_tasks(edited.tasks))
    except RefusedError as error:
        return LocalizedText(key="pipeline.plan_order", facts={"why": error.say})
    unknown = await unknown_agents(job, edited.tasks)
    if unknown:
        names = ", ".join(await agents_for_tasks(job)) or "-"
        return LocalizedText(
            key="pipeline.plan_agents", facts={"agents": ", ".join(unknown), "names": names}
        )
    stored = await job.deps.store.put_plan(job.run.id, edited, command.by, command.at)
    await job.tell("plan_edited", stored.hash, version=stored.version, by=command.by)
    told = job.prompt("messages/plan_edited", by=command.by, plan=data(job, command.text))
    await job.put(slots.MESSAGE.at("implement:0"), told)
    await job.change(plan_version=stored.version, stage=Stage.PLAN)
    wait = job.run.wait
    if wait is not None and wait.reason.key == "pipeline.plan_waits":
        # it goes on waiting, for the new hash: an approval of the old one is void
        facts = {**wait.reason.facts, "hash": stored.hash}
        reason = wait.reason.model_copy(update={"facts": facts})
        renewed = wait.model_copy(update={"subject": stored.hash, "reason": reason})
        await job.change(wait=renewed, state=RunState.HELD)
        await job.tell("held", stored.hash, why=reason)
        await ask_again(job, renewed)
    else:
        await wake(job)
    return LocalizedText(
        key="pipeline.did_plan", facts={"version": stored.version, "hash": stored.hash}
    )


async def answer(job: Job, command: Command) -> LocalizedText:
    """An answer to the question asked, also for a run that a person must help."""
    wait = job.run.wait
    if wait is None or "answer" not in wait.signals:
        return nothing(job, "answer")
    if not command.text.strip():
        return LocalizedText(key="pipeline.empty_answer")
    said = await job.get(slots.ANSWERS) or ()
    await job.put(slots.ANSWERS, (*said, f"{await introduce(job, command)}: {command.text}"))
    await job.tell("answer_given", f"{command.id}", by=command.by, text=command.text)
    if wait.signals[0] == "answer":
        # the stage takes the answer itself: it needs to see what it waited for
        await job.change(state=RunState.ACTIVE)
    else:
        await again(job, await spoken(job, command, command.text))
    facts = {"issue": job.run.issue, "stage": stage_name(job.run.stage)}
    return LocalizedText(key="pipeline.did_answer", facts=facts)


async def pause(job: Job, command: Command) -> LocalizedText:
    """A flag read between turns and stages."""
    if job.run.state.over:
        return nothing(job, "pause")
    await job.change(paused=True)
    await job.tell("paused", f"{command.id}", by=command.by)
    return LocalizedText(key="pipeline.did_pause", facts={"issue": job.run.issue})


async def resume(job: Job, command: Command) -> LocalizedText:
    """Go on after a pause, or look again now."""
    if job.run.state.over:
        return nothing(job, "resume")
    was = job.run.paused
    await job.change(paused=False)
    if was or (job.run.wait is not None and "resume" in job.run.wait.signals):
        await job.tell("resumed", f"{command.id}", by=command.by)
        if job.run.wait is not None and job.run.wait.reason.key in GENTLE:
            await wake(job)
        elif not was:
            await again(job, "")
        return LocalizedText(key="pipeline.did_resume", facts={"issue": job.run.issue})
    return nothing(job, "resume")


async def cancel(job: Job, command: Command) -> LocalizedText:
    """The run is over; its pull request is closed, its branch stays for a look."""
    if job.run.state.over:
        return nothing(job, "cancel")
    why = LocalizedText(key="pipeline.cancelled", facts={"by": command.by})
    await job.change(state=RunState.CANCELLED, outcome=why, wait=None)
    await job.tell("cancelled", f"{command.id}", by=command.by)
    if job.run.id not in job.deps.live.active_sessions.values():
        # else the activation does it, when its agent is stopped
        await withdrawn(job)
        await refresh(job)
    facts: dict[str, str | int | float] = {"issue": job.run.issue}
    if not job.run.pr:
        return LocalizedText(key="pipeline.did_cancel", facts=facts)
    facts |= {"pr": job.run.pr, "branch": job.run.branch}
    return LocalizedText(key="pipeline.did_cancel_pr", facts=facts)


VERBS: dict[str, Verb] = {
    "approve": approve,
    "reject": reject,
    "plan": plan,
    "answer": answer,
    "pause": pause,
    "resume": resume,
    "cancel": cancel,
    "retry": retry,
    "agree": agree,
    "undo": undo,
}
