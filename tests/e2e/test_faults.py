"""Faults of the machine around a run: the model's server, caps, the sandbox, settings, files."""

from __future__ import annotations

import json
import os
import sqlite3
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.test_bad_input import MERGED, RED, outcome, quick_fix, refused, worked
from tests.e2e.world import (
    CALC,
    DONE,
    FIX,
    REVIEWER,
    TERSE,
    World,
    call,
    conversation,
    turn,
)

KOREAN = {"LANG": "ko_KR.UTF-8"}


def worker(*turns: dict[str, Any], **more: Any) -> Any:
    return conversation(*turns, session="-worker", **more)


# ---------------------------------------------------------------- the model's server


@pytest.mark.parametrize("sort", ["rate", "overloaded", "server"])
def test_a_server_in_trouble_is_waited_for(tmp_path: Path, sort: str) -> None:
    world = worked(tmp_path, worker({"error": sort, "after_s": 900}))
    assert outcome(world) == ("waiting", "llm.scripted_fault")
    why = world.why()
    assert sort in why
    assert "looks again by itself at" in why
    if sort == "rate":
        quick_fix(world)


def test_a_cut_stream_is_asked_again_and_nothing_of_it_is_done(tmp_path: Path) -> None:
    world = worked(tmp_path, worker({**turn(*RED, FIX, DONE), "cut": True, "times": 1}))
    assert outcome(world) == MERGED
    assert world.status()[1]["spent"]["calls"] == 2, "worker and reviewer, each once"
    assert len(results(world)) == len((*RED, FIX, DONE))


def test_a_refused_key_is_held_for_a_person(tmp_path: Path) -> None:
    world = worked(tmp_path, worker({"error": "auth"}))
    assert outcome(world) == ("held", "llm.scripted_fault")
    assert "harness retry 1" in world.why()
    quick_fix(world)


# ---------------------------------------------------------------- caps


@pytest.mark.parametrize("scope", ["run", "issue", "day"])
def test_a_cap_stops_before_the_call_that_would_cross_it(tmp_path: Path, scope: str) -> None:
    cap = 19_000
    settings = f"[limits.{scope}]\ntokens = {cap}\n"
    world = worked(tmp_path, worker(turn(*RED), turn(FIX, DONE)), settings=settings)
    state, key = outcome(world)
    assert key == f"engine.cap_{scope}_tokens"
    assert state == ("waiting" if scope == "day" else "held")
    why = world.why()
    assert f"limits.{scope}.tokens" in why
    spent = world.status()[1]["spent"]
    assert spent["calls"] == 1
    assert spent["tokens"] <= cap
    if scope == "day":
        assert "looks again by itself at" in why
    else:
        quick_fix(world)


# ---------------------------------------------------------------- the sandbox


def without_bubblewrap(world: World) -> dict[str, str]:
    """A PATH with everything but bwrap."""
    folder = world.root / "bin"
    folder.mkdir()
    for place in os.environ["PATH"].split(":"):
        for program in Path(place).iterdir() if Path(place).is_dir() else ():
            link = folder / program.name
            if program.name != "bwrap" and not link.is_symlink():
                link.symlink_to(program)
    return {"PATH": str(folder)}


def test_without_bubblewrap_nothing_begins_and_none_is_only_by_choice(tmp_path: Path) -> None:
    world = World(tmp_path)
    world.begin()
    env = without_bubblewrap(world)
    refused(world, "run", "--once", code=4, says="apt-get install bubblewrap", env=env)
    refused(world, "triage", "1", code=4, says="apt-get install bubblewrap", env=env)
    refused(world, "agent", "x", code=4, says="apt-get install bubblewrap", env=env)
    refused(world, "run", "--once", code=4, says="설치하세요", env={**env, **KOREAN})
    assert world.status() == {}
    done = world.run("run", "--once", "--sandbox", "none", env=env)
    assert "no sandbox" in done.stderr
    assert outcome(world) == MERGED
    warning = "without a sandbox"
    assert warning in (world.folder() / "REPORT.md").read_text()
    assert warning in world.run("report", "1").stdout
    assert warning in world.pulls()[0].body


def results(world: World) -> list[str]:
    """What the worker's tools answered."""
    connection = sqlite3.connect(world.state / "state.db")
    try:
        rows = connection.execute("select data from turns where session like '%-worker'")
        return [r["text"] for (row,) in rows for r in json.loads(row)["results"]]
    finally:
        connection.close()


def test_commands_that_kill_hang_and_eat(tmp_path: Path) -> None:
    """R13, R15, R25: each is answered in time, and the run goes on to its merge."""
    commands = (
        "trap '' TERM; while :; do sleep 0.1; done",
        "(setsid sleep 611 &); sleep 611 & echo left behind",
        "python3 -c 'x = bytearray(900 << 20); print(len(x))'; echo code $?",
        "kill -9 -1; sleep 0.2; echo survived",
        "kill -9 $PPID; sleep 0.2; echo orphaned",
        "head -c 3000000 /dev/zero | tr '\\0' x",
        "printf 'a\\000b\\377\\355\\240\\200'",
    )
    world = World(tmp_path, settings="[sandbox]\ncommand_s = 3.0\nmemory_mb = 300\n")
    calls = [call("bash", command=command) for command in commands]
    turns = [turn(c) for c in calls]
    world.script(worker(*turns, turn(*RED, FIX, DONE)), REVIEWER)
    world.begin()
    world.run("run", "--once")
    assert outcome(world) == MERGED
    said = results(world)
    assert "3" in said[0]
    assert "left behind" in said[1]
    assert "137" in said[2]
    assert len(said[5]) < 100_000
    assert "a" in said[6]
    assert "\0" not in said[6]
    assert not alive("sleep\x00611")


def alive(command: str) -> list[str]:
    """Processes whose command line holds these NUL-separated words."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                line = (entry / "cmdline").read_bytes().decode("utf-8", "replace")
            except OSError:
                continue
            if command in line:
                found.append(line)
    return found


# ---------------------------------------------------------------- settings and files


@pytest.mark.parametrize(
    ("text", "says", "korean"),
    [
        ("sandbx = 1\n", "config.toml:1: there is no setting sandbx", "설정은 없습니다"),
        ('[limits]\nturns = "many"\n', "config.toml:2: limits.turns must be", "정수여야"),
        ("[limits\n", "config.toml:1: not valid TOML", "올바른 TOML이 아닙니다"),
    ],
)
def test_broken_settings_are_named_by_line(
    tmp_path: Path, text: str, says: str, korean: str
) -> None:
    world = World(tmp_path)
    world.begin()
    file = world.config / "config.toml"
    good = file.read_text()
    file.write_text(text + good)
    refused(world, "run", "--once", code=3, says=says)
    refused(world, "run", "--once", "--language", "ko", code=3, says=korean)
    world.run("status")
    file.write_text(good)
    world.run("run", "--once", "--dry-run")


def test_a_torn_snapshot_is_written_anew(tmp_path: Path) -> None:
    world = worked(tmp_path, TERSE)
    file = world.state / "snapshot.json"
    whole = file.read_text()
    for torn in (whole[: len(whole) // 2].encode(), b"\0" * 100, b"[]", b""):
        file.write_bytes(torn)
        refused(world, "status", code=1, says="run --once")
        refused(world, "why", "1", code=1, says="run --once")
        assert "status" in world.run("--help").stdout
    refused(world, "status", code=1, says="읽을 수 없습니다", env=KOREAN)
    world.run("run", "--once")
    assert outcome(world) == MERGED
    assert "merged" in world.why()


def test_a_newer_and_a_damaged_database_are_refused_untouched(tmp_path: Path) -> None:
    world = worked(tmp_path, TERSE)
    file = world.state / "state.db"
    connection = sqlite3.connect(file)
    connection.execute("update alembic_version set version_num = '0099'")
    connection.commit()
    connection.close()
    before = file.read_bytes()
    refused(world, "run", "--once", code=3, says="version 0099")
    refused(world, "run", "--once", code=3, says="버전은 0099", env=KOREAN)
    assert file.read_bytes() == before
    assert "merged" in world.why()
    file.write_bytes(b"garbage" * 1000)
    refused(world, "run", "--once", code=1, says="damaged")
    assert file.read_bytes() == b"garbage" * 1000


def test_a_branch_without_our_project_file_still_works_elsewhere(tmp_path: Path) -> None:
    """A project whose forge folder is gone says so; another one goes on."""
    world = World(tmp_path, files={"calc.py": CALC})
    world.begin()
    for path in sorted((world.state / "forge").rglob("*"), reverse=True):
        path.unlink() if path.is_file() or path.is_symlink() else path.rmdir()
    done = world.run("run", "--once", code=None)
    assert done.returncode in (0, 1)
    assert "Traceback" not in done.stdout + done.stderr
    assert done.stdout + done.stderr
