"""A text that is edited while a run works on it holds the run before anything is published."""

from __future__ import annotations

from pathlib import Path

from harness.core.types import Command, RunState
from harness.i18n.catalogue import Catalogue
from harness.pipeline.job import Job
from harness.pipeline.people.drift import check_drift
from tests.fake_forge import AT
from tests.security.town import OWNER, Door, visit


async def test_an_edit_holds_what_would_be_published(tmp_path: Path) -> None:
    async def scene(door: Door) -> None:
        town = door.town
        issue = town.put(1, title="Mend <!-- x --> it", body="a\u200b text")
        town.label(1, OWNER)
        run = await door.project.begin(await town.issue(1))
        job = Job(door.deps, run)
        assert await check_drift(job) is None, "hidden parts were taken off on both sides"
        town.put(1, labels=("harness", "bug"), milestone="1.0")
        assert await check_drift(job) is None

        town.put(1, body="PAYLOAD")
        held = await check_drift(job)
        assert held is not None
        assert held.wait.person
        for language in ("en", "ko"):
            assert "#1" in Catalogue(language)(held.wait.reason.key, **held.wait.reason.facts)
        # a person lets it go on with the text it began with; another edit asks again
        await job.change(state=RunState.HELD, wait=held.wait)
        said = Command(id=1, verb="approve", project="p", issue=1, by="ann", at=AT)
        await door.project.command(said)
        await job.reload()
        assert await check_drift(job) is None
        town.put(1, body="PAYLOAD 2")
        assert await check_drift(job) is not None
        # and put back as it was, nothing is wrong
        town.put(1, body=issue.body)
        assert await check_drift(job) is None

    await visit(tmp_path, scene)
