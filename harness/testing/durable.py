"""MemoryDurable: the Durable port without a database. What it records lives in a Memory that
outlasts it, so a test can close it in the middle of work and launch another on the same Memory.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from contextvars import ContextVar
from dataclasses import dataclass, field

from harness.core.base import Json
from harness.core.errors import EngineError, HarnessError
from harness.ports.durable import Body


@dataclass
class WorkflowLog:
    """One workflow: `log` holds (name, answer or error) of each step and start, in order."""

    workflow: str
    argument: Json
    log: list[tuple[str, Json | HarnessError]] = field(default_factory=list)
    ended: bool = False
    answer: Json = None
    error: HarnessError | None = None


Memory = dict[str, WorkflowLog]


class MemoryDurable:
    """The same contract as the real engine; nothing survives the process."""

    def __init__(self, memory: Memory | None = None) -> None:
        self.memory: Memory = {} if memory is None else memory
        self._bodies: dict[str, Body] = {}
        self._live: dict[str, tuple[asyncio.Task[None], _Flow]] = {}
        self._launched = False
        self.stopping = False

    def define(self, workflow: str, body: Body) -> None:
        self._bodies[workflow] = body
        for workflow_id, recording in self.memory.items():
            mine = recording.workflow == workflow and not recording.ended
            if self._launched and mine and workflow_id not in self._live:
                self._run(workflow_id, recording)

    async def retire(self, *workflows: str, grace_s: float = 10.0) -> None:
        for name in workflows:
            self._bodies.pop(name, None)
        await self._end(
            [(t, f) for t, f in self._live.values() if f.workflow in workflows], grace_s
        )

    async def launch(self) -> None:
        if self._launched:
            raise EngineError("engine.running")
        self._launched = True
        for workflow_id, recording in self.memory.items():
            if not recording.ended and recording.workflow in self._bodies:
                self._run(workflow_id, recording)

    async def start(self, workflow: str, workflow_id: str, argument: Json) -> None:
        flow = _inside.get()
        if flow is not None:
            raise EngineError("engine.child_in_step", child=workflow_id, step=flow.busy or flow.id)
        if self.stopping:
            raise EngineError("engine.closed", workflow=workflow_id)
        self.begin(workflow, workflow_id, argument)

    def begin(self, workflow: str, workflow_id: str, argument: Json) -> None:
        """Starts it, or finds it started."""
        held = self.memory.get(workflow_id)
        if workflow not in self._bodies or (held is not None and held.workflow != workflow):
            raise EngineError("engine.other_workflow", workflow=workflow_id, name=workflow)
        if held is None:
            self.memory[workflow_id] = WorkflowLog(workflow, _plain(argument))
            self._run(workflow_id, self.memory[workflow_id])

    async def join(self, workflow_id: str) -> Json:
        recording = self.memory.get(workflow_id)
        if recording is None:
            raise EngineError("engine.no_workflow", workflow=workflow_id)
        if not recording.ended and workflow_id in self._live:
            await asyncio.wait([self._live[workflow_id][0]])
        if not recording.ended:
            raise EngineError("engine.closed", workflow=workflow_id)
        if recording.error is not None:
            raise recording.error
        return recording.answer

    async def active(self) -> tuple[str, ...]:
        return tuple(name for name, recording in self.memory.items() if not recording.ended)

    async def close(self, *, grace_s: float = 10.0) -> None:
        self.stopping = True
        await self._end(list(self._live.values()), grace_s)

    async def _end(self, live: list[tuple[asyncio.Task[None], _Flow]], grace_s: float) -> None:
        for task, flow in live:
            flow.ending = True
            if flow.busy is None:
                task.cancel()
        tasks = [task for task, _ in live]
        if tasks:
            await asyncio.wait(tasks, timeout=grace_s)
        for task, flow in live:
            flow.cut = True
            task.cancel()
        if tasks:
            await asyncio.wait(tasks)

    def _run(self, workflow_id: str, recording: WorkflowLog) -> None:
        flow = _Flow(self, workflow_id, recording)
        body = self._bodies[recording.workflow]
        task = asyncio.create_task(self._drive(flow, body, recording))
        self._live[workflow_id] = (task, flow)
        task.add_done_callback(lambda _: self._live.pop(workflow_id, None))

    async def _drive(self, flow: _Flow, body: Body, recording: WorkflowLog) -> None:
        _inside.set(flow)
        try:
            answer = await body(flow, recording.argument)
            recording.answer = _plain(answer, workflow=flow.id)
        except Exception as error:
            if flow.cut:
                raise asyncio.CancelledError from None
            recording.error = _as_harness_error(error)
            recording.ended = True
            if not isinstance(error, HarnessError):
                raise
        recording.ended = True


class _Flow:
    def __init__(self, engine: MemoryDurable, workflow_id: str, recording: WorkflowLog) -> None:
        self._engine = engine
        self._id = workflow_id
        self._recording = recording
        self._place = 0
        self.workflow = recording.workflow
        self.busy: str | None = None
        self.ending = False
        self.cut = False

    @property
    def id(self) -> str:
        return self._id

    async def step(self, name: str, work: Callable[[], Awaitable[Json]]) -> Json:
        self._enter(name)
        try:
            found, answer = self._find_recorded(name)
            if not found:
                answer = await self._once(name, work)
                self._recording.log.append((name, answer))
            self._place += 1
            if isinstance(answer, HarnessError):
                raise answer
            return answer
        finally:
            self.busy = None

    async def start(self, workflow: str, workflow_id: str, argument: Json) -> None:
        if self.busy is not None:
            raise EngineError("engine.child_in_step", child=workflow_id, step=self.busy)
        self._enter(f"start {workflow_id}")
        try:
            if not self._find_recorded(workflow)[0]:
                self._engine.begin(workflow, workflow_id, argument)
                self._recording.log.append((workflow, None))
            self._place += 1
            await asyncio.sleep(0)
        finally:
            self.busy = None

    async def join(self, workflow_id: str) -> Json:
        if self.busy is not None:
            raise EngineError("engine.child_in_step", child=workflow_id, step=self.busy)
        return await self._engine.join(workflow_id)

    async def _once(self, name: str, work: Callable[[], Awaitable[Json]]) -> Json | HarnessError:
        try:
            return _plain(await work(), workflow=self._id, step=name)
        except HarnessError as error:
            if self.cut:
                raise asyncio.CancelledError from None
            return error

    def _find_recorded(self, name: str) -> tuple[bool, Json | HarnessError]:
        if self._place >= len(self._recording.log):
            return False, None
        recorded, answer = self._recording.log[self._place]
        if recorded != name:
            why = f"{recorded} is recorded where {name} is asked for"
            raise EngineError("engine.step_renamed", workflow=self._id, why=why)
        return True, answer

    def _enter(self, name: str) -> None:
        if self.busy is not None:
            raise EngineError(
                "engine.step_in_flight", workflow=self._id, step=name, other=self.busy
            )
        if self.ending or self._engine.stopping:
            raise asyncio.CancelledError
        self.busy = name


_inside: ContextVar[_Flow | None] = ContextVar("memory_flow", default=None)


def _as_harness_error(error: Exception) -> HarnessError:
    if isinstance(error, HarnessError):
        return error
    return EngineError("engine.step_failed", kind=type(error).__name__, why=str(error))


def _plain(value: Json, *, workflow: str = "", step: str = "-") -> Json:
    try:
        copy: Json = json.loads(json.dumps(value, allow_nan=False))
    except (TypeError, ValueError) as error:
        raise EngineError(
            "engine.not_json", workflow=workflow, step=step, why=str(error)
        ) from error
    return copy
