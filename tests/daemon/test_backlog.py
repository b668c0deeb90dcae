"""What the daemon knows of a project's issues: how little it asks for, what it keeps, the order."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from harness.core.trust_types import Ordering
from harness.core.types import Issue, RunState
from harness.daemon.dispatch import (
    Candidate,
    DispatchState,
    Limits,
    RunProgress,
    Start,
    decide,
    in_line,
)
from harness.daemon.entries import PART, KeptIssue, Shelf
from harness.daemon.slots import BacklogEntry
from harness.engine.database import Database
from harness.engine.store import SqlStore
from tests.daemon.fakes import World, play, say
from tests.daemon.test_dispatch import run
from tests.fake_forge import AT
from tests.security.town import OWNER, STRANGER, Door, visit


async def test_a_thousand_looks_at_nothing_new_ask_once_each(tmp_path: Path) -> None:
    """A waiting run, a finished one, a held issue, one that nobody asked for."""

    async def scene(door: Door) -> None:
        town = door.town
        for number in range(1, 41):
            town.put(number)
        town.label(1, OWNER)
        town.label(2, OWNER)
        town.label(3, STRANGER)
        for _ in range(3):
            await door.look()
        assert sorted(door.started) == [1, 2]
        town.calls.clear()
        for _ in range(1_000):
            door.town.clock.at += timedelta(seconds=1)
            await door.daemon.tick()
        # and whose repository it is: "not modified" on GitHub, which costs nothing
        assert town.calls == {"issues": 1_000, "repository": 1_000}

    await visit(tmp_path, scene)


async def test_an_issue_that_changed_costs_only_itself(tmp_path: Path) -> None:
    async def scene(door: Door) -> None:
        town = door.town
        town.put(7)
        town.label(7, OWNER)
        for number in range(8, 108):
            town.put(number)
        await door.look()
        assert town.calls["timeline"] <= 3, "of labelled issues only"
        assert town.calls["permission"] <= 2
        town.calls.clear()
        town.put(50, title="new")
        await door.look()
        assert set(town.calls) <= {"issues", "comments", "me", "repository"}
        assert town.calls["comments"] <= 2

    await visit(tmp_path, scene)


async def test_what_is_kept_is_written_in_parts_and_read_back(tmp_path: Path) -> None:
    def entry(number: int, title: str = "t") -> BacklogEntry:
        return BacklogEntry(
            number=number,
            title=title,
            priority="normal",
            created_at=AT,
            changed_at=AT,
            depends=(),
            text="x",
            again=AT,
        )

    database = Database(tmp_path / "state.db")
    await database.open()
    store = SqlStore(database)
    shelf = Shelf(store, "p")
    assert await shelf.load() == KeptIssue()
    numbers = (1, PART - 1, PART, 5 * PART + 3)
    kept = KeptIssue(cursor="c", entries={n: entry(n) for n in numbers}, unheard=(1,))
    await shelf.put(kept, numbers)
    assert await Shelf(store, "p").load() == kept
    # only the part of what changed is written; what is gone goes
    entries = {n: entry(n, "new") for n in numbers if n != 1}
    await shelf.put(KeptIssue(cursor="d", entries=entries), (1, PART - 1))
    found = await Shelf(store, "p").load()
    assert {n: e.title for n, e in found.entries.items()} == {
        PART - 1: "new",
        PART: "t",
        5 * PART + 3: "t",
    }
    await database.close()


async def test_the_forge_itself_may_say_what_an_issue_waits_for(tmp_path: Path) -> None:
    async def scene(door: Door) -> None:
        town = door.town
        town.put(1, waits=True)
        town.put(2)
        town.put(3, waits=True)
        town.blockers_of[1] = town.blockers_of[3] = [2]
        town.label(1, OWNER)
        await door.look()
        assert door.started == []
        assert (await door.held())[1] == "daemon.depends"
        assert town.calls["blockers"] <= 2, "only where somebody asked"
        town.put(2, state="closed")
        await door.look()
        assert door.started == [1]

    await visit(tmp_path, scene)


def test_priority_then_milestone_then_age() -> None:
    ordering = Ordering(high=("P1",), low=("someday",), milestones=("1.0", "2.0"))
    rows = [
        (1, ("someday",), "1.0"),
        (2, (), None),
        (3, (), "2.0"),
        (4, ("p1",), None),
        (5, (), "1.0"),
        (6, ("priority: high",), "3.0"),
    ]
    candidates = [
        Candidate(
            project="p",
            issue=number,
            priority=ordering.priority(labels),
            milestone=ordering.milestone(milestone),
            created_at=AT + timedelta(minutes=number),
        )
        for number, labels, milestone in rows
    ]
    assert [c.issue for c in in_line(candidates)] == [4, 5, 3, 2, 6, 1]


async def test_the_daemon_orders_by_the_projects_own_names(tmp_path: Path) -> None:
    async def scene(world: World) -> None:
        world.project.ordering = Ordering(high=("urgent",), milestones=("now",))
        world.project.forge.put(1)
        world.project.forge.put(2, milestone="now")
        world.project.forge.put(3, labels=("Urgent",))
        await world.daemon(Limits(runs=1, project_runs=1)).run_once()
        begun = [line for line in world.project.log if line.startswith("begin")]
        assert begun == ["begin 3", "begin 2", "begin 1"]

    await play(tmp_path, scene)


QUEUES = st.lists(st.integers(min_value=0, max_value=12), min_size=1, max_size=6)


@settings(max_examples=60, deadline=None)
@given(QUEUES, st.integers(1, 5), st.integers(1, 4), st.data())
def test_projects_take_turns(
    sizes: list[int], runs: int, project_runs: int, data: st.DataObject
) -> None:
    """Whatever ends when: nobody exceeds a cap, no place stays free that could be used, and of
    two projects that both have work waiting none is served more than once more than the other."""
    names = tuple(f"p{n}" for n in range(len(sizes)))
    waiting = {name: list(range(1, size + 1)) for name, size in zip(names, sizes, strict=True)}
    working: list[tuple[str, int]] = []
    last, served = "", Counter[str]()
    for _ in range(sum(sizes) * 2 + 1):
        state = DispatchState(
            projects=names,
            limits=Limits(runs=runs, project_runs=project_runs),
            last=last,
            standings=tuple(RunProgress(run=run(n, project=p), working=True) for p, n in working),
            candidates=tuple(
                Candidate(project=p, issue=n, created_at=AT) for p in names for n in waiting[p]
            ),
        )
        hungry = {p for p in names if waiting[p]}
        for action in decide(state, AT):
            assert isinstance(action, Start)
            waiting[action.project].remove(action.issue)
            working.append((action.project, action.issue))
            served[action.project] += 1
            last = action.project
        busy = Counter(p for p, _ in working)
        assert len(working) <= runs
        assert all(count <= project_runs for count in busy.values())
        room = {p for p in names if waiting[p] and busy[p] < project_runs}
        assert len(working) == runs or not room
        if runs == 1:
            still = [served[p] for p in hungry if waiting[p]]
            assert not still or max(still) - min(still) <= 1
        if not working:
            break
        working.pop(data.draw(st.integers(0, len(working) - 1)))
    assert not any(waiting.values())


async def test_an_issue_with_a_run_is_not_told_to_be_held(tmp_path: Path) -> None:
    async def scene(world: World) -> None:
        p = world.project
        issue: Issue = p.forge.put(1)
        await p.begin(issue)
        p.refused[1] = p.refused[2] = say("daemon.word", verb="no")
        p.forge.put(2)
        daemon = world.daemon()
        await daemon.tick()
        assert [h.issue for h in daemon.held_issues] == [2]
        assert (await world.states())[1] in (RunState.ACTIVE, RunState.DONE)

    await play(tmp_path, scene)
