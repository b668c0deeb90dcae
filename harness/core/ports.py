"""Every seam on one page, but Forge, which is as long as all the rest: core/forge_port.py. Each
Protocol has at least two real implementations.

All methods that wait are coroutines on one event loop. An adapter raises the errors of
core.errors and nothing else for what can be expected to happen.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from datetime import datetime
from pathlib import Path
from typing import Literal, Protocol

from harness.core.base import Json
from harness.core.box_types import (
    BoxLimits,
    Entry,
    Environment,
    FileChange,
    Layout,
    Match,
    MergedTree,
    Ran,
)
from harness.core.egress_types import Refusal
from harness.core.forge_port import Forge as Forge
from harness.core.talk_types import Answered, Assignment, Ended, Verdict
from harness.core.types import (
    CallRecord,
    Command,
    Event,
    Evidence,
    Granted,
    IssueSnapshot,
    Message,
    Plan,
    Request,
    Run,
    RunState,
    Session,
    Spend,
    SpendScope,
    StreamEvent,
    TaskResult,
    ToolCall,
    ToolResult,
    ToolSpec,
    Turn,
)

# ---------------------------------------------------------------- models and tools


OnStream = Callable[[StreamEvent], None]


class Model(Protocol):
    """A language model. A reply is returned only when complete; a cut stream raises ModelError
    and nothing of it is kept. Cancelled by cancelling the task. Never retries by itself."""

    @property
    def name(self) -> str: ...
    async def complete(self, request: Request, on_stream: OnStream | None = None) -> Message: ...
    async def close(self) -> None: ...


class Tool(Protocol):
    """Something a model can do. `run` never raises for a model's mistake: it answers with
    is_error and a sentence that says how to ask rightly."""

    @property
    def spec(self) -> ToolSpec: ...
    @property
    def effects(self) -> Literal["none", "tree", "outside"]:
        """What running it again would change: nothing, the work tree, or the world."""
        ...

    async def run(self, call: ToolCall) -> ToolResult: ...


# ---------------------------------------------------------------- sandbox


class Box(Protocol):
    """One running sandbox. Answers are a claim of something inside: advice, never evidence.
    Paths are relative to the tree or absolute inside. Raises SandboxError when the Box is gone,
    FileNotFoundError / IsADirectoryError / PermissionError for files."""

    async def exec(self, command: str, *, cwd: str = "", timeout_s: float | None = None) -> Ran:
        """`/bin/bash -c command`; returns when the command's own process ends, whatever its
        children hold. `cwd` "" is where the last command of this Box ended."""
        ...

    async def read(self, path: str, *, limit: int = 4 << 20) -> bytes: ...
    async def write(self, path: str, data: bytes) -> None: ...
    async def search(self, pattern: str, *, glob: str = "", limit: int = 200) -> tuple[Match, ...]:
        """Lines matching a Python regular expression; glob limits file names. With an empty
        pattern: the file names themselves (line 0)."""
        ...

    def frozen(self) -> AbstractAsyncContextManager[None]:
        """While inside, no process of the Box runs: the tree may be read from outside."""
        ...

    @property
    def refusals(self) -> tuple[Refusal, ...]:
        """What it was not let out to so far; kept after `close`."""
        ...

    async def close(self) -> None:
        """Ends every process of the Box. May be called twice."""
        ...


class Sandbox(Protocol):
    """Opens Boxes."""

    @property
    def name(self) -> str: ...
    async def check(self) -> None:
        """MissingError with the way to mend it when Boxes cannot be opened here."""
        ...

    async def open(self, layout: Layout, limits: BoxLimits) -> Box: ...


class Copy(Protocol):
    """An agent's own clone: `path` on the host, bound into a Box. Its own .git is never opened
    by us."""

    @property
    def path(self) -> Path: ...
    @property
    def nested(self) -> tuple[str, ...]:
        """Git repositories inside the tree that the last snapshot left out."""
        ...

    async def snapshot(self) -> str:
        """The work tree as a tree id in state.git (call with the Box frozen)."""
        ...

    async def restore(self, tree: str) -> None:
        """Makes the work tree that tree (call with no Box open)."""
        ...

    async def remove(self) -> None: ...


class Workspace(Protocol):
    """One project's git, ours alone: a bare mirror of the forge and state.git. Ids are git
    object ids; every id we hand out stays reachable until `forget`."""

    async def sync(self) -> None:
        """Fetch the forge's branches into the mirror."""
        ...

    async def resolve(self, ref: str) -> str:
        """Commit id of a branch of the forge or a commit-ish. NotFound."""
        ...

    async def tree_of(self, commit: str) -> str: ...
    async def copy(self, name: str, tree: str, base_sha: str) -> Copy:
        """A fresh or existing clone called `name` holding exactly `tree`, its HEAD at base_sha."""
        ...

    async def environment(self, base_sha: str) -> Environment:
        """Set up or taken from the cache."""
        ...

    async def layout(self, copy: Copy, environment: Environment) -> Layout: ...
    async def changes(self, old: str, new: str) -> tuple[FileChange, ...]: ...
    async def diff(self, old: str, new: str, *, limit: int = 200_000) -> str:
        """Unified diff as text, cut with a note at `limit` characters."""
        ...

    async def files(self, tree: str) -> tuple[str, ...]: ...
    async def file(self, tree: str, path: str) -> bytes | None: ...
    async def entry(self, tree: str, path: str) -> Entry | None:
        """The file or link at a path; None when there is neither."""
        ...

    async def with_files(self, tree: str, files: Mapping[str, str | None]) -> str:
        """Tree with these paths set to blob ids (mode kept or 100644), or removed (None)."""
        ...

    async def blob(self, tree: str, path: str) -> str | None:
        """Blob id at a path."""
        ...

    async def put_blob(self, data: bytes) -> str: ...
    async def merge_trees(self, base: str, ours: str, theirs: str) -> MergedTree: ...
    async def commit(self, tree: str, parents: Sequence[str], message: str, at: datetime) -> str:
        """A commit by the configured author; the same arguments give the same id."""
        ...

    async def push(self, commit: str, branch: str, expected: str | None) -> None:
        """Push with lease: `expected` is the branch's present commit, None when it must not
        exist. Already there at `commit`: fine. Conflict otherwise."""
        ...

    async def log(self, commit: str, *, limit: int) -> tuple[str, ...]:
        """First-parent ancestors, newest first, `commit` included."""
        ...

    async def commits_between(self, old: str, new: str) -> tuple[str, ...]: ...
    async def ours(self, commit: str) -> bool:
        """Whether that commit names our configured author as its committer: no person's work."""
        ...

    async def forget(self, run: str) -> None: ...


# ---------------------------------------------------------------- engine


class Store(Protocol):
    """Our tables: the truth. Every write is one transaction; keyed writes may be repeated."""

    async def open_run(
        self, project: str, snapshot: IssueSnapshot, at: datetime
    ) -> tuple[Run, bool]:
        """The issue's active run, or a new one (True). Atomic: never two active runs."""
        ...

    async def run(self, run: str) -> Run: ...
    async def find_run(self, project: str, issue: int) -> Run | None:
        """The newest run of an issue."""
        ...

    async def runs(
        self, project: str | None = None, states: Sequence[RunState] = ()
    ) -> tuple[Run, ...]: ...
    async def save_run(self, run: Run) -> None: ...

    async def record(self, event: Event) -> Event:
        """Append once per (run, key); the stored one comes back with its id."""
        ...

    async def events(self, run: str, after: int = 0) -> tuple[Event, ...]: ...

    async def put_plan(self, run: str, plan: Plan, by: str, at: datetime) -> Plan:
        """The next version; the same hash as the newest is not stored again."""
        ...

    async def plan(self, run: str, version: int = 0) -> Plan | None:
        """That version, 0 the newest."""
        ...

    async def put_evidence(self, run: str, evidence: Evidence) -> None: ...
    async def evidence(self, run: str) -> tuple[Evidence, ...]: ...
    async def cached_tests(self, key: str) -> Evidence | None:
        """A base's test result by (tree, environment, command)."""
        ...

    async def cache_tests(self, key: str, evidence: Evidence) -> None: ...

    async def open_session(self, session: Session) -> Session:
        """Stored once per id; the stored one comes back."""
        ...

    async def session(self, session: str) -> Session | None: ...
    async def sessions(self, run: str) -> tuple[Session, ...]: ...
    async def turns(self, session: str) -> tuple[Turn, ...]: ...
    async def put_turn(self, turn: Turn) -> None:
        """Insert or replace by (session, number)."""
        ...

    async def put_task_result(self, session: str, result: TaskResult) -> None: ...
    async def task_result(self, session: str) -> TaskResult | None: ...

    async def post(self, command: Command) -> Command: ...
    async def inbox(self) -> tuple[Command, ...]:
        """Not yet done, oldest first."""
        ...

    async def inbox_done(self, command: int, answer: str) -> None: ...
    async def inbox_answer(self, command: int) -> str | None: ...

    async def keep(self, scope: str, key: str, value: Json) -> None:
        """Small facts of ours: cursors, cached verdicts, last notified hold."""
        ...

    async def kept(self, scope: str, key: str) -> Json: ...


class Journal(Protocol):
    """Every model reply, written before anything acts on it."""

    async def lookup(self, session: str, turn: int, request_hash: str) -> Message | None:
        """JournalMismatch when the recorded request was another."""
        ...

    async def record(
        self, session: str, turn: int, request_hash: str, message: Message, call: CallRecord
    ) -> None: ...
    async def calls(self, run: str) -> tuple[CallRecord, ...]: ...


class Ledger(Protocol):
    """Caps per session, run, issue, project's day and day in tokens, money and tool calls,
    counted in flight, kept through a kill."""

    async def reserve(self, run: Run, session: str, turn: int, estimate: Spend, day: str) -> None:
        """CapReached when any scope would be crossed, or has no tool call left. The same (session,
        turn) again while it is in flight: what became of the first is unknown, so it is spent."""
        ...

    async def settle(self, session: str, turn: int, actual: Spend, day: str = "") -> Granted:
        """What the call took, and room for the tool calls that its reply asks for, counted before
        they run. Repeated, nothing counts twice; under raised caps, or on a new `day`, it grants
        more."""
        ...

    async def spent(self, scope: SpendScope, key: str) -> Spend: ...


Body = Callable[["Flow", Json], Awaitable[Json]]


class Flow(Protocol):
    """What a workflow's body may do. Bodies are deterministic between these calls."""

    @property
    def id(self) -> str: ...
    async def step(self, name: str, work: Callable[[], Awaitable[Json]]) -> Json:
        """Runs once; on recovery a recorded step answers without running."""
        ...

    async def start(self, workflow: str, workflow_id: str, argument: Json) -> None:
        """Start a child; the same id again is the same child."""
        ...

    async def join(self, workflow_id: str) -> Json: ...


class Durable(Protocol):
    """Workflows that survive kill -9. Bodies and steps run on the loop that called `launch`."""

    def define(self, workflow: str, body: Body) -> None:
        """Before `launch`."""
        ...

    async def launch(self) -> None:
        """Opens the database and takes up what was under way."""
        ...

    async def start(self, workflow: str, workflow_id: str, argument: Json) -> None: ...
    async def join(self, workflow_id: str) -> Json: ...
    async def active(self) -> tuple[str, ...]: ...
    async def close(self, *, grace_s: float = 10.0) -> None: ...


class Clock(Protocol):
    """The only source of time for decisions."""

    def now(self) -> datetime:
        """Aware, UTC."""
        ...

    def monotonic(self) -> float:
        """Seconds, for durations."""
        ...

    async def sleep(self, seconds: float) -> None: ...


# ---------------------------------------------------------------- backends


OnVerdict = Callable[[Verdict], Awaitable[Answered]]


class Conversation(Protocol):
    """One agent session under way."""

    async def send(self, message: str, on_verdict: OnVerdict) -> Ended:
        """Say something (empty: go on) and work until a checkpoint, a delegation or a stop.
        A message already said at this place of a resumed transcript is not said again."""
        ...

    async def suspend(self) -> str:
        """Close the Box at a snapshot; the tree id."""
        ...


class Backend(Protocol):
    """Who does the thinking: our own loop, Claude Code, Codex. Opening a session that has turns
    resumes it at (turn, tree)."""

    async def open(self, assignment: Assignment) -> Conversation: ...


class Words(Protocol):
    """The catalogue in one language."""

    def __call__(self, key: str, **facts: object) -> str: ...
