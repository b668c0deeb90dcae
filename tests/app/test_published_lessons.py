"""What a held run taught, and what it looked up, stands in the snapshot, after a restart too."""

from __future__ import annotations

import json
from pathlib import Path

from harness.app.published import Published
from harness.config.settings import Settings
from harness.core.types import LocalizedText, Run, RunState, Stage
from harness.engine.database import Database
from harness.engine.ledger import SqlLedger
from harness.engine.store import SqlStore
from harness.pipeline.job import Job
from harness.system.clock import SystemClock
from tests.engine.values import NO_CAPS
from tests.security.tempting import with_job


async def test_a_held_run_says_what_it_taught(tmp_path: Path) -> None:
    settings = Settings(state_dir=tmp_path)

    async def scene(job: Job) -> None:
        database = Database(tmp_path / "state.db")
        await database.open()
        store, clock = SqlStore(database), SystemClock()

        def published() -> Published:
            return Published(settings, store, SqlLedger(database, NO_CAPS), clock)

        async def shown(made: Published) -> tuple[list[str], str]:
            await made.publish()
            (row,) = json.loads(settings.paths.snapshot.read_text())["runs"]
            places = [one["facts"]["what"]["facts"]["place"] for one in row["lessons"]]
            return places, row["last"]["key"]

        def what(place: str) -> LocalizedText:
            return LocalizedText(key="lesson.line.ci_flaky", facts={"place": place})

        first = published()
        await job.tell("held", "1", why=LocalizedText(key="pipeline.paused"))
        await job.tell("lesson", "a", what=what("a"))
        assert await shown(first) == (["a"], "event.held")
        told = await job.tell("lesson", "b", what=what("b"))
        first.remember(job.run, told)
        assert await shown(first) == (["a", "b"], "event.held")
        assert await shown(published()) == (["a", "b"], "event.held")
        # told before its run was read: among those that are read, or too late for that
        early = published()
        early.remember(job.run, told)
        early.remember(job.run, told.model_copy(update={"key": "lesson:c"}))
        assert await shown(early) == (["a", "b", "b"], "event.held")
        done: Run = await job.change(state=RunState.DONE)
        assert done.state.over
        assert await shown(first) == ([], "event.held")
        looked = await job.tell("looked_up", "s", source="https://a.org/")
        first.remember(job.run, looked)
        for made in (first, published()):
            await made.publish()
            (row,) = json.loads(settings.paths.snapshot.read_text())["runs"]
            assert [one["facts"] for one in row["looked"]["shown"]] == [looked.facts]
        await database.close()

    await with_job(tmp_path, scene, state=RunState.HELD, stage=Stage.FOLLOW_UP)
