"""The pull request's text: what, why, how, and the evidence (F4)."""

from __future__ import annotations

from harness.core.house_types import Proof, PullRequestTemplate, TemplateSection
from harness.core.types import Evidence, LocalizedText
from harness.ports.words import Words
from harness.report.allowed import allowed_lines
from harness.report.document import by_standing, evidence_rows
from harness.report.facts import ReportFacts
from harness.report.independent_page import independent_lines
from harness.report.looked_up import looked_for_lines, looked_up_lines
from harness.report.proof_copy import copy_of, render_section

MOST_COMMAND = 160
MOST_FAILURE = 3000
MOST_WRITTEN = 45_000
"""Characters with the proof's copy: escaping makes a text longer, and at 60,000 it is cut."""
NO_TEMPLATE = PullRequestTemplate()


def render(
    facts: ReportFacts,
    words: Words,
    template: PullRequestTemplate = NO_TEMPLATE,
    asked: tuple[LocalizedText, ...] = (),
) -> str:
    """The template's sections first, each with what is ours to say there; then ours that it has no
    place for, in a fixed order. What was not recorded is not there. `asked`: what the house asks
    of a person."""
    given = {section.means for section in template.sections}
    parts = _parts(facts, words)
    if "issue" not in given:
        parts["what"] += ["", *parts["issue"]]
    lines = [*_proof(facts, words), *_unseen(facts, words), *_for_people(asked, words)]
    for section in template.sections:
        lines += _section(section, parts, facts, words)
    for name in ("what", "how", "evidence"):
        if name not in given and parts[name]:
            lines += [f"## {words(f'page.{name}')}", "", *parts[name], ""]
    lines += _rest(facts, words)
    lines += _proof_copy(facts, words, sum(map(len, lines)))
    return "\n".join([*lines, words("page.made_by", run=facts.run.id)])


def _proof(facts: ReportFacts, words: Words) -> list[str]:
    """Before everything else: the table that a person reads in half a minute."""
    if facts.proof is None:
        return []
    return [f"## {words('proof.heading')}", "", render_section(facts.proof, words)]


def _proof_copy(facts: ReportFacts, words: Words, written: int) -> list[str]:
    """The same for a program, where there is room: a text that is too long loses its end."""
    if facts.proof is None:
        return []
    copy = copy_of(facts.proof.model_copy(update={"independent": facts.independent}))
    if not copy or written + len(copy) > MOST_WRITTEN:
        return [words("page.proof_copy_long"), ""]
    return [words("page.proof_copy"), "", copy, ""]


def _parts(facts: ReportFacts, words: Words) -> dict[str, list[str]]:
    """What a section of each meaning holds."""
    run, plan = facts.run, facts.plan
    done = facts.of("implemented")
    summary = str(done[-1].facts.get("summary", "")) if done else run.snapshot.title
    issue = [f"Closes #{run.issue}"]
    how = [plan.summary, ""] if plan is not None else []
    how += [f"- {t.title}: `{'`, `'.join(t.files)}`" for t in plan.tasks] if plan else []
    evidence = [*evidence_table(facts.evidence, words), *_failure(facts, words)]
    if facts.test_side:
        evidence += ["", words("page.test_side"), ""]
        evidence += [f"- `{path}`: {words(kind.key)}" for path, kind in facts.test_side[:100]]
    return {
        "what": [facts.commit or summary],
        "why": [words("page.why_issue", issue=run.issue)],
        "how": how,
        "evidence": evidence,
        "issue": issue,
    }


def _section(
    section: TemplateSection, parts: dict[str, list[str]], facts: ReportFacts, words: Words
) -> list[str]:
    """One of the template's: its heading, what is ours to say, its boxes."""
    proven = proven_claims(facts)
    said = parts.get(section.means, [])
    boxes = [
        f"- [{'x' if box.claims and proven.issuperset(box.claims) else ' '}] {box.text}"
        for box in section.boxes
    ]
    lines = [*said, *([""] if said and boxes else []), *boxes]
    head = [f"{'#' * section.level} {section.heading}", ""] if section.heading else []
    return [*head, *(lines or [words("page.left_to_person")]), ""]


def proven_claims(facts: ReportFacts) -> frozenset[Proof]:
    """What of a template's boxes code has seen; nothing that a model or a person said."""
    found: set[Proof] = {"issue_linked", "disclosed"}
    if facts.unseen or not facts.run.verified:
        return frozenset(found)
    stands, _ = by_standing(facts.evidence)
    after = [item for item in stands if item.side in ("product", "change")]
    shown = [item for item in after if item.kind == "reproduction"]
    tests = [item for item in after if item.kind == "tests"]
    if facts.test_side and facts.run.reproduction and shown and all(map(_is_green, shown)):
        found.add("tests_added")
    whole = any(item.command == facts.test_command for item in tests)
    if facts.test_command and whole and all(map(_is_green, tests)):
        found.add("tests_pass")
    return frozenset(found)


def _is_green(item: Evidence) -> bool:
    tests = item.tests
    if tests is None or item.timed_out or item.exit_code or tests.unseen:
        return False
    return bool(tests.having("passed")) and not tests.having("failed", "error")


def _for_people(asked: tuple[LocalizedText, ...], words: Words) -> list[str]:
    if not asked:
        return []
    said = (f"- {words(one.key, **one.facts)}" for one in asked)
    return [f"## {words('page.for_people')}", "", *said, ""]


def _rest(facts: ReportFacts, words: Words) -> list[str]:
    plan, lines = facts.plan, list[str]()
    if facts.independent is not None:
        told = (f"- {line}" for line in independent_lines(facts.independent, words))
        lines += [f"## {words('independent.heading')}", "", *told, ""]
    said = allowed_lines(facts, words)
    if said:
        lines += [f"## {words('page.allowed')}", "", *(f"- {line}" for line in said), ""]
    for name, looked in (
        ("looked_up", looked_up_lines(facts, words)),
        ("looked_for", looked_for_lines(facts, words)),
    ):
        if looked:
            lines += [f"## {words(f'page.{name}')}", "", *(f"- {line}" for line in looked), ""]
    if not facts.test_command:
        lines += [words("page.no_test_command"), ""]
    if plan is not None and plan.risks:
        lines += [f"## {words('page.risks')}", "", *(f"- {risk}" for risk in plan.risks), ""]
    if facts.advice:
        lines += [f"## {words('page.advice')}", ""]
        lines += [*(f"- {words(f.say.key, **f.say.facts)}" for f in facts.advice), ""]
    if facts.sandbox_warning:
        lines += [words("page.sandbox_warning"), ""]
    return lines


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
