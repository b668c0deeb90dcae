"""Every typed slot reads what was written before it had a type, and what it writes itself."""

from __future__ import annotations

import json
from typing import Any

import pytest
from pydantic import ValidationError

from harness.agent import slots as agent
from harness.core.slot import Slot
from harness.core.types import Attempts, Run, Stage
from harness.daemon import slots as daemon
from harness.pipeline import slots as pipeline
from harness.web import slots as web
from tests.old_rows import ROWS, Row

DECLARED = [
    slot
    for package in (agent, daemon, pipeline, web)
    for slot in vars(package).values()
    if isinstance(slot, Slot)
]


def named(row: Row) -> str:
    return f"{row[2]}/{row[3]}"


@pytest.mark.parametrize("row", ROWS, ids=named)
def test_a_row_of_before_is_read_where_it_lies(row: Row) -> None:
    slot, owner, scope, key, stored, value = row
    assert slot.row(owner) == (scope, key)
    data = json.loads(stored)
    assert (None if data is None else slot.read(data)) == value


@pytest.mark.parametrize("row", [row for row in ROWS if row[5] is not None], ids=named)
def test_what_is_put_is_read_again(row: Row) -> None:
    slot, value = row[0], row[5]
    assert slot.read(json.loads(json.dumps(slot.dump(value)))) == value


def test_every_slot_has_a_row_of_before() -> None:
    known = {(slot.under, slot.name.split(":")[0], slot.holds) for slot, *_ in ROWS}
    missing = [s for s in DECLARED if (s.under, s.name, s.holds) not in known]
    assert missing == []


def test_no_two_slots_lie_in_one_place() -> None:
    places = [(s.under or s.scope, s.name) for s in DECLARED]
    doubled = {place for place in places if places.count(place) > 1}
    assert doubled == {("issues", "")}, "the list of issues and its parts have other owners"


def test_a_row_that_is_something_else_is_not_taken() -> None:
    for slot, wrong in (
        (pipeline.REPOSITORY, "other"),
        (pipeline.ANSWERS, "ann: yes"),
        (pipeline.CHECKS, {"reruns": 1}),
        (pipeline.REVIEW, {"text": "fine"}),
        (daemon.STANDINGS, {"words": [], "more": 1}),
    ):
        odd: Slot[Any] = slot
        with pytest.raises(ValidationError):
            odd.read(wrong)


def test_attempts_of_before_are_read_and_counters_that_are_gone_are_left_out() -> None:
    bag = {"implement": 2, "implement_from": 1, "review": 1, "crashes": 4, "worker": 1}
    tries = Attempts.model_validate(bag)
    assert (tries.of(Stage.IMPLEMENT), tries.implement_from, tries.worker) == (2, 1, 1)
    assert tries.of(Stage.FOLLOW_UP) == 0
    assert tries.again(Stage.REVIEW) == tries.having(review=2)
    assert "crashes" not in tries.model_dump()
    assert Run.model_fields["attempts"].default == Attempts()


def test_every_stage_has_its_counter() -> None:
    for stage in Stage:
        assert Attempts().again(stage).of(stage) == 1
