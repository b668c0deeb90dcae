"""What a run used is shown in few lines, however much there was."""

from __future__ import annotations

from datetime import UTC, datetime

from harness.core.types import Event, Stage
from harness.report.uses import MOST_KEPT, MOST_SHOWN, Uses

AT = datetime(2026, 1, 2, tzinfo=UTC)


def event(kind: str, key: str, **facts: str) -> Event:
    return Event(
        run="p/1/1", key=f"{kind}:{key}", at=AT, stage=Stage.VERIFY, kind=kind, facts={**facts}
    )


def looked(source: str, freshness: str = "fresh") -> Event:
    return event("looked_up", f"{source}:{freshness}", source=source, freshness=freshness)


def test_each_source_once_as_it_was_last_and_each_search() -> None:
    uses = Uses()
    for one in (
        looked("a"),
        event("look_refused", "1", source="x"),
        event("looked_for", "1", query="q"),
        looked("b"),
        event("looked_for", "2", query="q"),
        looked("a", "stale"),
        event("held", "1"),
    ):
        uses.note(one)
    told = [str(e.facts.get("source") or e.facts["query"]) for e in uses.shown.shown]
    assert told == ["b", "a", "q", "q"]
    assert uses.shown.shown[1].facts["freshness"] == "stale"
    assert uses.shown.left == 0


def test_it_is_bounded() -> None:
    uses = Uses()
    for number in range(MOST_KEPT + 50):
        uses.note(looked(f"s{number}"))
        uses.note(event("looked_for", str(number), query=f"q{number}"))
    shown = uses.shown
    assert len(shown.shown) == 2 * MOST_SHOWN
    assert shown.shown[MOST_SHOWN - 1].facts["source"] == f"s{MOST_KEPT + 49}"
    assert shown.left == 2 * (MOST_KEPT - MOST_SHOWN)
