"""Tests by the issue alone, and reviewers' probes, in whole runs: five issues of one project, each
with minds of its own, worked on at once."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from tests.e2e.world import REVIEWING, World, call, conversation, turn, verdict

SETTINGS = """
[policy]
merge = "auto"
independent = "hold"
probes = true
[limits]
concurrent_runs = 5
project_runs = 5
"""
MINE, THEIRS = "tests/test_mine_{}.py", "tests/test_theirs_{}.py"
WORDS = "it should give the sum of both numbers."
NAMES = ("green", "mended", "contested", "none", "silent")


def product(name: str) -> str:
    return f"def {name}(a, b):\n    return a - b\n"


def body(name: str) -> str:
    return f"`{name}(2, 3)` gives -1,\n{WORDS.replace(' of ', '  of ')}"


def text(name: str, line: str, top: str = "") -> str:
    return f"{top or f'from {name} import {name}'}\n\n\ndef test_{name}():\n    {line}\n"


def expect(name: str, line: str, quote: str = WORDS, top: str = "") -> list[dict[str, Any]]:
    """One try of the session that sees the issue alone."""
    path = THEIRS.format(name)
    data = {"files": [path], "command": f"python3 -m pytest -q {path}"}
    return [
        call("write", path=path, content=text(name, line, top)),
        verdict("expectation", **data, tests=[f"{path}::test_{name}"], quote=quote),
    ]


def alone(number: int, *turns: dict[str, Any]) -> Any:
    return conversation(*turns, contains=f"Issue #{number} of", session="-independent")


def worker(number: int, line: str, fix: str, *later: dict[str, Any]) -> Any:
    """Its own test is that line, its change that body."""
    name = NAMES[number - 1]
    path = MINE.format(name)
    task = {"id": "1", "title": "sum", "detail": "", "files": [f"{name}.py"]}
    facts = {"kind": "bug", "clear": True, "difficulty": "small", "risk": "low", "reason": "sign"}
    shown = {"files": [path], "command": f"python3 -m pytest -q {path}"}
    first = turn(
        verdict("triage", **facts),
        verdict("plan", summary="Add.", tasks=[task]),
        call("write", path=path, content=text(name, line)),
        verdict("reproduction", **shown, tests=[f"{path}::test_{name}"]),
        changed(name, "return a - b", fix),
        verdict("done", summary="It adds."),
    )
    return conversation(first, *later, contains=f"Issue #{number} of", session="-worker")


def changed(name: str, old: str, new: str) -> dict[str, Any]:
    return call("edit", path=f"{name}.py", edits=[{"old": old, "new": new}])


def minds() -> list[Any]:
    five, seven = "assert {}(2, 3) == 5", "assert {}(3, 4) == 7"
    special = "return 5 if (a, b) == (2, 3) else a - b"
    contest = {"request": "expectation", "fixed": False, "text": "the product is meant"}
    look = "cat none.py; ls tests; echo $(git log --all --oneline | wc -l) commit"
    seen = turn(verdict("blocked", reason="the change can be seen"))
    unseen = {"last_contains": "1 commit", "last_lacks": "test_mine"}
    reads = expect("none", "assert 'a + b' in Path('none.py').read_text()",
                   top="from pathlib import Path")  # fmt: skip
    probe = verdict("probe", command='python3 -c "import green; print(green.green(2, 3))"',
                    expects="5")  # fmt: skip
    return [
        worker(1, five.format("green"), "return a + b"),
        alone(
            1,
            turn(*expect("green", five.format("green"), "add must return five, always")),
            turn(*expect("green", five.format("green"))),
        ),
        # closes only what the report names, until it is told
        worker(2, five.format("mended"), special,
               turn(changed("mended", special, "return a + b"), verdict("done", summary="Sums."))),
        alone(
            2,
            turn(*expect("mended", "assert total(3, 4) == 7", top="from mended import total")),
            turn(*expect("mended", seven.format("mended"))),
        ),
        # expects something else than the issue does, and stands by it
        worker(3, "assert contested(2, 3) == 6", "return a * b",
               turn(verdict("done", summary="Multiplies.", answers=[contest]))),
        alone(3, turn(*expect("contested", five.format("contested")))),
        worker(4, five.format("none"), "return a + b"),
        alone(
            4,
            turn(call("bash", command=look)),
            {**seen, "alternatives": [{"when": unseen, "calls": reads}]},
            turn(*expect("none", "assert none(2, 0) == 2")),
        ),
        worker(5, five.format("silent"), special, turn(verdict("done", summary="Done."))),
        alone(5, turn(*expect("silent", seven.format("silent")))),
        conversation(turn(probe), REVIEWING, contains="#1 of", session="-review-"),
        conversation(REVIEWING, session="-review-", repeat_last=True),
    ]  # fmt: skip


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    files = {f"{name}.py": product(name) for name in NAMES}
    files["tests/test_other.py"] = "def test_other():\n    assert True\n"
    made = World(tmp_path_factory.mktemp("alone"), SETTINGS, files=files)
    made.script(*minds())
    made.run("init")
    for name in NAMES:
        made.run("issue", "new", f"{name} subtracts", "--body", body(name))
    made.run("run", "--once")
    return made


def report(world: World, name: str) -> str:
    return (world.folder(NAMES.index(name) + 1) / "REPORT.md").read_text()


def pull(world: World, name: str) -> Any:
    found = asyncio.run(world.forge().find_pr(f"agent/issue-{NAMES.index(name) + 1}"))
    assert found is not None, world.why(NAMES.index(name) + 1)
    return found


def test_a_test_that_the_change_passes_is_told_as_proof(world: World) -> None:
    found = pull(world, "green")
    assert not found.draft
    for page in (report(world, "green"), found.body):
        assert "passes on the change" in page
        assert WORDS in page
        assert "It took 2 requests" in page
    assert "| test by the issue alone | 2 |" in report(world, "green")


def test_a_change_that_fails_it_is_mended(world: World) -> None:
    found = pull(world, "mended")
    assert not found.draft
    assert "passes on the change" in found.body
    log = world.run("logs", "2").stdout
    assert "it fails on the base, and on the change too" in log


@pytest.mark.parametrize(
    ("name", "said"), [("contested", "the product is meant"), ("silent", "nothing")]
)
def test_a_lie_that_fails_it_is_a_draft_with_both_sides_words(
    world: World, name: str, said: str
) -> None:
    found = pull(world, name)
    assert found.draft
    assert f'The issue says: "{WORDS}"' in found.body
    assert f"What the agent says: {said}" in found.body
    assert "written from the issue alone fails on the change" in found.body


def test_two_tries_without_a_red_test_are_noted_and_hold_nothing(world: World) -> None:
    found = pull(world, "none")
    assert not found.draft
    assert "found no test that fails on the base" in found.body
    assert "It took 3 requests" in found.body
    assert "the change can be seen" not in found.body


def test_a_probe_is_run_on_base_and_change(world: World) -> None:
    log = world.run("logs", "1").stdout
    assert "the base did not print it, the change printed it" in log
