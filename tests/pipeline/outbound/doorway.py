"""A run at the door: a forge and a git on paper that write down what reaches them, the real store
and guard, and a daemon that knows one secret."""

from __future__ import annotations

import asyncio
import base64
import hashlib
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, cast

from harness.app.guarding import Guarding
from harness.config.environ import place
from harness.config.forge_settings import ForgeSettings
from harness.config.load import Sources
from harness.config.settings import Settings
from harness.core.errors import NotFound
from harness.core.types import (
    Assignment,
    Check,
    Ended,
    FileChange,
    IssueSnapshot,
    Permission,
    PullRequest,
    Run,
    Session,
    Thread,
)
from harness.engine.database import Database
from harness.engine.store import SqlStore
from harness.i18n.catalogue import Catalogue
from harness.pipeline.deps import PipelineDeps
from harness.pipeline.job import Job
from harness.pipeline.outbound.write_gate import behind_gate
from harness.pipeline.run_policy import RunPolicy
from harness.pipeline.verification.held import hold
from harness.ports.backend import Backend, Conversation, OnVerdict
from harness.ports.workspace import Workspace
from harness.system.clock import SystemClock
from tests.fake_forge import ME, FakeForge
from tests.patience import PATIENCE_S

AT = datetime(2026, 1, 2, tzinfo=UTC)
SECRET = "s3cr3t-Canary/Value+0042"
HEAD, BASE, ELSEWHERE = "a" * 40, "b" * 40, "d" * 40
BRANCH = "agent/issue-7"
SPELLED = {
    "raw": SECRET,
    "base64": base64.b64encode(SECRET.encode()).decode(),
    "hex": SECRET.encode().hex(),
    "reversed": SECRET[::-1],
    "zero width": "\u200b".join(SECRET),
    "over lines": "\n".join(SECRET),
}
SHAPE = "ghp_" + "aB3dE6gH9jK2mN5pQ8sT1vW4yZ7bC0dF3hJ6"
OWN, UNDO, FOREIGN = 11, 12, 99
"""Pull requests: the run's, the one that takes it back, somebody's."""
HEADS = {OWN: BRANCH, UNDO: "agent/undo-7-1", FOREIGN: "agent/issue-8"}


def pull(number: int, head: str) -> PullRequest:
    facts = {"number": number, "title": "t", "body": "b", "author": ME, "base": "main"}
    shas = {"head": head, "head_sha": HEAD, "base_sha": BASE}
    return PullRequest.model_validate({**facts, **shas, "created_at": AT, "updated_at": AT})


def furnish(forge: FakeForge, issue: int, heads: dict[int, str]) -> None:
    """An issue, the pull requests of `heads` with a thread each, a check on our commit and one on
    another; everybody may write."""
    forge.put(issue, title="t", body="b", author=ME)
    forge.others_may = Permission.WRITE
    for pr, head in heads.items():
        thread = Thread(id=f"T{pr}", path="a.py", line=1, resolved=False, comments=())
        forge.pull_requests.append(pull(pr, head))
        forge.threads_of[pr].append(thread)
    for number, commit in ((5, HEAD), (6, BASE)):
        forge.check_runs.append(Check(id=number, name="ci", commit=commit, status="completed"))


class PaperGit:
    """Part of the Workspace port; a tree is named for what its changed file holds."""

    def __init__(self) -> None:
        self.pushed: list[tuple[str, str, str | None]] = []
        self.trees: dict[str, bytes] = {}
        self.size = 0
        self.rules = b""

    def tree(self, data: bytes) -> str:
        """The id of a tree in which `a.txt` holds this."""
        name = hashlib.sha1(data, usedforsecurity=False).hexdigest()
        self.trees[name] = data
        return name

    async def tree_of(self, commit: str) -> str:
        return f"tree of {commit}"

    async def changes(self, old: str, new: str) -> tuple[FileChange, ...]:
        size = self.size or len(self.trees[new])
        return (FileChange(path="a.txt", status="added", new_mode="100644", size=size),)

    async def file(self, tree: str, path: str) -> bytes | None:
        return self.rules if path == ".gitleaks.toml" else self.trees.get(tree)

    async def files(self, tree: str) -> tuple[str, ...]:
        return ("a.txt",)

    async def resolve(self, ref: str) -> str:
        return BASE

    async def tip(self, branch: str) -> str:
        return BASE

    async def commits_between(self, old: str, new: str) -> tuple[str, ...]:
        return () if new == BASE else (new,)

    async def commit(self, tree: str, parents: Sequence[str], message: str, at: datetime) -> str:
        text = f"{tree} {parents} {message}".encode()
        return hashlib.sha1(text, usedforsecurity=False).hexdigest()

    async def push(self, commit: str, branch: str, expected: str | None) -> None:
        self.pushed.append((commit, branch, expected))


class PaperTalk:
    """The Conversation port; `fails`: its snapshot does."""

    def __init__(self, fails: bool) -> None:
        self._fails = fails

    async def send(self, message: str, on_verdict: OnVerdict) -> Ended:
        return Ended(kind="stopped")

    async def suspend(self) -> str:
        if self._fails:
            raise NotFound("forge.no_pr", number=1)
        return "t"


class PaperBackend:
    """The Backend port."""

    def __init__(self) -> None:
        self.fails = False

    async def open(self, assignment: Assignment) -> Conversation:
        return PaperTalk(self.fails)


class Doorway:
    """What a test stands in. `run` is the row of issue 7's first run; `seen`: its change holds
    nothing that was not seen."""

    seen = True

    def __init__(
        self, database: Database, folder: Path, rules: RunPolicy, secret_rules: Path | None
    ):
        self.forge, self.git, self.backend = FakeForge(), PaperGit(), PaperBackend()
        furnish(self.forge, 7, HEADS)
        self.store = SqlStore(database)
        settings = Settings(state_dir=folder, forge=ForgeSettings(kind="github", repository="o/r"))
        if secret_rules is not None:
            policy = settings.policy.model_copy(update={"secret_rules": (secret_rules,)})
            settings = settings.model_copy(update={"policy": policy})
        sources = Sources(place({"HOME": str(folder), "GITHUB_TOKEN": SECRET}, folder))
        none = cast(Any, None)
        self.deps = behind_gate(
            PipelineDeps(
                forge=self.forge,
                store=self.store,
                journal=none,
                ledger=none,
                workspace=cast(Workspace, self.git),
                sandbox=none,
                backend=cast(Backend, self.backend),
                durable=none,
                clock=SystemClock(),
                guard=Guarding(settings, sources, SystemClock()),
                prompts=none,
                words=Catalogue("en"),
                policy=rules,
                folder=lambda run: folder,
                on_event=lambda run, event: None,
            )
        )

    async def open_pr(self, **fields: object) -> Run:
        """The run as it stands with its pull request open, these fields changed."""
        snapshot = IssueSnapshot(
            number=7, title="t", body="b", author=ME, taken_at=AT, trigger=ME, trigger_kind="word"
        )
        run, _ = await self.store.open_run("p", snapshot, AT)
        facts = {"base_sha": BASE, "head_sha": HEAD, "branch": BRANCH, "pr": OWN, **fields}
        self.run = Run.model_validate(run.model_dump() | facts)
        await self.store.save_run(self.run)
        if self.seen:
            await hold(Job(self.deps, self.run), (), product=False)
        return self.run

    async def agent(self, kind: str = "worker") -> Conversation:
        """A session of the run, opened."""
        session = Session(
            id=f"{self.run.id}-{kind}",
            run=self.run.id,
            kind="worker",
            model="m",
            system="",
            opening="",
            tools=(),
            prompt_version="1",
            base_tree="t",
            created_at=AT,
        )
        given = Assignment(session=session, run=self.run, stage="implement")
        return await self.deps.backend.open(given)


async def stand(
    folder: Path,
    scene: Callable[[Doorway], Awaitable[None]],
    rules: RunPolicy | None = None,
    secret_rules: Path | None = None,
    **fields: object,
) -> None:
    """Plays a scene in the doorway."""
    folder.mkdir(parents=True, exist_ok=True)
    database = Database(folder / "state.db")
    await database.open()
    try:
        doorway = Doorway(database, folder, rules or RunPolicy(project="p"), secret_rules)
        await doorway.open_pr(**fields)
        async with asyncio.timeout(PATIENCE_S):
            await scene(doorway)
    finally:
        await database.close()
