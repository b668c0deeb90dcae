"""Sub-agents: each a child workflow in its own clone, merged in order, conflicts repaired by an
agent and checked by code (C2)."""

from __future__ import annotations

import asyncio

from harness.agent.hook_files import find_hook_files
from harness.core.base import Fact, Json, stored_fact
from harness.core.errors import ConfigError
from harness.core.globs import matches
from harness.core.outcome import Delegate
from harness.core.types import (
    Answered,
    Assignment,
    LocalizedText,
    Session,
    Task,
    TaskResult,
    Verdict,
)
from harness.pipeline import slots
from harness.pipeline.agents.openings import opening_repair, opening_subagent
from harness.pipeline.agents.sessions import SUBAGENT_TOOLS, narrow_session, suspend_all, tools_for
from harness.pipeline.agents.skills import RESOLVE_CONFLICTS, skill_text
from harness.pipeline.agents.verdicts import ENDINGS, Blocked, Finished, NoChange, mistake, parse
from harness.pipeline.deps import PipelineDeps
from harness.pipeline.job import Job
from harness.pipeline.overlap import order_tasks, waves
from harness.pipeline.slots import MergedTasks
from harness.pipeline.verification.examining import has_conflict_marks
from harness.ports.durable import Flow
from harness.system.log import about


def child_id(delegation: Delegate, task: Task) -> str:
    """The child's workflow and session id: fixed, so that a restart finds it."""
    call = f"{delegation.call}.{task.id}" if delegation.call else task.id
    return f"{delegation.session}/{call}"


async def delegate(flow: Flow, deps: PipelineDeps, run_id: str, delegation: Delegate) -> None:
    """Wave by wave: start all, wait for all, merge in the plan's order. What comes of it is kept
    in DELEGATED, at the call; the stage that asked finds it there."""
    tree = delegation.base_tree
    failed: Json = ""
    for number, wave in enumerate(waves(order_tasks(delegation.tasks))):
        tree, failed = await _wave(flow, deps, run_id, delegation, wave, number, tree)
        if failed:
            break

    async def keep() -> Json:
        return await _keep(deps, run_id, delegation, tree, failed)

    await flow.step(f"kept-{delegation.call}", keep)


async def _wave(
    flow: Flow,
    deps: PipelineDeps,
    run_id: str,
    delegation: Delegate,
    wave: tuple[Task, ...],
    number: int,
    tree: str,
) -> tuple[str, Json]:
    """One layer of tasks at once; the merged tree, or why it failed."""
    for task in wave:
        argument: Json = {
            "run": run_id,
            "session": child_id(delegation, task),
            "task": task.model_dump(mode="json"),
            "tree": tree,
        }
        await flow.start(f"agent:{deps.policy.project}", child_id(delegation, task), argument)
    for task in wave:
        await flow.join(child_id(delegation, task))

    async def merge_wave() -> Json:
        return await merge_tasks(deps, run_id, delegation, wave, tree)

    answer = await flow.step(f"merge-{delegation.call}-{number}", merge_wave)
    assert isinstance(answer, dict)
    return str(answer["tree"]), answer["failed"]


async def _keep(
    deps: PipelineDeps, run_id: str, delegation: Delegate, tree: str, failed: Json
) -> Json:
    job = Job(deps, await deps.store.run(run_id))
    if not failed:
        await suspend_all(job)
        await adopt(deps, delegation.session, tree)
    merged = MergedTasks.model_validate({"tree": tree, "failed": failed})
    await job.put(slots.DELEGATED.at(delegation.call), merged)
    return None


async def adopt(deps: PipelineDeps, session: str, tree: str) -> None:
    """The worker goes on with the merged tree: its newest turn is said to have left it."""
    turns = await deps.store.turns(session)
    if turns:
        await deps.store.put_turn(turns[-1].model_copy(update={"tree_after": tree}))


async def merge_tasks(
    deps: PipelineDeps, run_id: str, delegation: Delegate, tasks: tuple[Task, ...], base: str
) -> Json:
    """The wave's trees merged in order: {"tree", "failed"}."""
    job = Job(deps, await deps.store.run(run_id))
    tree, files = base, []
    for task in tasks:
        result = await deps.store.task_result(child_id(delegation, task))
        if result is None or result.status != "done":
            no_result = LocalizedText(key="pipeline.task_no_result")
            what = (result.why or result.summary) if result else no_result
            return _failed("page.placed", place=f"{task.title}:", what=what)
        outcome = await deps.workspace.merge_trees(base, tree, result.tree)
        tree = outcome.tree
        if outcome.conflicts:
            await job.tell(
                "conflict", f"{delegation.call}:{task.id}", files=", ".join(outcome.conflicts)
            )
            repaired = await repair(job, task, tree, outcome.conflicts)
            if repaired is None:
                return _failed("event.conflict", files=", ".join(outcome.conflicts))
            tree = repaired
        files.append(task.title)
    await job.tell("tasks_merged", f"{delegation.call}:{tree}", tasks=", ".join(files))
    return {"tree": tree, "failed": ""}


def _failed(key: str, **facts: Fact) -> Json:
    return {"tree": "", "failed": stored_fact(LocalizedText(key=key, facts=facts))}


async def repair(job: Job, task: Task, tree: str, conflicts: tuple[str, ...]) -> str | None:
    """An agent resolves the marks; code checks that none is left and nothing else was touched."""
    fixing = Task(id=f"{task.id}-repair", title=f"repair {task.title}", files=conflicts)
    opening = await opening_repair(job, task, conflicts)
    skill = await skill_text(job, RESOLVE_CONFLICTS)
    session = await _open(
        job,
        f"{job.run.id}-repair-{tree[:10]}",
        fixing,
        tree,
        f"{opening}\n\n{skill}" if skill else opening,
    )
    async with job.deps.live.agent_slots:
        result = await _work(job, session)
    if result.status != "done":
        return None
    workspace = job.deps.workspace
    for change in await workspace.changes(tree, result.tree):
        if not matches(change.path, conflicts):
            return None
    for path in conflicts:
        data = await workspace.file(result.tree, path) or b""
        if has_conflict_marks(data):
            return None
    return result.tree


class Child:
    """The workflow body of one sub-agent."""

    def __init__(self, deps: PipelineDeps) -> None:
        self.deps = deps

    async def agent(self, flow: Flow, argument: Json) -> Json:
        """Argument: {"run", "session", "task", "tree"}. Answers the TaskResult's status."""
        assert isinstance(argument, dict)
        given = dict(argument)
        return await flow.step("work", lambda: self._step(given))

    async def _step(self, given: dict[str, Json]) -> Json:
        run = await self.deps.store.run(str(given["run"]))
        with about(project=run.project, issue=run.issue, run=run.id, session=str(given["session"])):
            return await self._run_task(given)

    async def _run_task(self, given: dict[str, Json]) -> Json:
        deps = self.deps
        name, task = str(given["session"]), Task.model_validate(given["task"])
        done = await deps.store.task_result(name)
        if done is not None:
            return done.status
        job = Job(deps, await deps.store.run(str(given["run"])))
        tree = str(given["tree"])
        try:
            session = await _open(job, name, task, tree, await opening_subagent(job, task))
            # waiting for a slot is not work: the time of the stage begins after it
            async with deps.live.agent_slots, asyncio.timeout(deps.policy.stage_s):
                result = await _work(job, session)
        except ConfigError as fault:
            result = _no_word(job, task, tree, fault.say)
        except TimeoutError:
            result = _no_word(job, task, tree, LocalizedText(key="pipeline.task_out_of_time"))
        await deps.store.put_task_result(name, result)
        kind = "task_done" if result.status == "done" else "task_failed"
        await job.tell(kind, name, task=task.title, summary=result.why or result.summary)
        return result.status


async def _open(job: Job, name: str, task: Task, tree: str, opening: str) -> Session:
    deps = job.deps
    opened = await deps.store.session(name)
    if opened is not None:
        return opened
    made = await narrow_session(
        job,
        Session(
            id=name,
            run=job.run.id,
            kind="subagent",
            model=deps.policy.models["subagent"],
            system=deps.prompts.text("subagent"),
            opening=opening,
            tools=tools_for(job, SUBAGENT_TOOLS),
            prompt_version=deps.prompts.version,
            base_tree=tree,
            task=task,
            created_at=deps.clock.now(),
        ),
    )
    return await deps.store.open_session(made)


async def _work(job: Job, session: Session) -> TaskResult:
    """One sub-agent until it is done, in a slot that the caller holds; its tree is checked against
    its files by code."""
    assert session.task is not None
    task = session.task
    said: dict[str, str] = {}

    async def take(verdict: Verdict) -> Answered:
        claim = parse(verdict, ENDINGS)
        if isinstance(claim, Finished):
            stray = await _stray(job.deps, session, verdict.tree)
            if stray:
                text = job.prompt("subagents/outside_files", files=", ".join(stray))
                return Answered(text=text, is_error=True)
            said.update(status="done", summary=claim.summary, tree=verdict.tree)
        elif isinstance(claim, Blocked | NoChange):
            status = "failed" if isinstance(claim, Blocked) else "done"
            said.update(status=status, summary=claim.reason, tree=verdict.tree)
        else:
            why = mistake(claim, "subagents/ending_wanted")
            return Answered(text=job.deps.prompts.fill(why), is_error=True)
        return Answered(text=job.prompt("verdicts/noted"), reached=True)

    talks = job.deps.live.conversations
    # one that breaks off is suspended with the run's other sessions
    talks[session.id] = await job.deps.backend.open(
        Assignment(session=session, run=job.run, stage="implement")
    )
    ended = await talks[session.id].send("", take)
    last = await talks.pop(session.id).suspend()
    if ended.kind != "reached" or not said:
        why = ended.why or LocalizedText(key="pipeline.task_no_result")
        return _no_word(job, task, last, why).model_copy(update={"usage": ended.usage})
    status = "done" if said["status"] == "done" else "failed"
    tree = said["tree"] or last
    return TaskResult(
        task=task.id, status=status, tree=tree, summary=said["summary"], usage=ended.usage
    )


def _no_word(job: Job, task: Task, tree: str, why: LocalizedText) -> TaskResult:
    return TaskResult(task=task.id, status="failed", tree=tree, summary=job.english(why), why=why)


async def _stray(deps: PipelineDeps, session: Session, tree: str) -> list[str]:
    assert session.task is not None
    changes = await deps.workspace.changes(session.base_tree, tree)
    hooks = await find_hook_files(deps.store, deps.workspace, (session.id,), tree)
    stray = [c.path for c in changes if not matches(c.path, session.task.files)]
    return [path for path in stray if path not in hooks]
