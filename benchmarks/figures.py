"""What a benchmark says: figures beside their aims, tables, and what machine it was."""

from __future__ import annotations

import os
import statistics
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

Sizes = Mapping[str, float]


@dataclass(frozen=True)
class Figure:
    """One number. `at_most` is the aim of BENCH.md, None when there is none."""

    name: str
    value: float
    unit: str
    at_most: float | None = None
    note: str = ""

    @property
    def verdict(self) -> str:
        """How it stands to its aim. A miss is news, not an error: machines differ."""
        if self.at_most is None:
            return ""
        return "met" if self.value <= self.at_most else "missed"

    def row(self) -> tuple[str, ...]:
        aim = "" if self.at_most is None else f"≤ {shown(self.at_most)} {self.unit}"
        return (self.name, f"{shown(self.value)} {self.unit}", aim, self.verdict, self.note)


@dataclass(frozen=True)
class Table:
    """More than figures can say."""

    title: str
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]

    def markdown(self) -> str:
        return f"{self.title}\n\n{markdown(self.head, self.rows)}"


@dataclass(frozen=True)
class Result:
    """What one benchmark found."""

    figures: tuple[Figure, ...] = ()
    tables: tuple[Table, ...] = ()


@dataclass(frozen=True)
class Benchmark:
    """`measure` takes sizes: `sizes` with what the caller set. `tiny` runs in seconds."""

    about: str
    measure: Callable[[Sizes], Result]
    sizes: Sizes
    tiny: Sizes = field(default_factory=dict)


HEAD = ("figure", "measured", "aim", "", "how")


def markdown(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A table, numbers to the right."""
    lines = [f"| {' | '.join(head)} |", "|---" + "|---:" * (len(head) - 1) + "|"]
    return "\n".join([*lines, *(f"| {' | '.join(row)} |" for row in rows)])


def shown(value: float) -> str:
    """Three digits that count."""
    if value >= 100:
        return f"{value:,.0f}"
    return f"{value:.1f}" if value >= 10 else f"{value:.3g}"


def median_ms(seconds: Sequence[float]) -> float:
    """The middle of these, in milliseconds."""
    return 1000 * statistics.median(seconds)


def machine() -> str:
    """One line on where and under what load this was measured."""
    load = " ".join(f"{part:.1f}" for part in os.getloadavg())
    return f"{os.cpu_count()} cores, kernel {os.uname().release}, load {load}"
