"""Work commands while a daemon runs: they ask it and follow."""

from __future__ import annotations

import json
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.e2e.world import (
    DONE,
    FIX,
    HARNESS,
    PLAN,
    REPRODUCTION,
    REVIEWER,
    TRIAGE,
    WRITE_TEST,
    World,
    conversation,
    turn,
)
from tests.patience import PATIENCE_S


def test_triage_and_plan_are_handed_to_the_daemon_that_runs(tmp_path: Path) -> None:
    world = World(tmp_path, settings='[policy]\nmerge = "ask"\n')
    slow = {**turn(PLAN, WRITE_TEST, REPRODUCTION, FIX, DONE), "latency_s": 3.0}
    world.script(conversation(turn(TRIAGE), slow, session="-worker"), REVIEWER)
    world.run("init")
    daemon = subprocess.Popen(
        [*HARNESS, "run", "--every", "1h"],
        cwd=world.repo,
        env=world.env,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        # the first look is over: the next is an hour away, so only what is done here makes it begin
        assert world.until((world.state / "snapshot.json").exists)
        world.run("issue", "new", "add subtracts", "--body", "add(2, 3) gives -1")
        judged = world.run("triage", "1")
        # the new issue woke the daemon, which may have begun by now: asked or followed, it is named
        assert f"pid {daemon.pid}" in judged.stderr
        assert "bug" in judged.stdout
        planned = world.run("plan", "1")
        assert "Add instead of subtracting." in planned.stdout
        done = world.until(lambda: "#2" in world.run("pr", "list").stdout)
        assert done
        refused = world.run("run", "--once", "--model", "scripted", code=5)
        assert f"pid {daemon.pid}" in refused.stderr, "its settings are its own"
    finally:
        daemon.send_signal(signal.SIGTERM)
        assert daemon.wait(15) == 0


@contextmanager
def daemon_of(world: World) -> Iterator[subprocess.Popen[bytes]]:
    """Its first look is over: the next is an hour away."""
    daemon = subprocess.Popen(
        [*HARNESS, "run", "--every", "1h"],
        cwd=world.repo,
        env=world.env,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        assert world.until((world.state / "snapshot.json").exists)
        yield daemon
    finally:
        daemon.terminate()
        daemon.wait(PATIENCE_S)


def test_a_round_beside_a_daemon_is_its_own_and_is_shown_to_the_end(tmp_path: Path) -> None:
    world = World(tmp_path)
    world.run("init")
    with daemon_of(world) as daemon:
        world.run("issue", "new", "add subtracts", "--body", "add(2, 3) gives -1")
        done = world.run("run", "--once")
        assert f"pid {daemon.pid}" in done.stderr
        assert "pull request #2" in done.stdout.lower(), done.stdout
        assert world.status()[1]["why"]["key"] == "pipeline.merged"
        # with nothing to do it is over at once, and a second asks for nothing of the first
        again = world.run("run", "--once", "--json")
        assert json.loads(again.stdout)["runs"][0]["state"] == "done"
        assert daemon.poll() is None


def test_a_round_whose_daemon_is_killed_is_made_here(tmp_path: Path) -> None:
    world = World(tmp_path)
    slow = {**turn(PLAN, WRITE_TEST, REPRODUCTION, FIX, DONE), "latency_s": 3.0}
    world.script(conversation(turn(TRIAGE), slow, session="-worker"), REVIEWER)
    world.run("init")
    with daemon_of(world) as daemon:
        world.run("issue", "new", "add subtracts", "--body", "add(2, 3) gives -1")
        follower = subprocess.Popen(
            [*HARNESS, "run", "--once"],
            cwd=world.repo,
            env=world.env,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        assert world.until(lambda: 1 in world.status())
        daemon.kill()
        out, err = follower.communicate(timeout=PATIENCE_S)
    assert follower.returncode == 0, err
    assert world.status()[1]["why"]["key"] == "pipeline.merged", out
