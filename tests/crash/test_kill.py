"""kill -9 anywhere, start again, same end (R1, R30, G1)."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.e2e.world import HARNESS, World

ROOT = Path(__file__).parent.parent.parent
SEEDS = int(os.environ.get("HARNESS_CRASH_SEEDS", "10"))
OUTSIDE = ("forge.", "workspace.", "journal.", "model.")
Record = Callable[[str, object], None]
pytestmark = [pytest.mark.crash, pytest.mark.timeout(1500)]


def dying(world: World, log: Path, number: int = 0) -> int:
    """One round that dies at that boundary; its exit status."""
    env = {**world.env, "PYTHONPATH": str(ROOT)}
    argv = [sys.executable, "-m", "tests.crash.dying", world.name, str(log)]
    done = subprocess.run(
        [*argv, str(number)],
        cwd=world.repo,
        env=env,
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )
    assert done.returncode in (0, -signal.SIGKILL), done.stderr
    return done.returncode


def check(world: World, log: Path) -> int:
    """The invariants V1-V6 after recovery; how many model calls were repeated."""
    run = world.status()[1]
    assert (run["state"], run["why"]["key"]) == ("done", "pipeline.merged"), run
    (pull,) = world.pulls()
    assert pull.state == "merged"
    assert world.git_log("main").count("Add, do not subtract") == 1
    bodies = [c.body for c in world.comments()]
    assert len(bodies) == len(set(bodies)) == 1
    assert world.issue().state == "closed"
    return repeated(log)


def repeated(log: Path) -> int:
    """Model calls sent twice. Only one that was in flight at a kill may be: never a journaled
    one."""
    if not log.exists():
        return 0
    sent: Counter[str] = Counter()
    journaled: set[str] = set()
    for line in log.read_text().splitlines():
        _, name, when, key = line.split(" ", 3)
        if (name, when) == ("model.complete", "before"):
            assert key not in journaled, f"{key} was journaled and sent again"
            sent[key] += 1
        elif (name, when) == ("journal.record", "after"):
            journaled.add(key)
    return sum(count - 1 for count in sent.values())


def window_ms(log: Path) -> float:
    """The longest time between sending a call and its journal row: what a kill may repeat."""
    sent: dict[str, float] = {}
    longest = 0.0
    for line in log.read_text().splitlines():
        at, name, when, key = line.split(" ", 3)
        if (name, when) == ("model.complete", "before"):
            sent[key] = float(at)
        elif (name, when) == ("journal.record", "after"):
            longest = max(longest, (float(at) - sent[key]) * 1000)
    return longest


@pytest.fixture(scope="module")
def boundaries(tmp_path_factory: pytest.TempPathFactory) -> tuple[list[int], int, float]:
    """The numbers of every outside boundary of a run that nobody kills, and how many there are
    in all."""
    world = World(tmp_path_factory.mktemp("whole"))
    world.begin()
    log = world.root / "log"
    assert dying(world, log) == 0
    assert check(world, log) == 0
    lines = log.read_text().splitlines()
    outside = [n for n, line in enumerate(lines, 1) if line.split(" ")[1].startswith(OUTSIDE)]
    return outside, len(lines), window_ms(log)


def seeded(total: int) -> Iterator[int]:
    chosen = random.Random(20261121)
    return (chosen.randint(1, total) for _ in range(SEEDS))


def test_killed_at_every_outside_boundary(
    boundaries: tuple[list[int], int, float], tmp_path: Path, record_property: Record
) -> None:
    calls = sum(killed(tmp_path / str(number), number) for number in boundaries[0])
    kills = len(boundaries[0])
    figure = f"{kills} kills at outside boundaries, {calls} calls repeated because in flight"
    record_property("figure", f"{figure}, in-flight window {boundaries[2]:.1f} ms")
    assert calls <= 2 * len(boundaries[0])


def test_killed_at_seeded_boundaries_of_our_own_tables(
    boundaries: tuple[list[int], int, float], tmp_path: Path, record_property: Record
) -> None:
    calls = 0
    for count, number in enumerate(seeded(boundaries[1])):
        calls += killed(tmp_path / f"{count}-{number}", number)
    record_property("figure", f"{SEEDS} kills at seeded boundaries, {calls} calls repeated")


def killed(root: Path, number: int) -> int:
    """Killed at that boundary, then started again by the real command."""
    world = World(root)
    world.begin()
    log = root / "log"
    # our own tables are written by several tasks at once: a run may have fewer boundaries
    dying(world, log, number)
    assert dying(world, log) == 0
    return check(world, log)


@pytest.mark.parametrize("seed", range(SEEDS))
def test_killed_at_a_random_moment(seed: int, tmp_path: Path) -> None:
    world = World(tmp_path)
    world.begin()
    chosen = random.Random(seed)
    for _ in range(2):
        process = subprocess.Popen(
            [*HARNESS, "run", "--once"],
            cwd=world.repo,
            env=world.env,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        time.sleep(chosen.uniform(0.3, 4.0))
        process.kill()
        process.wait(10)
    world.run("run", "--once")
    check(world, tmp_path / "no-log")
