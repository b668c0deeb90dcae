"""A session on a bench: the real loop and tools, a folder as sandbox, a scripted model."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Protocol, cast

from harness.agent.backends.native import Native
from harness.agent.deps import LoopDeps, LoopLimits
from harness.agent.gate import Gate, OpenGate
from harness.agent.loop import AgentSession
from harness.agent.skill_news import NoSkills, SkillShelf
from harness.app.refusals import Recorder
from harness.core.base import Json
from harness.core.types import (
    Actor,
    Answered,
    Assignment,
    CallRecord,
    Ended,
    IssueSnapshot,
    LocalizedText,
    Message,
    Request,
    Run,
    RunState,
    Session,
    Stage,
    Task,
    ToolResult,
    Turn,
    Usage,
    Verdict,
)
from harness.engine.database import Database
from harness.engine.journal import SqlJournal
from harness.engine.ledger import Caps, SqlLedger
from harness.engine.store import SqlStore
from harness.ports.model import Model
from harness.ports.sandbox import Sandbox
from harness.ports.tool import Tool
from harness.ports.workspace import Workspace
from harness.prompting.templates import Prompts, prompts_root
from harness.testing.folder_box import FolderSandbox
from harness.testing.workspace import FolderWorkspace
from harness.tools.checkpoints import TASK, VERDICT
from harness.tools.context import ToolContext
from harness.tools.registry import MAKERS
from tests.engine.values import NO_CAPS

NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
ALICE = Actor(id=1, login="alice")
FILES = {"calc.py": b"def add(a, b):\n    return a - b\n", "README.md": b"# calc\n"}
PROMPTS = Prompts(prompts_root())


class Killed(BaseException):
    """The process dies here."""


class MakeRig(Protocol):
    """The fixture of that name."""

    def __call__(self, model: Model, **options: Any) -> Rig: ...


class DyingStore(SqlStore):
    """Tells the rig of each write to a transcript, after it."""

    def __init__(self, database: Database, written: Callable[[str], None]) -> None:
        super().__init__(database)
        self._written = written

    async def put_turn(self, turn: Turn) -> None:
        await super().put_turn(turn)
        self._written(f"turn {turn.number}, {len(turn.results)} results")


class DyingJournal(SqlJournal):
    """Tells the rig of each reply, after it is recorded."""

    def __init__(self, database: Database, written: Callable[[str], None]) -> None:
        super().__init__(database)
        self._written = written

    async def record(
        self, session: str, turn: int, request_hash: str, message: Message, call: CallRecord
    ) -> None:
        await super().record(session, turn, request_hash, message, call)
        self._written(f"journal {turn}")


class TestClock:
    """Time that passes only by sleeping, and a second a look."""

    __test__ = False

    def __init__(self) -> None:
        self.seconds = 0.0
        self.slept: list[float] = []

    def now(self) -> datetime:
        return NOW

    def monotonic(self) -> float:
        self.seconds += 1
        return self.seconds

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.seconds += seconds


def accept(*kinds: str) -> Callable[[Verdict], Answered]:
    """Reached for these kinds (all when none are given)."""

    def decide(verdict: Verdict) -> Answered:
        reached = not kinds or verdict.kind in kinds
        return Answered(text=f"{verdict.kind}: seen", reached=reached)

    return decide


@dataclass
class Rig:
    """Everything that outlives a process, and `open()` for a new one."""

    root: Path
    model: Model
    limits: LoopLimits = field(default_factory=LoopLimits)
    tools: tuple[str, ...] = (*MAKERS, VERDICT, TASK)
    task: Task | None = None
    caps: Caps = NO_CAPS
    extra: dict[str, Callable[[ToolContext], Tool]] = field(default_factory=dict)
    real: tuple[Workspace, Sandbox, str, str] | None = None
    """Workspace, sandbox, base commit and base tree, in place of folders."""
    kill_at: int = 0
    writes: int = 0
    verdicts: list[Verdict] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    told: list[int] = field(default_factory=list)
    gate: Gate = field(default_factory=OpenGate)
    skills: SkillShelf = field(default_factory=NoSkills)
    interrupt: LocalizedText | None = None

    def __post_init__(self) -> None:
        self.database = Database(self.root / "state.db")
        self.store = DyingStore(self.database, self._written)
        self.journal = DyingJournal(self.database, self._written)
        self.ledger = SqlLedger(self.database, self.caps)
        self.workspace = FolderWorkspace(self.root)
        self.sandbox = FolderSandbox(self.root / "private")
        self.clock = TestClock()
        self.base = self.real[3] if self.real else self.workspace.tree(FILES)
        snapshot = IssueSnapshot(
            number=1, title="add", body="wrong", author=ALICE, taken_at=NOW, trigger=ALICE
        )
        self.run = Run(
            id="", project="p", issue=1, number=1, state=RunState.ACTIVE,
            stage=Stage.IMPLEMENT, snapshot=snapshot, created_at=NOW, updated_at=NOW,
        )  # fmt: skip
        self._fresh = snapshot
        self.session = Session(
            id="p/1/1/worker", run="", kind="subagent" if self.task else "worker",
            model="scripted", system="Be good.", opening="Mend add.", tools=self.tools,
            prompt_version=PROMPTS.version, base_tree=self.base, task=self.task, created_at=NOW,
        )  # fmt: skip

    def _written(self, what: str) -> None:
        self.writes += 1
        if self.writes == self.kill_at:
            raise Killed(what)

    async def open(self) -> AgentSession:
        """A new process that opens the session."""
        if not self.run.id:
            await self.database.open()
            self.run, _ = await self.store.open_run("p", self._fresh, NOW)
            self.session = self.session.model_copy(update={"run": self.run.id})
            if self.real:
                self.run = self.run.model_copy(update={"base_sha": self.real[2]})

        async def interrupted(run: str) -> LocalizedText | None:
            return self.interrupt

        async def note(session: Session, kind: str, text: str) -> None:
            self.notes.append(f"{kind}: {text}")

        async def told(session: Session, turn: Turn) -> None:
            self.told.append(turn.number)

        def cost(model: str, usage: Usage) -> float:
            return usage.total / 1e6

        deps = LoopDeps(
            model=lambda name: self.model,
            store=self.store,
            journal=self.journal,
            ledger=self.ledger,
            workspace=self.real[0] if self.real else cast(Workspace, self.workspace),
            sandbox=self.real[1] if self.real else cast(Sandbox, self.sandbox),
            clock=self.clock,
            cost=cost,
            prompts=PROMPTS,
            limits=self.limits,
            interrupted=interrupted,
            note=note,
            extra=self.extra,
            gate=self.gate,
            skills=self.skills,
            on_turn=told,
            on_refused=Recorder(self.store, self.clock, lambda run, event: None),
        )
        return await Native(deps).open(
            Assignment(session=self.session, run=self.run, stage="implement")
        )

    def judge(self, decide: Callable[[Verdict], Answered]) -> OnVerdictLike:
        """An on_verdict that writes down what it was asked."""
        return OnVerdictLike(self, decide)

    def file(self, tree: str, path: str) -> str:
        """A file's text in a tree."""
        return self.workspace.trees[tree][path].decode()


class OnVerdictLike:
    """Callable as OnVerdict."""

    def __init__(self, rig: Rig, decide: Callable[[Verdict], Answered]) -> None:
        self._rig = rig
        self._decide = decide

    async def __call__(self, verdict: Verdict) -> Answered:
        self._rig.verdicts.append(verdict)
        return self._decide(verdict)


FIX: tuple[str, dict[str, Json]] = (
    "edit",
    {"path": "calc.py", "edits": [{"old": "a - b", "new": "a + b"}]},
)
DONE: tuple[str, dict[str, Json]] = ("verdict", {"kind": "done", "data": {"summary": "mended"}})


def bash(command: str) -> tuple[str, dict[str, Json]]:
    return ("bash", {"command": command})


async def send(rig: Rig, message: str = "", *kinds: str) -> Ended:
    talk = await rig.open()
    ended = await talk.send(message, rig.judge(accept(*kinds)))
    await talk.suspend()
    return ended


async def turns(rig: Rig) -> tuple[Turn, ...]:
    return await rig.store.turns(rig.session.id)


async def results(rig: Rig) -> list[ToolResult]:
    return [result for turn in await turns(rig) for result in turn.results]


def valid(request: Request) -> None:
    """What every provider demands: alternation, every call answered in the next message."""
    assert [m.role for m in request.messages] == [
        "user" if i % 2 == 0 else "assistant" for i in range(len(request.messages))
    ]
    assert request.messages[-1].role == "user"
    for at, message in enumerate(request.messages):
        assert message.parts
        if message.role == "assistant" and message.calls:
            answered = [p.call_id for p in request.messages[at + 1].parts if hasattr(p, "call_id")]
            assert answered == [c.id for c in message.calls]
