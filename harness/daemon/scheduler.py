"""The clock of the daemon: cron or interval. The only importer of apscheduler."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime, tzinfo

from apscheduler.schedulers.asyncio import AsyncIOScheduler  # type: ignore[import-untyped]
from apscheduler.triggers.cron import CronTrigger  # type: ignore[import-untyped]
from apscheduler.triggers.interval import IntervalTrigger  # type: ignore[import-untyped]

from harness.core.errors import ConfigError

_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400}
_DAYS = ("sun", "mon", "tue", "wed", "thu", "fri", "sat")


class Scheduler:
    """Calls `due` on the running loop at each due time. Times missed while the machine slept are
    one call. `text` is five cron fields (0 and 7 are Sunday;
    a day of the month and of the week must both match) or an interval like 5m."""

    def __init__(self, text: str, due: Callable[[], None], zone: tzinfo | None = None) -> None:
        self._trigger = _trigger(text, zone)
        self._due = due
        self._scheduler = AsyncIOScheduler(timezone=zone or UTC)

    def start(self) -> None:
        """On the loop that runs now."""
        self._scheduler.add_job(
            self._due,
            self._trigger,
            id="tick",
            coalesce=True,
            max_instances=1,
            misfire_grace_time=None,
        )
        self._scheduler.start()

    def read_again(self) -> None:
        """The wall clock is another than when the next due time was told."""
        self._scheduler.reschedule_job("tick", trigger=self._trigger)

    def next_at(self) -> datetime | None:
        """The next due time, aware; None before `start`."""
        job = self._scheduler.get_job("tick")
        at: datetime | None = None if job is None else getattr(job, "next_run_time", None)
        return at

    def after(self, now: datetime) -> datetime | None:
        """The first due time after that moment; an interval is counted from it."""
        if isinstance(self._trigger, IntervalTrigger):
            return now + self._trigger.interval  # type: ignore[no-any-return]
        at: datetime | None = self._trigger.get_next_fire_time(None, now)
        return at

    def stop(self) -> None:
        """May be called twice."""
        if self._scheduler.running:
            self._scheduler.shutdown(wait=False)


def interval_s(text: str) -> float:
    """Seconds of an interval such as 5m. ConfigError for anything else."""
    every = re.fullmatch(r"([1-9]\d{0,5})([smhd])", text.strip())
    if every is None:
        raise ConfigError("daemon.bad_schedule", text=text, why="")
    return float(int(every[1]) * _UNITS[every[2]])


def _trigger(text: str, zone: tzinfo | None) -> CronTrigger | IntervalTrigger:
    text = text.strip()
    try:
        if (every := re.fullmatch(r"(\d{1,6})([smhd])", text)) is not None:
            seconds = int(every[1]) * _UNITS[every[2]]
            if seconds == 0:
                raise ValueError("an interval of nothing")
            return IntervalTrigger(seconds=seconds, timezone=zone or UTC)
        fields = text.split()
        if len(fields) != 5:
            raise ValueError(f"{len(fields)} fields instead of 5")
        return CronTrigger.from_crontab(" ".join([*fields[:4], _week(fields[4])]), zone)
    except (ValueError, KeyError) as error:
        raise ConfigError("daemon.bad_schedule", text=text, why=str(error)) from error


def _week(field: str) -> str:
    """Days by name: apscheduler counts them from Monday and ends the week on Sunday, cron counts
    from Sunday and lets a range go round."""
    if field == "*":
        return field
    days: set[int] = set()
    for part in field.split(","):
        span, _, step = part.partition("/")
        begin, _, end = ("0-6" if span == "*" else span).partition("-")
        first = _day(begin)
        last = _day(end or begin)
        last += 7 if last < first else 0
        days |= {day % 7 for day in range(first, last + 1, int(step or 1))}
    return ",".join(_DAYS[day] for day in sorted(days))


def _day(text: str) -> int:
    day = _DAYS.index(text.lower()) if text.isalpha() else int(text)
    if not 0 <= day <= 7:
        raise ValueError(f"{text} is no day of the week")
    return day
