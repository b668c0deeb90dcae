"""What every Store does: keyed writes happen once, nothing written is lost or bent."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from harness.core.base import Json
from harness.core.change_proof import Seen
from harness.core.errors import EngineError
from harness.core.types import (
    Command,
    Plan,
    Run,
    RunState,
    Stage,
    Tally,
    Task,
    TaskResult,
    ToolResult,
    Usage,
)
from harness.engine.database import Database
from harness.engine.store import LARGEST_TRIAL, SqlStore
from harness.ports.store import Store
from tests.engine.values import (
    AT,
    FACT,
    ODD,
    make_event,
    proof,
    session,
    snapshot,
    turn,
    with_database,
)

Use = Callable[[Callable[[Store], Awaitable[None]]], None]


@pytest.fixture
def use(tmp_path: Path) -> Use:
    """Runs some work with a Store; the next use sees what the last one stored."""

    def run(work: Callable[[Store], Awaitable[None]]) -> None:
        async def opened(database: Database) -> None:
            await work(SqlStore(database))

        asyncio.run(with_database(tmp_path / "state.db", opened))

    return run


async def a_run(store: Store, issue: int = 1, project: str = "o/p") -> Run:
    return (await store.open_run(project, snapshot(issue), AT))[0]


def test_an_issue_has_one_open_run_and_its_runs_are_numbered(use: Use) -> None:
    async def work(store: Store) -> None:
        first, new = await store.open_run("o/p", snapshot(5, ODD), AT)
        assert (new, first.number, first.state, first.stage) == (
            True,
            1,
            RunState.ACTIVE,
            Stage.TRIAGE,
        )
        assert first.snapshot.body == ODD
        assert await store.open_run("o/p", snapshot(5), AT) == (first, False)
        await store.save_run(first.model_copy(update={"state": RunState.DONE}))
        second, new = await store.open_run("o/p", snapshot(5), AT)
        assert (new, second.number) == (True, 2)
        assert await store.find_run("o/p", 5) == second
        assert await store.find_run("o/p", 6) is None

    use(work)


def test_many_openers_at_once_get_the_same_run(use: Use) -> None:
    async def work(store: Store) -> None:
        opened = await asyncio.gather(*(store.open_run("o/p", snapshot(1), AT) for _ in range(20)))
        assert sum(new for _, new in opened) == 1
        assert len({run.id for run, _ in opened}) == 1

    use(work)


def test_runs_are_found_by_project_and_state_and_survive_a_restart(use: Use) -> None:
    async def fill(store: Store) -> None:
        for issue in (3, 1, 2):
            run = await a_run(store, issue)
            state = RunState.WAITING if issue == 2 else RunState.ACTIVE
            await store.save_run(run.model_copy(update={"state": state, "head_sha": "abc"}))
        await a_run(store, 9, "other")

    async def look(store: Store) -> None:
        assert [r.issue for r in await store.runs("o/p")] == [1, 2, 3]
        waiting = await store.runs(states=[RunState.WAITING])
        assert [(r.issue, r.head_sha) for r in waiting] == [(2, "abc")]
        assert len(await store.runs()) == 4
        assert (await store.run(waiting[0].id)) == waiting[0]

    use(fill)
    use(look)


def test_a_run_nobody_opened_is_an_error(use: Use) -> None:
    async def work(store: Store) -> None:
        run = await a_run(store)
        with pytest.raises(EngineError, match=r"engine\.no_run"):
            await store.run("nothing")
        with pytest.raises(EngineError, match=r"engine\.no_run"):
            await store.save_run(run.model_copy(update={"id": "nothing"}))

    use(work)


def test_an_event_is_recorded_once_per_key_in_order(use: Use) -> None:
    async def work(store: Store) -> None:
        run = await a_run(store)
        first = await store.record(make_event(run, "a"))
        second = await store.record(make_event(run, "b"))
        again = await store.record(make_event(run, "a", kind="other"))
        assert again == first
        assert 0 < first.id < second.id
        assert await store.events(run.id) == (first, second)
        assert await store.events(run.id, after=first.id) == (second,)
        assert await store.events("other") == ()

    use(work)


def test_a_plan_gets_a_version_unless_it_says_the_same(use: Use) -> None:
    async def work(store: Store) -> None:
        run = await a_run(store)
        plan = Plan(summary="s", tasks=(Task(id="1", title="t", files=("a.py",)),))
        assert await store.plan(run.id) is None
        first = await store.put_plan(run.id, plan, "harness", AT)
        same = await store.put_plan(run.id, plan.model_copy(update={"version": 9}), "ann", AT)
        assert (first.version, same) == (1, first)
        other = plan.model_copy(update={"summary": "다른 계획"})
        second = await store.put_plan(run.id, other, "ann", AT)
        assert (second.version, second.hash) == (2, other.hash)
        assert await store.plan(run.id) == second
        assert await store.plan(run.id, 1) == first
        assert await store.plan(run.id, 3) is None
        back = await store.put_plan(run.id, plan, "ann", AT)
        assert back.version == 3

    use(work)


def test_evidence_and_cached_tests_come_back_as_they_were(use: Use) -> None:
    async def work(store: Store) -> None:
        run = await a_run(store)
        await store.put_evidence(run.id, proof("b", ODD))
        await store.put_evidence(run.id, proof("a"))
        await store.put_evidence(run.id, proof("b", ODD))
        assert await store.evidence(run.id) == (proof("b", ODD), proof("a"))
        assert await store.cached_tests("k") is None
        await store.cache_tests("k", proof("a"))
        await store.cache_tests("k", proof("b"))
        assert await store.cached_tests("k") == proof("b")

    use(work)


def test_trials_are_kept_and_the_oldest_go(tmp_path: Path) -> None:
    def seen(seconds: float, test: str = "t") -> Seen:
        return Seen(tally=Tally(outcomes={test: "passed"}), seconds=seconds)

    async def work(database: Database) -> None:
        store = SqlStore(database, most_trials=3)
        assert await store.kept_trial("a") is None
        await store.keep_trial("a", seen(1))
        await store.keep_trial("a", seen(2))
        assert await store.kept_trial("a") == seen(2)
        await store.keep_trial("large", seen(1, "t" * LARGEST_TRIAL))
        assert await store.kept_trial("large") is None
        for number in range(3):
            await store.keep_trial(f"k{number}", seen(3))
        assert await store.kept_trial("a") is None
        assert await store.kept_trial("k0") == seen(3)

    asyncio.run(with_database(tmp_path / "state.db", work))


def test_a_session_never_changes_after_it_is_opened(use: Use) -> None:
    async def work(store: Store) -> None:
        run = await a_run(store)
        first = await store.open_session(session(run))
        again = await store.open_session(first.model_copy(update={"model": "other"}))
        assert again == first
        other = await store.open_session(session(run, "s0"))
        assert await store.sessions(run.id) == (first, other)
        assert await store.session("s1") == first
        assert await store.session("none") is None

    use(work)


def test_a_turn_grows_in_place(use: Use) -> None:
    async def work(store: Store) -> None:
        await store.put_turn(turn(2))
        await store.put_turn(turn(1, ODD))
        result = ToolResult(call_id="c1", text=ODD)
        full = turn(2).model_copy(update={"results": (result,), "said": "go on"})
        await store.put_turn(full)
        assert await store.turns("s1") == (turn(1, ODD), full)
        assert await store.turns("s2") == ()

    use(work)


def test_a_task_result_is_kept(use: Use) -> None:
    async def work(store: Store) -> None:
        result = TaskResult(
            task="1", status="done", tree="t", summary="s", usage=Usage(fresh=3, output=1)
        )
        assert await store.task_result("s1") is None
        await store.put_task_result("s1", result)
        await store.put_task_result("s1", result)
        assert await store.task_result("s1") == result

    use(work)


def test_the_inbox_gives_each_command_until_it_is_done(use: Use) -> None:
    async def work(store: Store) -> None:
        command = Command(verb="answer", project="o/p", issue=1, by="ann", text=ODD, at=AT)
        first = await store.post(command)
        second = await store.post(command)
        assert first.id != second.id
        assert await store.inbox() == (first, second)
        assert await store.inbox_answer(first.id) is None
        await store.inbox_done(first.id, ODD)
        await store.inbox_done(first.id, ODD)
        assert await store.inbox() == (second,)
        assert await store.inbox_answer(first.id) == ODD

    use(work)


def test_small_facts_are_kept_by_slot_part_and_owner(use: Use) -> None:
    async def fill(store: Store) -> None:
        odd: Json = {"at": [1, 2.5, None, ODD]}
        await store.put(FACT, "o/p", odd)
        await store.put(FACT.at(1), "o/p", 1)
        await store.put(FACT.at(1), "o/p", 2)
        await store.put(FACT, "q", 1)
        await store.drop(FACT, "q")
        await store.drop(FACT, "q")

    async def look(store: Store) -> None:
        assert await store.get(FACT, "o/p") == {"at": [1, 2.5, None, ODD]}
        assert await store.get(FACT.at(1), "o/p") == 2
        assert await store.get(FACT, "q") is None
        assert await store.get(FACT, "none") is None

    use(fill)
    use(look)
