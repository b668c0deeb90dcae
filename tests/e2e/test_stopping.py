"""The process ends in the middle: a second one, signals, kill -9, a full disk. Nothing is lost."""

from __future__ import annotations

import os
import random
import re
import resource
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.e2e.test_bad_input import MERGED, RED, outcome, refused
from tests.e2e.test_faults import alive
from tests.e2e.world import DONE, FIX, HARNESS, REVIEWER, World, call, conversation, turn
from tests.patience import PATIENCE_S

Popen = subprocess.Popen[str]
# told apart from the same test in another process
SLEEPER = f"sleep 7213.{os.getpid()}"


def slow_world(tmp_path: Path) -> World:
    """A world whose worker sits in a long command until the script is changed."""
    world = World(tmp_path)
    slow = turn(*RED, call("bash", command=SLEEPER))
    world.script(conversation(slow, turn(FIX, DONE), session="-worker"), REVIEWER)
    world.begin()
    return world


@contextmanager
def started(world: World, *words: str, limit: Callable[[], None] | None = None) -> Iterator[Popen]:
    process = subprocess.Popen(
        [*HARNESS, *words],
        cwd=world.repo,
        env=world.env,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=limit,
    )
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def until(true: Callable[[], object], within_s: float = PATIENCE_S) -> None:
    end = time.monotonic() + within_s
    while not true():
        assert time.monotonic() < end, "it did not come to that"
        time.sleep(0.05)


def in_a_box() -> bool:
    return bool(alive(SLEEPER.replace(" ", "\0")))


def finish(world: World) -> None:
    """A later round ends the work, with nothing done twice."""
    world.run("run", "--once")
    assert outcome(world) == MERGED
    assert [p.state for p in world.pulls()] == ["merged"]
    assert world.git_log("main").count("Add, do not subtract") == 1
    assert len(world.comments()) == 1
    assert world.issue().state == "closed"


def test_a_second_daemon_is_refused_and_names_the_first(tmp_path: Path) -> None:
    world = World(tmp_path)
    world.run("init")
    with started(world, "run", "--every", "1h") as first:
        until(lambda: (world.state / "snapshot.json").exists())
        refused(world, "run", "--once", "--model", "scripted", code=5, says=f"pid {first.pid}")
        refused(world, "run", code=5, says=f"{first.pid}", env={"LANG": "ko_KR.UTF-8"})
        first.kill()
        first.wait(5)
        world.run("run", "--once")


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_told_to_stop_in_the_middle_it_ends_in_time_and_goes_on_later(
    tmp_path: Path, number: signal.Signals
) -> None:
    """R26."""
    world = slow_world(tmp_path)
    words = ("run", "--every", "1h") if number == signal.SIGTERM else ("run", "--once")
    with started(world, *words) as process:
        until(in_a_box)
        process.send_signal(number)
        out, err = process.communicate(timeout=PATIENCE_S)
    assert process.returncode == (0 if number == signal.SIGTERM else 130), err
    assert "Traceback" not in out + err
    until(lambda: not in_a_box(), 3)
    assert world.status()[1]["state"] == "active"
    assert "#1" in world.why()
    quick_again(world)
    finish(world)


def test_killed_while_a_box_runs_it_leaves_no_process(tmp_path: Path) -> None:
    """R16."""
    world = slow_world(tmp_path)
    with started(world, "run", "--once") as process:
        until(in_a_box)
        process.kill()
        process.wait(5)
        until(lambda: not in_a_box() and not alive(str(world.state)), 3)
    assert world.status()[1]["state"] == "active"
    quick_again(world)
    finish(world)


def quick_again(world: World) -> None:
    """The long command was cut off and is run again: let it fail at once."""
    world.settings = "[sandbox]\ncommand_s = 1.0\n"
    slow = turn(*RED, call("bash", command=SLEEPER))
    world.script(conversation(slow, turn(FIX, DONE), session="-worker"), REVIEWER)


@pytest.mark.parametrize("seed", range(5))
def test_ctrl_c_at_any_moment(tmp_path: Path, seed: int) -> None:
    world = World(tmp_path)
    world.begin()
    with started(world, "run", "--once") as process:
        until(process_has_begun(world))
        time.sleep(random.Random(seed).uniform(0.0, 3.0))
        if process.poll() is None:
            process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=PATIENCE_S)
    assert process.returncode in (0, 130), err
    assert "Traceback" not in out + err, err
    finish(world)


def process_has_begun(world: World) -> Callable[[], bool]:
    """Before our first line runs, the interpreter itself answers Ctrl-C."""
    return lambda: (world.state / "lock").exists()


def test_a_file_size_limit_stops_it_with_a_sentence(tmp_path: Path) -> None:
    """R18: every write beyond a limit fails; later it is lifted."""
    world = World(tmp_path)
    world.begin()
    size = max(p.stat().st_size for p in world.state.rglob("*") if p.is_file())

    def limited() -> None:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (size + 4096, size + 4096))

    with started(world, "run", "--once", limit=limited) as process:
        out, err = process.communicate(timeout=60)
    assert "Traceback" not in out + err, err
    assert process.returncode in (0, 1), err
    assert re.search(r"could not be written|full|large|write", out + err), out + err
    retry(world)


def retry(world: World) -> None:
    if (world.state / "snapshot.json").exists() and world.status().get(1, {}).get("state") in (
        "held",
        "waiting",
    ):
        world.run("retry", "1")
    finish(world)
