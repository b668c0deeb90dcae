"""The sentences: every key that the code says, every language with the same facts."""

from __future__ import annotations

import ast
import re
from collections import Counter
from pathlib import Path

import pytest

from harness.i18n.catalogue import LOCALE, TEMPLATE, Catalogue, languages
from scripts.words import in_line
from tests.i18n.catalogues import FILES, english, facts, messages, texts

PACKAGE = Path(__file__).parent.parent.parent / "harness"
COMPLETE = ("ko",)
"""Languages that say everything. Another may lack sentences: they are said in English."""
SAYERS = {"LocalizedText", "say", "words", "_words", "w", "t"}
COUNTED = re.compile(r"\{(\w+):n\}")
MANY = re.compile(
    r"\{(?:count|times|attempts|tasks|runs|turns|seconds|days|lines|commits)\} \w+s\b"
)
"""A number before a plural: wrong as soon as it is 1."""


def errors() -> set[str]:
    tree = ast.parse((PACKAGE / "core" / "errors.py").read_text())
    return {n.name for n in ast.walk(tree) if isinstance(n, ast.ClassDef)}


def said() -> list[tuple[str, int, str, set[str], bool]]:
    """(file, line, key, facts given, facts are complete) of every literal key in the code."""
    found = []
    raised = errors()
    areas = {key.split(".")[0] for key in english()}
    for path in sorted(PACKAGE.rglob("*.py")):
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
            if name in SAYERS and key.value.split(".")[0] not in areas:
                continue
            given = {k.arg for k in node.keywords if k.arg}
            complete = all(k.arg for k in node.keywords) and name != "LocalizedText"
            found.append((str(path), node.lineno, key.value, given, complete))
    return found


def test_every_key_the_code_says_is_in_the_template_with_its_facts() -> None:
    found = said()
    assert len(found) > 300
    for path, line, key, given, complete in found:
        assert key in english(), f"{path}:{line}: {key} is not in {TEMPLATE}"
        if complete:
            missing = facts(english()[key][-1]) - given
            assert not missing, f"{path}:{line}: {key} lacks {missing}"


def test_a_sentence_that_counts_has_a_form_for_one() -> None:
    for key, forms in english().items():
        counted = [COUNTED.findall(form) for form in forms]
        assert len(set(map(tuple, counted))) == 1, f"{key}: both forms count the same fact"
        assert len(counted[0]) == len(forms) - 1, f"{key}: `:n` marks what picks a plural form"
        assert facts(forms[0]) == facts(forms[-1]), key
        for form in forms:
            assert form.strip(), key
            assert "(s)" not in form, f"{key}: give it a plural form"
            assert not MANY.search(form), f"{key}: give it a plural form"


@pytest.mark.parametrize("file", [LOCALE / TEMPLATE, *FILES], ids=lambda file: file.name)
def test_a_file_is_in_line_with_the_template(file: Path) -> None:
    text = file.read_text(encoding="utf-8")
    keys = re.findall(r'^msgctxt "(.+)"$', text, re.MULTILINE)
    assert [key for key, times in Counter(keys).items() if times > 1] == []
    template = (LOCALE / TEMPLATE).read_text(encoding="utf-8")
    assert text == in_line(template, text), "run `make words`"


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_a_translation_names_the_same_facts(file: Path) -> None:
    for key, message in messages(file).items():
        for form in filter(None, texts(message.string)):
            wanted = english()[key][-1]
            assert facts(form) == facts(wanted), key
            # translators' tools compare what stands in braces as it stands
            assert COUNTED.findall(form) == COUNTED.findall(wanted), key


@pytest.mark.parametrize("language", COMPLETE)
def test_a_complete_language_says_everything(language: str) -> None:
    for key, message in messages(LOCALE / f"{language}.po").items():
        assert all(texts(message.string)), f"{key} is not translated"
        assert not message.fuzzy, f"{key}: the English changed; mend it, take the mark away"
        for form in texts(message.string):
            letters = [c for c in english()[key][-1] if c.isalpha()]
            same = form in english()[key] and len(letters) > 12
            assert not same, f"{key} is not translated"


def test_a_heading_of_a_plan_means_one_thing_in_all_languages() -> None:
    for prefix in ("report.plan_section_", "report.plan_field_"):
        keys = [key for key in english() if key.startswith(prefix)]
        assert len(keys) > 4
        meant: dict[str, str] = {}
        for language in languages():
            for key in keys:
                heading = Catalogue(language)(key).casefold()
                assert meant.setdefault(heading, key) == key, f"{language}: {heading}"
