"""The daemon over a real store: it looks, decides and acts for a signal only."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from pathlib import Path

from harness.core.types import LocalizedText, Run, RunState
from harness.daemon.dispatch import Limits
from harness.daemon.service import Daemon, Hooks
from harness.daemon.slots import ISSUES
from tests.daemon.fakes import World, finish, play, say, waits
from tests.fake_forge import AT
from tests.patience import PATIENCE_S

DONE, WAITING, HELD, ACTIVE = RunState.DONE, RunState.WAITING, RunState.HELD, RunState.ACTIVE


async def test_one_round_starts_what_may_start_and_ends_when_all_rest(tmp_path: Path) -> None:
    async def scene(world: World) -> None:
        p = world.project
        for number in range(1, 6):
            p.forge.put(number)
        p.forge.put(6, state="closed")
        p.refused[3] = say("daemon.word", verb="no")
        p.walks[(2, 1)] = waits("approve")
        daemon = world.daemon(Limits(runs=2, project_runs=2))
        await daemon.run_once()
        assert await world.states() == {1: DONE, 2: WAITING, 4: DONE, 5: DONE}
        assert [(h.issue, h.why.key) for h in daemon.held_issues] == [(3, "daemon.word")]
        assert world.published > 0
        assert world.told == []

    await play(tmp_path, scene)


async def test_without_a_new_signal_nothing_is_done_again(tmp_path: Path) -> None:
    async def scene(world: World) -> None:
        p = world.project
        p.forge.put(1)
        p.forge.put(2)
        p.walks[(2, 1)] = waits("approve", fingerprint="f")
        p.prints[2] = "f"
        await world.daemon().run_once()
        before = list(p.log)
        p.forge.put(1, labels=("touched",))
        p.forge.put(2, labels=("touched",))
        for _ in range(3):
            await world.daemon().run_once()
        assert p.log == before

    await play(tmp_path, scene)


async def test_a_persons_word_ends_a_wait_that_names_it(tmp_path: Path) -> None:
    async def scene(world: World) -> None:
        p = world.project
        p.forge.put(1)
        p.walks[(1, 1)] = waits("approve")
        await world.daemon().run_once()
        other = await world.post("pause", 1)
        await world.daemon().run_once()
        assert await world.states() == {1: WAITING}
        said = await world.post("approve", 1)
        await world.daemon().run_once()
        assert await world.states() == {1: DONE}
        assert p.log[-3:] == ["pause 1", "approve 1", "activate 1.2"]
        for command in (other, said):
            answer = await world.store.inbox_answer(command.id)
            assert LocalizedText.model_validate_json(answer or "").facts == {"verb": command.verb}

    await play(tmp_path, scene)


async def test_an_old_word_does_not_end_a_later_wait(tmp_path: Path) -> None:
    async def scene(world: World) -> None:
        world.project.forge.put(1)
        world.project.walks[(1, 1)] = waits("approve")
        world.project.walks[(1, 2)] = waits("approve")
        await world.daemon().run_once()
        await world.post("approve", 1)
        for _ in range(2):
            await world.daemon().run_once()
        assert await world.states() == {1: WAITING}
        assert (await world.store.runs())[0].activation == 2

    await play(tmp_path, scene)


async def test_a_changed_forge_and_a_passed_time_are_signals(tmp_path: Path) -> None:
    async def scene(world: World) -> None:
        p = world.project
        p.forge.put(1)
        p.forge.put(2)
        p.walks[(1, 1)] = waits("approve", fingerprint="red")
        p.walks[(2, 1)] = waits("approve", until=AT + timedelta(hours=1))
        p.prints[1] = "red"
        await world.daemon().run_once()
        assert await world.states() == {1: WAITING, 2: WAITING}
        p.prints[1] = "green"
        await world.daemon().run_once()
        assert await world.states() == {1: DONE, 2: WAITING}
        world.clock.at += timedelta(hours=1)
        await world.daemon().run_once()
        assert await world.states() == {1: DONE, 2: DONE}

    await play(tmp_path, scene)


async def test_an_issue_starts_when_the_one_it_depends_on_is_closed(tmp_path: Path) -> None:
    async def scene(world: World) -> None:
        p = world.project
        p.forge.put(1)
        p.forge.put(2, body="Depends on #1")
        p.forge.put(3, body="Depends on #99")

        async def closes(run: Run) -> Run:
            p.forge.put(1, state="closed")
            return await finish(run)

        p.walks[(1, 1)] = closes
        daemon = world.daemon()
        await daemon.tick()
        assert [(h.issue, h.why.facts) for h in daemon.held_issues] == [(2, {"issues": "#1"})]
        await daemon.run_once()
        assert await world.states() == {1: DONE, 2: DONE, 3: DONE}

    await play(tmp_path, scene)


async def test_a_run_that_is_over_is_followed_by_another_only_for_a_new_text_or_a_word(
    tmp_path: Path,
) -> None:
    async def scene(world: World) -> None:
        p = world.project
        p.forge.put(1)
        await world.daemon().run_once()
        p.forge.put(1, body="now with a way to reproduce it")
        await world.daemon().run_once()
        assert [run.number for run in await world.store.runs()] == [1, 2]
        posted = await world.post("retry", 1)
        await world.daemon().run_once()
        assert [run.number for run in await world.store.runs()] == [1, 2, 3]
        assert "daemon.will_start" in (await world.store.inbox_answer(posted.id) or "")
        await world.daemon().run_once()
        assert [run.number for run in await world.store.runs()] == [1, 2, 3]
        assert "retry 1" not in p.log

    await play(tmp_path, scene)


async def test_an_issue_that_had_its_run_before_the_list_is_left_alone(tmp_path: Path) -> None:
    async def scene(world: World) -> None:
        issue = world.project.forge.put(1)
        run = await world.project.begin(issue)
        await world.store.save_run(run.model_copy(update={"state": RunState.FAILED}))
        for _ in range(2):
            await world.daemon().run_once()
        assert world.project.log == ["begin 1"]
        await world.post("start", 1)
        await world.daemon().run_once()
        assert [r.number for r in await world.store.runs()] == [1, 2]

    await play(tmp_path, scene)


async def test_an_issue_refused_at_the_last_moment_is_not_started(tmp_path: Path) -> None:
    async def scene(world: World) -> None:
        p = world.project
        for number in (1, 2):
            p.forge.put(number)

        async def refuse(run: Run) -> Run:
            p.refused[2] = say("daemon.word", verb="no longer")
            return await finish(run)

        p.walks[(1, 1)] = refuse
        await world.daemon(Limits(runs=1)).run_once()
        assert await world.states() == {1: DONE}

    await play(tmp_path, scene)


async def test_words_for_nobody_are_answered(tmp_path: Path) -> None:
    async def scene(world: World) -> None:
        posted = [await world.post("approve", 1, "nowhere"), await world.post("start", 77)]
        await world.daemon().apply_inbox()
        answers = [await world.store.inbox_answer(c.id) or "" for c in posted]
        assert "daemon.project_unknown" in answers[0]
        assert "forge.no_issue" in answers[1]

    await play(tmp_path, scene)


async def test_only_the_issues_meant_are_worked_on(tmp_path: Path) -> None:
    async def scene(world: World) -> None:
        for number in (1, 2, 3):
            world.project.forge.put(number)
        world.project.walks[(3, 1)] = waits("approve")
        await world.daemon().run_once(only={("p", 3)})
        await world.post("approve", 3)
        await world.daemon().run_once(only={("p", 2)})
        assert await world.states() == {2: DONE, 3: WAITING}

    await play(tmp_path, scene)


async def test_a_preview_stores_nothing_and_starts_nothing(tmp_path: Path) -> None:
    async def scene(world: World) -> None:
        world.project.forge.put(1)
        actions = await world.daemon().would()
        assert [a.kind for a in actions] == ["start"]
        assert world.project.log == []
        assert await world.store.get(ISSUES, "p") is None
        await world.daemon().run_once()
        assert await world.states() == {1: DONE}

    await play(tmp_path, scene)


async def test_nothing_new_costs_one_request_a_project(tmp_path: Path) -> None:
    async def scene(world: World) -> None:
        for number in range(1, 121):
            world.project.forge.put(number, state="closed")
        await world.daemon().tick()
        before = world.project.forge.calls["issues"]
        daemon = world.daemon()
        await daemon.tick()
        await daemon.tick()
        assert world.project.forge.calls["issues"] - before == 2
        assert world.project.followed == 3

    await play(tmp_path, scene)


async def test_the_days_work_is_done_once_a_day(tmp_path: Path) -> None:
    async def scene(world: World) -> None:
        for _ in range(2):
            await world.daemon().tick()
        world.clock.at += timedelta(days=1)
        await world.daemon().tick()
        assert world.days == ["2026-01-02", "2026-01-03"]

    await play(tmp_path, scene)


async def test_words_are_taken_within_a_second_while_it_runs(tmp_path: Path) -> None:
    async def scene(world: World) -> None:
        world.project.forge.put(1)
        world.project.walks[(1, 1)] = waits("approve")
        daemon = world.daemon()
        running = asyncio.create_task(daemon.run_forever("0 0 1 1 *"))
        await world.until({1: WAITING})
        assert daemon.next_look is not None
        began = asyncio.get_running_loop().time()
        await world.post("approve", 1)
        await world.until({1: DONE})
        assert asyncio.get_running_loop().time() - began < PATIENCE_S
        daemon.stop()
        await running

    await play(tmp_path, scene)


async def test_a_command_that_changed_the_forge_has_it_looked_at_within_a_second(
    tmp_path: Path,
) -> None:
    async def scene(world: World) -> None:
        named: list[str] = []
        looked = asyncio.Event()

        async def nudged() -> list[str]:
            looked.set()  # asked between two looks alone
            found, named[:] = [*named], []
            return found

        projects, hooks = [*world.projects.values()], Hooks(nudged=nudged)
        daemon = Daemon(projects, world.store, world.durable, world.clock, Limits(), hooks)
        world.project.walks[(1, 1)] = waits("approve")
        running = asyncio.create_task(daemon.run_forever("0 0 1 1 *"))
        async with asyncio.timeout(PATIENCE_S):
            await looked.wait()
        world.project.forge.put(1)
        named.append(world.project.name)
        await world.until({1: WAITING})
        daemon.stop()
        await running

    await play(tmp_path, scene)
