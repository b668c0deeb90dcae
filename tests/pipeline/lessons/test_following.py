"""What people did with open proposals is noticed by a look, whatever runs do."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from harness.core.errors import Unavailable
from harness.core.lesson_types import Lesson, LessonProposal
from harness.pipeline.lessons.following import STALE, follow_proposals, note_pull
from harness.system.clock import SystemClock
from tests.pipeline.lessons.lesson_scene import BRANCH, Scene, play
from tests.pipeline.outbound.doorway import BASE


async def begin(at: Scene, pr: int, age: timedelta = timedelta()) -> None:
    """One proposal is under way, beside lessons that nobody proposed."""
    for place in ("b.py", "c.py", "d.py"):
        await at.taught(3, 4, place=place)
    await at.taught(3, 4)
    made = LessonProposal(
        run="p/3/1",
        issue=3,
        branch=BRANCH,
        base=BASE,
        path="CLAUDE.md",
        tree="t",
        at=SystemClock().now() - age,
        pr=pr,
    )
    lesson = await only(at)
    await at.store.put_lesson(lesson.model_copy(update={"state": "proposed", "proposal": made}))


async def only(at: Scene) -> Lesson:
    (found,) = [one for one in await at.store.lessons("p") if one.place == "a.py"]
    return found


@pytest.mark.parametrize("pr", [50, 0])
@pytest.mark.parametrize(
    ("ended", "state"), [("merged", "merged"), ("closed", "declined"), ("open", "proposed")]
)
async def test_its_end_is_noticed_by_one_read(
    tmp_path: Path, ended: str, state: str, pr: int
) -> None:
    """Also where the number was never kept."""

    async def scene(at: Scene) -> None:
        await begin(at, pr)
        at.show(ended)
        before = at.forge.calls.copy()
        for _ in range(3):
            await follow_proposals(at.doorway.deps)
        lesson = await only(at)
        assert lesson.state == state
        assert lesson.proposal is not None
        assert lesson.proposal.pr == 50
        asked = (at.forge.calls - before).total()
        assert asked == (3 if ended == "open" else 1)
        assert at.forge.written == []
        others = [one.state for one in await at.store.lessons("p") if one.place != "a.py"]
        assert others == ["seen"] * 3

    await play(tmp_path, scene)


async def test_a_forge_that_does_not_answer_decides_nothing(tmp_path: Path) -> None:
    async def scene(at: Scene) -> None:
        await begin(at, 0, STALE * 2)
        at.forge.fail["find_pr"] = Unavailable("forge.unavailable")
        before = await only(at)
        await follow_proposals(at.doorway.deps)
        assert await only(at) == before

    await play(tmp_path, scene)


@pytest.mark.parametrize("age", [STALE / 2, STALE * 2])
async def test_what_was_never_opened_is_given_up_after_a_day(
    tmp_path: Path, age: timedelta
) -> None:
    async def scene(at: Scene) -> None:
        await begin(at, 0, age)
        await follow_proposals(at.doorway.deps)
        lesson = await only(at)
        assert (lesson.state, lesson.proposal is None) == (
            ("seen", True) if age > STALE else ("proposed", False)
        )

    await play(tmp_path, scene)


async def test_what_runs_taught_meanwhile_is_kept(tmp_path: Path) -> None:
    """Between the forge's answer and the row."""

    async def scene(at: Scene) -> None:
        await begin(at, 50)
        at.show("merged")
        known = await only(at)
        assert known.proposal is not None
        more = known.sightings[0].model_copy(update={"run": "p/9/1", "issue": 9})
        taught = known.model_copy(update={"sightings": (*known.sightings, more)})
        await at.store.put_lesson(taught)
        await note_pull(at.doorway.deps, known, known.proposal, at.forge.pull_requests[-1])
        lesson = await only(at)
        assert (lesson.state, lesson.issues) == ("merged", (3, 4, 9))

    await play(tmp_path, scene)
