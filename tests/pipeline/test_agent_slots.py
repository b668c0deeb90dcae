"""`limits.agents`: so many sessions work at once, and who waits for others holds no slot."""

from __future__ import annotations

import asyncio
import dataclasses
from pathlib import Path
from typing import Any, cast

import pytest

from harness.core.base import Json
from harness.core.outcome import Delegate
from harness.core.types import Answered, Assignment, Ended, MergedTree, Session, Task, Verdict
from harness.pipeline.agents.children import Child, delegate
from harness.pipeline.agents.sessions import verdict_from
from harness.pipeline.deps import PipelineDeps
from harness.pipeline.job import Job
from harness.pipeline.live_state import LiveState
from harness.pipeline.slots import DELEGATED
from harness.ports.backend import OnVerdict
from harness.ports.durable import Flow
from harness.testing.durable import MemoryDurable
from tests.fake_forge import AT
from tests.security.tempting import Paper, with_job

TASKS = tuple(Task(id=str(n), title=f"task {n}", files=(f"{n}.py",)) for n in range(5))


class Merging(Paper):
    """Trees that merge without a conflict and never leave a task's files."""

    async def merge_trees(self, base: str, ours: str, theirs: str) -> MergedTree:
        return MergedTree(tree=theirs)

    async def changes(self, old: str, new: str) -> tuple[Any, ...]:
        return ()


class Working:
    """The Backend port. Sub-agents work until so many have worked at once, then are done."""

    def __init__(self, together: int) -> None:
        self.together = together
        self.met = asyncio.Event()
        self.now: list[str] = []
        self.most = 0
        self.ended: list[str] = []

    async def open(self, assignment: Assignment) -> Talk:
        return Talk(self, assignment.session.id)


class Talk:
    """The Conversation port."""

    def __init__(self, seen: Working, session: str) -> None:
        self._seen = seen
        self._session = session

    async def send(self, message: str, on_verdict: OnVerdict) -> Ended:
        seen = self._seen
        seen.now.append(self._session)
        seen.most = max(seen.most, len(seen.now))
        children = [name for name in seen.now if "/call" in name]
        if len(children) >= seen.together:
            seen.met.set()
        if self._session in children:
            await seen.met.wait()
        await asyncio.sleep(0)
        seen.now.remove(self._session)
        seen.ended.append(self._session)
        await on_verdict(Verdict(call="c", kind="done", data={"summary": "Done."}, tree="tree"))
        return Ended(kind="reached", tree="tree")

    async def suspend(self) -> str:
        return "tree"


async def take(verdict: Verdict) -> Answered:
    return Answered(text="Noted.", reached=True)


class Parent:
    """A workflow body: a worker speaks, gives its tasks away, waits for them and speaks again."""

    def __init__(self, deps: PipelineDeps) -> None:
        self.deps = deps

    async def activation(self, flow: Flow, argument: Json) -> Json:
        run = str(cast(dict[str, Json], argument)["run"])
        worker = f"{run}-worker"
        await flow.step("before", lambda: self._speak(run, worker))
        given = Delegate(session=worker, call="call", base_tree="tree", tasks=TASKS)
        await delegate(flow, self.deps, run, given)
        await flow.step("after", lambda: self._speak(run, worker))
        merged = await self.deps.store.get(DELEGATED.at("call"), run)
        assert merged is not None
        return merged.model_dump(mode="json")

    async def _speak(self, run: str, worker: str) -> Json:
        session = Session(
            id=worker, run=run, kind="worker", model="m", system="s", opening="o", tools=(),
            prompt_version="1", base_tree="tree", created_at=AT,
        )  # fmt: skip
        await verdict_from(Job(self.deps, await self.deps.store.run(run)), session, "", take)
        return None


def with_slots(
    job: Job, backend: Working, slots: int, stage_s: float = 60.0
) -> tuple[PipelineDeps, Any]:
    """Parts with so many slots (0: as they come without a bound), on an engine that is launched."""
    durable = MemoryDurable({})
    live = LiveState(agent_slots=asyncio.Semaphore(slots)) if slots else LiveState()
    parts = dataclasses.replace(
        job.deps,
        backend=cast(Any, backend),
        workspace=cast(Any, Merging()),
        durable=durable,
        policy=job.deps.policy.model_copy(update={"stage_s": stage_s}),
        live=live,
    )
    durable.define("activation:p", Parent(parts).activation)
    durable.define("agent:p", Child(parts).agent)
    return parts, durable


@pytest.mark.parametrize("slots", [1, 2, 3, 0])
async def test_no_more_agents_work_at_once_than_the_limit_and_parents_do_not_block_them(
    tmp_path: Path, slots: int
) -> None:
    """Two runs whose parents wait at once: with one slot, a parent that held it would wait for
    ever. `slots=0`: unbounded, so that the bound is seen to do something."""

    async def scene(job: Job) -> None:
        snapshot = job.run.snapshot.model_copy(update={"number": 2})
        second, _ = await job.deps.store.open_run("p", snapshot, AT)
        runs = (job.run.id, second.id)
        working = Working(slots or len(TASKS))
        _, durable = with_slots(job, working, slots)
        await durable.launch()
        for run in runs:
            await durable.start("activation:p", run, {"run": run})
        assert [await durable.join(run) for run in runs] == [{"tree": "tree", "failed": ""}] * 2
        assert len(working.ended) == 2 * (len(TASKS) + 2)
        assert working.most == slots if slots else working.most >= len(TASKS)

    await with_job(tmp_path, scene)


async def test_the_time_of_a_task_begins_with_its_slot(tmp_path: Path) -> None:
    async def scene(job: Job) -> None:
        parts, durable = with_slots(job, Working(1), 1, stage_s=0.5)
        await durable.launch()
        argument: Json = {
            "run": job.run.id,
            "session": "late",
            "task": TASKS[0].model_dump(mode="json"),
            "tree": "tree",
        }
        async with parts.live.agent_slots:
            await durable.start("agent:p", "late", argument)
            await asyncio.sleep(0.8)
        assert await durable.join("late") == "done"

    await with_job(tmp_path, scene)
