"""Two machines, each with its own database, on one forge: one works on an issue (R2, G2)."""

from __future__ import annotations

import asyncio
import json
import shutil
import signal
import sqlite3
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from harness.core.types import Command
from harness.engine.database import Database
from harness.engine.store import SqlStore
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

ROOT = Path(__file__).parent.parent.parent
SLOW = {**turn(TRIAGE, PLAN, WRITE_TEST, REPRODUCTION, FIX, DONE), "latency_s": 2.0}


class Machine:
    """A second home beside the world's: its own settings, state folder and database, the same
    forge folder."""

    def __init__(self, world: World, name: str) -> None:
        self.world = world
        self.home = world.root / name
        self.state = self.home / ".local" / "state" / "harness"
        self.env = {**world.env, "HOME": str(self.home)}
        shutil.copytree(world.config, self.home / ".config" / "harness")
        self.state.mkdir(parents=True)
        (self.state / "forge").symlink_to(world.state / "forge")

    def start(self, *words: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [*HARNESS, *words],
            cwd=self.world.repo,
            env=self.env,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def run(self, *words: str) -> str:
        done = self.start(*words)
        output, _ = done.communicate(timeout=100)
        assert done.returncode == 0, output
        return output

    def rows(self) -> list[dict[str, Any]]:
        data = json.loads((self.state / "snapshot.json").read_text())
        return [{"state": r["state"], "why": r["why"], "until": r["until"]} for r in data["runs"]]

    def ask(self, times: int) -> None:
        """A person's word that often, as commands post it."""

        async def post() -> None:
            database = Database(self.state / "state.db")
            await database.open()
            word = Command(
                verb="start", project=self.world.name, issue=1, by="ada", at=datetime.now(UTC)
            )
            for _ in range(times):
                await SqlStore(database).post(word)
            await database.close()

        asyncio.run(post())


def two(tmp_path: Path) -> tuple[World, Machine, Machine]:
    world = World(tmp_path)
    world.begin()
    return world, Machine(world, "here"), Machine(world, "there")


def lease_runs_out(world: World) -> None:
    """Ten minutes pass, as far as the forge's leases know."""
    past = (datetime.now(UTC) - timedelta(seconds=1)).isoformat(timespec="microseconds")
    connection = sqlite3.connect(world.state / "forge" / "forge.db")
    with connection:
        connection.execute("update leases set expires_at = ?", (past,))
    connection.close()


def one_of_each(world: World) -> None:
    """What two daemons must never make two of."""
    (pull,) = world.pulls()
    assert pull.state == "merged"
    bodies = [c.body for c in world.comments()]
    assert len(bodies) == 1, bodies
    assert world.git_log("main").count("Add, do not subtract") == 1
    assert world.issue().state == "closed"


def test_fifty_triggers_on_two_machines_are_one_run(tmp_path: Path) -> None:
    world, here, there = two(tmp_path)
    world.script(conversation(SLOW, session="-worker"), REVIEWER)
    for machine in (here, there):
        machine.ask(25)
    both = [machine.start("run", "--once") for machine in (here, there)]
    for process in both:
        output, _ = process.communicate(timeout=100)
        assert process.returncode == 0, output
    one_of_each(world)
    runs = [machine for machine in (here, there) if machine.rows()]
    assert len(runs) == 1
    (other,) = {here, there} - set(runs)
    said = other.run("why", "1")
    assert "Another daemon" in said
    other.run("run", "--once")
    assert other.rows() == []
    one_of_each(world)


@pytest.mark.parametrize("boundary", ["forge.open_pr after", "workspace.push after"])
def test_what_a_dead_machine_left_is_taken_over_when_its_lease_is_over(
    tmp_path: Path, boundary: str
) -> None:
    world, here, there = two(tmp_path)
    log = tmp_path / "log"
    argv = [sys.executable, "-m", "tests.crash.dying", world.name, str(log), boundary]
    env = {**here.env, "PYTHONPATH": str(ROOT)}
    died = subprocess.run(argv, cwd=world.repo, env=env, check=False, timeout=100)
    assert died.returncode == -signal.SIGKILL
    assert "Another daemon" in there.run("run", "--once") + there.run("why", "1")
    assert there.rows() == []
    lease_runs_out(world)
    there.run("run", "--once")
    one_of_each(world)
    # the dead one comes back: it sees what happened and ends without an effect of its own
    here.run("run", "--once")
    one_of_each(world)
    assert [row["state"] for row in here.rows()] == ["done"]
