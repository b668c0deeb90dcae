"""Expected against actual: only what differs is said."""

from __future__ import annotations

from datetime import UTC, datetime

from harness.agent.observe import Actual, Expected, differences, expected_files, last_tests
from harness.agent.quoting import Quoting
from harness.core.base import Json
from harness.core.types import (
    ExpectationChange,
    FileChange,
    Message,
    Plan,
    Session,
    Task,
    ToolCall,
    ToolResult,
    Turn,
)
from harness.prompting.templates import Prompts, prompts_root

PROMPTS = Prompts(prompts_root())
DONE: list[Json] = [{"text": "all of it", "state": "done"}]


def session(task: Task | None = None, kind: str = "worker") -> Session:
    fields: dict[str, object] = {"id": "s", "run": "r", "kind": kind, "model": "m", "task": task}
    fields |= {"system": "", "opening": "", "tools": (), "prompt_version": "1", "base_tree": "t"}
    return Session.model_validate({**fields, "created_at": datetime(2026, 1, 1, tzinfo=UTC)})


def turn(name: str, arguments: dict[str, Json], text: str) -> Turn:
    call = ToolCall(id="c", name=name, arguments=arguments)
    return Turn(
        session="s",
        number=1,
        reply=Message(role="assistant", parts=(call,)),
        results=(ToolResult(call_id="c", text=text),),
        tree_before="t",
    )


def changed(*paths: str) -> tuple[FileChange, ...]:
    return tuple(FileChange(path=p, status="modified") for p in paths)


def said(want: Expected, have: Actual, *turns: Turn) -> str:
    return "\n".join(differences(want, have, turns, Quoting(PROMPTS, "mark")))


PLAN = Plan(
    summary="s",
    tasks=(Task(id="1", title="a", files=("src/*.py",)), Task(id="2", title="b", files=("docs",))),
    test_changes=(ExpectationChange(test="tests/test_a.py::test_x", why="wrong"),),
)


def test_files_outside_the_plan_or_the_task_are_named() -> None:
    want = expected_files(session(), PLAN, {"tests/test_new.py": "b1"})
    fine = changed("src/a.py", "docs/x/y.md", "tests/test_a.py", "tests/test_new.py")
    assert said(want, Actual(changes=fine)) == ""
    assert "setup.py" in said(want, Actual(changes=changed("src/a.py", "setup.py")))
    task = Task(id="t", title="t", files=("docs/**",))
    own = expected_files(session(task, "subagent"), PLAN, {})
    assert "src/a.py" in said(own, Actual(changes=changed("src/a.py", "docs/a/b.md")))
    assert said(expected_files(session(), None, {}), Actual(changes=changed("any"))) == ""
    assert (
        said(expected_files(session(kind="reviewer"), PLAN, {}), Actual(changes=changed("x"))) == ""
    )


def test_a_touched_reproduction_and_nested_repositories_are_told() -> None:
    want = Expected(frozen={"t.py": "b1", "u.py": "b2"})
    assert said(want, Actual(blobs={"t.py": "b1", "u.py": "b2"})) == ""
    assert "u.py" in said(want, Actual(blobs={"t.py": "b1", "u.py": None}))
    assert "vendor" in said(Expected(), Actual(nested=("vendor",)))


def test_a_finished_list_is_held_against_tests_and_plan() -> None:
    todo = turn("todo", {"items": DONE}, "[x] all of it")
    red = turn("bash", {"command": "pytest"}, "exit 1\n== 1 failed, 2 passed in 0.1s ==")
    green = turn("bash", {"command": "pytest"}, "exit 0\n== 3 passed in 0.1s ==")
    assert "1 failed" in said(Expected(), Actual(), red, todo)
    assert said(Expected(), Actual(), red, green, todo) == ""
    assert said(Expected(), Actual(), red) == ""
    assert last_tests([red, green]) == ("3 passed in 0.1s",)
    want = expected_files(session(), PLAN, {})
    have = Actual(changes=changed("src/a.py"))
    assert "docs" in said(want, have, todo)
    assert said(want, have, turn("todo", {"items": [{"text": "a"}]}, "[ ] a")) == ""
