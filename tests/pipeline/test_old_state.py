"""A state folder of before: it opens, what waits and what runs go on, its pages say the same."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, cast

from harness.core.errors import Unavailable
from harness.core.types import Attempts, Command, LocalizedText, RunState, Stage
from harness.engine.database import Database
from harness.engine.journal import SqlJournal
from harness.engine.ledger import SqlLedger
from harness.engine.store import SqlStore
from harness.i18n.catalogue import Catalogue
from harness.pipeline.deps import PipelineDeps
from harness.pipeline.job import Job
from harness.pipeline.page_facts import facts_of
from harness.pipeline.pages import pages_of
from harness.pipeline.people.commands import apply_command
from harness.pipeline.run_policy import RunPolicy
from harness.pipeline.slots import APPROVED
from tests.engine.values import NO_CAPS
from tests.fake_forge import FakeForge
from tests.old_rows import ROWS
from tests.old_state import old_state

AT = datetime(2026, 1, 2, 13, tzinfo=UTC)


class Clock:
    def now(self) -> datetime:
        return AT


async def play(path: Path, work: Callable[[PipelineDeps], Awaitable[None]]) -> None:
    """Work on the old state, by a store, a journal and a ledger that are real."""
    old_state(path)
    database = Database(path)
    await database.open()
    nothing: Any = None
    forge = FakeForge()
    forge.fail["pr"] = Unavailable("forge.down")
    try:
        await work(
            PipelineDeps(
                forge=forge,
                store=SqlStore(database),
                journal=SqlJournal(database),
                ledger=SqlLedger(database, NO_CAPS),
                clock=cast(Any, Clock()),
                words=Catalogue("en"),
                policy=RunPolicy(project="p"),
                on_event=lambda run, event: None,
                **dict.fromkeys(
                    (
                        *("workspace", "sandbox", "backend", "durable", "guard"),
                        *("prompts", "folder"),
                    ),
                    nothing,
                ),
            )
        )
    finally:
        await database.close()


async def test_its_runs_are_found_with_what_they_wait_for_and_their_counters(
    tmp_path: Path,
) -> None:
    async def work(deps: PipelineDeps) -> None:
        waiting, running = await deps.store.runs("p")
        assert (waiting.state, waiting.stage, waiting.pr) == (RunState.HELD, Stage.FOLLOW_UP, 7)
        assert waiting.attempts == Attempts(implement=2, implement_from=1, faults=1)
        assert waiting.wait is not None
        assert waiting.wait.reason == LocalizedText(key="pipeline.merge_ask", facts={"pr": 7})
        assert (running.state, running.stage) == (RunState.ACTIVE, Stage.PLAN)
        assert running.attempts == Attempts(triage=1)
        await deps.store.save_run(waiting)
        assert await deps.store.run(waiting.id) == waiting

    await play(tmp_path / "state.db", work)


async def test_every_small_fact_is_read(tmp_path: Path) -> None:
    async def work(deps: PipelineDeps) -> None:
        for slot, owner, *_, value in ROWS:
            assert await deps.store.get(slot, owner) == value, slot.row(owner)

    await play(tmp_path / "state.db", work)


async def test_its_pages_say_what_they_said(tmp_path: Path) -> None:
    async def work(deps: PipelineDeps) -> None:
        job = Job(deps, await deps.store.run("p/1/1"))
        pages = pages_of(job, await facts_of(job))
        report = pages["REPORT.md"]
        assert report.startswith("# #1 Sum is wrong\n\n**!** Waiting: pull request #7 is ready;")
        assert "- slow tests" in report
        began = 'Work began on "Sum is wrong", asked for by ann.'
        assert f"| 01-02 12:00:00 | triage | {began} |" in report
        assert f"- 1 | 2026-01-02 12:00:00 | triage | {began}" in pages["PROGRESS.md"]

    await play(tmp_path / "state.db", work)


async def test_a_persons_word_lets_the_waiting_run_go_on(tmp_path: Path) -> None:
    async def work(deps: PipelineDeps) -> None:
        job = Job(deps, await deps.store.run("p/1/1"))
        word = Command(verb="approve", project="p", issue=1, by="ann", at=AT)
        assert (await apply_command(job, word)).key == "pipeline.did_approve"
        run = await deps.store.run("p/1/1")
        assert (run.state, run.approvals) == (RunState.ACTIVE, {"merge:1": "ann"})
        assert [one.subject for one in await job.get(APPROVED) or ()] == ["ab12", "merge:1"]

    await play(tmp_path / "state.db", work)
