"""DbosDurable: the Durable port over DBOS on SQLite. Importing it costs half a second: only the
composition root does, when work starts.

Bodies and steps, recovered ones too, run on the loop that called `launch`. DBOS records that a
step ran and what it answered; our own tables stay the truth.
"""

from __future__ import annotations

import asyncio
import contextvars
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from contextvars import ContextVar
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar

import sqlalchemy as sa
from dbos import DBOS, SetWorkflowID
from dbos import error as dbos_error

from harness.core.base import Json
from harness.core.errors import EngineError, StorageError
from harness.engine.dbos_file import config, connect, prepare, quiet
from harness.engine.recorded import plain
from harness.engine.trouble import Told, Trouble, explain, silently
from harness.ports.durable import Body

T = TypeVar("T")
VERSION = "harness-flow-1"
RETAIN = timedelta(days=7)
ENDED = ["SUCCESS", "ERROR", "CANCELLED", "MAX_RECOVERY_ATTEMPTS_EXCEEDED"]
UNDER_WAY = ["PENDING", "ENQUEUED", "DELAYED"]
# how often the queue of recovered work is looked into, in seconds: eagerly at launch, then
# seldom, because only what could not be written down comes back through it
EAGER_S, IDLE_S = 0.05, 2.0
_inside: ContextVar[_Flow | None] = ContextVar("harness_flow", default=None)


class _Dbos(DBOS):
    """DBOS that leaves the loop's own thread pool alone: its pool ends before our loop does."""

    @classmethod
    async def _configure_asyncio_thread_pool(cls) -> None:
        return


class DbosDurable:
    """`path` is DBOS's own SQLite file. One in a process at a time; the caller holds the state
    lock. Close it before the loop ends. `told` hears at once of a disk that takes nothing."""

    def __init__(self, path: Path, version: str = VERSION, told: Told = silently) -> None:
        self._path = path
        self._trouble = Trouble(told)
        self._version = version
        self._bodies: dict[str, Body] = {}
        self._workflows: dict[str, Callable[[Json], Coroutine[Any, Any, Json]]] = {}
        self._live: dict[str, _Flow] = {}
        self._again: set[asyncio.Task[None]] = set()
        self._engine: sa.Engine | None = None
        self._stopping = False

    @property
    def stopping(self) -> bool:
        """True once `close` was called: flows end at their next step."""
        return self._stopping

    def define(self, workflow: str, body: Body) -> None:
        new = workflow not in self._bodies
        self._bodies[workflow] = body
        if self._engine is not None and new:
            if workflow not in self._workflows:
                self._workflows[workflow] = self._register(workflow)
            self._later(self._take_up(workflow))

    async def retire(self, *workflows: str, grace_s: float = 10.0) -> None:
        for name in workflows:
            self._bodies.pop(name, None)
        await self._end([f for f in self._live.values() if f.workflow in workflows], grace_s)

    async def launch(self) -> None:
        """Returns when every workflow that was under way runs again. Blocks the loop for a
        moment: DBOS takes the loop that calls it as the one to run on."""
        if self._engine is not None:
            raise EngineError("engine.running")
        await asyncio.to_thread(prepare, self._path)
        quiet()
        self._engine = connect(self._path)
        for name in self._bodies:
            self._workflows[name] = self._register(name)
        instance = _Dbos(config=config(self._path, self._engine, self._version))
        queue = instance._registry._register_internal_queue(
            "_dbos_internal_queue", polling_interval_sec=EAGER_S
        )
        _Dbos.launch()
        await self._wait_for_recovery()
        queue._polling_interval_sec = IDLE_S
        await self.purge()

    async def start(self, workflow: str, workflow_id: str, argument: Json) -> None:
        flow = _inside.get()
        if flow is not None:
            raise EngineError("engine.child_in_step", child=workflow_id, step=flow.busy or flow.id)
        if self._stopping:
            raise EngineError("engine.closed", workflow=workflow_id)
        await _outside(self.begin(workflow, workflow_id, argument))

    async def begin(self, workflow: str, workflow_id: str, argument: Json) -> None:
        """Starts it in the present context: as a child when called by a flow."""
        try:
            if workflow not in self._bodies:
                raise KeyError(workflow)
            with SetWorkflowID(workflow_id):
                await _Dbos.start_workflow_async(self._workflows[workflow], plain(argument))
        except (dbos_error.DBOSConflictingWorkflowError, KeyError) as error:
            raise EngineError(
                "engine.other_workflow", workflow=workflow_id, name=workflow
            ) from error
        except sa.exc.DBAPIError as error:
            raise explain(error.orig, self._path) from error

    async def join(self, workflow_id: str) -> Json:
        """Raises what the body raised; EngineError when there is no such workflow, or the
        engine closes first."""
        return await _outside(self._result(workflow_id))

    async def active(self) -> tuple[str, ...]:
        """Of this version only: what an older harness left is entered again from our own rows."""
        found = await _outside(
            _Dbos.list_workflows_async(
                status=UNDER_WAY,
                app_version=self._version,
                load_input=False,
                load_output=False,
            )
        )
        return tuple(w.workflow_id for w in found)

    async def purge(self, older: timedelta = RETAIN) -> int:
        """Forgets workflows that ended longer ago than that; how many."""
        before = (datetime.now(UTC) - older).isoformat()
        found = await _outside(
            _Dbos.list_workflows_async(
                status=ENDED, completed_before=before, load_input=False, load_output=False
            )
        )
        if found:
            await _outside(_Dbos.delete_workflows_async([w.workflow_id for w in found]))
        return len(found)

    async def close(self, *, grace_s: float = 10.0) -> None:
        """Steps under way may end and be recorded within the grace; the rest is cancelled and
        goes on at the next launch. May be called twice."""
        if self._engine is None:
            return
        self._stopping = True
        for task in self._again:
            task.cancel()
        await asyncio.gather(*self._again, return_exceptions=True)
        await self._end(list(self._live.values()), grace_s)
        await asyncio.to_thread(_Dbos.destroy, destroy_registry=True)
        self._engine.dispose()
        self._engine = None

    async def _end(self, flows: Sequence[_Flow], grace_s: float) -> None:
        """Steps under way of these may end and be recorded; then they are cancelled."""
        for flow in flows:
            flow.ending = True
            if flow.busy is None:
                flow.task.cancel()
        await _wait_for(flows, grace_s * 0.7)
        for flow in flows:
            flow.cut = True
            flow.task.cancel()
        await _wait_for(flows, max(grace_s * 0.3, 2.0))

    async def _wait_for_recovery(self) -> None:
        """Waits until what was under way before runs on our loop. What nobody defines any more
        stays where it is."""
        for _ in range(200):
            names = list(self._bodies)
            found = await _outside(
                _Dbos.list_workflows_async(
                    status=UNDER_WAY,
                    name=names,
                    app_version=self._version,
                    load_input=False,
                    load_output=False,
                )
            )
            if not names or not {w.workflow_id for w in found} - set(self._live):
                return
            await asyncio.sleep(EAGER_S)

    def _over(self, flow: _Flow) -> None:
        """A workflow whose end could not be written down (a full disk) goes on from its last
        record, as after a kill, as soon as writing works again."""
        if self._live.get(flow.id) is flow:
            del self._live[flow.id]
        task = flow.task
        fault = None if task.cancelled() else task.exception()
        lost = task.cancelled() or isinstance(fault, sa.exc.DBAPIError | StorageError)
        if lost and not flow.ending and not self._stopping:
            self._later(self._resume(flow.id))

    def _later(self, work: Coroutine[Any, Any, None]) -> None:
        """Beside everything else, until we close."""
        again = asyncio.get_running_loop().create_task(work, context=contextvars.Context())
        self._again.add(again)
        again.add_done_callback(self._again.discard)

    async def _take_up(self, name: str) -> None:
        """What was under way when this workflow was still somebody's."""
        found = await _Dbos.list_workflows_async(
            status=UNDER_WAY,
            name=[name],
            app_version=self._version,
            load_input=False,
            load_output=False,
        )
        for one in found:
            if one.workflow_id not in self._live:
                self._later(self._resume(one.workflow_id))

    async def _resume(self, workflow_id: str) -> None:
        pause_s = 1.0
        while True:
            await asyncio.sleep(pause_s)
            try:
                await _Dbos.resume_workflow_async(workflow_id)
            except sa.exc.DBAPIError as error:
                self.tell(error)
                pause_s = min(pause_s * 2, 30.0)
            else:
                self._trouble.over()
                return

    def tell(self, error: sa.exc.DBAPIError) -> None:
        """Of what could not be written down."""
        self._trouble.tell(explain(error.orig, self._path))

    async def _result(self, workflow_id: str) -> Json:
        pause_s, ending = 0.002, False
        while True:
            if (flow := self._live.get(workflow_id)) is not None:
                await asyncio.wait([flow.task])
                ending = flow.ending
            if self._stopping:
                raise EngineError("engine.closed", workflow=workflow_id)
            status = await _Dbos.get_workflow_status_async(workflow_id)
            if status is None:
                raise EngineError("engine.no_workflow", workflow=workflow_id)
            if status.status == "SUCCESS":
                output: Json = status.output
                return output
            if status.status == "ERROR" and status.error is not None:
                raise status.error
            if status.status in ENDED:
                raise EngineError("engine.cancelled", workflow=workflow_id)
            if ending:
                raise EngineError("engine.closed", workflow=workflow_id)
            await asyncio.sleep(pause_s)  # about to begin, or waiting to be recovered
            pause_s = min(pause_s * 2, 0.2)

    def _register(self, name: str) -> Callable[[Json], Coroutine[Any, Any, Json]]:
        async def run(argument: Json) -> Json:
            workflow_id = DBOS.workflow_id
            task = asyncio.current_task()
            assert workflow_id is not None
            assert task is not None
            body = self._bodies.get(name)
            if body is None:
                # retired before its turn came
                raise asyncio.CancelledError
            flow = _Flow(self, name, workflow_id, task)
            self._live[workflow_id] = flow
            task.add_done_callback(lambda _: self._over(flow))
            _inside.set(flow)
            try:
                return plain(await body(flow, argument), workflow=workflow_id)
            except dbos_error.DBOSException as error:
                raise _explain(error, workflow_id) from error
            except Exception:
                if flow.cut:
                    # what breaks while everything is taken away is not the workflow's result
                    raise asyncio.CancelledError from None
                raise

        return _Dbos.workflow(name=name, max_recovery_attempts=1_000_000)(run)


class _Flow:
    """The Flow port for one body. `busy` names the step under way; `ending`: it is the last."""

    def __init__(
        self, engine: DbosDurable, workflow: str, workflow_id: str, task: asyncio.Task[Any]
    ) -> None:
        self._engine = engine
        self._id = workflow_id
        self.workflow = workflow
        self.task = task
        self.busy: str | None = None
        self.ending = False
        self.cut = False

    @property
    def id(self) -> str:
        return self._id

    async def step(self, name: str, work: Callable[[], Awaitable[Json]]) -> Json:
        async def once() -> Json:
            try:
                return plain(await work(), workflow=self._id, step=name)
            except Exception:
                if self.cut:
                    raise asyncio.CancelledError from None
                raise

        self._enter(name)
        try:
            return await _Dbos.run_step_async({"name": name}, once)
        except dbos_error.DBOSUnexpectedStepError as error:
            raise _explain(error, self._id) from error
        except sa.exc.DBAPIError as error:
            # not written down: the body may not go on as if it were
            self._engine.tell(error)
            raise asyncio.CancelledError from None
        except StorageError:
            raise asyncio.CancelledError from None
        finally:
            self.busy = None

    async def start(self, workflow: str, workflow_id: str, argument: Json) -> None:
        if self.busy is not None:
            raise EngineError("engine.child_in_step", child=workflow_id, step=self.busy)
        self._enter(f"start {workflow_id}")
        try:
            await self._engine.begin(workflow, workflow_id, argument)
        except EngineError as error:
            if isinstance(error.__cause__, sa.exc.DBAPIError):
                raise asyncio.CancelledError from None
            raise
        finally:
            self.busy = None

    async def join(self, workflow_id: str) -> Json:
        if self.busy is not None:
            raise EngineError("engine.child_in_step", child=workflow_id, step=self.busy)
        return await self._engine.join(workflow_id)

    def _enter(self, name: str) -> None:
        """One at a time: steps are matched with their records by order."""
        if self.busy is not None:
            raise EngineError(
                "engine.step_in_flight", workflow=self._id, step=name, other=self.busy
            )
        if self.ending or self._engine.stopping:
            raise asyncio.CancelledError
        self.busy = name


async def _wait_for(flows: Sequence[_Flow], timeout_s: float) -> None:
    if tasks := [flow.task for flow in flows]:
        await asyncio.wait(tasks, timeout=timeout_s)


async def _outside(work: Coroutine[Any, Any, T]) -> T:
    """Awaits in an empty context, so that DBOS does not count it as a part of a workflow."""
    loop = asyncio.get_running_loop()
    return await loop.create_task(work, context=contextvars.Context())


def _explain(error: dbos_error.DBOSException, workflow_id: str) -> EngineError:
    if isinstance(error, dbos_error.DBOSUnexpectedStepError):
        return EngineError("engine.step_renamed", workflow=workflow_id, why=str(error))
    return EngineError(
        "engine.failed", workflow=workflow_id, kind=type(error).__name__, why=str(error)
    )
