"""Conversations with a run's agents, and what their endings mean for a stage."""

from __future__ import annotations

from datetime import timedelta

from harness.core.outcome import Delegate, Done, Outcome, Retry, Wait
from harness.core.types import Assignment, Ended, LocalizedText, Session, Task, ToolCall, Waiting
from harness.pipeline.agents.checkpoint import Checkpoint, load_claim
from harness.pipeline.agents.openings import opening_restart, opening_worker
from harness.pipeline.agents.skills import skill_text
from harness.pipeline.agents.verdicts import Claim
from harness.pipeline.job import Job, stage_name
from harness.ports.backend import Conversation, OnVerdict
from harness.prompting.templates import fence_text
from harness.tools.reference import REFERENCE

WORKER_TOOLS = ("bash", "read", "edit", "write", "search", "todo", "note", "task", "verdict")
REVIEWER_TOOLS = ("bash", "read", "search", "verdict")
SUBAGENT_TOOLS = ("bash", "read", "edit", "write", "search", "note", "verdict")
VERDICT = "verdict"
RESUME = ("retry", "resume", "answer", "cancel")


async def converse(job: Job, message: str = "") -> tuple[Claim, str] | Outcome:
    """Work with the run's worker until this stage has its claim: (claim, tree), or the outcome
    that its ending means. A claim kept before a crash is not asked for again."""
    before = await load_claim(job, job.run.stage)
    if before is not None:
        return before
    desk = Checkpoint(job)
    conversation = await worker(job)
    async with job.deps.live.agent_slots:
        ended = await conversation.send(message, desk)
    await job.reload()
    found = await load_claim(job, desk.stage)
    if ended.kind == "reached" and found is not None:
        return found
    return await meaning(job, ended)


async def worker(job: Job) -> Conversation:
    """The run's worker, opened or resumed."""
    stored = await job.deps.store.session(job.worker)
    if stored is None:
        parts, again = job.deps, job.run.attempts.worker > 0
        stored = await parts.store.open_session(
            Session(
                id=job.worker,
                run=job.run.id,
                kind="worker",
                model=parts.policy.models["worker"],
                system=parts.prompts.text("worker"),
                opening=await opening_restart(job) if again else await opening_worker(job),
                tools=tools_for(job, WORKER_TOOLS),
                prompt_version=parts.prompts.version,
                base_tree=await last_tree(job),
                created_at=parts.clock.now(),
            )
        )
    return await open_conversation(job, stored)


async def narrow_session(job: Job, session: Session) -> Session:
    """A new session as the project's agent file for its kind has it, or the one that its task
    names: no more tools than it had, and the file's words after ours. What the operator named
    holds whatever a plan says. ConfigError when that file cannot be read."""
    named = session.task.agent if session.task is not None else ""
    name = job.policy.agents.get(session.kind, "") or named
    if not name:
        return session
    run = job.run
    role = await job.deps.agent_file(run.began_sha or run.base_sha, name)
    if role.unused:
        await job.tell("agent_unused", name, name=name, what="; ".join(role.unused))
    given = [await skill_text(job, skill) for skill in role.skills]
    words = fence_text(role.words, "instructions")
    told = [session.system, job.prompt("agents/role", words=words), *filter(None, given)]
    return session.model_copy(
        update={
            "agent": name,
            "system": "\n\n".join(told),
            "model": role.model or session.model,
            "turns": role.turns,
            "tools": tuple(t for t in session.tools if t == VERDICT or t in role.tools),
        }
    )


def tools_for(job: Job, tools: tuple[str, ...]) -> tuple[str, ...]:
    """The tools of a kind of session, by what the project's policy allows."""
    return (*tools, REFERENCE) if job.policy.references else tools


async def last_tree(job: Job) -> str:
    """Where a new worker starts: the base, or where the one before it was left."""
    tree = await job.deps.workspace.tree_of(job.run.base_sha)
    for session in await job.deps.store.sessions(job.run.id):
        if session.kind == "worker":
            turns = await job.deps.store.turns(session.id)
            tree = next((t.tree_after or t.tree_before for t in reversed(turns)), tree)
    return tree


async def open_conversation(job: Job, session: Session) -> Conversation:
    """A conversation that stays open in this process until the activation ends."""
    talks = job.deps.live.conversations
    if session.id not in talks:
        talks[session.id] = await job.deps.backend.open(
            Assignment(session=session, run=job.run, stage=job.run.stage.value)
        )
    return talks[session.id]


async def suspend_all(job: Job) -> None:
    """Close every Box of the run at a snapshot; the next activation resumes there."""
    for name in [
        n for n in job.deps.live.conversations if n.startswith((f"{job.run.id}-", f"{job.run.id}/"))
    ]:
        await job.deps.live.conversations.pop(name).suspend()


async def verdict_from(job: Job, session: Session, message: str, on_verdict: OnVerdict) -> Ended:
    """One stretch of another session (a reviewer, a sub-agent)."""
    conversation = await open_conversation(job, session)
    async with job.deps.live.agent_slots:
        return await conversation.send(message, on_verdict)


async def meaning(job: Job, ended: Ended) -> Outcome:
    """What the end of a stretch means for the stage."""
    if ended.kind == "delegated":
        return Delegate(
            session=job.worker,
            call="",
            base_tree=ended.tree,
            tasks=tuple(task_of(call) for call in ended.calls),
        )
    why = ended.why or LocalizedText(
        key="pipeline.no_verdict", facts={"stage": stage_name(job.run.stage)}
    )
    if ended.subject:
        return ask_person(why, ("approve", "reject", "cancel"), subject=ended.subject)
    if ended.retry_at is not None:
        return Retry(why=why, after=ended.retry_at)
    if job.run.paused:
        return Wait(
            wait=Waiting(reason=LocalizedText(key="pipeline.paused"), signals=("resume", "cancel"))
        )
    if job.run.state.over:
        return Done(why=job.run.outcome or why)
    return ask_person(why)


def task_of(call: ToolCall) -> Task:
    """A `task` call's arguments as a Task whose id is the call's."""
    arguments = call.arguments
    files = arguments.get("files")
    return Task(
        id=call.id,
        title=str(arguments.get("title") or arguments.get("prompt") or "task")[:120],
        detail=str(arguments.get("prompt") or arguments.get("detail") or ""),
        files=tuple(str(f) for f in files) if isinstance(files, list) else ("**",),
    )


def ask_person(why: LocalizedText, signals: tuple[str, ...] = RESUME, subject: str = "") -> Wait:
    """Hold for a person."""
    return Wait(wait=Waiting(reason=why, signals=signals, subject=subject, person=True))


def later(job: Job, why: LocalizedText, tries: int) -> Retry:
    """Again after a pause that doubles with each try, at most five minutes."""
    pause = min(job.policy.retry_s * 2**tries, 300.0)
    return Retry(why=why, after=job.deps.clock.now() + timedelta(seconds=pause))
