"""Small suites on two trees, run by the real evidence code in a real sandbox: a workspace of plain
folders, a store of its own, no app."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, cast

from harness.core.types import Actor, BoxLimits, Environment, IssueSnapshot, Run
from harness.engine.database import Database
from harness.engine.store import SqlStore
from harness.environment.toolchains import copy_pytest
from harness.i18n.catalogue import Catalogue
from harness.pipeline.deps import PipelineDeps
from harness.pipeline.job import Job
from harness.pipeline.run_policy import RunPolicy
from harness.pipeline.verification.evidence import Suite
from harness.ports.sandbox import Sandbox
from harness.ports.workspace import Workspace
from harness.sandbox.bubblewrap import Bubblewrap
from harness.system.clock import SystemClock
from harness.testing.workspace import FolderWorkspace

AT = datetime(2026, 1, 2, tzinfo=UTC)
ME = Actor(id=2, login="bot", kind="bot")
PYTEST = Suite(command="python3 -m pytest", reporter="pytest")
UNITTEST = Suite(command="python3 -m unittest", reporter="unittest")
INSIDE = "/opt/harness/pytest"


class Trees(FolderWorkspace):
    """With what evidence asks of a Workspace besides; a commit is its tree."""

    def __init__(self, root: Path, environment: Environment) -> None:
        super().__init__(root)
        self._environment = environment

    def of(self, files: Mapping[str, str]) -> str:
        return self.tree({name: text.encode() for name, text in files.items()})

    async def environment(self, base_sha: str) -> Environment:
        return self._environment

    async def layout(self, copy: Any, environment: Environment) -> Any:
        layout = await super().layout(copy, environment)
        return layout.model_copy(
            update={"read_only": environment.read_only, "env": environment.env}
        )

    async def tree_of(self, commit: str) -> str:
        return commit

    async def files(self, tree: str) -> tuple[str, ...]:
        return tuple(sorted(self.trees[tree]))

    async def file(self, tree: str, path: str) -> bytes | None:
        return self.trees[tree].get(path)

    async def texts(
        self, tree: str, paths: Sequence[str], *, limit: int = 64 << 20
    ) -> dict[str, str]:
        held = self.trees[tree]
        return {path: held[path].decode() for path in paths if path in held}


@asynccontextmanager
async def job(
    root: Path,
    base: Mapping[str, str],
    limits: BoxLimits | None = None,
    sandbox: Sandbox | None = None,
    *,
    has_pytest: bool = True,
) -> AsyncIterator[tuple[Job, Trees]]:
    """A run whose base is this tree."""
    made = Environment(id="none")
    if has_pytest:
        copy_pytest(root / "pytest")
        paths = {"PYTHONPATH": INSIDE, "PYTHONDONTWRITEBYTECODE": "1"}
        made = Environment(id="e", read_only={str(root / "pytest"): INSIDE}, env=paths)
    trees = Trees(root / "trees", made)
    database = Database(root / "state.db")
    await database.open()
    try:
        store = SqlStore(database)
        snapshot = IssueSnapshot(number=7, title="t", body="b", author=ME, taken_at=AT, trigger=ME)
        opened, _ = await store.open_run("p", snapshot, AT)
        run = Run.model_validate(opened.model_dump() | {"base_sha": trees.of(base)})
        none = cast(Any, None)
        deps = PipelineDeps(
            forge=none,
            store=store,
            journal=none,
            ledger=none,
            workspace=cast(Workspace, trees),
            sandbox=sandbox or Bubblewrap(),
            backend=none,
            durable=none,
            clock=SystemClock(),
            guard=none,
            prompts=none,
            words=Catalogue("en"),
            policy=RunPolicy(project="p", box=limits or BoxLimits(command_s=60)),
            folder=lambda run: root / "folder",
            on_event=lambda run, event: None,
        )
        yield Job(deps, run), trees
    finally:
        await database.close()
