"""Every fact the pipeline records has a sentence, with the facts it is told with; none of them is a
sentence that was said already, in the language of then."""

from __future__ import annotations

import ast
import re
from pathlib import Path

from tests.i18n.catalogues import english, facts

KEEPS = {"tell", "LocalizedText", "no", "_failed"}
"""Calls whose facts are kept, beside those that raise an error."""
WORDS = re.compile(r"[A-Za-z]{2,} [A-Za-z]{2,}")
PACKAGE = Path(__file__).parent.parent / "harness" / "pipeline"


def told() -> list[tuple[str, str, set[str]]]:
    found = []
    for path in PACKAGE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            name = getattr(getattr(node, "func", None), "attr", "")
            if not isinstance(node, ast.Call) or name != "tell":
                continue
            first = node.args[0]
            if isinstance(first, ast.Constant):
                given = {k.arg for k in node.keywords if k.arg}
                found.append((f"{path.name}:{node.lineno}", str(first.value), given))
    return found


def test_every_recorded_fact_has_a_sentence() -> None:
    assert len(told()) > 25
    for place, kind, given in told():
        assert f"event.{kind}" in english(), f"{place}: event.{kind}"
        wanted = facts(english()[f"event.{kind}"][-1])
        assert wanted <= given, f"{place}: event.{kind} lacks {wanted - given}"


def kept() -> list[tuple[str, ast.keyword]]:
    """Where, and each fact that is kept for a reader of later."""
    found = []
    for path in PACKAGE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            name = getattr(getattr(node, "func", None), "attr", "") or getattr(
                getattr(node, "func", None), "id", ""
            )
            if isinstance(node, ast.Call) and (name in KEEPS or name.endswith("Error")):
                found += [(f"{path.name}:{node.lineno}", one) for one in node.keywords]
    return found


def test_no_fact_is_a_sentence_that_was_said_at_once() -> None:
    assert len(kept()) > 100
    for place, fact in kept():
        for node in ast.walk(fact.value):
            called = getattr(node, "func", None)
            name = getattr(called, "attr", getattr(called, "id", ""))
            assert name not in ("words", "_words", "english", "_sentence"), f"{place}: {fact.arg}"
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                assert not WORDS.search(node.value), f"{place}: {node.value!r} is English"
