"""How much of a talk a run begins with: the newest, whatever of it anybody sees."""

from __future__ import annotations

import pytest

from harness.app.guarding import MOST_TALK, newest
from harness.core.types import Actor, Comment
from tests.fake_forge import AT

ANN = Actor(id=1, login="ann")
BOB = Actor(id=2, login="bob")


def talk(*sizes: int) -> list[Comment]:
    return [
        Comment(id=number, author=ANN, body="x" * size, created_at=AT)
        for number, size in enumerate(sizes)
    ]


@pytest.mark.parametrize(
    ("sizes", "kept"),
    [
        ((), []),
        ((5,), [0]),
        ((MOST_TALK,), [0]),
        ((1, MOST_TALK), [1]),
        ((MOST_TALK + 1,), []),
        ((MOST_TALK + 1, 5, 5), [1, 2]),
        ((5, MOST_TALK - 5, 5), [1, 2]),
        ((0,) * 2000, list(range(2000))),
    ],
)
def test_the_newest_stay(sizes: tuple[int, ...], kept: list[int]) -> None:
    assert [comment.id for comment in newest(talk(*sizes), {ANN.id})] == kept
    assert [comment.id for comment in newest(talk(*sizes), ())] == kept


def test_those_who_decide_are_read_before_the_newest() -> None:
    others = [one.model_copy(update={"author": BOB}) for one in talk(5, MOST_TALK - 9, 5, 5)]
    mixed = [*talk(4), *others]
    assert [one.author.id for one in newest(mixed, {ANN.id})] == [1, 2, 2]
    assert len(newest(mixed, ())) == 2
