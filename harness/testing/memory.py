"""What an agent needs of the engine and the workspace, in memory and folders: for tests."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Callable
from pathlib import Path

from harness.core.base import Json
from harness.core.errors import CapReached, EngineError, JournalMismatch
from harness.core.types import (
    CallRecord,
    Environment,
    FileChange,
    Layout,
    MergedTree,
    Message,
    Plan,
    Run,
    Session,
    Spend,
    TaskResult,
    Turn,
)


class MemoryTalks:
    """The part of the Store port that conversations use. `on_write` is called after each write:
    a test may raise there, as a kill would."""

    def __init__(self, on_write: Callable[[str], None] | None = None) -> None:
        self.on_write = on_write or (lambda what: None)
        self._turns: dict[str, dict[int, str]] = {}
        self._sessions: dict[str, Session] = {}
        self._results: dict[str, TaskResult] = {}
        self._kept: dict[tuple[str, str], Json] = {}
        self._runs: dict[str, Run] = {}
        self._plans: dict[str, Plan] = {}

    async def open_session(self, session: Session) -> Session:
        return self._sessions.setdefault(session.id, session)

    async def session(self, session: str) -> Session | None:
        return self._sessions.get(session)

    async def turns(self, session: str) -> tuple[Turn, ...]:
        rows = self._turns.get(session, {})
        return tuple(Turn.model_validate_json(rows[n]) for n in sorted(rows))

    async def put_turn(self, turn: Turn) -> None:
        self._turns.setdefault(turn.session, {})[turn.number] = turn.model_dump_json()
        self.on_write(f"turn {turn.number} results {len(turn.results)}")

    async def put_task_result(self, session: str, result: TaskResult) -> None:
        self._results[session] = result

    async def task_result(self, session: str) -> TaskResult | None:
        return self._results.get(session)

    async def keep(self, scope: str, key: str, value: Json) -> None:
        self._kept[scope, key] = value

    async def kept(self, scope: str, key: str) -> Json:
        return self._kept.get((scope, key))

    async def save_run(self, run: Run) -> None:
        self._runs[run.id] = run

    async def run(self, run: str) -> Run:
        if run not in self._runs:
            raise EngineError("engine.no_run", run=run)
        return self._runs[run]

    async def set_plan(self, run: str, plan: Plan) -> None:
        """The run's newest plan."""
        self._plans[run] = plan

    async def plan(self, run: str, version: int = 0) -> Plan | None:
        return self._plans.get(run)


class MemoryJournal:
    """The Journal port."""

    def __init__(self, on_write: Callable[[str], None] | None = None) -> None:
        self.on_write = on_write or (lambda what: None)
        self._rows: dict[tuple[str, int], tuple[str, str, CallRecord]] = {}

    async def lookup(self, session: str, turn: int, request_hash: str) -> Message | None:
        row = self._rows.get((session, turn))
        if row is None:
            return None
        if row[0] != request_hash:
            raise JournalMismatch("engine.journal_mismatch", session=session, turn=turn)
        return Message.model_validate_json(row[1])

    async def record(
        self, session: str, turn: int, request_hash: str, message: Message, call: CallRecord
    ) -> None:
        self._rows[session, turn] = (request_hash, message.model_dump_json(), call)
        self.on_write(f"journal {turn}")

    async def calls(self, run: str) -> tuple[CallRecord, ...]:
        return tuple(call for _, _, call in self._rows.values() if call.run == run)


class MemoryLedger:
    """The Ledger port with one cap: tokens a run."""

    def __init__(self, cap_tokens: int = 10_000_000) -> None:
        self._cap = cap_tokens
        self.open: dict[tuple[str, int], Spend] = {}
        self.settled: dict[tuple[str, int], Spend] = {}

    async def reserve(self, run: Run, session: str, turn: int, estimate: Spend, day: str) -> None:
        others = {**self.settled, **self.open}
        others.pop((session, turn), None)
        if sum(s.tokens for s in others.values()) + estimate.tokens > self._cap:
            raise CapReached("engine.cap_tokens", scope="run", cap=self._cap)
        self.open[session, turn] = estimate

    async def settle(self, session: str, turn: int, actual: Spend) -> None:
        self.open.pop((session, turn), None)
        self.settled[session, turn] = actual

    async def spent(self, scope: str, key: str) -> Spend:
        rows = [*self.settled.values(), *self.open.values()]
        return Spend(tokens=sum(s.tokens for s in rows), calls=len(rows))


class FolderCopy:
    """The Copy port over a plain folder."""

    def __init__(self, path: Path, workspace: FolderWorkspace) -> None:
        self.path = path
        self._workspace = workspace

    async def snapshot(self) -> str:
        return self._workspace.take(self.path)

    async def restore(self, tree: str) -> None:
        self._workspace.put(self.path, tree)

    async def remove(self) -> None:
        shutil.rmtree(self.path, ignore_errors=True)


class FolderWorkspace:
    """The part of the Workspace port that conversations use; trees are dictionaries."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self.trees: dict[str, dict[str, bytes]] = {}

    def tree(self, files: dict[str, bytes]) -> str:
        """The id of a tree with these files."""
        digest = hashlib.sha256()
        for name in sorted(files):
            digest.update(f"{name}\0{len(files[name])}\0".encode() + files[name])
        self.trees[digest.hexdigest()[:40]] = dict(files)
        return digest.hexdigest()[:40]

    def take(self, path: Path) -> str:
        """What stands in a folder, as a tree."""
        return self.tree(
            {p.relative_to(path).as_posix(): p.read_bytes() for p in path.rglob("*") if p.is_file()}
        )

    def put(self, path: Path, tree: str) -> None:
        """Makes a folder hold exactly this tree."""
        path.mkdir(parents=True, exist_ok=True)
        for child in path.iterdir():
            shutil.rmtree(child) if child.is_dir() else child.unlink()
        for name, data in self.trees[tree].items():
            (path / name).parent.mkdir(parents=True, exist_ok=True)
            (path / name).write_bytes(data)

    async def copy(self, name: str, tree: str, base_sha: str) -> FolderCopy:
        path = self._root / "copies" / name
        self.put(path, tree)
        return FolderCopy(path, self)

    async def environment(self, base_sha: str) -> Environment:
        return Environment(id="none")

    async def layout(self, copy: FolderCopy, environment: Environment) -> Layout:
        return Layout(tree=copy.path)

    async def changes(self, old: str, new: str) -> tuple[FileChange, ...]:
        before, after = self.trees[old], self.trees[new]
        found = []
        for name in sorted({*before, *after}):
            if before.get(name) == after.get(name):
                continue
            gone, fresh = name not in after, name not in before
            found.append(
                FileChange(
                    path=name, status="deleted" if gone else "added" if fresh else "modified"
                )
            )
        return tuple(found)

    async def blob(self, tree: str, path: str) -> str | None:
        data = self.trees[tree].get(path)
        return None if data is None else hashlib.sha256(data).hexdigest()

    async def merge_trees(self, base: str, ours: str, theirs: str) -> MergedTree:
        old, mine, other = self.trees[base], self.trees[ours], self.trees[theirs]
        merged, conflicts = dict(mine), []
        for name in {*old, *other}:
            if old.get(name) == other.get(name):
                continue
            if mine.get(name) not in (old.get(name), other.get(name)):
                conflicts.append(name)
            elif name in other:
                merged[name] = other[name]
            else:
                merged.pop(name, None)
        return MergedTree(tree=self.tree(merged), conflicts=tuple(sorted(conflicts)))
