"""`harness prove`: the gate and the proof of any change in any repository. No agent,
no forge, no model; nothing is written there."""

from __future__ import annotations

import secrets
import tempfile
from dataclasses import replace
from pathlib import Path

from harness.app.one_off import Copied, places_of
from harness.app.probes import without_models
from harness.app.projects import Shared, compose
from harness.config.settings import Settings
from harness.core.change_proof import Proof
from harness.core.forge_kinds import EMBEDDED
from harness.core.types import Actor, IssueSnapshot, Run, Stage
from harness.engine.database import Database
from harness.engine.journal import SqlJournal
from harness.engine.store import SqlStore
from harness.pipeline.job import Job
from harness.pipeline.proof.proving import prove


async def prove_range(
    settings: Settings, shared: Shared, cwd: Path, base: str, head: str, budget_s: float
) -> Proof:
    """Of commit `head` against commit `base`, both of the repository that `cwd` is in and on one of
    its branches or tags. NotFound when one is not."""
    top, gitdir = await places_of(cwd)
    with tempfile.TemporaryDirectory(prefix="harness-prove-", dir=settings.state_dir) as folder:
        root = Path(folder)
        database = Database(root / "state.db")
        await database.open()
        try:
            mine = replace(shared, store=SqlStore(database), journal=SqlJournal(database))
            copied = Copied(top, gitdir, root, settings, shared)
            await copied.workspace.sync()
            deps = compose(_alone(settings), mine).deps
            deps = replace(deps, workspace=copied.workspace, folder=lambda _: root / "run")
            run = await _open_run(mine, copied, base, head)
            return await prove(Job(deps, run), budget_s)
        finally:
            await database.close()


def _alone(settings: Settings) -> Settings:
    """With a forge and models that are never asked."""
    forge = settings.forge.model_copy(update={"kind": EMBEDDED.name, "repository": "me/prove"})
    return without_models(settings).model_copy(update={"forge": forge})


async def _open_run(shared: Shared, copied: Copied, base: str, head: str) -> Run:
    workspace = copied.workspace
    old, new = await workspace.resolve(base), await workspace.resolve(head)
    title = (await workspace.subjects(new, limit=1) or ("",))[0]
    person, now = Actor(id=0, login="you"), shared.clock.now()
    snapshot = IssueSnapshot(
        number=0, title=title, body="", author=person, taken_at=now, trigger=person
    )
    run, _ = await shared.store.open_run(f"prove-{secrets.token_hex(6)}", snapshot, now)
    fields = {
        "base_sha": old,
        "began_sha": old,
        "head_sha": new,
        "tree": await workspace.tree_of(new),
        "stage": Stage.VERIFY,
    }
    run = run.model_copy(update=fields)
    await shared.store.save_run(run)
    return run
