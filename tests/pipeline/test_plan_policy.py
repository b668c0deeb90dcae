"""How much ceremony an issue earns."""

from __future__ import annotations

import pytest

from harness.core.types import ExpectationChange, FileChange, Plan, Task
from harness.pipeline.plan_policy import approval_reason, depth, outside_plan
from harness.pipeline.run_policy import RunPolicy

RULES = RunPolicy(project="p", protected=(".github/**", "CODEOWNERS"), reviewers=3)


def plan(*files: str, difficulty: str = "small", **more: object) -> Plan:
    tasks = [Task(id=str(i), title=f, files=(f,)) for i, f in enumerate(files)]
    return Plan.model_validate({"summary": "s", "tasks": tasks, "difficulty": difficulty} | more)


@pytest.mark.parametrize(
    ("files", "difficulty", "split", "reviewers"),
    [
        (("a.py",), "small", False, 1),
        (("a.py", "b.py"), "small", False, 1),
        (("a.py", "b.py"), "medium", True, 1),
        (("a.py", "a.py"), "medium", False, 1),
        (("a.py", "b.py"), "large", True, 3),
        (("a.py",), "large", False, 3),
    ],
)
def test_a_split_is_earned_by_size_and_disjoint_files(
    files: tuple[str, ...], difficulty: str, split: bool, reviewers: int
) -> None:
    chosen = depth(plan(*files), difficulty, RULES)  # type: ignore[arg-type]
    assert (chosen.split, chosen.reviewers) == (split, reviewers)


def test_a_task_that_names_an_agent_is_done_by_it_however_small_the_plan() -> None:
    tasks = (Task(id="1", title="t", files=("a.py",), agent="writer"),)
    assert depth(plan("a.py", tasks=tasks), "small", RULES).split


@pytest.mark.parametrize(
    ("made", "risk", "approval", "key"),
    [
        (plan("a.py"), "low", "risky", None),
        (plan("a.py"), "high", "risky", "pipeline.approve_risky"),
        (plan("a.py"), "high", "never", None),
        (plan("a.py"), "low", "always", "pipeline.approve_always"),
        (plan(".github/workflows/ci.yml"), "low", "never", "pipeline.approve_protected"),
        (plan(".GitHub/workflows/ci.yml"), "low", "risky", "pipeline.approve_protected"),
        (plan("**"), "low", "risky", None),
        (
            plan("a.py", test_changes=[ExpectationChange(test="t.py::t", why="wrong")]),
            "low",
            "risky",
            "pipeline.approve_tests",
        ),
        (plan("a.py", difficulty="large"), "low", "risky", "pipeline.approve_risky"),
    ],
)
def test_who_approves_a_plan(made: Plan, risk: str, approval: str, key: str | None) -> None:
    rules = RULES.model_copy(update={"approval": approval})
    reason = approval_reason(made, risk, rules)
    assert (reason.key if reason else None) == key


def test_what_no_task_covers_is_outside_and_frozen_files_are_not() -> None:
    changes = [
        FileChange(path=p, status="modified") for p in ("src/a.py", "src/b.py", "tests/t.py")
    ]
    assert outside_plan(changes, plan("src/a.py"), ("tests/t.py",)) == ("src/b.py",)
