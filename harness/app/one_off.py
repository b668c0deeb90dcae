"""`harness agent`: one session in a sandboxed copy of a repository as it lies there, uncommitted
work included. The copy's change is shown, and taken over only when asked."""

from __future__ import annotations

import asyncio
import os
import secrets
import tempfile
from dataclasses import replace
from pathlib import Path

from harness.agent.backends.native import Native
from harness.app import adapters
from harness.app.environment import Prepared
from harness.app.instructing import InstructionReader
from harness.app.projects import Shared, loop_parts
from harness.config.settings import Settings
from harness.core.errors import RefusedError
from harness.core.types import (
    Actor,
    Answered,
    Assignment,
    Ended,
    FileChange,
    IssueSnapshot,
    LocalizedText,
    Remote,
    Run,
    Session,
    Verdict,
)
from harness.core.view_types import AgentDone
from harness.engine.database import Database
from harness.engine.journal import SqlJournal
from harness.engine.store import SqlStore
from harness.git.tree_snapshot import TreeTaker
from harness.git.workspace import Author, ProjectWorkspace
from harness.pipeline.agents.openings import instructions_text
from harness.prompting.templates import Prompts, prompts_root
from harness.system.files import atomic_write, parts_beneath
from harness.system.git import Git

TOOLS = ("bash", "read", "edit", "write", "search", "todo", "verdict")


class OneOffCheckpoint:
    """Takes the session's last word."""

    def __init__(self, prompts: Prompts) -> None:
        self._prompts = prompts
        self.said = ""

    async def __call__(self, verdict: Verdict) -> Answered:
        if verdict.kind not in ("done", "no_change", "blocked"):
            return Answered(text=self._prompts.text("subagents/ending_wanted"), is_error=True)
        text = verdict.data.get("summary") or verdict.data.get("reason")
        if not isinstance(text, str) or not text:
            return Answered(text=self._prompts.text("gate/last_word_wanted"), is_error=True)
        self.said = text
        return Answered(text=self._prompts.text("verdicts/noted"), reached=True)


class Copied:
    """The person's repository as we see it: its HEAD, and its work tree as a tree of ours."""

    def __init__(self, top: Path, gitdir: Path, root: Path, settings: Settings, shared: Shared):
        self.top = top
        self.gitdir = gitdir
        self._index = root / "index"
        self._exclude = root / "exclude"
        self.workspace = ProjectWorkspace(
            root,
            "agent",
            lambda: Remote(url=str(gitdir)),
            Author("harness", "harness@localhost"),
            Prepared(
                settings,
                shared.sources.place,
                adapters.sandbox(settings, shared.sources.place.env),
                str(gitdir),
            ),
        )

    async def head(self) -> str:
        """The commit the person stands on."""
        await self.workspace.sync()
        commit = await Git(self.gitdir).text("rev-parse", "--verify", "HEAD^{commit}")
        return await self.workspace.resolve(commit)

    async def tree(self, base: str) -> str:
        """The work tree with what is not committed; what the base ignores is left out."""
        git = Git(self.workspace.gitdir, work_tree=self.top, index=self._index)
        await git.run("read-tree", "--reset", await self.workspace.tree_of(base))
        self._exclude.write_bytes(await self.workspace.ignore_rules(base))
        tree, _ = await TreeTaker(git, self._exclude).take()
        return tree


async def solo(
    settings: Settings, shared: Shared, prompt: str, cwd: Path, apply: bool
) -> AgentDone:
    """Run it; `why` says why it stopped early or why the change was not applied."""
    top, gitdir = await places_of(cwd)
    with tempfile.TemporaryDirectory(prefix="harness-agent-", dir=settings.state_dir) as folder:
        root = Path(folder)
        database = Database(root / "state.db")
        await database.open()
        try:
            mine = replace(shared, store=SqlStore(database), journal=SqlJournal(database))
            copied = Copied(top, gitdir, root, settings, shared)
            return await _work(settings, mine, copied, prompt, apply)
        finally:
            await database.close()


async def places_of(cwd: Path) -> tuple[Path, Path]:
    """Top folder and gitdir of the repository that `cwd` is in."""
    for folder in (cwd, *cwd.parents):
        dot = folder / ".git"
        if dot.is_dir():
            return folder, dot
        if dot.is_file():
            text = (
                (await asyncio.to_thread(dot.read_text, "utf-8", "surrogateescape"))
                .removeprefix("gitdir:")
                .strip()
            )
            return folder, (folder / text).resolve()
    raise RefusedError("cli.not_a_repository", folder=str(cwd))


async def _begin(copied: Copied) -> tuple[str, str]:
    """The commit and the tree to start from; the environment is made by then."""
    base = await copied.head()
    before = await copied.tree(base)
    await copied.workspace.environment(base)
    return base, before


async def _work(
    settings: Settings, shared: Shared, copied: Copied, prompt: str, apply: bool
) -> AgentDone:
    worker = settings.model_for("worker")
    loading = asyncio.create_task(asyncio.to_thread(adapters.preload, settings, worker))
    try:
        base, before = await _begin(copied)
    finally:
        await loading
    run = await open_run(shared, base, prompt)
    prompts = Prompts(prompts_root())
    told = await InstructionReader(copied.workspace)(base)
    opening = f"{instructions_text(prompts, told)}\n\n{prompt}" if told.text else prompt
    box = adapters.sandbox(settings, shared.sources.place.env)
    loop = loop_parts(settings, shared, copied.workspace, box, prompts)
    session = Session(
        id=f"{run.id}-solo",
        run=run.id,
        kind="worker",
        verdicts="ending",
        model=worker,
        system=prompts.text("solo"),
        opening=opening,
        tools=TOOLS,
        prompt_version=prompts.version,
        base_tree=before,
        created_at=shared.clock.now(),
    )
    desk = OneOffCheckpoint(prompts)
    talk = await Native(replace(loop, early=True)).open(
        Assignment(session=session, run=run, stage="implement")
    )
    try:
        ended = await talk.send("", desk)
    finally:
        after = await talk.suspend()
    done = await _result(shared, copied, run, ended, (before, after), desk.said)
    return await _apply(copied, base, before, after, done) if apply and done.diff else done


async def open_run(shared: Shared, base: str, prompt: str) -> Run:
    person = Actor(id=0, login="you")
    now = shared.clock.now()
    snapshot = IssueSnapshot(
        number=0, title=prompt[:72], body=prompt, author=person, taken_at=now, trigger=person
    )
    # a name of its own: the ledger is shared with every other run of the day
    name = f"agent-{secrets.token_hex(6)}"
    run, _ = await shared.store.open_run(name, snapshot, now)
    run = run.model_copy(update={"base_sha": base})
    await shared.store.save_run(run)
    return run


async def _result(
    shared: Shared, copied: Copied, run: Run, ended: Ended, trees: tuple[str, str], said: str
) -> AgentDone:
    before, after = trees
    spent = await shared.ledger.spend_of("run", run.id)
    changes = await copied.workspace.changes(before, after)
    return AgentDone(
        text=said or ended.text,
        diff=await copied.workspace.diff(before, after, limit=1 << 20),
        files=tuple(c.path for c in changes),
        why=None if ended.kind == "reached" else (ended.why or LocalizedText(key="pipeline.over")),
        turns=spent.calls,
        tokens=spent.tokens,
        cost_usd=spent.cost_usd,
        estimated=spent.estimated,
    )


async def _apply(copied: Copied, base: str, before: str, after: str, done: AgentDone) -> AgentDone:
    """Take the change over, unless the person's files moved meanwhile."""
    if done.why is not None or await copied.tree(base) != before:
        why = done.why or LocalizedText(key="pipeline.agent_moved")
        return done.model_copy(update={"why": why})
    for change in await copied.workspace.changes(before, after):
        data = await copied.workspace.file(after, change.path)
        await asyncio.to_thread(_write_file, copied.top, change, data)
    return done.model_copy(update={"applied": True})


def _write_file(top: Path, change: FileChange, data: bytes | None) -> None:
    """One file of the change, in the person's tree. Links are neither followed nor made."""
    target = top.joinpath(*parts_beneath(top, change.path))
    for parent in list(target.parents)[: len(Path(change.path).parts) - 1]:
        if parent.is_symlink():
            raise RefusedError("system.not_a_file", path=change.path)
    if change.status == "deleted" or data is None:
        target.unlink(missing_ok=True)
        return
    if change.new_mode.startswith("120") or target.is_symlink():
        raise RefusedError("system.not_a_file", path=change.path)
    absent = [parent for parent in target.parents if not parent.exists()]
    target.parent.mkdir(parents=True, exist_ok=True)
    for parent in absent:  # what we write is for us alone; their tree is theirs
        parent.chmod(0o755)
    mode = target.stat().st_mode & 0o777 if target.exists() else 0o644
    if change.new_mode == "100755":
        mode |= 0o111
    atomic_write(target, data, mode=mode)
    os.utime(target)
