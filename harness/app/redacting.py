"""Our own secrets kept from what is written down: a model's replies, a command's output, facts.
Taken out where they come in, so that a transcript, the hash of what is asked next and the rows say
the same after a resume."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from datetime import datetime
from typing import TypeVar

from harness.core.base import Fact, Json, LocalizedText, Value
from harness.core.change_proof import Seen
from harness.core.egress_types import Refusal
from harness.core.errors import ModelError
from harness.core.lesson_types import Lesson
from harness.core.types import (
    BoxLimits,
    Command,
    CommandResult,
    Event,
    Evidence,
    IssueSnapshot,
    Layout,
    Message,
    Part,
    Request,
    Run,
    SearchHit,
    Session,
    TaskResult,
    Thinking,
)
from harness.engine.database import Database
from harness.engine.store import SqlStore
from harness.ports.durable import Body, Flow
from harness.ports.model import Model, OnStream
from harness.ports.sandbox import Box, Sandbox
from harness.system.redact import Redactor

V = TypeVar("V", bound=Value)


def redact_value(value: V, redact: Redactor) -> V:
    """The value without our secrets in any of its texts; itself when it holds none."""
    data = value.model_dump(mode="json")
    clean = redact.value(data)
    return value if clean is data else type(value).model_validate(clean)


class RedactedModel:
    """A Model whose replies and complaints hold no secret of ours: an issue's text may have told
    it one, and a server may quote the key it was asked with."""

    def __init__(self, model: Model, redact: Redactor) -> None:
        self._model = model
        self._redact = redact

    @property
    def name(self) -> str:
        return self._model.name

    async def complete(self, request: Request, on_stream: OnStream | None = None) -> Message:
        try:
            reply = await self._model.complete(request, on_stream)
        except ModelError as error:
            clean = {name: self._fact(fact) for name, fact in error.facts.items()}
            if clean != error.facts:
                error.facts, error.args = clean, (error.key, clean)
            raise
        parts = [part for old in reply.parts if (part := self._part(old)) is not None]
        same = all(a is b for a, b in zip(parts, reply.parts, strict=False))
        return reply if same and len(parts) == len(reply.parts) else _with(reply, parts)

    async def close(self) -> None:
        await self._model.close()

    def _fact(self, fact: Fact) -> Fact:
        if isinstance(fact, LocalizedText):
            return redact_value(fact, self._redact)
        return self._redact(fact) if isinstance(fact, str) else fact

    def _part(self, part: Part) -> Part | None:
        """None for a thought with a secret: it is signed as a whole, so it goes as a whole."""
        clean = redact_value(part, self._redact)
        return None if isinstance(part, Thinking) and clean is not part else clean


def _with(reply: Message, parts: list[Part]) -> Message:
    return reply.model_copy(update={"parts": tuple(parts)})


class RedactedSandbox:
    """A Sandbox whose commands' output holds no secret of ours. Files are left as they are: what
    is read may be written back."""

    def __init__(self, sandbox: Sandbox, redact: Redactor) -> None:
        self._sandbox = sandbox
        self._redact = redact

    @property
    def name(self) -> str:
        return self._sandbox.name

    async def check(self) -> None:
        await self._sandbox.check()

    async def open(self, layout: Layout, limits: BoxLimits) -> Box:
        return _RedactedBox(await self._sandbox.open(layout, limits), self._redact)


class _RedactedBox:
    def __init__(self, box: Box, redact: Redactor) -> None:
        self._box = box
        self._redact = redact

    async def exec(
        self, command: str, *, cwd: str = "", timeout_s: float | None = None
    ) -> CommandResult:
        ran = await self._box.exec(command, cwd=cwd, timeout_s=timeout_s)
        output = self._redact.sure(ran.output)
        return ran if output is ran.output else ran.model_copy(update={"output": output})

    async def read(self, path: str, *, limit: int = 4 << 20) -> bytes:
        return await self._box.read(path, limit=limit)

    async def write(self, path: str, data: bytes) -> None:
        await self._box.write(path, data)

    async def search(
        self, pattern: str, *, glob: str = "", limit: int = 200
    ) -> tuple[SearchHit, ...]:
        return await self._box.search(pattern, glob=glob, limit=limit)

    def frozen(self) -> AbstractAsyncContextManager[None]:
        return self._box.frozen()

    @property
    def refusals(self) -> tuple[Refusal, ...]:
        return self._box.refusals

    async def close(self) -> None:
        await self._box.close()


def veiled_body(body: Body, redact: Redactor) -> Body:
    """A workflow whose steps' answers, as the engine writes them down, hold no secret of ours: one
    may say what a fault said."""

    async def run(flow: Flow, argument: Json) -> Json:
        return await body(_RedactedFlow(flow, redact), argument)

    return run


class _RedactedFlow:
    def __init__(self, flow: Flow, redact: Redactor) -> None:
        self._flow = flow
        self._redact = redact

    @property
    def id(self) -> str:
        return self._flow.id

    async def step(self, name: str, work: Callable[[], Awaitable[Json]]) -> Json:
        async def clean() -> Json:
            return self._redact.value(await work())

        return await self._flow.step(name, clean)

    async def start(self, workflow: str, workflow_id: str, argument: Json) -> None:
        await self._flow.start(workflow, workflow_id, argument)

    async def join(self, workflow_id: str) -> Json:
        return await self._flow.join(workflow_id)


class RedactedStore(SqlStore):
    """The Store whose rows hold no secret of ours. Turns come clean: their replies from
    RedactedModel, their results and what is said from the transcript itself, which is what the hash
    of the next request is made of."""

    def __init__(self, database: Database, redact: Redactor) -> None:
        super().__init__(database)
        self._redact = redact

    async def open_run(
        self, project: str, snapshot: IssueSnapshot, at: datetime
    ) -> tuple[Run, bool]:
        return await super().open_run(project, redact_value(snapshot, self._redact), at)

    async def save_run(self, run: Run) -> None:
        await super().save_run(redact_value(run, self._redact))

    async def record(self, event: Event) -> Event:
        return await super().record(redact_value(event, self._redact))

    async def put_evidence(self, run: str, evidence: Evidence) -> None:
        await super().put_evidence(run, redact_value(evidence, self._redact))

    async def cache_tests(self, key: str, evidence: Evidence) -> None:
        await super().cache_tests(key, redact_value(evidence, self._redact))

    async def keep_trial(self, key: str, seen: Seen) -> None:
        await super().keep_trial(key, redact_value(seen, self._redact))

    async def put_lesson(self, lesson: Lesson) -> None:
        await super().put_lesson(redact_value(lesson, self._redact))

    async def open_session(self, session: Session) -> Session:
        return await super().open_session(redact_value(session, self._redact))

    async def put_task_result(self, session: str, result: TaskResult) -> None:
        await super().put_task_result(session, redact_value(result, self._redact))

    async def post(self, command: Command) -> Command:
        return await super().post(redact_value(command, self._redact))

    async def inbox_done(self, command: int, answer: str) -> None:
        await super().inbox_done(command, self._redact.sure(answer))

    def _clean(self, value: Json) -> Json:
        return self._redact.value(value)
