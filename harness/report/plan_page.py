"""PLAN.md: a plan as people read and edit it, and the way back. Pure.

`parse(render(plan, ...)) == tidy(plan)`. Harmless edits (spacing, numbering, bullets, either
language's headings) change nothing; what has no clear meaning is a UsageError naming the line.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from harness.core.run_types import Criterion, ExpectationChange, Plan, Task
from harness.ports.words import Words
from harness.report.plan_marks import join_stripped, parse_label, printable, span, strip_closing
from harness.report.plan_reading import find_block as find_block
from harness.report.plan_reading import parse as parse


def tidy(plan: Plan) -> Plan:
    """The same plan as a page can hold it: one-line texts without line breaks, no control
    characters, no blank entries. Idempotent."""
    return plan.model_copy(
        update={
            "summary": _block(plan.summary),
            "tasks": tuple(
                Task(
                    id=_line(t.id) or str(position),
                    title=strip_closing(f" {_line(t.title)}").strip(),
                    detail=_block(t.detail),
                    files=_lines(t.files),
                    depends=_lines(t.depends),
                    agent=_line(t.agent),
                )
                for position, t in enumerate(plan.tasks, 1)
            ),
            "criteria": tuple(
                Criterion(text=_line(c.text), check=_block(c.check).strip())
                for c in plan.criteria
                if _line(c.text)
            ),
            "risks": _lines(plan.risks),
            "alternatives": _lines(plan.alternatives),
            "test_changes": tuple(
                ExpectationChange(test=_line(c.test), why=_line(c.why)) for c in plan.test_changes
            ),
        }
    )


def _line(text: str) -> str:
    return " ".join(printable(" ".join(text.split())).split())


def _lines(texts: Iterable[str]) -> tuple[str, ...]:
    return tuple(filter(None, map(_line, texts)))


def _block(text: str) -> str:
    lines = [printable(line).rstrip() for line in text.splitlines()]
    return join_stripped(lines)


def render(plan: Plan, title: str, words: Words) -> str:
    """The page of a plan, in the language of `words`. `title` is the issue's, one line."""
    hash_ = plan.hash
    plan = tidy(plan)

    def field(name: str, value: str) -> str:
        return f"- {words(f'report.plan_field_{name}')}: {value}"

    out = [f"# {words('report.plan_title')}: {_line(title)}", ""]
    out += [*_quote_lines(plan.summary), ""] if plan.summary else []
    out += [field("kind", plan.kind), field("difficulty", plan.difficulty)]
    out += [field("version", str(plan.version)), field("hash", f"`{hash_}`")]
    out += ["", f"## {words('report.plan_section_tasks')}"]
    for task in plan.tasks:
        out += ["", f"### {span(task.id)} {task.title}".rstrip(), ""]
        out.append(field("files", ", ".join(map(span, task.files))))
        if task.depends:
            out.append(field("depends", ", ".join(map(span, task.depends))))
        if task.agent:
            out.append(field("agent", span(task.agent)))
        if task.detail:
            out += ["", *_quote_lines(task.detail)]
    criteria = [x for c in plan.criteria for x in _criterion(c, words)]
    changes = [f"- {span(c.test)}: {c.why}" for c in plan.test_changes]
    for name, items in (
        ("criteria", criteria),
        ("risks", [f"- {_escape(x)}" for x in plan.risks]),
        ("alternatives", [f"- {_escape(x)}" for x in plan.alternatives]),
        ("test_changes", changes),
    ):
        if items:
            out += ["", f"## {words(f'report.plan_section_{name}')}", "", *items]
    return "\n".join(out) + "\n"


def _quote_lines(text: str) -> list[str]:
    """Plain when no line could be taken for structure, else as a quotation."""
    lines = text.split("\n")
    if all(not x or x[0].isalpha() for x in lines):
        return lines
    return [f"> {x}" if x else ">" for x in lines]


def _escape(text: str) -> str:
    odd = text.startswith("\\") or parse_label(text) is not None
    return "\\" + text if odd else text


def _criterion(criterion: Criterion, words: Words) -> list[str]:
    label = words("report.plan_field_check")
    head = f"- {_escape(criterion.text)}"
    if not criterion.check:
        return [head]
    if "\n" not in criterion.check:
        return [head, f"  - {label}: {span(criterion.check)}"]
    fence = "`" * max(3, *(len(run) + 1 for run in re.findall("`+", criterion.check) or [""]))
    body = [f"    {x}" if x else "" for x in criterion.check.split("\n")]
    return [head, f"  - {label}:", f"    {fence}sh", *body, f"    {fence}"]
