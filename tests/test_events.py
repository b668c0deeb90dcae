"""Every fact the pipeline records has a sentence, with the facts it is told with."""

from __future__ import annotations

import ast
from pathlib import Path

from tests.i18n.catalogues import english, facts

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
