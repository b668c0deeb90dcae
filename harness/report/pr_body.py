"""The pull request's text: what, why, how, and the evidence (F4)."""

from __future__ import annotations

from harness.core.ports import Words
from harness.core.types import Evidence
from harness.report.document import evidence_rows
from harness.report.facts import ReportFacts


def render(facts: ReportFacts, words: Words) -> str:
    """Sections in a fixed order; what was not recorded is not there."""
    run, plan = facts.run, facts.plan
    lines = [f"## {words('page.what')}", ""]
    done = facts.of("implemented")
    lines.append(str(done[-1].facts.get("summary", "")) if done else run.snapshot.title)
    lines += ["", f"Closes #{run.issue}"]
    if plan is not None:
        lines += ["", f"## {words('page.how')}", "", plan.summary, ""]
        lines += [f"- {t.title}: `{'`, `'.join(t.files)}`" for t in plan.tasks]
    lines += ["", f"## {words('page.evidence')}", "", *evidence_table(facts.evidence, words)]
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


def evidence_table(evidence: tuple[Evidence, ...], words: Words) -> list[str]:
    """The report's own rows as a markdown table."""
    head = [words(f"page.column.{name}") for name in ("check", "side", "command", "result")]
    rows = ["| " + " | ".join(head) + " |", "| --- | --- | --- | --- |"]
    for check, side, command, result in evidence_rows(evidence, words):
        rows.append(f"| {check} | {side} | `{_cell(command)}` | {result} |")
    return rows


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ").replace("`", "'")[:160]
