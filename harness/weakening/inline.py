"""Tests that stand in a product file: vitest's in-source tests, Rust's test modules. Pure."""

from __future__ import annotations

import re

from harness.syntax.script import bare, dotted_name
from harness.syntax.tree import Node, parse
from harness.weakening.script_text import normal

IN_SOURCE = "import.meta.vitest"
SCRIPT = re.compile(r"\.[cm]?[jt]sx?$|\.vue$|\.svelte$")
MEMBERS = ("member_expression", "subscript_expression")
RUST = re.compile(r"#\[cfg\(test\)\]\s*(?:pub\s+)?mod\s+\w+\s*(?=\{)")
RUST_TEST = re.compile(r"#\[(?:\w+::)*test\b|#\[cfg\(test\)\]|#\[rstest\b")


def inline_changed(path: str, old: str | None, new: str | None) -> bool:
    """True when the tests that the base's file carries are not in the change's as they were: the
    base's cannot then be told apart from the product."""
    if path.endswith(".rs"):
        before, after = _rust(old or ""), _rust(new or "")
    elif SCRIPT.search(path):
        before, after = _script(path, old or ""), _script(path, new or "")
    else:
        return False
    return before is None or after is None or not set(before) <= set(after)


def _script(path: str, text: str) -> list[str] | None:
    """The in-source test blocks; None when some of them stand outside a block of their own."""
    if "meta" not in text:
        return []
    tree = parse(text, path)
    if tree is None or not tree.whole:
        return None if "vitest" in text else []
    uses = [n for n in tree.root.walk() if n.type in MEMBERS and dotted_name(n) == IN_SOURCE]
    guards = [g for g in (_guard(use) for use in uses) if g is not None]
    spans = [(g.start, g.end) for g in guards]
    if not all(any(begin <= use.start < end for begin, end in spans) for use in uses):
        return None
    return [normal(body) for g in guards if (body := g.get("consequence")) is not None]


def _guard(use: Node) -> Node | None:
    """The `if` that asks for it first of all, where what it guards is a block."""
    child, up = use, use.parent
    while up is not None and (bare(up) is bare(child) or child.field == "left"):
        child, up = up, up.parent
    if up is None or up.type != "if_statement" or child.field != "condition":
        return None
    body = up.get("consequence")
    return up if body is not None and body.type == "statement_block" else None


def _rust(text: str) -> list[str] | None:
    if not RUST_TEST.search(text):
        return []
    pairs = _braces(text)
    blocks = [(m.end(), pairs.get(m.end(), len(text))) for m in RUST.finditer(text)]
    loose = [
        m
        for m in RUST_TEST.finditer(text)
        if not any(begin <= m.start() <= end for begin, end in blocks)
        and not RUST.match(text, m.start())
    ]
    return None if loose else [_collapse_spaces(text[b : e + 1]) for b, e in blocks]


def _braces(text: str) -> dict[int, int]:
    """Index of each opening brace -> index of the one that closes it."""
    pairs: dict[int, int] = {}
    waiting: list[int] = []
    for found in re.finditer(r"[{}]", text):
        if found[0] == "{":
            waiting.append(found.start())
        elif waiting:
            pairs[waiting.pop()] = found.start()
    return pairs


def _collapse_spaces(text: str) -> str:
    return " ".join(text.split())
