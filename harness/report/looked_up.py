"""What a run looked up, and what left for it: sources with their dates, words of searches. Pure."""

from __future__ import annotations

from harness.ports.words import Words
from harness.report.facts import ReportFacts

MOST_LINES = 60
_WEIGHT = {"gone": 2, "stale": 1}


def looked_up_lines(facts: ReportFacts, words: Words) -> tuple[str, ...]:
    """Each source once, as it was worst: one that is stale or vanished is told as that."""
    found: dict[str, tuple[int, str]] = {}
    for event in facts.of("looked_up"):
        source = str(event.facts.get("source", ""))
        weight = _WEIGHT.get(str(event.facts.get("freshness", "")), 0)
        title = str(event.facts.get("title", ""))
        named = {**event.facts, "source": f"`{_plain(source)}`", "title": title or source}
        if weight >= found.get(source, (0, ""))[0]:
            found[source] = weight, words("page.looked_up_line", **named)
    return _bounded(tuple(line for _, line in found.values()), words)


def looked_for_lines(facts: ReportFacts, words: Words) -> tuple[str, ...]:
    """Every search that left, in its order."""
    events = facts.of("looked_for")
    lines = [
        words(
            "page.looked_for_line",
            provider=str(event.facts.get("provider", "")),
            query=f"`{_plain(str(event.facts.get('query', '')))}`",
        )
        for event in events
    ]
    return tuple(lines)


def _bounded(lines: tuple[str, ...], words: Words) -> tuple[str, ...]:
    left = len(lines) - MOST_LINES
    return lines if left <= 0 else (*lines[:MOST_LINES], words("page.looked_up_more", left=left))


def _plain(text: str) -> str:
    """What stands in a code span."""
    return text.replace("`", "'")
