"""The report of one run as blocks, from recorded facts: what, why, how, evidence, decisions,
alternatives, risks, cost, what to learn next."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from harness.core.types import Evidence
from harness.ports.words import Words
from harness.report.allowed import allowed_lines
from harness.report.blocks import Block, Bullets, Code, Grid, Heading, Paragraph
from harness.report.facts import ReportFacts, StageCost
from harness.report.independent_page import independent_lines
from harness.report.looked_up import looked_for_lines, looked_up_lines
from harness.report.proof_page import proof_blocks

LOGS = 8
DECISIONS = (
    "triaged",
    "plan_approved",
    "approved",
    "rejected",
    "answer_given",
    "delegated",
    "rebased",
    "review_requests",
    "retried",
    "cancelled",
    "reverted",
)


def build(facts: ReportFacts, words: Words) -> tuple[Block, ...]:
    """All sections that have something to say, in a fixed order."""
    parts = (
        _top,
        _proof,
        _what,
        _why,
        _how,
        _evidence,
        _independent,
        _decisions,
        _looked_up,
        _kept_in,
        _risks,
        _cost,
        _learn,
        _course,
    )
    return tuple(block for part in parts for block in part(facts, words))


def _top(facts: ReportFacts, words: Words) -> Iterator[Block]:
    run = facts.run
    yield Heading(level=1, text=f"#{run.issue} {run.snapshot.title}")
    if run.outcome is not None:
        good = run.state.value == "done"
        text = words("view.outcome", what=words(run.outcome.key, **run.outcome.facts))
        yield Paragraph(text=text, tone="good" if good else "warning")
    elif run.wait is not None:
        why = words(run.wait.reason.key, **run.wait.reason.facts)
        tone = "warning" if run.wait.person else "plain"
        yield Paragraph(text=words("view.rests", why=why), tone=tone)
    else:
        yield Paragraph(text=words("view.under_way", stage=words(f"view.stage.{run.stage.value}")))
    if facts.sandbox_warning:
        yield Paragraph(text=words("page.sandbox_warning"), tone="warning")
    yield Grid(head=(words("view.fact"), words("view.value")), rows=tuple(_facts(facts, words)))


def _facts(facts: ReportFacts, words: Words) -> Iterator[tuple[str, str]]:
    run = facts.run
    yield words("view.project"), run.project
    if run.kind:
        yield words("view.kind"), words(f"view.kind.{run.kind}")
    if run.difficulty:
        yield words("view.difficulty"), words(f"view.difficulty.{run.difficulty}")
    if facts.pr is not None:
        yield (
            words("view.pull_request"),
            f"#{facts.pr.number} ({words(f'forge.state.{facts.pr.state}')})",
        )
    if run.merged_sha:
        yield words("view.merged_as"), run.merged_sha[:12]
    yield words("view.began"), run.created_at.strftime("%Y-%m-%d %H:%M UTC")
    yield words("view.took"), words("view.minutes", minutes=round(facts.took_s / 60, 1))


def _what(facts: ReportFacts, words: Words) -> Iterator[Block]:
    yield Heading(level=2, text=words("view.what"))
    done = facts.of("implemented")
    if done:
        yield Paragraph(text=str(done[-1].facts.get("summary", "")))
    if not facts.changes:
        yield Paragraph(text=words("view.no_change"), tone="quiet")
        return
    head = (words("view.file"), words("view.change"), words("view.lines"))
    rows = tuple(
        (c.path, words(f"view.status.{c.status}"), f"+{c.added} -{c.removed}")
        for c in facts.changes[:50]
    )
    yield Grid(head=head, rows=rows)


def _why(facts: ReportFacts, words: Words) -> Iterator[Block]:
    snapshot = facts.run.snapshot
    yield Heading(level=2, text=words("view.why"))
    yield Paragraph(text=words("view.asked_by", by=snapshot.author.login, issue=snapshot.number))
    if snapshot.body:
        yield Code(title=words("view.issue_text"), text=snapshot.body[:4000], shown=True)
    if snapshot.hidden_removed:
        yield Paragraph(text=words("view.hidden", count=snapshot.hidden_removed), tone="warning")
    if snapshot.left_chars or snapshot.left_comments or snapshot.echoes:
        counts = {
            "characters": f"{snapshot.left_chars:,}",
            "comments": snapshot.left_comments,
            "echoes": snapshot.echoes,
        }
        yield Paragraph(text=words("view.shortened", **counts))


def _how(facts: ReportFacts, words: Words) -> Iterator[Block]:
    plan = facts.plan
    if plan is None:
        return
    yield Heading(level=2, text=words("view.how"))
    yield Paragraph(text=plan.summary)
    head = (words("view.task"), words("view.files"), words("view.after"))
    rows = tuple((t.title, ", ".join(t.files), ", ".join(t.depends)) for t in plan.tasks)
    yield Grid(head=head, rows=rows)
    if plan.criteria and not facts.criteria_met:
        yield Heading(level=3, text=words("view.criteria"))
        yield Bullets(items=tuple(criterion.text for criterion in plan.criteria))
    if plan.alternatives:
        yield Heading(level=3, text=words("view.alternatives"))
        yield Bullets(items=plan.alternatives)


def _proof(facts: ReportFacts, words: Words) -> Iterator[Block]:
    if facts.proof is not None:
        yield Heading(level=2, text=words("proof.heading"))
        yield from proof_blocks(facts.proof, words)


def _independent(facts: ReportFacts, words: Words) -> Iterator[Block]:
    if facts.independent is not None:
        yield Heading(level=2, text=words("independent.heading"))
        yield Bullets(items=independent_lines(facts.independent, words))


def _evidence(facts: ReportFacts, words: Words) -> Iterator[Block]:
    if not facts.evidence:
        return
    yield Heading(level=2, text=words("view.evidence"))
    yield Paragraph(text=words("view.evidence_how"), tone="quiet")
    names = ("check", "side", "command", "result")
    rows = tuple(evidence_rows(facts.evidence, words))
    yield Grid(head=tuple(words(f"page.column.{name}") for name in names), rows=rows)
    if not facts.test_command:
        yield Paragraph(text=words("page.no_test_command"), tone="warning")
    if facts.criteria_met:
        yield Heading(level=3, text=words("view.criteria"))
        said = (
            f"{text}: {words('view.met' if ok else 'view.unmet')}"
            for text, ok in facts.criteria_met.items()
        )
        yield Bullets(items=tuple(said))
    if facts.findings:
        yield Heading(level=3, text=words("view.held_against"))
        yield Bullets(items=tuple(words(f.say.key, **f.say.facts) for f in facts.findings))
    if facts.unseen:
        yield Heading(level=3, text=words("page.unseen"))
        yield Paragraph(text=words("page.unseen_how"), tone="warning")
        yield Bullets(items=tuple(words(f.say.key, **f.say.facts) for f in facts.unseen))
    yield from _frozen(facts, words)
    if facts.test_side:
        yield Heading(level=3, text=words("page.test_side"))
        sides = facts.test_side[:100]
        yield Bullets(items=tuple(f"{path}: {words(kind.key)}" for path, kind in sides))
    for item in _telling(facts.evidence):
        yield Code(
            title=ran_heading(item, words),
            text=item.output.strip(),
        )


def ran_heading(run: Evidence, words: Words) -> str:
    """Above what a command wrote: which, on what, and how it ended."""
    side = words(f"page.side.{run.side}")
    return words("page.ran", command=run.command, side=side, exit_code=run.exit_code)


def _frozen(facts: ReportFacts, words: Words) -> Iterator[Block]:
    """The tests that stand for the issue, and how they failed on the base."""
    proof = facts.run.reproduction
    if proof is None:
        return
    yield Paragraph(text=words("page.frozen", tests=", ".join(proof.tests)[:600]))
    if proof.before:
        yield Paragraph(
            text=words(
                "page.frozen_before",
                tests=", ".join(proof.earlier_tests)[:600],
            )
        )
    if proof.failure:
        yield Code(title=words("page.failed_so"), text=proof.failure, shown=True)


def _telling(evidence: tuple[Evidence, ...]) -> Iterator[Evidence]:
    """The newest run of each command on each side, reproductions first."""
    newest = {(e.kind, e.side, e.command): e for e in evidence}
    order = sorted(newest.values(), key=lambda e: (e.kind != "reproduction", e.side != "base"))
    yield from order[:LOGS]


def of_last_trees(evidence: Iterable[Evidence]) -> tuple[Evidence, ...]:
    """Those that still stand: of each command on each side the runs on the newest tree; those on
    an attempt before it, or on the base before a rebase, are left out."""
    return by_standing(tuple(evidence))[0]


def by_standing(every: tuple[Evidence, ...]) -> tuple[tuple[Evidence, ...], tuple[Evidence, ...]]:
    """(those that stand, those of before)."""
    newest = {(e.kind, e.side, e.command): e.tree for e in every}
    # an earlier commit is no earlier version of the change
    stands = [e.side == "earlier" or newest[e.kind, e.side, e.command] == e.tree for e in every]
    kept = tuple(e for e, stand in zip(every, stands, strict=True) if stand)
    return kept, tuple(e for e, stand in zip(every, stands, strict=True) if not stand)


def evidence_rows(evidence: tuple[Evidence, ...], words: Words) -> Iterator[tuple[str, ...]]:
    """One row a command on one side of one tree, what stands first; repeats are folded into one."""
    stands, before = by_standing(evidence)
    yield from _rows_of(stands, words)
    for check, side, command, result in _rows_of(before, words):
        yield check, words("page.side_before", side=side), command, result


def _rows_of(evidence: tuple[Evidence, ...], words: Words) -> Iterator[tuple[str, ...]]:
    seen: dict[tuple[str, str, str, str], list[Evidence]] = {}
    for item in evidence:
        seen.setdefault((item.kind, item.side, item.command, item.tree), []).append(item)
    for (kind, side, command, _), runs in seen.items():
        result = "; ".join(dict.fromkeys(_result(run, words) for run in runs))
        times = f", {words('page.times', count=len(runs))}" if len(runs) > 1 else ""
        yield words(f"page.check.{kind}"), words(f"page.side.{side}"), command, result + times


def _result(run: Evidence, words: Words) -> str:
    if run.kind not in ("tests", "reproduction", "independent"):
        return words("page.timed_out") if run.timed_out else words("page.exit", code=run.exit_code)
    if run.tests is None or not run.tests.outcomes:
        why = words("page.timed_out") if run.timed_out else words("page.exit", code=run.exit_code)
        said = run.tests.unseen.get("") if run.tests is not None else None
        why = words(said.key, **said.facts) if said is not None else why
        return words("page.not_compared", why=why)
    passed, failed = len(run.tests.having("passed")), len(run.tests.having("failed", "error"))
    told = words("page.tests", passed=passed, failed=failed, code=run.exit_code)
    missing = [path for path in run.tests.unseen if path]
    if not missing:
        return told
    first = run.tests.unseen[missing[0]]
    why = f"{missing[0]}: {words(first.key, **first.facts)}"
    return f"{told}; {words('page.not_compared_files', count=len(missing), why=why)}"


def _decisions(facts: ReportFacts, words: Words) -> Iterator[Block]:
    said = allowed_lines(facts, words)
    if said:
        yield Heading(level=2, text=words("page.allowed"))
        yield Bullets(items=said)
    made = [e for e in facts.events if e.kind in DECISIONS]
    if made:
        yield Heading(level=2, text=words("view.decisions"))
        yield Bullets(items=tuple(words(f"event.{e.kind}", **e.facts) for e in made))


def _looked_up(facts: ReportFacts, words: Words) -> Iterator[Block]:
    """Sources with their dates, and the words that left for a search."""
    for name, lines in (
        ("looked_up", looked_up_lines(facts, words)),
        ("looked_for", looked_for_lines(facts, words)),
    ):
        if lines:
            yield Heading(level=2, text=words(f"page.{name}"))
            yield Bullets(items=lines)


def _kept_in(facts: ReportFacts, words: Words) -> Iterator[Block]:
    """What a sandbox was not let out to; the same target and reason once."""
    times: dict[tuple[str, str], int] = {}
    for event in facts.events:
        if event.kind.startswith("egress_"):
            key = (event.kind, str(event.facts.get("target", "")))
            times[key] = times.get(key, 0) + int(str(event.facts.get("times", 1)))
    if times:
        yield Heading(level=2, text=words("view.kept_in"))
        said = (words(f"event.{k}", target=t, times=n) for (k, t), n in times.items())
        yield Bullets(items=tuple(said))


def _risks(facts: ReportFacts, words: Words) -> Iterator[Block]:
    risks = facts.plan.risks if facts.plan else ()
    advice = tuple(words(f.say.key, **f.say.facts) for f in facts.advice)
    if risks or advice:
        yield Heading(level=2, text=words("view.risks"))
        yield Bullets(items=(*risks, *advice))


def _cost(facts: ReportFacts, words: Words) -> Iterator[Block]:
    yield Heading(level=2, text=words("view.cost"))
    if not facts.costs:
        yield Paragraph(text=words("view.no_calls"), tone="quiet")
        return
    names = ("stage", "calls", "fresh", "cached", "output", "money")
    rows = [_cost_row(words(f"view.stage.{cost.stage}"), cost) for cost in facts.costs]
    rows.append(_cost_row(words("view.total"), facts.total_cost))
    yield Grid(head=tuple(words(f"view.column.{n}") for n in names), rows=tuple(rows))
    yield Paragraph(text=words("view.cost_how"), tone="quiet")
    if facts.total_cost.usage.estimated or facts.spent.estimated:
        yield Paragraph(text=words("view.estimated"), tone="quiet")
    models = sorted({call.model for call in facts.calls})
    said = words("view.models", models=", ".join(models), calls=facts.spent.tool_calls)
    yield Paragraph(text=said, tone="quiet")
    lost = facts.lost
    if lost.calls:
        facts_of = {
            "count": lost.calls,
            "tokens": about(f"{lost.tokens:,}", lost.estimated),
            "usd": about(f"${lost.cost_usd:.4f}", lost.estimated),
        }
        yield Paragraph(text=words("view.lost_calls", **facts_of), tone="quiet")


def _cost_row(name: str, cost: StageCost) -> tuple[str, ...]:
    usage = cost.usage
    counts = (cost.calls, usage.fresh + usage.cache_write, usage.cache_read, usage.output)
    calls, *tokens = (f"{count:,}" for count in counts)
    told = (about(said, usage.estimated) for said in (*tokens, f"${cost.cost_usd:.4f}"))
    return (name, calls, *told)


def about(number: str, estimated: bool) -> str:
    """A number as it is shown: marked when no server told it."""
    return f"~{number}" if estimated else number


def _learn(facts: ReportFacts, words: Words) -> Iterator[Block]:
    if facts.lessons or facts.notes:
        yield Heading(level=2, text=words("view.learn"))
        yield Bullets(items=(*facts.lessons, *facts.notes))


def _course(facts: ReportFacts, words: Words) -> Iterator[Block]:
    if facts.events:
        yield Heading(level=2, text=words("view.course"))
        rows = tuple(
            (
                e.at.strftime("%m-%d %H:%M:%S"),
                words(f"view.stage.{e.stage.value}"),
                words(f"event.{e.kind}", **e.facts).replace("\n", " ")[:400],
            )
            for e in facts.events
        )
        head = tuple(words(f"view.column.{name}") for name in ("when", "stage", "said"))
        yield Grid(head=head, rows=rows)
