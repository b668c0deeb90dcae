"""The disk under a daemon at work: another state file ends it with a sentence, and what it knew is
there to go on with."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from tests.e2e.test_stopping import finish, in_a_box, quick_again, slow_world, started, until
from tests.e2e.world import World
from tests.patience import PATIENCE_S


def older(state: Path) -> Path:
    """A copy of the state as it is now."""
    copy = state / "older.db"
    with (
        closing(sqlite3.connect(state / "state.db")) as source,
        closing(sqlite3.connect(copy)) as target,
    ):
        source.backup(target)
    return copy


def replaced(state: Path) -> None:
    (state / "older.db").replace(state / "state.db")


def removed(state: Path) -> None:
    (state / "state.db").unlink()


@pytest.mark.parametrize("change", [replaced, removed])
def test_another_state_file_ends_the_daemon_and_nothing_is_lost(
    tmp_path: Path, change: Callable[[Path], None]
) -> None:
    world = World(tmp_path)
    world.begin()
    older(world.state)
    with started(world, "run", "--every", "1s") as process:
        until(lambda: (world.state / "snapshot.json").exists() and bool(world.status()))
        until(lambda: world.status()[1]["state"] == "done")
        change(world.state)
        out, err = process.communicate(timeout=PATIENCE_S)
    assert process.returncode == 1, err
    assert "Traceback" not in out + err
    assert err.count("was replaced or removed") == 1, err
    assert str(world.state / "state.db") in err
    put_back(world, err)
    assert "merged" in world.why(1)
    assert len(world.pulls()) == 1


def put_back(world: World, err: str) -> None:
    """As the sentence says."""
    (kept,) = world.state.glob("state.db.kept-*")
    assert str(kept) in err
    for left in world.state.glob("state.db*"):
        if left != kept:
            left.unlink()
    kept.rename(world.state / "state.db")


def test_replaced_in_the_middle_of_work_it_stops_and_goes_on_with_what_it_knew(
    tmp_path: Path,
) -> None:
    world = slow_world(tmp_path)
    with started(world, "run", "--once") as process:
        until(lambda: (world.state / "state.db").exists())
        until(in_a_box)
        older(world.state)
        replaced(world.state)
        _, err = process.communicate(timeout=PATIENCE_S)
    assert process.returncode == 1, err
    assert "Traceback" not in err
    assert err.count("was replaced or removed") == 1, err
    put_back(world, err)
    quick_again(world)
    finish(world)
