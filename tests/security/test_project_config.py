"""Configuration of the project as code (SECURITY T6, case 13): a repository with some fifty files
that other tools run or take addresses from goes from an issue to a merge, and nothing of them is
executed, read or obeyed by the daemon; started in the repository itself, and elsewhere."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from benchmarks.model_server import ModelServer
from benchmarks.session import SERVER
from harness.environment.installed import KINDS
from tests.e2e.world import (
    APPROVE,
    CALC,
    DONE,
    FIX,
    HARNESS,
    NO_BUG,
    PLAN,
    REPRODUCTION,
    TEST_CALC,
    TRIAGE,
    WRITE_TEST,
    World,
    call,
    turn,
    verdict,
)
from tests.security.trapped import SPY, Listener, traps

pytestmark = pytest.mark.security
SETTINGS = """
[policy]
reviewers = 1
[test]
command = "python3 -m pytest -q -p no:cacheprovider tests"
"""
DOCS = verdict("triage", kind="docs", clear=True, difficulty="trivial", risk="low", reason="a word")
DOCS_PLAN = verdict(
    "plan", summary="Say it.", tasks=[{"id": "1", "title": "docs", "detail": "", "files": ["*.md"]}]
)
NOTE = call("write", path="NOTES.md", content="Said.\n")
FIRST = "Issue #1 of"
SECOND = "Issue #3 of"  # the first one's pull request is 2


@dataclass
class Trapped:
    """What was left after two runs: one started in the repository, one in an empty folder."""

    world: World
    trap: Path
    files: dict[str, str]
    listener: Listener
    asked: list[dict[str, Any]]
    spied: list[str] = field(default_factory=list)


def play(trapped: Trapped, spy: Path, cwd: Path) -> None:
    world = trapped.world
    env = {**world.env, "ANTHROPIC_API_KEY": "none", "PYTHONPATH": str(spy)}
    done = subprocess.run(
        [*HARNESS, "run", "--once", "--project", world.name],
        cwd=cwd,
        env=env,
        capture_output=True,
        text=True,
        timeout=110,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.fixture(scope="module")
def trapped(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Trapped]:
    folder = tmp_path_factory.mktemp("trapped")
    trap, spy, empty = folder / "sprung", folder / "spy", folder / "empty"
    bug = turn(TRIAGE, PLAN, WRITE_TEST, REPRODUCTION, FIX, DONE)
    docs = turn(DOCS, DOCS_PLAN, NOTE, verdict("done", summary="Said.", title="Say it"))
    asked = {"contains": "You will review the change made for it"}
    said = [
        {"match": asked, "turns": [turn(NO_BUG), turn(APPROVE)]},
        {"match": {"contains": "Your view:"}, "turns": [turn(APPROVE)], "repeat_last": True},
        {"match": {"contains": FIRST}, "turns": [bug]},
        {"match": {"contains": SECOND}, "turns": [docs]},
    ]
    with Listener() as listener, ModelServer({"conversations": said}) as server:
        files = traps(trap, listener.address)
        base = {"calc.py": CALC, "tests/test_calc.py": TEST_CALC}
        settings = SETTINGS + SERVER.format(address=server.address)
        world = World(folder / "w", settings=settings, files=base | files)
        found = Trapped(world, trap, files, listener, [])
        (spy / "sitecustomize.py").parent.mkdir()
        text = SPY.format(root=str(world.repo), out=str(folder / "spied"))
        (spy / "sitecustomize.py").write_text(text)
        empty.mkdir()
        world.begin()
        play(found, spy, world.repo)
        world.run("issue", "new", "Say it", "--body", "It is not said.")
        play(found, spy, empty)
        found.asked = [dict(asked.body) for asked in server.requests]
        found.spied = (folder / "spied").read_text().splitlines()
        yield found


def test_both_issues_are_merged(trapped: Trapped) -> None:
    assert [trapped.world.status()[n]["state"] for n in (1, 3)] == ["done", "done"]
    assert "return a + b" in trapped.world.merged_file("calc.py")
    assert trapped.world.merged_file("NOTES.md") == "Said.\n"
    assert len(trapped.files) >= 40


def test_no_trap_is_sprung_and_nobody_listens_in_vain(trapped: Trapped) -> None:
    assert not trapped.trap.exists(), trapped.trap.read_text()
    assert trapped.listener.heard == 0


def test_the_daemon_opens_nothing_of_the_repository_it_was_started_in(trapped: Trapped) -> None:
    opened = {line.removeprefix("open ") for line in trapped.spied if line.startswith("open ")}
    assert opened & set(trapped.files) == set()
    assert {path for path in opened if not path.startswith(".git/")} == set()
    assert [line for line in trapped.spied if line.startswith("import ")] == []


def test_no_module_is_looked_for_in_the_folder_it_was_started_in(trapped: Trapped) -> None:
    paths = [line.removeprefix("path ").split(":") for line in trapped.spied if line[:5] == "path "]
    assert len(paths) >= 2
    for path in paths:
        assert str(trapped.world.repo) not in path
        assert "" not in path
        assert "." not in path


LOOKING = {"ldconfig", "file", "gcc", "cc", "ld", "objdump"}
"""Where Python's own library looks for shared libraries; they read nothing of a working folder."""


def test_what_is_started_outside_is_not_started_in_the_repository(trapped: Trapped) -> None:
    started = {tuple(line.split(" ")[1:]) for line in trapped.spied if line[:6] == "start "}
    known = {"git", "bwrap", "python3"} | {kind.program for kind in KINDS} | {"rustup"}
    assert {program for program, _ in started} <= known | LOOKING
    here = str(trapped.world.repo)
    assert {program for program, where in started if where.startswith(here)} <= {"bwrap"} | LOOKING
    assert ("bwrap", here) in started  # it was spied on


def test_the_agents_were_told_by_our_prompts_and_skills_alone(trapped: Trapped) -> None:
    assert len(trapped.asked) >= 3
    text = str([(body["system"], body["messages"]) for body in trapped.asked])
    assert "FOREIGN" not in text
    assert "A hook says" not in text


def test_each_trap_is_one(trapped: Trapped, tmp_path: Path) -> None:
    """The benign twin: run by hand outside, they do reach the file and the listener."""
    trap = tmp_path / "sprung"
    with Listener() as listener:
        files = traps(trap, listener.address)
        port = listener.address.rpartition(":")[2]
        for name in (".envrc", ".githooks/pre-commit", "conftest.py"):
            (tmp_path / "x").write_text(files[name])
            subprocess.run(
                ["python3" if name.endswith(".py") else "sh", str(tmp_path / "x")], check=True
            )
        subprocess.run(["bash", "-c", f": </dev/tcp/127.0.0.1/{port}"], check=True)
        listener.settle()
        assert listener.heard == 1
    assert trap.read_text().split() == ["direnv", "pre-commit", "conftest.py"]
