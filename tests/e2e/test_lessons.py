"""What two runs taught alike becomes a pull request on the project's instructions, which nobody but
a person merges."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from tests.e2e.world import (
    CALC,
    DONE,
    REPRODUCTION,
    REVIEWER,
    TEST_CALC,
    TRIAGE,
    WRITE_TEST,
    World,
    call,
    conversation,
    turn,
    verdict,
)

TOLD = "# Calc\n\nUse tabs.\n"
TAKE = "def take(a, b):\n    return a + b\n"
TEST_TAKE = "from take import take\n\n\ndef test_take():\n    assert take(5, 3) == 2\n"


def change(path: str, old: str, new: str) -> dict[str, Any]:
    return call("edit", path=path, edits=[{"old": old, "new": new}])


def plan(path: str) -> dict[str, Any]:
    task = {"id": "1", "title": "mend", "detail": "the sign", "files": [path]}
    return verdict("plan", summary="Mend the sign.", tasks=[task])


def erring(issue: int, path: str, start: tuple[Any, ...], wrong: str, right: str) -> Any:
    """A worker whose first change is none, in the gate's eyes."""
    first = change(path, wrong, "return a * b")
    then = change(path, "return a * b", right)
    turns = (turn(*start, first, DONE), turn(then, DONE))
    return conversation(*turns, session=f"calc/{issue}/1-worker")


def test_the_second_same_lesson_is_a_pull_request_that_waits_for_a_person(tmp_path: Path) -> None:
    files = {
        "calc.py": CALC,
        "take.py": TAKE,
        "tests/test_calc.py": TEST_CALC,
        "CLAUDE.md": TOLD,
    }
    made = World(tmp_path, files=files, settings='[policy]\nlessons = "propose"\n')
    write = call("write", path="tests/test_take.py", content=TEST_TAKE)
    reproduction = verdict(
        "reproduction",
        files=["tests/test_take.py"],
        command="python3 -m pytest -q tests/test_take.py",
        tests=["tests/test_take.py::test_take"],
    )
    add = (TRIAGE, plan("calc.py"), WRITE_TEST, REPRODUCTION)
    take = (TRIAGE, plan("take.py"), write, reproduction)
    made.script(
        erring(1, "calc.py", add, "return a - b", "return a + b"),
        erring(2, "take.py", take, "return a + b", "return a - b"),
        REVIEWER,
    )
    made.begin()
    made.run("issue", "new", "take adds", "--body", "take(5, 3) gives 8, it should give 2.")
    made.run("run", "--once")
    made.run("run", "--once")
    by_head = {pull.head: pull for pull in made.pulls()}
    ours = [head for head in by_head if head.startswith("agent/lesson-")]
    assert len(ours) == 1
    assert by_head[ours[0]].state == "open"
    assert {by_head[f"agent/issue-{n}"].state for n in (1, 2)} == {"merged"}
    assert made.merged_file("CLAUDE.md") == TOLD
    pull = by_head[ours[0]]
    assert "calc/1/1" in pull.body
    assert "calc/2/1" in pull.body
    diff = made.run("pr", "diff", str(pull.number)).stdout
    added = [line for line in diff.splitlines() if line.startswith("+")]
    assert [line[:4] for line in added] == ["+++ ", "+", "+## ", "+", "+- 2"]
    assert "(#1, #2)" in added[-1]
    found = json.loads(made.run("lessons", "list", "--json").stdout)
    lesson = next(one for one in found if one["subject"] == "reproduction")
    assert (lesson["state"], lesson["issues"]) == ("proposed", [1, 2])
    assert lesson["proposal"]["pr"] == pull.number
    assert f"#{pull.number}" in made.run("lessons", "show", str(lesson["id"])).stdout
    assert "Learned" in made.run("report", "--since", "7d").stdout
    missing = made.run("lessons", "show", "99", code=1)
    assert "no lesson 99" in missing.stderr
