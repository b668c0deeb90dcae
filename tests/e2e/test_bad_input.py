"""Bad input: strange repositories, strange issues, strange models. Each gets one clear sentence,
a state that `why` explains, and loses nothing."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.world import (
    BUG,
    CALC,
    DONE,
    FIX,
    HARNESS,
    PLAN,
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

RED = (TRIAGE, PLAN, WRITE_TEST, REPRODUCTION)
NAMING = verdict(
    "plan",
    summary="Add instead of subtracting, with a test.",
    tasks=[{"id": "1", "title": "add", "detail": "", "files": ["calc.py", "tests/test_add.py"]}],
)
UNTESTED = conversation(
    turn(TRIAGE, PLAN, WRITE_TEST, REPRODUCTION, FIX, DONE),
    turn(NAMING, DONE),
    session="-worker",
    repeat_last=True,
)
"""The one-file bug in a project without a runner: nothing is frozen, so the plan names the test."""
BLOCKED = verdict("blocked", reason="enough")
MERGED = ("done", "pipeline.merged")


def outcome(world: World, issue: int = 1) -> tuple[str, str]:
    run = world.status()[issue]
    return run["state"], run["why"]["key"]


def refused(world: World, *words: str, code: int, says: str, **more: Any) -> None:
    """One sentence on stderr, nothing else, this exit code."""
    done = world.run(*words, code=code, **more)
    assert done.stdout == ""
    assert done.stderr.startswith("harness: ")
    assert done.stderr.count("\n") == 1, done.stderr
    assert says in done.stderr
    assert "Traceback" not in done.stderr


def worked(tmp_path: Path, *conversations: Any, **more: Any) -> World:
    """A world after one round with these conversations."""
    world = World(tmp_path, **more)
    world.script(*conversations, REVIEWER)
    world.begin()
    done = world.run("run", "--once")
    assert "Traceback" not in done.stderr
    return world


def quick_fix(world: World) -> None:
    """The cause is gone: a model that can do it. The retry ends in a merge."""
    world.settings = ""
    retried = conversation(turn(*RED, FIX, DONE), session="-worker", repeat_last=True)
    world.script(retried, REVIEWER)
    world.run("retry", "1")
    world.run("run", "--once")
    assert outcome(world) == MERGED


# ---------------------------------------------------------------- repositories


def test_a_repository_without_commits_is_taken_once_it_has_one(tmp_path: Path) -> None:
    world = World(tmp_path)
    shutil.rmtree(world.repo / ".git")
    refused(world, "init", code=1, says="not in a git repository")
    refused(world, "run", "--once", code=2, says="harness init")
    world.git("init", "--quiet", "--initial-branch=main")
    refused(world, "init", code=1, says="no commit yet")
    refused(world, "init", code=1, says="커밋", env={"LANG": "ko_KR.UTF-8"})
    world.commit("first")
    world.begin()
    world.run("run", "--once")
    assert outcome(world) == MERGED


def test_bare_and_detached_repositories_are_told_apart(tmp_path: Path) -> None:
    world = World(tmp_path)
    world.git("checkout", "--quiet", "--detach")
    refused(world, "init", code=2, says="--branch")
    shutil.rmtree(world.repo)
    world.repo.mkdir()
    world.git("init", "--quiet", "--bare")
    refused(world, "init", code=1, says="bare repository")


def test_a_dirty_tree_is_never_touched(tmp_path: Path) -> None:
    world = World(tmp_path)
    (world.repo / "calc.py").write_text("mine\n")
    (world.repo / "new.txt").write_text("mine too\n")
    world.begin()
    world.run("run", "--once")
    assert outcome(world) == MERGED
    refused(world, "pull", code=5, says="calc.py")
    assert (world.repo / "calc.py").read_text() == "mine\n"
    world.git("checkout", "--", "calc.py")
    world.run("pull")
    assert "return a + b" in (world.repo / "calc.py").read_text()
    assert (world.repo / "new.txt").read_text() == "mine too\n"


def test_a_repository_without_tests_is_merged_by_a_person(tmp_path: Path) -> None:
    world = worked(tmp_path, UNTESTED, files={"calc.py": CALC})
    assert outcome(world) == ("held", "pipeline.merge_held")
    report = (world.folder() / "REPORT.md").read_text()
    assert "no test command" in report
    assert "the bug was not reproduced" in report
    world.run("approve", "1")
    world.run("run", "--once")
    assert outcome(world) == MERGED


def test_a_test_command_that_does_not_exist_proves_nothing(tmp_path: Path) -> None:
    files = {"calc.py": CALC, "harness.toml": '[test]\ncommand = "no-such-test"\n'}
    world = worked(tmp_path, UNTESTED, files=files)
    assert outcome(world) == ("held", "pipeline.merge_held")
    report = (world.folder() / "REPORT.md").read_text()
    assert "`no-such-test` cannot be started (exit code 127)" in report


def test_a_set_up_that_fails_is_held_with_its_words(tmp_path: Path) -> None:
    setup = "echo fetching; echo no route to nowhere >&2; exit 7"
    files = {"calc.py": CALC, "harness.toml": f'[environment]\nsetup = ["{setup}"]\n'}
    world = worked(tmp_path, UNTESTED, files=files)
    assert outcome(world)[0] == "held"
    why = world.why()
    assert "ended with code 7" in why
    assert "no route to nowhere" in why
    (world.repo / "harness.toml").write_text('[environment]\nsetup = ["true"]\n')
    world.commit("mend the set-up")
    world.git("push", "--quiet", "harness", "main")
    world.run("retry", "1")
    world.run("run", "--once")
    assert outcome(world) == ("held", "pipeline.merge_held"), world.why()


def test_a_submodule_a_large_file_and_a_name_that_is_no_text(tmp_path: Path) -> None:
    world = World(tmp_path)
    other = tmp_path / "other"
    shutil.copytree(world.repo, other)
    world.git("-c", "protocol.file.allow=always", "submodule", "--quiet", "add", str(other), "sub")
    odd = os.fsencode(world.repo) + b"/odd-\xff-name.txt"
    with open(os.open(odd, os.O_CREAT | os.O_WRONLY), "w") as file:  # noqa: PTH123 - bytes
        file.write("x")
    with (world.repo / "big.bin").open("wb") as large:
        large.truncate(300 << 20)
    world.git("config", "core.compression", "1")
    world.commit("odd things")
    assert "submodules" in world.run("init").stdout
    world.run("issue", "new", BUG[0], "--body", BUG[1])
    world.run("run", "--once")
    assert outcome(world) == MERGED
    world.run("pull")
    assert world.git("status", "--short") == ""
    assert Path(os.fsdecode(odd)).exists()


# ---------------------------------------------------------------- issues


def test_titles_of_any_kind_and_a_megabyte_of_text(tmp_path: Path) -> None:
    world = World(tmp_path, settings='[policy]\nmerge = "ask"\n[limits]\nconcurrent_runs = 1\n')
    world.run("init")
    refused(world, "issue", "new", " \n ", code=2, says="empty")
    refused(world, "issue", "new", "t" * 300, code=2, says="300 characters")
    refused(world, "issue", "show", "99", code=1, says="no issue #99")
    refused(world, "triage", "99", code=1, says="no issue #99")
    refused(world, "why", "99", code=1, says="run")
    refused(world, "retry", "99", code=1, says="#99")
    refused(world, "triage", "nine", code=2, says="nine")
    world.run("issue", "new", "one\ntwo\x07three 🐛 \u202eend")
    world.run("issue", "new", "--", "-x leads with a dash")
    large = subprocess.run(
        [*HARNESS, "issue", "new", "long", "--body-file", "-"],
        input="words " * 170_000,
        cwd=world.repo,
        env=world.env,
        text=True,
        check=True,
        capture_output=True,
    )
    assert "#3" in large.stdout
    titles = [f"one\nt\0wo {'t' * 300}", "-m --force 🐛 \u202e"]
    talks = [
        conversation(
            turn(*RED, FIX, verdict("done", summary="add adds.", title=title)),
            session=f"/{number}/1-worker",
        )
        for number, title in enumerate(titles, 1)
    ]
    told = turn(BLOCKED)
    capped = {**turn(call("bash", command="exit 3")), "alternatives": []}
    capped["alternatives"] = [{"when": {"last_contains": "the rest was left out"}, **told}]
    world.script(*talks, conversation(capped, turn(BLOCKED), session="-worker"), REVIEWER)
    world.run("run", "--once")
    assert world.status()[1]["title"] == "one two three 🐛 end"
    assert world.status()[2]["title"] == "-x leads with a dash"
    assert outcome(world, 3) == ("held", "pipeline.blocked")
    assert world.status()[3]["spent"]["calls"] == 1, "the cut of the text is noted in it"
    subjects = [world.git_log(p.head).split("\n")[0] for p in world.pulls()]
    assert len(subjects) == 2
    for subject in subjects:
        assert len(subject) <= 72
        assert subject.isprintable()
        assert not subject.startswith("-")
    assert any(subject.startswith("one two") for subject in subjects), subjects


# ---------------------------------------------------------------- models


@pytest.mark.parametrize(
    ("said", "key"),
    [
        (turn(text="Colourless green ideas sleep furiously."), "agent.no_verdict"),
        (turn(call("fly", to="the moon")), "agent.repeats"),
        (turn(verdict("triage", kind="bogus")), "agent.repeats"),
        (turn({**call("bash"), "broken": '{"command": "ls'}), "agent.repeats"),
    ],
)
def test_nonsense_for_ever_is_held(tmp_path: Path, said: dict[str, Any], key: str) -> None:
    world = worked(tmp_path, conversation(said, session="-worker", repeat_last=True))
    assert outcome(world) == ("held", key)
    assert world.status()[1]["spent"]["calls"] < 10
    assert "Why: The agent" in world.why()


def test_invented_tools_and_arguments_are_answered_and_work_goes_on(tmp_path: Path) -> None:
    world = worked(
        tmp_path,
        conversation(
            turn(call("fly", to="the moon"), call("edit", file="x", change=3)),
            turn(call("read", path="x" * 5000), call("bash"), call("read", path="../../etc/x")),
            turn(verdict("nonsense", a=1), verdict("triage", kind="bogus")),
            turn({**call("bash"), "broken": '{"command": "ls'}),
            turn(*RED, FIX, DONE),
            session="-worker",
        ),
    )
    assert outcome(world) == MERGED


def test_a_model_that_never_stops_meets_the_turn_cap(tmp_path: Path) -> None:
    busy = [turn(call("bash", command=f"echo {i}")) for i in range(30)]
    settings = "[limits]\nturns = 8\n"
    world = worked(tmp_path, conversation(turn(*RED), *busy, session="-worker"), settings=settings)
    assert outcome(world) == ("held", "agent.turns_used")
    assert world.status()[1]["spent"]["calls"] == 8
    assert "all 8 turns" in world.why()


def test_all_tests_pass_is_only_a_claim(tmp_path: Path) -> None:
    wrong = call("edit", path="calc.py", edits=[{"old": "a - b", "new": "a * b"}])
    claim = "All tests pass."
    world = worked(
        tmp_path,
        conversation(
            turn(*RED, wrong, DONE, text=claim),
            turn(DONE, text=claim),
            session="-worker",
            repeat_last=True,
        ),
        files={"calc.py": CALC, "tests/test_calc.py": TEST_CALC},
    )
    assert outcome(world) == ("held", "pipeline.attempts_used")
    assert "tests/test_add.py::test_add" in world.why()
    assert world.pulls() == []
