"""The pull request's text: what, why, how, and the evidence (F4)."""

from __future__ import annotations

from harness.core.ports import Words
from harness.core.types import Evidence
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
    """One row a command that harness ran itself, repeated runs folded into one."""
    head = [words(f"page.column.{name}") for name in ("check", "side", "command", "result")]
    rows = ["| " + " | ".join(head) + " |", "| --- | --- | --- | --- |"]
    seen: dict[tuple[str, str, str], list[Evidence]] = {}
    for item in evidence:
        seen.setdefault((item.kind, item.side, item.command), []).append(item)
    for (kind, side, command), runs in seen.items():
        result = ", ".join(dict.fromkeys(_result(run, words) for run in runs))
        times = f" ({words('page.times', count=len(runs))})" if len(runs) > 1 else ""
        cells = (
            words(f"page.check.{kind}"),
            words(f"page.side.{side}"),
            f"`{_cell(command)}`",
            result + times,
        )
        rows.append("| " + " | ".join(cells) + " |")
    return rows


def _result(run: Evidence, words: Words) -> str:
    if run.timed_out:
        return words("page.timed_out")
    if run.tests is None or not run.tests.collected:
        return words("page.exit", code=run.exit_code)
    passed, failed = len(run.tests.having("passed")), len(run.tests.having("failed", "error"))
    return words("page.tests", passed=passed, failed=failed, code=run.exit_code)


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ").replace("`", "'")[:160]
