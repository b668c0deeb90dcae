"""PROGRESS.md: the run's events in the order of their ids."""

from __future__ import annotations

from harness.ports.words import Words
from harness.report.facts import ReportFacts


def render(facts: ReportFacts, words: Words) -> str:
    """A heading, then a line an event: its id, time, stage and sentence."""
    run = facts.run
    lines = [f"# {words('view.course')}: #{run.issue} {run.snapshot.title}", ""]
    for event in sorted(facts.events, key=lambda e: e.id):
        at = event.at.strftime("%Y-%m-%d %H:%M:%S")
        stage = words(f"view.stage.{event.stage.value}")
        said = " ".join(words(f"event.{event.kind}", **event.facts).split())
        lines.append(f"- {event.id} | {at} | {stage} | {said}")
    return "\n".join(lines) + "\n"
