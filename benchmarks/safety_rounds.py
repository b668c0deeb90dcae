"""Times of several ways to do one thing, taken in turns, so that a busy moment hits all alike."""

from __future__ import annotations

import math
import statistics
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from benchmarks.figures import Table, shown

T = TypeVar("T")
Action = Callable[[], Awaitable[object]]
NOTHING = "–"


@dataclass(frozen=True)
class Times:
    """Seconds that one way took, in the order they were taken. Never empty."""

    seconds: tuple[float, ...]

    @property
    def median_ms(self) -> float:
        return 1000 * statistics.median(self.seconds)

    @property
    def p95_ms(self) -> float:
        """The nearest rank: a time that was taken, never one between two."""
        return 1000 * sorted(self.seconds)[math.ceil(0.95 * len(self.seconds)) - 1]

    @property
    def best_ms(self) -> float:
        return 1000 * min(self.seconds)

    def cell(self) -> str:
        """Median and, in brackets, p95, in milliseconds."""
        return f"{shown(self.median_ms)} ({shown(self.p95_ms)})"


def turns(items: Sequence[T], number: int) -> list[T]:
    """All of them, beginning with another one each round: nobody always follows the same one."""
    start = number % len(items) if items else 0
    return [*items[start:], *items[:start]]


async def taken(actions: Mapping[str, Action], times: int) -> dict[str, Times]:
    """Each `times` times, in turns."""
    seconds: dict[str, list[float]] = {name: [] for name in actions}
    for number in range(times):
        for name in turns(tuple(actions), number):
            began = time.monotonic()
            await actions[name]()
            seconds[name].append(time.monotonic() - began)
    return {name: Times(tuple(all_of)) for name, all_of in seconds.items()}


def over(value: float, base: float) -> str:
    """How many times the base; a dash where the base is nothing."""
    return f"{shown(value / base)} x" if base > 0 else NOTHING


def more(value: float, base: float) -> str:
    """The difference with its sign."""
    sign = "+" if value >= base else "-"
    return f"{sign}{shown(abs(value - base))}"


class Laps:
    """How long each part of a benchmark took."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}
        self._began = time.monotonic()

    def lap(self, name: str) -> None:
        """What was done since the last one has this name."""
        now = time.monotonic()
        self.seconds[name], self._began = now - self._began, now

    def table(self) -> Table:
        names, values = tuple(self.seconds), tuple(self.seconds.values())
        row = ("seconds", *map(shown, values), shown(sum(values)))
        return Table("This benchmark itself:", ("part", *names, "all"), (row,))
