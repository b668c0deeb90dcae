"""How long a run took, by what was recorded on the way."""

from __future__ import annotations

from datetime import timedelta

import pytest

from harness.core.types import Event, Stage
from harness.report.facts import ReportFacts
from tests.report.test_pages import NOW
from tests.report.test_pages import run as make_run


@pytest.mark.parametrize(
    ("minutes", "took"),
    [
        ([0, 1, 2, 30], 30),
        ([0, 1, -59, -58], 2),
        ([0, -60, -59.5], 0.5),
        ([0, -60], 0),
        ([0], 0),
        ([0, 5, -600, -595, 0, 10], 5 + 5 + 595 + 10),
    ],
)
def test_no_step_back_is_taken_from_it(minutes: list[float], took: float) -> None:
    times = [NOW + timedelta(minutes=minute) for minute in minutes]
    run = make_run().model_copy(update={"created_at": times[0], "updated_at": times[-1]})
    events = tuple(
        Event(run=run.id, key=str(n), at=at, stage=Stage.PLAN, kind="note", facts={})
        for n, at in enumerate(times)
    )
    assert ReportFacts(run=run, events=events).took_s == took * 60
