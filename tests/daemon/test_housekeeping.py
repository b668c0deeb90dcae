"""Clearing up: bounded by count, age and bytes; what is live or unpublished is never touched."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from urllib.parse import quote

import pytest

from harness.config.paths import Paths
from harness.core.errors import GitError
from harness.core.types import Actor, IssueSnapshot, Run, RunState, Stage
from harness.daemon.housekeeping import CRASH_LOG, Housekeeper, Keeper, RetentionRules, size_of
from harness.daemon.retention import LEAST_RUNS, Keep, Kind, StoredItem, removals
from tests.daemon.fakes import HandClock
from tests.fake_forge import AT

ANN = Actor(id=7, login="ann")
DAY = timedelta(days=1)
KIB = 1 << 10


class PaperKeeper:
    """Remembers what it was asked; `unpublished` runs are saved, `broken` ones cannot be."""

    def __init__(self, paths: Paths) -> None:
        self.paths = paths
        self.held: set[str] = set()
        self.unpublished: set[str] = set()
        self.broken: set[str] = set()
        self.log: list[str] = []

    async def holds(self, run: str) -> bool:
        return run in self.held

    async def save(self, run: Run, target: Path) -> bool:
        if run.id in self.broken:
            raise GitError("git.failed", command="bundle", said="broken")
        if run.id not in self.unpublished:
            return False
        await asyncio.to_thread(target.write_bytes, b"bundle")
        self.log.append(f"save {run.id}")
        return True

    async def forget(self, run: str) -> None:
        self.held.discard(run)
        self.log.append(f"forget {run}")


class Folder:
    """A state folder that 300 runs went through, at AT."""

    def __init__(self, root: Path) -> None:
        self.paths = Paths(root / "state")
        self.paths.root.mkdir()
        self.clock = HandClock()
        self.keeper = PaperKeeper(self.paths)
        self.runs: list[Run] = []

    def run(self, issue: int, age: timedelta, state: RunState = RunState.DONE) -> Run:
        at = AT - age
        snapshot = IssueSnapshot(
            number=issue, title="t", body="", author=ANN, taken_at=at, trigger=ANN
        )
        run = Run(
            id=f"p/{issue}/1",
            project="p",
            issue=issue,
            number=1,
            state=state,
            stage=Stage.REPORT,
            snapshot=snapshot,
            created_at=at,
            updated_at=at,
        )
        self.runs.append(run)
        self.file(self.paths.run_folder("p", issue, 1) / "REPORT.md", 4 * KIB, age)
        self.keeper.held.add(run.id)
        return run

    def copy(self, run: Run, age: timedelta, size: int = 64 * KIB) -> Path:
        folder = self.paths.workspaces / "p" / "copies" / quote(f"{run.id}-worker-1", safe="")
        self.file(folder / "work" / "big", size, age)
        return folder

    def environment(self, name: str, age: timedelta, size: int = 64 * KIB) -> Path:
        folder = self.paths.environments / name
        self.file(folder / "env" / "big", size, age)
        self.file(folder / "environment.json", 2, age)
        return folder

    def file(self, path: Path, size: int, age: timedelta) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"x" * size)
        stamp = (AT - age).timestamp()
        below = [p for p in path.parents if p.is_relative_to(self.paths.root)]
        for one in (path, *below[:-1]):
            os.utime(one, (stamp, stamp))

    def housekeeper(self, keep: Keep | None = None, snapshots: timedelta = 14 * DAY) -> Housekeeper:
        async def runs() -> Sequence[Run]:
            return self.runs

        keepers: dict[str, Keeper] = {"p": self.keeper}
        rules = RetentionRules(keep or Keep(), snapshots)
        return Housekeeper(self.paths, runs, keepers, self.clock, rules)


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    return Folder(tmp_path)


async def test_three_hundred_runs_with_crashes_stay_within_the_budget(folder: Folder) -> None:
    live = []
    for number in range(1, 301):
        state = RunState.HELD if number % 60 == 0 else RunState.FAILED
        run = folder.run(number, number * DAY / 4, state)
        if number % 3 == 0:
            copy = folder.copy(run, number * DAY / 4)
            live += [copy] if state is RunState.HELD else []
        if number % 10 == 0:
            folder.environment(f"e{number:03}", number * DAY / 4)
    folder.file(folder.paths.environments / "torn" / "env" / "half", KIB, 2 * DAY)
    folder.keeper.unpublished = {run.id for run in folder.runs if run.issue % 2}
    folder.keeper.broken = {"p/299/1"}
    budget = 3 << 20
    before = size_of(folder.paths.root)
    assert before > 2 * budget
    made = folder.housekeeper(Keep(disk_bytes=budget, runs=100, days=60))
    would = await made.would()
    assert size_of(folder.paths.root) == before
    done = await made.clear()
    # bundles take room too: for them a little more goes than was foretold
    assert {r.item.path for r in would.removed} <= {r.item.path for r in done.removed}
    assert size_of(folder.paths.root) <= budget
    assert made.start_blocker(done.used) is None
    copies = set((folder.paths.workspaces / "p" / "copies").iterdir())
    assert copies == set(live)
    pages = list(folder.paths.runs.glob("*/*/*"))
    assert len(pages) <= 100 + len(live)
    assert {p.parent.name for p in pages} >= {"60", "120", "180", "240", "300"}
    assert not (folder.paths.environments / "torn").exists()
    assert {e.name for e in folder.paths.environments.iterdir()} <= {"e010", "e020", "e030"}
    # saved before it was forgotten; what cannot be saved is not forgotten
    log, old = folder.keeper.log, [r for r in folder.runs if r.issue > 56 and r.state.over]
    for run in old:
        if run.id == "p/299/1":
            assert run.id in folder.keeper.held
            continue
        assert f"forget {run.id}" in log
        if run.id in folder.keeper.unpublished:
            assert log.index(f"save {run.id}") < log.index(f"forget {run.id}")
            assert (folder.paths.bundles / f"p-{run.issue}-1.bundle").exists()
    assert [say.key for say in done.troubles] == ["disk.not_saved", "git.failed"]
    assert len(folder.keeper.held) == 300 - len(old) + 1
    again = await made.clear()
    assert (again.removed, again.saved) == ((), ())


async def test_only_clearing_up_that_still_leaves_too_much_stops_new_runs(folder: Folder) -> None:
    run = folder.run(1, DAY, RunState.HELD)
    folder.copy(run, DAY, 512 * KIB)
    made = folder.housekeeper(Keep(disk_bytes=256 * KIB))
    cleared = await made.clear()
    assert cleared.removed == ()
    why = made.start_blocker(cleared.used)
    assert why is not None
    assert why.key == "disk.over"
    assert why.facts["folder"] == str(folder.paths.root)
    assert folder.housekeeper(Keep(disk_bytes=0)).start_blocker(1 << 50) is None
    full = folder.housekeeper(Keep(free_bytes=1 << 60)).start_blocker(0)
    assert full is not None
    assert full.key == "disk.full"


async def test_the_embedded_forge_is_neither_counted_nor_touched(folder: Folder) -> None:
    folder.file(folder.paths.forge / "o/p.git" / "pack", 1 << 20, 300 * DAY)
    cleared = await folder.housekeeper(Keep(disk_bytes=KIB)).clear()
    assert cleared.removed == ()
    assert cleared.used < 1 << 19


async def test_pages_without_a_row_go_by_their_own_age_and_empty_folders_with_them(
    folder: Folder,
) -> None:
    folder.file(folder.paths.run_folder("gone", 3, 1) / "PLAN.md", KIB, 100 * DAY)
    folder.file(folder.paths.run_folder("gone", 4, 1) / "PLAN.md", KIB, 80 * DAY)
    folder.file(folder.paths.run_folder("p", 5, 1) / "PLAN.md", KIB, 100 * DAY)
    await folder.housekeeper().clear()
    left = sorted(str(p.relative_to(folder.paths.runs)) for p in folder.paths.runs.rglob("*"))
    assert left == ["gone", "gone/4", "gone/4/1", "gone/4/1/PLAN.md"]


async def test_a_log_of_crashes_is_shortened_from_its_beginning(folder: Folder) -> None:
    log = folder.paths.logs / "crash.log"
    folder.file(log, 3 * CRASH_LOG, timedelta())
    with log.open("ab") as file:
        file.write(b"the last one\n")
    await folder.housekeeper().clear()
    assert log.stat().st_size == CRASH_LOG
    assert log.read_bytes().endswith(b"the last one\n")


def item(kind: Kind, name: str, hours: float, size: int = 100, *, live: bool = False) -> StoredItem:
    at = AT - timedelta(hours=hours)
    return StoredItem(kind=kind, path=name, size=size, at=at, live=live)


@pytest.mark.parametrize(
    ("one", "rule"),
    [
        (item("copy", "c", 2), "over"),
        (item("copy", "c", 0.5), ""),
        (item("copy", "c", 999, live=True), ""),
        (item("left", "l", 2), "debris"),
        (item("left", "l", 0.5), ""),
        (item("run", "r", 24 * 89), ""),
        (item("run", "r", 24 * 91), "age"),
        (item("run", "r", 24 * 91, live=True), ""),
        (item("environment", "e", 24 * 13), ""),
        (item("environment", "e", 24 * 15), "age"),
    ],
)
def test_by_age(one: StoredItem, rule: str) -> None:
    assert [r.rule for r in removals([one], Keep(), AT, 0)] == ([rule] if rule else [])


def test_when_the_disk_is_full_what_can_be_made_again_goes_first_and_some_pages_stay() -> None:
    items = [item("run", f"r{n:03}", 10 + n) for n in range(100)]
    items += [item("environment", "old", 50), item("environment", "new", 5)]
    items += [item("backup", f"b{n}", 24 * n + 2) for n in range(3)]
    found = [r.item.path for r in removals(items, Keep(disk_bytes=1), AT, 100_000)]
    assert found[0] == "old"
    assert found[1:3] == ["b2", "b1"]
    assert found[3:] == [f"r{n:03}" for n in range(99, LEAST_RUNS - 1, -1)]
    few = removals(items, Keep(disk_bytes=10_000), AT, 10_150)
    assert [r.item.path for r in few] == ["old", "b2"]
