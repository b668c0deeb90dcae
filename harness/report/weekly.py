"""Many runs on one page: what was done, what rests and why, what it cost."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

from harness.ports.words import Words
from harness.report.blocks import Block, Bullets, Grid, Heading, Paragraph
from harness.report.document import about
from harness.report.facts import ReportFacts
from harness.report.markdown import page
from harness.report.snapshot import why


def render(runs: tuple[ReportFacts, ...], since: datetime, now: datetime, words: Words) -> str:
    """As markdown."""
    return page(build(runs, since, now, words))


def build(
    runs: tuple[ReportFacts, ...], since: datetime, now: datetime, words: Words
) -> tuple[Block, ...]:
    """A sentence of totals, then a row a run: those that need a person first."""
    merged = sum(bool(r.run.merged_sha) for r in runs)
    waiting = sum(not r.run.state.over for r in runs)
    cost = sum(r.spent.cost_usd for r in runs)
    tokens = sum(r.spent.tokens for r in runs)
    guessed = any(r.spent.estimated for r in runs)
    span = f"{since.date().isoformat()} - {now.date().isoformat()}"
    total = words(
        "view.totals",
        runs=len(runs),
        merged=merged,
        waiting=waiting,
        cost=about(f"${cost:.2f}", guessed),
        tokens=about(f"{tokens:,}", guessed),
    )
    per = about(f"${cost / merged:.2f}", guessed) if merged else "-"
    order = sorted(
        runs, key=lambda r: (r.run.state.value != "held", r.run.state.over, -r.run.issue)
    )
    head = tuple(words(f"view.column.{n}") for n in ("issue", "title", "state", "why", "money"))
    rows = tuple(_row(r, words) for r in order)
    return (
        Heading(level=1, text=f"{words('view.weekly')} {span}"),
        Paragraph(text=total),
        Paragraph(text=words("view.per_merge", cost=per), tone="quiet"),
        *([Paragraph(text=words("view.estimated"), tone="quiet")] if guessed else []),
        Grid(head=head, rows=rows),
        *_learned(order, since, words),
    )


def _learned(runs: Sequence[ReportFacts], since: datetime, words: Words) -> Iterator[Block]:
    """What these runs taught in that time, each once, and what was proposed of it."""
    told = [e for r in runs for kind in ("lesson", "lesson_proposed") for e in r.of(kind)]
    said = dict.fromkeys(words(f"event.{e.kind}", **e.facts) for e in told if e.at >= since)
    if said:
        yield Heading(level=2, text=words("view.lessons"))
        yield Bullets(items=tuple(said))


def _row(facts: ReportFacts, words: Words) -> tuple[str, ...]:
    run = facts.run
    reason = why(run)
    return (
        f"{run.project} #{run.issue}",
        run.snapshot.title,
        words(f"view.state.{run.state.value}"),
        words(reason.key, **reason.facts),
        about(f"${facts.spent.cost_usd:.2f}", facts.spent.estimated),
    )
