"""How much ceremony an issue earns. Pure; every answer says why (for the log and the report)."""

from __future__ import annotations

from collections.abc import Sequence

from harness.core.base import Value
from harness.core.globs import matches
from harness.core.types import Difficulty, FileChange, LocalizedText, Plan
from harness.pipeline.overlap import order_tasks, waves
from harness.pipeline.run_policy import RunPolicy


class Depth(Value):
    """The ceremony of one run."""

    split: bool
    reviewers: int
    why: LocalizedText


def depth(plan: Plan, difficulty: Difficulty, rules: RunPolicy) -> Depth:
    """Sub-agents only for a plan of size whose first wave is wide enough to be worth it, or for one
    that names a project's agent; one reviewer for small work, the configured number (at least two)
    for large."""
    layers = waves(order_tasks(plan.tasks))
    widest = max(len(layer) for layer in layers)
    big = difficulty in ("medium", "large")
    named = any(task.agent for task in plan.tasks)
    split = named or (big and widest >= rules.split_from)
    reviewers = min(rules.reviewers, 1) if difficulty != "large" else rules.reviewers
    key = "pipeline.depth_split" if split else "pipeline.depth_single"
    facts: dict[str, str | int | float] = {
        "tasks": len(plan.tasks),
        "difficulty": difficulty,
        "reviewers": reviewers,
    }
    return Depth(split=split, reviewers=reviewers, why=LocalizedText(key=key, facts=facts))


def approval_reason(plan: Plan, risk: str, rules: RunPolicy) -> LocalizedText | None:
    """Why a person must approve this plan; None: the policy approves it."""
    if rules.approval == "always":
        return LocalizedText(key="pipeline.approve_always")
    named = [f for t in plan.tasks for f in t.files if touches(f, rules.protected)]
    if named:
        return LocalizedText(
            key="pipeline.approve_protected", facts={"paths": ", ".join(sorted(set(named)))}
        )
    if rules.approval == "never":
        return None
    if plan.test_changes:
        tests = ", ".join(c.test for c in plan.test_changes)
        return LocalizedText(key="pipeline.approve_tests", facts={"tests": tests})
    if risk == "high" or plan.difficulty == "large":
        return LocalizedText(
            key="pipeline.approve_risky",
            facts={"difficulty": LocalizedText(key=f"view.difficulty.{plan.difficulty}")},
        )
    return None


def touches(glob: str, protected: Sequence[str]) -> bool:
    """True when a plan's glob names a protected path outright (a wide glob such as `**` does
    not ask for everything; the publisher holds what it really touched)."""
    return matches(glob, protected) or matches(glob.lower(), [p.lower() for p in protected])


def outside_plan(
    changes: Sequence[FileChange], plan: Plan, frozen: Sequence[str]
) -> tuple[str, ...]:
    """Changed paths that no task of the plan covers. Frozen reproduction files are the
    harness's own."""
    globs = [g for t in plan.tasks for g in t.files]
    globs += [change.test.split("::", 1)[0] for change in plan.test_changes]
    return tuple(c.path for c in changes if c.path not in frozen and not matches(c.path, globs))
