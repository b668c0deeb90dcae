"""What is to leave, looked at: the blobs and names of a tree, and texts."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from harness.core.types import FileChange, Finding, LocalizedText, Run
from harness.pipeline.deps import PipelineDeps
from harness.ports.workspace import Workspace

LARGEST = 32 << 20
"""Bytes of one file that are read and searched; a larger one does not leave, whatever the caps."""
ALTOGETHER = 128 << 20
RULES = ".gitleaks.toml"


async def of_tree(
    deps: PipelineDeps, base_sha: str, tree: str, approved: Sequence[str] = ()
) -> tuple[Finding, ...]:
    """What of a tree may not leave by itself, against a commit that the forge has. Every blob that
    is not in that commit is at a changed path, so none leaves unseen."""
    workspace = deps.workspace
    base = await workspace.tree_of(base_sha)
    changes = await workspace.changes(base, tree)
    contents = await _read_files(workspace, tree, [c for c in changes if c.status != "deleted"])
    before = await _read_files(workspace, base, [c for c in changes if c.status == "modified"])
    files = await workspace.files(tree)
    rules = await project_rules(deps, base_sha)
    return await asyncio.to_thread(
        deps.guard.publishable, changes, contents, before, files, approved, rules
    )


async def _read_files(
    workspace: Workspace, tree: str, changes: Sequence[FileChange]
) -> dict[str, bytes]:
    """Path -> bytes; without what is too large to be searched. A link to another repository has no
    bytes of its own."""
    found: dict[str, bytes] = {}
    total = 0
    for change in changes:
        if change.size > LARGEST or total + change.size > ALTOGETHER:
            continue
        data = await workspace.file(tree, change.path)
        if data is not None and len(data) <= LARGEST:
            found[change.path] = data
            total += len(data)
    return found


async def project_rules(deps: PipelineDeps, base_sha: str) -> str:
    """The project's gitleaks file as the base has it: a change cannot bring its own."""
    if not base_sha:
        return ""
    data = await deps.workspace.file(await deps.workspace.tree_of(base_sha), RULES)
    return (data or b"").decode("utf-8", "replace")


async def of_text(deps: PipelineDeps, run: Run | None, what: str, text: str) -> tuple[Finding, ...]:
    """What in a text may be a secret. `what`: how the text is called to a person."""
    rules = await project_rules(deps, run.base_sha if run is not None else "")
    return await asyncio.to_thread(deps.guard.leaving, what, text, rules)


async def refused_text(
    deps: PipelineDeps, run: Run | None, what: str, text: str
) -> LocalizedText | None:
    """Why a text may not leave now. What only looks like a secret may, once a person has approved
    this very tree with its texts."""
    found = await of_text(deps, run, what, text)
    if run is not None and is_approved(run):
        found = deps.guard.lasting(found)
    return found[0].say if found else None


def is_approved(run: Run) -> bool:
    """Whether a person let this tree and its texts pass."""
    return f"policy:{run.tree}" in run.approvals
