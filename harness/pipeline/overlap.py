"""Which tasks would touch the same files, told from their globs before anything runs (B4)."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations

from harness.core.errors import RefusedError
from harness.core.globs import matches
from harness.core.types import Task


def collide(one: Task, two: Task) -> bool:
    """True when some file could belong to both: a glob of one covers a glob of the other, or
    their fixed beginnings nest."""
    return any(
        matches(a, (b,)) or matches(b, (a,)) or _nest(a, b) for a in one.files for b in two.files
    )


def _nest(a: str, b: str) -> bool:
    """Both hold wildcards and one's fixed beginning starts the other's: they may meet."""
    if not any(c in a for c in "*?[") or not any(c in b for c in "*?["):
        return False
    head_a, head_b = _head(a), _head(b)
    if not (head_a.startswith(head_b) or head_b.startswith(head_a)):
        return False
    # different endings without wildcards cannot meet: *.py and *.md
    tail_a, tail_b = a.rsplit("*", 1)[-1], b.rsplit("*", 1)[-1]
    return tail_a.endswith(tail_b) or tail_b.endswith(tail_a)


def _head(glob: str) -> str:
    for index, letter in enumerate(glob):
        if letter in "*?[":
            return glob[:index]
    return glob


def order_tasks(tasks: Sequence[Task]) -> tuple[Task, ...]:
    """The same tasks with a dependency added where two collide: the later waits for the earlier.
    Colliding work is ordered, not raced."""
    out: list[Task] = list(tasks)
    for (i, one), (j, two) in combinations(enumerate(tasks), 2):
        linked = one.id in two.depends or two.id in one.depends
        if not linked and collide(one, two):
            late = out[j]
            out[j] = late.model_copy(update={"depends": (*late.depends, out[i].id)})
    return tuple(out)


def waves(tasks: Sequence[Task]) -> tuple[tuple[Task, ...], ...]:
    """Tasks in layers, each depending only on earlier layers. RefusedError names a cycle or an
    unknown dependency."""
    known = {t.id for t in tasks}
    for task in tasks:
        for need in task.depends:
            if need not in known:
                raise RefusedError("pipeline.order_unknown", task=task.id, needed=need)
    left, done, layers = list(tasks), set[str](), []
    while left:
        ready = tuple(t for t in left if set(t.depends) <= done)
        if not ready:
            names = ", ".join(t.id for t in left)
            raise RefusedError("pipeline.order_circle", tasks=names)
        layers.append(ready)
        done |= {t.id for t in ready}
        left = [t for t in left if t.id not in done]
    return tuple(layers)
