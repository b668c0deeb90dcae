"""What `harness remove --purge` deletes of ours in the state folder. Everything may be repeated: a
kill in between leaves a part, which the next call takes too."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

from harness.config.paths import Paths
from harness.core.errors import UsageError
from harness.core.slot import Slot
from harness.core.types import LocalizedText, RunState
from harness.daemon import slots as daemon_slots
from harness.engine.database import Database
from harness.engine.store import SqlStore
from harness.forge.embedded.admin import EmbeddedAdmin
from harness.pipeline import slots
from harness.ports.clock import Clock
from harness.system.clock import SystemClock
from harness.system.files import remove_tree

LEARNED: Final[tuple[Slot[Any], ...]] = (
    *(daemon_slots.ISSUES, daemon_slots.STARTED),
    *(slots.REPOSITORY, slots.REVIEWER_TURNS, slots.LESSONS),
)


async def purge(paths: Paths, project: str, repository: str, clock: Clock | None = None) -> None:
    """Open runs end, what was learned is forgotten; the repository on the embedded forge goes with
    its issues ("": there is none), then copies and pages. Call it with the state lock held.
    HarnessError, OSError."""
    if await asyncio.to_thread(paths.state_db.exists):
        await _forget(paths, project, clock or SystemClock())
    if repository:
        await EmbeddedAdmin(paths.forge).remove_repository(repository)
    for folder in folders(paths, project):
        await asyncio.to_thread(remove_tree, folder)


async def has_repository(paths: Paths, repository: str) -> bool:
    """Whether the embedded forge has one of that name, or a part of one."""
    if not await asyncio.to_thread((paths.forge / "forge.db").exists):
        return False
    try:
        return await EmbeddedAdmin(paths.forge).knows(repository)
    except UsageError:
        return False


def folders(paths: Paths, project: str) -> tuple[Path, Path]:
    """Where a project's copies are, and its pages."""
    return paths.workspaces / quote(project, safe=""), paths.runs / project


async def _forget(paths: Paths, project: str, clock: Clock) -> None:
    """What was begun is not gone on with, and the next of that name is another repository."""
    database = Database(paths.state_db)
    await database.open()
    try:
        store = SqlStore(database)
        for run in await store.runs(project):
            if not run.state.over:
                why = LocalizedText(key="cli.remove.run_ended", facts={"project": project})
                ended = {"state": RunState.CANCELLED, "outcome": why, "wait": None}
                await store.save_run(run.model_copy(update={**ended, "updated_at": clock.now()}))
        for slot in LEARNED:
            await store.drop(slot, project)
        await store.forget_lessons(project)
    finally:
        await database.close()
