"""What people allowed in a run, and for what: from its recorded approvals, not from anybody's
words. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from harness.ports.words import Words
from harness.report.facts import ReportFacts

POLICY = "policy"
KNOWN = (
    "weakening",
    "review",
    "policy",
    "freeze",
    "kind",
    "checks",
    "text",
    "merge",
    "call",
    "go",
    "house",
)


def allowed_lines(facts: ReportFacts, words: Words) -> tuple[str, ...]:
    """A line for each thing that a person let pass; what policy approved is none."""
    return tuple(dict.fromkeys(_lines(facts, words)))


def _lines(facts: ReportFacts, words: Words) -> Iterator[str]:
    run, plan = facts.run, facts.plan
    for subject, by in run.approvals.items():
        if by == POLICY or subject.startswith("refused:"):
            continue
        if plan is not None and subject == plan.hash:
            yield words("page.allowed.plan", by=by, version=plan.version, hash=plan.hash)
            for change in plan.test_changes:
                yield words("page.allowed.test", by=by, test=change.test, why=change.why)
            continue
        kind = subject.partition(":")[0]
        if kind in KNOWN:
            yield words(f"page.allowed.{kind}", by=by, what=_what(facts, subject, words))
        else:
            yield words("page.allowed.other", by=by, what=subject[:16])


def _what(facts: ReportFacts, subject: str, words: Words) -> str:
    """What was shown to the person who approved this: the findings of the event that names it."""
    for event in reversed(facts.events):
        if event.facts.get("subject") == subject and "findings" in event.facts:
            return words("page.said", what=event.facts["findings"])[:600]
    return subject.partition(":")[2][:16]
