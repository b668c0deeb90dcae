"""Work commands while a daemon runs: they ask it and follow."""

from __future__ import annotations

import signal
import subprocess
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
        # the first look is over: the next is an hour away, so only a word makes it begin
        assert world.until((world.state / "snapshot.json").exists)
        world.run("issue", "new", "add subtracts", "--body", "add(2, 3) gives -1")
        judged = world.run("triage", "1")
        assert f"pid {daemon.pid}" in judged.stderr
        assert "bug" in judged.stdout
        planned = world.run("plan", "1")
        assert "Add instead of subtracting." in planned.stdout
        done = world.until(lambda: "#2" in world.run("pr", "list").stdout)
        assert done
        second = world.run("run", "--once", code=5)
        assert f"pid {daemon.pid}" in second.stderr
    finally:
        daemon.send_signal(signal.SIGTERM)
        assert daemon.wait(15) == 0
