"""What is stored and what is refused."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from harness.core.errors import HarnessError, UsageError
from harness.forge.embedded.access import (
    BODY_LIMIT,
    checked_login,
    checked_name,
    clean_body,
    clean_label,
    clean_title,
)
from harness.forge.embedded.admin import EmbeddedAdmin
from tests.i18n.catalogues import english, facts

ROOT = Path(__file__).parents[3]


def test_a_title_is_one_clean_line() -> None:
    assert clean_title(" a\nb\r\n\x1b[31m c\x00\u2028d ") == "a b [31m c d"
    assert clean_title("제목 \udcff") == "제목 ?"


@pytest.mark.parametrize("empty", ["", " \n\t", "\x00\x07"])
def test_an_empty_title_is_refused(empty: str) -> None:
    with pytest.raises(UsageError) as caught:
        clean_title(empty)
    assert caught.value.key == "forge.empty_title"


def test_a_long_title_is_refused() -> None:
    assert len(clean_title("x" * 256)) == 256
    with pytest.raises(UsageError) as caught:
        clean_title("x" * 257)
    assert caught.value.facts == {"limit": 256, "length": 257}


def test_a_body_is_counted_in_bytes() -> None:
    assert clean_body("가" * (BODY_LIMIT // 3))
    assert clean_body("a\0b\r\nc") == "ab\r\nc"
    with pytest.raises(UsageError):
        clean_body("가" * (BODY_LIMIT // 3 + 1))


def test_a_label_is_short_and_one_line() -> None:
    assert clean_label(" good\nfirst ") == "good first"
    for bad in ("", "x" * 51):
        with pytest.raises(UsageError):
            clean_label(bad)


@pytest.mark.parametrize(
    "bad", ["", "a", "a/b/c", "../x", "a/..", "a/.git", "-a/b", "a/-b", "a/b.git", "a b/c", "a/b\n"]
)
def test_a_repository_name_is_safe_as_a_path(bad: str) -> None:
    assert checked_name("owner_1/my.project-2") == "owner_1/my.project-2"
    with pytest.raises(UsageError):
        checked_name(bad)


@pytest.mark.parametrize("bad", ["", "-a", "a b", "a/b", "a\n", "x" * 41, "가"])
def test_a_login_has_a_login_form(bad: str) -> None:
    assert checked_login("dependabot[bot]") == "dependabot[bot]"
    with pytest.raises(UsageError):
        checked_login(bad)


async def test_nothing_is_made_for_a_bad_name(tmp_path: Path) -> None:
    with pytest.raises(HarnessError):
        await EmbeddedAdmin(tmp_path / "f").create_repository("../../evil")
    assert list(tmp_path.iterdir()) == []


def test_every_sentence_that_the_forge_says_is_in_its_catalogue() -> None:
    files = [*ROOT.glob("harness/forge/**/*.py"), *ROOT.glob("harness/cli/*.py")]
    used = set()
    for node in (n for f in files for n in ast.walk(ast.parse(f.read_text()))):
        if isinstance(node, ast.Call):
            for word in node.args:
                if isinstance(word, ast.Constant) and str(word.value).startswith("forge."):
                    used.add(str(word.value))
                    _has_facts(str(word.value), node)
    assert used <= set(english())
    assert len(used) > 50


def _has_facts(key: str, call: ast.Call) -> None:
    if getattr(call.func, "id", "") == "refuse":
        needed = facts(english()[key][-1])
        assert needed == {word.arg for word in call.keywords}, key
