"""What an approval covers: a person's names what its plan names; policy's names nothing."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from harness.core.types import (
    Actor,
    ExpectationChange,
    IssueSnapshot,
    Plan,
    Run,
    RunState,
    Stage,
    Task,
)
from harness.pipeline.people.approvals import approved_changes, by_person, named_by

AT = datetime(2026, 1, 1, tzinfo=UTC)
ANN = Actor(id=1, login="ann")
SNAPSHOT = IssueSnapshot(number=1, title="t", body="", author=ANN, taken_at=AT, trigger=ANN)


def plan(*files: str, tests: tuple[str, ...] = ()) -> Plan:
    changes = tuple(ExpectationChange(test=test, why="w") for test in tests)
    return Plan(summary="s", tasks=(Task(id="1", title="t", files=files),), test_changes=changes)


def run(approved: Plan, by: str) -> Run:
    return Run(
        id="r",
        project="p",
        issue=1,
        number=1,
        state=RunState.ACTIVE,
        stage=Stage.VERIFY,
        snapshot=SNAPSHOT,
        approvals={approved.hash: by} if by else {},
        created_at=AT,
        updated_at=AT,
    )


@pytest.mark.parametrize(
    ("files", "path", "named"),
    [
        (("pytest.ini",), "pytest.ini", True),
        (("tests/conftest.py", "src/*.py"), "tests/conftest.py", True),
        ((".github/workflows/*.yml",), ".github/workflows/ci.yml", True),
        (("tests/**",), "tests/a/conftest.py", True),
        (("src/**",), "conftest.py", False),
        (("**",), "conftest.py", False),
        (("*",), "conftest.py", False),
        (("**/*",), "tests/conftest.py", False),
    ],
)
def test_a_plan_names_a_path(files: tuple[str, ...], path: str, named: bool) -> None:
    made = plan(*files)
    assert named_by(run(made, "ann"), made)(path) is named
    assert named_by(run(made, "policy"), made)(path) is False
    assert named_by(run(made, ""), made)(path) is False


def test_a_test_that_may_change_names_its_file() -> None:
    made = plan("src/a.py", tests=("./tests/test_a.py::test_x[1]", "tests/test_b.py"))
    said = named_by(run(made, "ann"), made)
    assert said("tests/test_a.py")
    assert said("tests/test_b.py")
    assert not said("tests/test_c.py")


def test_an_approval_is_of_one_version() -> None:
    first, second = plan("a.py", tests=("t.py",)), plan("b.py", tests=("t.py",))
    approved = run(first, "ann")
    assert by_person(approved, first.hash)
    assert approved_changes(approved, first) == first.test_changes
    assert approved_changes(approved, second) == ()
    assert not named_by(approved, second)("b.py")
    assert approved_changes(run(first, "policy"), first) == ()
