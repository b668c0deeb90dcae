"""What is frozen of a reproduction: its named tests, and the support files beside them. A new one
takes its place only after a new plan, and once product files have changed only by a person's yes.
"""

from __future__ import annotations

import hashlib

from harness.core.types import Frozen, Reproduction
from harness.pipeline import slots
from harness.pipeline.job import Job
from harness.pipeline.people.answers import data
from harness.pipeline.verification.evidence import detect_base
from harness.pipeline.verification.test_text import held_in, support_of
from harness.prompting.templates import PromptText, prompt_text
from harness.weakening.frozen import same_test
from harness.weakening.sides import side_of


def freeze_hash(proof: Reproduction) -> str:
    """Sixteen hex digits over what would be frozen."""
    text = proof.model_dump_json(include={"command", "tests", "files"})
    return hashlib.sha256(text.encode()).hexdigest()[:16]


async def frozen_wrong(job: Job, tree: str) -> tuple[str, ...]:
    """Named tests and support files of the reproduction that are not in this tree as they were
    frozen."""
    proof = job.run.reproduction
    if proof is None:
        return ()
    workspace = job.deps.workspace
    changed = [p for p, b in proof.files.items() if await workspace.blob(tree, p) != b]
    if not changed:
        return ()
    base = await workspace.tree_of(job.run.base_sha)
    frozen = await workspace.with_files(base, dict(proof.files))
    wrong: list[str] = []
    for path in changed:
        old = await _text(job, frozen, path) or ""
        held = [t for t in proof.tests if path not in proof.support and held_in(t, path, old)]
        now = await _text(job, tree, path)
        if not held or now is None:
            wrong += held or [path]
            continue
        wrong += [test for test in held if not same_test(old, now, test, path)]
    return tuple(dict.fromkeys(wrong))


async def frozen_paths(job: Job, tree: str) -> tuple[str, ...]:
    """Files of this and of earlier reproductions that are in this tree as they were frozen: no
    plan has to name them."""
    proof = job.run.reproduction
    if proof is None:
        return ()
    workspace = job.deps.workspace
    files = [*proof.files.items(), *((p, b) for old in proof.before for p, b in old.files.items())]
    return tuple({p: None for p, b in files if await workspace.blob(tree, p) == b})


async def _text(job: Job, tree: str, path: str) -> str | None:
    found = await job.deps.workspace.file(tree, path)
    return None if found is None else found.decode("utf-8", "replace")


async def product_changed(job: Job, tree: str) -> tuple[str, ...]:
    """Changed paths of this tree that are no test's and no prose."""
    workspace = job.deps.workspace
    globs = (await detect_base(job)).test_globs
    changes = await workspace.changes(await workspace.tree_of(job.run.base_sha), tree)
    return tuple(c.path for c in changes if side_of(c.path, globs) in ("product", "both"))


async def support_files(job: Job, tree: str, proof: Reproduction) -> tuple[str, ...]:
    """Those of its files that hold no named test."""
    texts = {path: await _text(job, tree, path) or "" for path in proof.files}
    return support_of(texts, proof.tests)


def too_soon(proof: Reproduction, version: int) -> PromptText | None:
    """Why this cannot be frozen anew yet; None when a newer plan was given since."""
    if version > max(proof.plan, 1):
        return None
    return prompt_text("reproduction/frozen_already", tests=", ".join(proof.tests))


async def take(job: Job, proof: Reproduction, by: str = "") -> None:
    """Freeze it; what was frozen before is kept beside it. May be repeated."""
    old = job.run.reproduction
    if old is not None and freeze_hash(old) == freeze_hash(proof):
        return
    if old is not None:
        gone = Frozen(tests=old.tests, files=old.files, failure=old.failure, by=by)
        proof = proof.model_copy(update={"before": (*old.before, gone)})
        key, tests, before = freeze_hash(proof), ", ".join(proof.tests), ", ".join(old.tests)
        if by:
            await job.tell("frozen_anew_by", key, tests=tests, before=before, by=by)
        else:
            await job.tell("frozen_anew", key, tests=tests, before=before)
    await job.change(reproduction=proof)


async def pending(job: Job) -> Reproduction | None:
    """The new reproduction that waits for a person."""
    return await job.get(slots.FREEZE_WAITS)


async def take_decision(job: Job) -> str | None:
    """What a person's word on the waiting reproduction means for the worker; "" when none waits,
    None while nobody has spoken. May be repeated until `drop_pending`."""
    proof = await pending(job)
    if proof is None:
        return ""
    subject = f"freeze:{freeze_hash(proof)}"
    by = job.run.approvals.get(subject)
    no = job.run.approvals.get(f"refused:{subject}")
    if by is None and no is None:
        return None
    if by is not None:
        await take(job, proof, by)
        said = job.prompt("reproduction/freeze_allowed", tests=", ".join(proof.tests))
    else:
        why = await job.get(slots.REFUSED.at(subject))
        old = job.run.reproduction
        kept = ", ".join(old.tests) if old else "nothing"
        said = job.prompt("reproduction/freeze_refused", why=data(job, why or ""), kept=kept)
    return said


async def drop_pending(job: Job) -> None:
    """The waiting reproduction is dealt with."""
    await job.drop(slots.FREEZE_WAITS)
