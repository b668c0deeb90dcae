"""A change taken apart: what the base's tests judge, and what is for tests.

The judged tree holds the change's product files and the base's test side. A file that is both at
once holds the base's test tables with the change's other tables; a test file in which only the
imports follow a module that moved, and one that an approved plan names whole, stand as the change
has them.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence

from harness.core.base import Value
from harness.core.types import FileChange, Finding, Plan
from harness.pipeline.job import Job
from harness.pipeline.people.approvals import approved_changes
from harness.pipeline.verification.evidence import detect_base, suite
from harness.pipeline.verification.judging import CODE, Sides, words_of
from harness.ports.workspace import Workspace
from harness.weakening.imports import imported_paths
from harness.weakening.merged import JudgedFile, judging_paths, unseen_paths
from harness.weakening.moves import ChangeTexts, import_moves
from harness.weakening.reach import BaseKnowledge
from harness.weakening.reach_files import modules_of
from harness.weakening.reach_python import taken_fixtures
from harness.weakening.sides import Side, kind_of, side_of

MOST_BYTES = 4 << 20
MOST_FILES = 20_000
MOST_BASES = 4
Texts = Mapping[str, tuple[str | None, str | None]]


class Split(Value):
    """A change taken apart, and what is known of the base that judges it."""

    sides: Sides
    known: BaseKnowledge
    unseen: tuple[Finding, ...] = ()
    moved: frozenset[str] = frozenset()
    """Test files that only follow a module to its new place."""


async def split(job: Job, tree: str, plan: Plan) -> Split:
    """May be called again; the same change gives the same trees."""
    workspace = job.deps.workspace
    base = await workspace.tree_of(job.run.base_sha)
    changes = await workspace.changes(base, tree)
    files = (await workspace.files(base))[:MOST_FILES]
    texts = await _texts(workspace, base, tree, changes)
    globs = (await detect_base(job)).test_globs
    known = await _of_base(job, base, files, globs)
    known = known.model_copy(update={"scripts": _scripts((await suite(job)).command, files)})

    def side(path: str) -> Side:
        return side_of(path, globs, known.imported)

    names = {c.test.strip().removeprefix("./") for c in approved_changes(job.run, plan)}
    moved = await _find_moved(workspace, files, tree, texts, side)
    judged = judging_paths(changes, texts, side, lambda path: path in names, moved)
    product = await _product(workspace, base, tree, judged)
    return Split(
        sides=_sides(tree, base, product, changes, texts, side),
        known=known,
        unseen=unseen_paths(judged),
        moved=moved,
    )


async def _of_base(
    job: Job, base: str, files: Sequence[str], globs: Sequence[str]
) -> BaseKnowledge:
    """Kept for the bases that were asked about last: a large one takes seconds."""
    kept = job.deps.live.bases
    if base not in kept:
        code = await job.deps.workspace.texts(base, [p for p in files if p.endswith(CODE)])
        found = await asyncio.to_thread(_read_known, code, files, globs)
        while len(kept) >= MOST_BASES:
            kept.pop(next(iter(kept)))
        kept[base] = found
    return kept[base]


def _sides(
    tree: str,
    base: str,
    product: str,
    changes: Sequence[FileChange],
    texts: Texts,
    side: Callable[[str], Side],
) -> Sides:
    tests = [c for c in changes if side(c.path) == "test"]
    own = [c for c in tests if kind_of(c.path) == "test"]
    return Sides(
        tree=tree,
        base=base,
        product=product,
        changes=tuple(changes),
        product_paths=tuple(c.path for c in changes if side(c.path) in ("product", "both")),
        test_files=tuple(c.path for c in own if c.status != "deleted"),
        other_tests=tuple(c.path for c in tests if c not in own or c.status == "deleted"),
        texts=dict(texts),
    )


def _read_known(
    texts: Mapping[str, str], files: Sequence[str], globs: Sequence[str]
) -> BaseKnowledge:
    """What the base's texts say; one pass each over its code."""
    imported = imported_paths(texts, files, globs)
    tests = {p: t for p, t in texts.items() if side_of(p, globs, imported) == "test"}
    return BaseKnowledge(
        test_globs=tuple(globs),
        imported=imported,
        fixtures=taken_fixtures({p: t for p, t in tests.items() if p.endswith(".py")}),
        modules=modules_of(texts),
    )


async def _find_moved(
    workspace: Workspace,
    files: Sequence[str],
    tree: str,
    texts: Texts,
    side: Callable[[str], Side],
) -> frozenset[str]:
    """Test files that only follow a module to where it went; a module that went is a file that is
    gone."""
    pairs = {p: (o, n) for p, (o, n) in texts.items() if o and n and side(p) == "test"}
    if not pairs or not any(new is None for _, new in texts.values()):
        return frozenset()
    now = await workspace.files(tree)
    code = await workspace.texts(tree, [path for path in now if path.endswith(CODE)])
    trees = ChangeTexts(frozenset(files), frozenset(now), code.get, lambda p: side(p) == "product")

    def follow() -> frozenset[str]:
        return frozenset(p for p, (old, new) in pairs.items() if import_moves(p, old, new, trees))

    return await asyncio.to_thread(follow)


def _scripts(command: str, files: Sequence[str]) -> frozenset[str]:
    """Files of the tree that the test command names."""
    return words_of(command) & frozenset(files)


async def _texts(
    workspace: Workspace, base: str, tree: str, changes: Sequence[FileChange]
) -> dict[str, tuple[str | None, str | None]]:
    """Old and new text of what changed; binary and very large files are left out."""
    paths = [c.path for c in changes if not c.binary and c.size <= MOST_BYTES]
    old, new = await workspace.texts(base, paths), await workspace.texts(tree, paths)
    return {path: (old.get(path), new.get(path)) for path in paths if path in old or path in new}


async def _product(
    workspace: Workspace, base: str, tree: str, judged: Mapping[str, JudgedFile]
) -> str:
    """The tree that the base's tests judge."""
    files: dict[str, str | None] = {}
    for path, what in judged.items():
        if what.kind == "base":
            files[path] = await workspace.blob(base, path)
        elif what.kind == "merged":
            files[path] = await workspace.put_blob(what.text.encode("utf-8", "surrogateescape"))
    return await workspace.with_files(tree, files) if files else tree
