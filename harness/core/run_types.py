"""What harness itself knows: runs, plans, evidence, sessions. Pure values, all JSON."""

from __future__ import annotations

import hashlib
from datetime import datetime
from enum import StrEnum
from typing import Final, Literal

from harness.core.base import Json, Value
from harness.core.base import LocalizedText as LocalizedText
from harness.core.forge_types import Actor
from harness.core.message_types import Message, ToolResult, Usage
from harness.core.proof_types import Reproduction
from harness.core.stage_types import Attempts as Attempts
from harness.core.stage_types import Stage as Stage
from harness.core.tally_types import Tally


class RunState(StrEnum):
    """active: an activation works on it; waiting: for a stored Wait; held: for a person;
    done, failed, cancelled: over."""

    ACTIVE = "active"
    WAITING = "waiting"
    HELD = "held"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"

    @property
    def over(self) -> bool:
        """True when nothing more will happen without a new run."""
        return self in (RunState.DONE, RunState.FAILED, RunState.CANCELLED)


class IssueSnapshot(Value):
    """The text a run was started with, and who started it. Later edits never reach an agent."""

    number: int
    title: str
    body: str
    author: Actor
    labels: tuple[str, ...] = ()
    comments: tuple[str, ...] = ()
    """Trusted people's comments at that moment: those of the issue's author and of maintainers,
    then the others', each oldest first."""
    hidden_removed: int = 0
    left_chars: int = 0
    """Characters of the text and of these comments that were left out: they are too long."""
    left_comments: int = 0
    """Trusted people's comments that found no room."""
    echoes: int = 0
    """Comments that only agree ("me too")."""
    others: int = 0
    """Comments of people whose words do not count; no agent is shown them."""
    taken_at: datetime
    trigger: Actor
    trigger_kind: str = ""
    """What asked for the run: label, assign, comment, author."""

    @property
    def fingerprint(self) -> str:
        """Hash of the approved text."""
        text = "\0".join((self.title, self.body, *self.comments))
        return hashlib.sha256(text.encode()).hexdigest()


class Waiting(Value):
    """Why a run rests and what ends it. The tick starts the next activation when a signal is
    posted, the deadline passes, or the forge changed."""

    reason: LocalizedText
    signals: tuple[str, ...]
    """Inbox verbs that end it: approve, reject, answer, retry, resume, comment, review, ..."""
    until: datetime | None = None
    """A time to look again by itself; None: only a signal."""
    fingerprint: str = ""
    """What the forge looked like; a change of it is a signal."""
    subject: str = ""
    """What a person's `approve` or `reject` is about: a plan's hash, a tree, a head."""
    person: bool = False
    """True: a person must act (held)."""


Difficulty = Literal["trivial", "small", "medium", "large"]
IssueKind = Literal["bug", "feature", "chore", "docs", "question"]


class Task(Value):
    """A part of a plan. `files` are globs of what it may touch; `agent`: the project's agent file
    by which it is done, "" for the usual."""

    id: str
    title: str
    detail: str = ""
    files: tuple[str, ...]
    depends: tuple[str, ...] = ()
    agent: str = ""


class Criterion(Value):
    """Something that must be true at the end; `check` is a command that exits 0 when it is."""

    text: str
    check: str = ""


class ExpectationChange(Value):
    """An existing test whose expectation the plan changes, and why; approval covers it."""

    test: str
    """A path, or path::name."""
    why: str


class Plan(Value):
    """What will be done. A new version for each edit; `hash` is what approval names."""

    version: int = 1
    summary: str
    kind: IssueKind = "bug"
    difficulty: Difficulty = "small"
    tasks: tuple[Task, ...]
    criteria: tuple[Criterion, ...] = ()
    risks: tuple[str, ...] = ()
    alternatives: tuple[str, ...] = ()
    test_changes: tuple[ExpectationChange, ...] = ()

    @property
    def hash(self) -> str:
        """Sixteen hex digits over the content, version excluded; as it was before tasks could name
        an agent where none does: approvals go by it."""
        usual = {n: {"agent"} for n, task in enumerate(self.tasks) if not task.agent}
        text = self.model_dump_json(exclude={"version": True, "tasks": usual})
        return hashlib.sha256(text.encode()).hexdigest()[:16]


class Evidence(Value):
    """One command that harness itself ran on one tree in a fresh sandbox, and what came of it."""

    id: str
    kind: Literal["reproduction", "tests", "criterion", "earlier", "independent", "probe"]
    tree: str
    side: Literal["base", "product", "change", "earlier", "poisoned"]
    """`product`: the base with the change's product files alone, judged by the base's tests.
    `poisoned`: the same with a raise at the head of what was changed; it should fail."""
    command: str
    exit_code: int
    timed_out: bool = False
    output: str
    """Cut to head and tail; the whole is the file evidence/<id>.log."""
    tests: Tally | None = None
    started_at: datetime
    duration_s: float
    sandbox: str


class Finding(Value):
    """Something a check or a reviewer holds against the change."""

    source: Literal[
        "tests", "reproduction", "weakening", "scope", "criterion", "review", "policy", "unseen"
    ]
    """`unseen`: nothing is known to be wrong, but something was not seen: the change is held."""
    path: str = ""
    line: int = 0
    severity: Literal["blocking", "advice"] = "blocking"
    say: LocalizedText


class Run(Value):
    """An issue's journey. `number` counts the runs of one issue from 1."""

    id: str
    project: str
    issue: int
    number: int
    state: RunState
    stage: Stage
    activation: int = 0
    attempts: Attempts = Attempts()
    snapshot: IssueSnapshot
    base_sha: str = ""
    began_sha: str = ""
    """The default branch's commit when the run began. The project's instructions, hooks and rules
    are those of this commit, wherever the base moves meanwhile."""
    tree: str = ""
    """The change as a tree id in state.git, once an agent has said it is done."""
    verified: str = ""
    """The tree that passed the evidence gate, and the base it was held against: tree@base_sha."""
    branch: str = ""
    head_sha: str = ""
    pr: int = 0
    merged_sha: str = ""
    kind: IssueKind | None = None
    difficulty: Difficulty | None = None
    plan_version: int = 0
    approvals: dict[str, str] = {}
    """What was approved (a plan's hash, a Wait's subject) -> by whom ("policy" or a login)."""
    reproduction: Reproduction | None = None
    outcome: LocalizedText | None = None
    wait: Waiting | None = None
    paused: bool = False
    created_at: datetime
    updated_at: datetime


SessionKind = Literal["worker", "subagent", "reviewer"]
VerdictKinds = Literal["worker", "reviewer", "ending", "probing", "independent"]
"""All of a worker's; a reviewer's, and with probes; how something ended; a test of the issue."""


class Session(Value):
    """One agent conversation. What is here never changes after it is opened."""

    id: str
    run: str
    kind: SessionKind
    model: str
    """Name of the configured model (a key of [models])."""
    system: str
    opening: str
    """The first user message."""
    thinking_tokens: int = 0
    tools: tuple[str, ...]
    prompt_version: str
    base_tree: str
    """Tree the session started at."""
    task: Task | None = None
    verdicts: VerdictKinds | None = None
    """Which verdicts it may give; None: those of its kind."""
    agent: str = ""
    """The project's agent file that it goes by, as it is where the run began; "": none."""
    turns: int = 0
    """Its replies at most, where that is less than any session of the operator's may have; 0: as
    many as those."""
    created_at: datetime

    @property
    def may_give(self) -> VerdictKinds:
        """Which verdicts it may give."""
        return self.verdicts or ("ending" if self.kind == "subagent" else self.kind)


class Turn(Value):
    """One reply and its tool results. `results` grows call by call; a turn is closed when every
    call has its result. `tree_before` is the tree the reply is acted on."""

    session: str
    number: int
    reply: Message
    results: tuple[ToolResult, ...] = ()
    tree_before: str
    said: str = ""
    """What harness adds after the results (observations, nudges, answers)."""
    reached: tuple[str, ...] = ()
    """Verdict calls that ended a stretch of conversation."""
    begun: str = ""
    """An outside call written down before it ran; without a result after a kill: interrupted."""
    tree_after: str = ""
    """The newest snapshot inside this turn: a resume restores it and runs recorded tree-effect
    calls after the first `covers` results again. Empty: `tree_before` and all of them."""
    covers: int = 0

    @property
    def pending(self) -> tuple[str, ...]:
        """Ids of calls without a result, in order."""
        done = {r.call_id for r in self.results}
        return tuple(c.id for c in self.reply.calls if c.id not in done)


class TaskResult(Value):
    """What came of one sub-agent."""

    task: str
    status: Literal["done", "failed"]
    tree: str
    summary: str
    why: LocalizedText | None = None
    """Why it ended without a word of its own; `summary` says the same to agents."""
    usage: Usage = Usage()


class Event(Value):
    """A recorded fact of a run: PROGRESS.md and the report are rendered from these.

    `key` makes it idempotent: the same key is recorded once. `facts` feed the catalogue entry
    `event.<kind>`.
    """

    id: int = 0
    run: str
    key: str
    at: datetime
    stage: Stage
    kind: str
    facts: dict[str, Json] = {}


class Command(Value):
    """A person's word, posted to the inbox: approve, reject, answer, pause, resume, cancel,
    retry, agree, undo, start, plan."""

    id: int = 0
    verb: str
    project: str
    issue: int
    by: str
    text: str = ""
    at: datetime


SpendScope = Literal["session", "run", "issue", "project_day", "day"]
"""What a cap is over: one conversation, one run, an issue's lifetime, a project's day, a day of
all projects."""
DAY_SCOPES: Final[tuple[SpendScope, ...]] = ("project_day", "day")
"""Those that begin anew with the next day."""


class Spend(Value):
    """What was spent or reserved in one scope. `calls` are the model's, `tool_calls` the agent's;
    a tool call counts from before it runs. `estimated`: some of it no server told us."""

    tokens: int = 0
    cost_usd: float = 0.0
    calls: int = 0
    tool_calls: int = 0
    estimated: bool = False


class Granted(Value):
    """How many of a reply's tool calls may run, counted already; `why` names the cap that stops
    the next one."""

    calls: int
    why: LocalizedText | None = None


class CallRecord(Value):
    """One model call as it was recorded: for cost tables."""

    session: str
    turn: int
    run: str
    stage: str
    model: str
    usage: Usage
    cost_usd: float
    input_bytes: int
    latency_s: float
    at: datetime
