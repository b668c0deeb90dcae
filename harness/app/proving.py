"""`harness prove`: the gate and the proof of any change in any repository. No agent,
no forge, no model; nothing is written there."""

from __future__ import annotations

import contextlib
import secrets
import tempfile
from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path

from harness.app import adapters
from harness.app.environment import Prepared
from harness.app.one_off import places_of
from harness.app.probes import without_models
from harness.app.projects import Shared, compose
from harness.config.settings import Settings
from harness.core.change_proof import Asked, Proof
from harness.core.errors import NotFound, RefusedError
from harness.core.forge_kinds import EMBEDDED
from harness.core.types import Actor, IssueSnapshot, Remote, Run, Stage
from harness.engine.database import Database
from harness.engine.journal import SqlJournal
from harness.engine.store import SqlStore
from harness.git.submodules import SubmoduleSources
from harness.git.workspace import Author, ProjectWorkspace
from harness.pipeline.job import Job
from harness.pipeline.proof.proving import prove
from harness.ports.forge import Forge
from harness.system.git import Git

Ends = Callable[[ProjectWorkspace], Awaitable[tuple[str, str, str]]]
"""(base, head, what it says it does) of a change in that repository."""


async def prove_range(
    settings: Settings, shared: Shared, cwd: Path, base: str, head: str, asked: Asked
) -> Proof:
    """Of commit `head` against commit `base`, both of the repository that `cwd` is in. NotFound
    when one is not."""
    _, gitdir = await places_of(cwd)

    async def ends(workspace: ProjectWorkspace) -> tuple[str, str, str]:
        old, new = [
            await _reach(workspace, gitdir, commit, f"harness-{name}")
            for name, commit in (("base", base), ("head", head))
        ]
        return old, new, (await workspace.subjects(new, limit=1) or ("",))[0]

    remote = Remote(url=str(gitdir))
    return await prove_ends(settings, shared, lambda: remote, ends, asked, near=gitdir)


async def _reach(workspace: ProjectWorkspace, gitdir: Path, commit: str, name: str) -> str:
    """The commit, fetched as a branch of that name where it is on none: a workflow checks out a
    merge that no branch holds, and what was fetched from elsewhere is a remote's alone."""
    with contextlib.suppress(NotFound):
        return await workspace.resolve(commit)
    await workspace.mirror.git.run(
        *("fetch", "--quiet", "--no-write-fetch-head", "--no-auto-maintenance"),
        *("--no-recurse-submodules", "--refmap=", "--end-of-options"),
        *(str(gitdir), f"+{commit}:refs/heads/{name}"),
        speak="file",
        timeout_s=3600,
    )
    return await workspace.resolve(commit)


async def prove_pull_request(
    settings: Settings, shared: Shared, forge: Forge, number: int, asked: Asked
) -> Proof:
    """Of a pull request's head against where it parted from its base. NotFound when there is none,
    RefusedError for one that is in its base already."""
    pull = await forge.pr(number)

    async def ends(workspace: ProjectWorkspace) -> tuple[str, str, str]:
        head, tip = await workspace.resolve(pull.head_sha), await workspace.tip(pull.base)
        base = await Git(workspace.mirror.path).text("merge-base", tip, head)
        if base == head:
            raise RefusedError("cli.prove.merged", number=number, branch=pull.base)
        return base, head, pull.title

    return await prove_ends(settings, shared, forge.remote, ends, asked)


async def prove_ends(
    settings: Settings,
    shared: Shared,
    remote: Callable[[], Remote],
    ends: Ends,
    asked: Asked,
    near: Path | None = None,
) -> Proof:
    """In a folder of its own, gone at the end; environments alone are kept. `near`: a clone of the
    project whose submodules are taken as they are."""
    with tempfile.TemporaryDirectory(prefix="harness-prove-", dir=settings.state_dir) as folder:
        root = Path(folder)
        database = Database(root / "state.db")
        await database.open()
        try:
            mine = replace(shared, store=SqlStore(database), journal=SqlJournal(database))
            box = adapters.sandbox(settings, shared.sources.place.env)
            workspace = ProjectWorkspace(
                root,
                "prove",
                remote,
                Author("harness", "harness@localhost"),
                Prepared(settings, shared.sources.place, box, remote().url),
                submodules=SubmoduleSources(settings.environment.submodules, near),
            )
            await workspace.sync()
            run = await _open_run(mine, workspace, *await ends(workspace), asked)
            deps = compose(_alone(settings), mine).deps
            deps = replace(deps, workspace=workspace, folder=lambda _: root / "run")
            proof = await prove(Job(deps, run), asked.budget_s)
            return proof.model_copy(update={"criteria": asked.criteria})
        finally:
            await database.close()


def _alone(settings: Settings) -> Settings:
    """With a forge and models that are never asked."""
    forge = settings.forge.model_copy(update={"kind": EMBEDDED.name, "repository": "me/prove"})
    return without_models(settings).model_copy(update={"forge": forge})


async def _open_run(
    shared: Shared, workspace: ProjectWorkspace, base: str, head: str, subject: str, asked: Asked
) -> Run:
    person, now = Actor(id=0, login="you"), shared.clock.now()
    title = asked.title or subject
    snapshot = IssueSnapshot(
        number=0, title=title, body="", author=person, taken_at=now, trigger=person
    )
    run, _ = await shared.store.open_run(f"prove-{secrets.token_hex(6)}", snapshot, now)
    fields = {
        "base_sha": base,
        "began_sha": base,
        "head_sha": head,
        "tree": await workspace.tree_of(head),
        "stage": Stage.VERIFY,
        "kind": asked.kind,
        "difficulty": asked.difficulty,
    }
    run = run.model_copy(update=fields)
    await shared.store.save_run(run)
    return run
