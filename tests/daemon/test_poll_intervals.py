"""When a project is looked at: decided from times alone."""

from __future__ import annotations

from datetime import timedelta
from itertools import pairwise
from random import Random

from harness.daemon.poll_intervals import Pace, Paces, pause_s
from tests.fake_forge import AT

REMOTE = Pace(base_s=60, idle_s=300)


def looks(paces: Paces, minutes: int, **how: bool) -> list[int]:
    """The minutes at which a schedule of one minute leads to a look."""
    found = []
    for minute in range(minutes):
        now = AT + timedelta(minutes=minute)
        if paces.due("p", now):
            found.append(minute)
            paces.note_look(
                "p", now, changed=how.get("changed", False), failed=how.get("failed", False)
            )
    return found


def test_it_doubles_while_nothing_changes_and_a_change_makes_it_short_again() -> None:
    pauses, last = [], 60.0
    for changed in (False, False, False, False, True, False):
        last = pause_s(REMOTE, last, changed=changed, failed=False)
        pauses.append(last)
    assert pauses == [120, 240, 300, 300, 60, 120]


def test_the_embedded_forge_is_looked_at_at_every_due_time() -> None:
    assert looks(Paces({"p": Pace(base_s=60, idle_s=60)}), 10) == list(range(10))
    assert looks(Paces({"p": REMOTE}), 10, changed=True) == list(range(10))


def test_an_idle_hour_costs_few_looks_whatever_the_jitter() -> None:
    for seed in range(20):
        found = looks(Paces({"p": REMOTE}, Random(seed).random), 60)
        gaps = [b - a for a, b in pairwise(found)]
        assert 11 <= len(found) <= 16, found
        assert max(gaps) <= 6


def test_six_hours_without_an_answer_are_at_most_five_minutes_apart() -> None:
    found = looks(Paces({"p": REMOTE}, lambda: 0.5), 360, failed=True)
    assert 72 <= len(found) <= 80
    assert max(b - a for a, b in pairwise(found)) <= 5


def test_a_wake_and_a_clock_set_back_are_looks_at_once() -> None:
    paces = Paces({"p": REMOTE}, lambda: 0.5)
    for _ in range(4):
        paces.note_look("p", AT, changed=False)
    assert not paces.due("p", AT + timedelta(seconds=60))
    assert paces.due("p", AT - timedelta(hours=10))
    assert paces.due("p", AT + timedelta(hours=10))
    paces.wake("p")
    assert paces.due("p", AT)
    paces.note_look("p", AT, changed=False)
    paces.wake()
    assert paces.due("p", AT)


def test_nothing_is_asked_before_the_forge_allows_it() -> None:
    paces = Paces({"p": REMOTE}, lambda: 0.5)
    again = AT + timedelta(minutes=40)
    paces.note_look("p", AT, changed=False, failed=True, not_before=again)
    assert not paces.due("p", AT + timedelta(minutes=39))
    assert paces.due("p", again)
