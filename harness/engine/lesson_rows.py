"""The rows of what runs teach: one a key, a bounded number a project."""

from __future__ import annotations

import sqlalchemy as sa

from harness.core.base import Json
from harness.core.lesson_types import Lesson, LessonState
from harness.engine.tables import LESSONS

MOST_LESSONS = 200
"""Of a project."""


def read_lessons(
    c: sa.Connection, project: str, key: str = "", state: LessonState | None = None
) -> tuple[Lesson, ...]:
    """Oldest first; the one with that key, those of that state alone."""
    query = sa.select(LESSONS.c.seq, LESSONS.c.data).where(LESSONS.c.project == project)
    if key:
        query = query.where(LESSONS.c.key == key)
    if state:
        query = query.where(LESSONS.c.state == state)
    rows = c.execute(query.order_by(LESSONS.c.seq)).all()
    return tuple(Lesson.model_validate({**row.data, "id": row.seq}) for row in rows)


def put_lesson(c: sa.Connection, lesson: Lesson, most: int) -> None:
    """Insert or replace; at the bound the one of the fewest issues goes, of which nothing was
    proposed. Where there is none such, nothing new is kept."""
    mine = LESSONS.c.project == lesson.project
    dumped: dict[str, Json] = lesson.model_dump(mode="json")
    row = {"state": lesson.state, "issues": len(lesson.issues), "data": dumped}
    if c.execute(LESSONS.update().where(mine, LESSONS.c.key == lesson.key).values(**row)).rowcount:
        return
    if (c.execute(sa.select(sa.func.count()).where(mine)).scalar() or 0) >= most:
        least = sa.select(LESSONS.c.seq).where(mine, LESSONS.c.state == "seen")
        gone = c.execute(least.order_by(LESSONS.c.issues, LESSONS.c.seq).limit(1)).scalar()
        if gone is None:
            return
        c.execute(LESSONS.delete().where(LESSONS.c.seq == gone))
    c.execute(LESSONS.insert().values(project=lesson.project, key=lesson.key, **row))


def forget_lessons(c: sa.Connection, project: str) -> None:
    """All of a project."""
    c.execute(LESSONS.delete().where(LESSONS.c.project == project))
