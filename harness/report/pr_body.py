"""The pull request's text: what, why, how, and the evidence (F4)."""

from __future__ import annotations

from harness.core.types import Evidence
from harness.ports.words import Words
from harness.report.allowed import allowed_lines
from harness.report.document import evidence_rows
from harness.report.facts import ReportFacts

MOST_COMMAND = 160
MOST_FAILURE = 3000


def render(facts: ReportFacts, words: Words) -> str:
    """Sections in a fixed order; what was not recorded is not there."""
    run, plan = facts.run, facts.plan
    lines = [*_unseen(facts, words), f"## {words('page.what')}", ""]
    done = facts.of("implemented")
    summary = str(done[-1].facts.get("summary", "")) if done else run.snapshot.title
    lines.append(facts.commit or summary)
    lines += ["", f"Closes #{run.issue}"]
    if plan is not None:
        lines += ["", f"## {words('page.how')}", "", plan.summary, ""]
        lines += [f"- {t.title}: `{'`, `'.join(t.files)}`" for t in plan.tasks]
    lines += ["", f"## {words('page.evidence')}", "", *evidence_table(facts.evidence, words)]
    lines += _failure(facts, words)
    if facts.test_side:
        lines += ["", words("page.test_side"), ""]
        lines += [f"- `{path}`: {words(kind.key)}" for path, kind in facts.test_side[:100]]
    said = allowed_lines(facts, words)
    if said:
        lines += ["", f"## {words('page.allowed')}", "", *(f"- {line}" for line in said)]
    if not facts.test_command:
        lines += ["", words("page.no_test_command")]
    if plan is not None and plan.risks:
        lines += ["", f"## {words('page.risks')}", "", *(f"- {risk}" for risk in plan.risks)]
    if facts.advice:
        lines += ["", f"## {words('page.advice')}", ""]
        lines += [f"- {words(f.say.key, **f.say.facts)}" for f in facts.advice]
    if facts.sandbox_warning:
        lines += ["", words("page.sandbox_warning")]
    lines += ["", words("page.made_by", run=run.id)]
    return "\n".join(lines)


def _unseen(facts: ReportFacts, words: Words) -> list[str]:
    """First of all, what was not seen."""
    if not facts.unseen:
        return []
    said = (f"- {words(f.say.key, **f.say.facts)}" for f in facts.unseen)
    return [f"## {words('page.unseen')}", "", words("page.unseen_how"), "", *said, ""]


def _failure(facts: ReportFacts, words: Words) -> list[str]:
    """How the reproduction failed on the base, and every test that was frozen for it."""
    proof = facts.run.reproduction
    if proof is None:
        return []
    lines = ["", words("page.frozen", tests=", ".join(proof.tests)[:600])]
    if proof.before:
        lines.append(
            words(
                "page.frozen_before",
                tests=", ".join(proof.earlier_tests)[:600],
            )
        )
    if proof.failure:
        text = proof.failure[:MOST_FAILURE].replace("```", "'''")
        lines += ["", words("page.failed_so"), "", "```text", text, "```"]
    return lines


def evidence_table(evidence: tuple[Evidence, ...], words: Words) -> list[str]:
    """The report's own rows as a markdown table."""
    head = [words(f"page.column.{name}") for name in ("check", "side", "command", "result")]
    rows = ["| " + " | ".join(head) + " |", "| --- | --- | --- | --- |"]
    for check, side, command, result in evidence_rows(evidence, words):
        code = _cell(" ".join(command.split())[:MOST_COMMAND].replace("`", "'"))
        rows.append(f"| {check} | {side} | `{code}` | {_cell(result)} |")
    return rows


def _cell(text: str) -> str:
    """One cell: a bar in it would end it."""
    return text.replace("|", "\\|")
