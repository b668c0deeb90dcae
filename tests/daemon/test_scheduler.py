"""When the daemon looks: cron as people know it, and intervals."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from harness.core.errors import ConfigError
from harness.daemon.scheduler import Scheduler
from harness.i18n.catalogue import Catalogue, languages


async def test_it_rings_at_each_due_time_and_not_after_it_is_stopped() -> None:
    rings: list[float] = []
    loop = asyncio.get_running_loop()
    scheduler = Scheduler("1s", lambda: rings.append(loop.time()))
    assert scheduler.next_at() is None
    scheduler.start()
    due = scheduler.next_at()
    assert due is not None
    assert timedelta(0) < due - datetime.now(UTC) <= timedelta(seconds=1)
    await asyncio.sleep(2.3)
    scheduler.stop()
    scheduler.stop()
    assert len(rings) == 2
    await asyncio.sleep(1.1)
    assert len(rings) == 2


async def test_times_missed_while_the_loop_was_held_up_are_one_ring() -> None:
    rings: list[int] = []
    scheduler = Scheduler("1s", lambda: rings.append(1))
    scheduler.start()
    await asyncio.sleep(0)
    held_up = asyncio.get_running_loop().time() + 2.6
    while asyncio.get_running_loop().time() < held_up:
        pass
    await asyncio.sleep(0.1)
    assert rings == [1]
    scheduler.stop()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("30 4 * * *", datetime(2026, 1, 3, 4, 30)),
        ("*/10 * * * *", datetime(2026, 1, 2, 10, 10)),
        ("0 0 * * 0", datetime(2026, 1, 4)),
        ("0 0 * * 7", datetime(2026, 1, 4)),
        ("0 0 * * sun", datetime(2026, 1, 4)),
        ("0 0 * * 1-5", datetime(2026, 1, 5)),
        ("0 0 * * 5-7", datetime(2026, 1, 3)),
        ("0 0 * * 0-1", datetime(2026, 1, 4)),
        ("0 0 * * fri-mon", datetime(2026, 1, 3)),
        ("0 0 * * 2,4", datetime(2026, 1, 6)),
        ("0 0 * * */3", datetime(2026, 1, 3)),
        ("90m", datetime(2026, 1, 2, 11, 35)),
    ],
)
def test_cron_counts_days_from_sunday(text: str, expected: datetime) -> None:
    """From Friday, 2 January 2026, 10:05."""
    now = datetime(2026, 1, 2, 10, 5, tzinfo=UTC)
    assert Scheduler(text, lambda: None).after(now) == expected.replace(tzinfo=UTC)


@pytest.mark.parametrize(
    "text", ["", "never", "0s", "5", "5 minutes", "* * * *", "61 * * * *", "0 0 * * 8", "0 0 * * x"]
)
def test_a_schedule_that_is_not_understood_is_a_setting_to_mend(text: str) -> None:
    with pytest.raises(ConfigError) as raised:
        Scheduler(text, lambda: None)
    assert raised.value.exit_code == 3
    for language in languages():
        assert "cron" in Catalogue(language)(raised.value.key, **raised.value.facts)
