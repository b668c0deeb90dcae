"""F4: a pull request's title and body are held to a form before they are sent. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from markdown_it import MarkdownIt
from markdown_it.token import Token

from harness.core.types import Finding, LocalizedText
from harness.guard.hidden import invisible

LONGEST_TITLE = 72
LONGEST_BODY = 60_000
PARSER = MarkdownIt("commonmark").enable("table")
CLOSES = re.compile(r"\b(?:close[sd]?|fix(?:e[sd])?|resolve[sd]?):?\s+#(\d+)", re.I)


def lint(
    title: str, body: str, issue: int, required: Sequence[str], evidence: str
) -> tuple[Finding, ...]:
    """What is wrong with this text; empty: nothing. `required`: headings that must be there with
    something under them. `evidence`: the heading under which a table or a log must stand."""
    return (*_title(title), *_body(body, issue, required, evidence))


def _wrong(key: str, **facts: str | int | float) -> Finding:
    return Finding(source="policy", say=LocalizedText(key=key, facts=facts))


def _title(title: str) -> Iterator[Finding]:
    if not title.strip():
        yield _wrong("guard.lint_no_title")
    if len(title) > LONGEST_TITLE:
        yield _wrong("guard.lint_long_title", length=len(title), most=LONGEST_TITLE)
    if any(invisible(c) or c in "\t\n" for c in title):
        yield _wrong("guard.lint_odd_title")


def _body(body: str, issue: int, required: Sequence[str], evidence: str) -> Iterator[Finding]:
    if len(body) > LONGEST_BODY:
        # not read any further: what is too long takes too long
        yield _wrong("guard.lint_long_body", length=len(body), most=LONGEST_BODY)
        return
    tokens = PARSER.parse(body)
    sections = _sections(tokens)
    for heading in required:
        if not sections.get(heading):
            yield _wrong("guard.lint_no_section", section=heading)
    if not {"table_open", "fence", "code_block"} & set(sections.get(evidence, ())):
        yield _wrong("guard.lint_no_evidence", section=evidence)
    blocks = [t.children for t in tokens if t.children]
    inline = [c for children in blocks for c in children]
    said = "\n".join(
        "".join(c.content if c.type == "text" else " " for c in children) for children in blocks
    )
    closed = set(CLOSES.findall(said))
    if str(issue) not in closed:
        yield _wrong("guard.lint_not_closing", issue=issue)
    for other in sorted(closed - {str(issue)}):
        yield _wrong("guard.lint_closes_other", issue=other)
    if any(t.type in ("image", "html_inline") for t in inline) or any(
        t.type == "html_block" for t in tokens
    ):
        yield _wrong("guard.lint_html")


def _sections(tokens: Sequence[Token]) -> dict[str, list[str]]:
    """Heading -> types of the blocks below it."""
    found: dict[str, list[str]] = {}
    name = ""
    for position, token in enumerate(tokens):
        if token.type == "heading_open":
            name = tokens[position + 1].content.strip()
            found.setdefault(name, [])
        elif name and token.type.endswith(("_open", "fence", "code_block")):
            found[name].append(token.type)
    return found
