"""Lessons as rows: one a key, a bounded number a project, none that was ever proposed is lost."""

from __future__ import annotations

from pathlib import Path

from harness.core.lesson_types import Lesson, LessonState, Sighting
from harness.engine.database import Database
from harness.engine.store import SqlStore
from tests.engine.values import AT, with_database

MOST = 12


def lesson(place: str, *issues: int, project: str = "p", state: LessonState = "seen") -> Lesson:
    seen = tuple(Sighting(run=f"p/{n}/1", issue=n, at=AT, quote="said") for n in issues)
    return Lesson(project=project, kind="ci_flaky", place=place, sightings=seen, state=state)


async def test_one_row_a_key_and_project(tmp_path: Path) -> None:
    async def scene(database: Database) -> None:
        store = SqlStore(database)
        for one in (lesson("a", 1), lesson("b", 1), lesson("a", 1, 2), lesson("a", project="q")):
            await store.put_lesson(one)
        found = await store.lessons("p")
        assert [(one.id, one.place, one.issues) for one in found] == [
            (1, "a", (1, 2)),
            (2, "b", (1,)),
        ]
        assert await store.find_lesson("p", found[0].key) == found[0]
        assert await store.find_lesson("q", "ci_flaky::b") is None
        await store.forget_lessons("p")
        assert await store.lessons("p") == ()
        assert len(await store.lessons("q")) == 1

    await with_database(tmp_path / "state.db", scene)


async def test_at_the_bound_the_least_telling_goes_and_no_decision(tmp_path: Path) -> None:
    async def scene(database: Database) -> None:
        store = SqlStore(database, most_lessons=MOST)
        await store.put_lesson(lesson("declined", 1, state="declined"))
        await store.put_lesson(lesson("twice", 1, 2))
        for number in range(MOST):
            await store.put_lesson(lesson(f"n{number}", number))
        found = {one.place for one in await store.lessons("p")}
        assert len(found) == MOST
        assert {"declined", "twice", f"n{MOST - 1}"} <= found
        assert not {"n0", "n1"} & found
        for one in await store.lessons("p"):
            await store.put_lesson(one.model_copy(update={"state": "declined"}))
        await store.put_lesson(lesson("one more", 1))
        assert await store.find_lesson("p", "ci_flaky::one more") is None

    await with_database(tmp_path / "state.db", scene)
