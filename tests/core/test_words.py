"""The catalogue: both languages, the same facts, every key that the code says."""

from __future__ import annotations

import ast
import string
from pathlib import Path

import pytest

from harness.core.words import AREAS, LANGUAGES, Catalogue, catalogue

PACKAGE = Path(__file__).parent.parent.parent / "harness"
CATALOGUE = catalogue()
SAYERS = {"Say", "say", "words", "_words", "w", "t"}


def facts(template: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(template) if name is not None}


def errors() -> set[str]:
    tree = ast.parse((PACKAGE / "core" / "errors.py").read_text())
    return {n.name for n in ast.walk(tree) if isinstance(n, ast.ClassDef)}


def said() -> list[tuple[str, int, str, set[str], bool]]:
    """(file, line, key, facts given, facts are complete) of every literal key in the code."""
    found = []
    raised = errors()
    for path in sorted(PACKAGE.rglob("*.py")):
        if "words" in path.parts:
            continue
        for node in ast.walk(ast.parse(path.read_text())):
            if not isinstance(node, ast.Call):
                continue
            name = getattr(node.func, "id", getattr(node.func, "attr", ""))
            if name not in SAYERS and name not in raised:
                continue
            key = (
                node.args[0]
                if node.args
                else next((k.value for k in node.keywords if k.arg == "key"), None)
            )
            if not (isinstance(key, ast.Constant) and isinstance(key.value, str)):
                continue
            if name in SAYERS and key.value.split(".")[0] not in AREAS:
                continue
            given = {k.arg for k in node.keywords if k.arg}
            complete = all(k.arg for k in node.keywords) and name != "Say"
            found.append((str(path), node.lineno, key.value, given, complete))
    return found


@pytest.mark.parametrize("key", sorted(CATALOGUE))
def test_both_languages_say_the_same_facts(key: str) -> None:
    english, korean = CATALOGUE[key]
    assert english.strip()
    assert korean.strip()
    assert facts(english) == facts(korean)
    assert key.split(".")[0] in AREAS


def test_korean_is_korean() -> None:
    for key, (english, korean) in CATALOGUE.items():
        letters = [c for c in english if c.isalpha()]
        same = korean == english and len(letters) > 12
        assert not same, f"{key} is not translated"


def test_every_key_the_code_says_is_in_the_catalogue_with_its_facts() -> None:
    for path, line, key, given, complete in said():
        assert key in CATALOGUE, f"{path}:{line}: {key} is not in the catalogue"
        if complete:
            missing = facts(CATALOGUE[key][0]) - given
            assert not missing, f"{path}:{line}: {key} lacks {missing}"


def test_a_missing_key_is_an_error() -> None:
    for language in LANGUAGES:
        with pytest.raises(KeyError):
            Catalogue(language)("cli.no_such_key")


def test_a_key_stands_in_its_own_area() -> None:
    for name in AREAS:
        module = __import__(f"harness.core.words.{name}", fromlist=["MESSAGES"])
        assert all(key.startswith(f"{name}.") for key in module.MESSAGES)
