"""Front matter as PyYAML reads it, bounded, every plain value a text."""

from __future__ import annotations

import pytest

from harness.core.base import Json
from harness.knowledge.front_matter import (
    MOST_CHARS,
    MOST_DEEP,
    FrontMatterError,
    front_matter,
)


def page(yaml: str, body: str = "Body") -> str:
    return f"---\n{yaml}\n---\n\n{body}\n"


@pytest.mark.parametrize(
    ("yaml", "said"),
    [
        ("name: x", {"name": "x"}),
        ('a: "when: it says so"', {"a": "when: it says so"}),
        ('a: "b\\u00e9\\tc\\\\"', {"a": "b\u00e9\tc\\"}),
        ("a: 'it''s: so'", {"a": "it's: so"}),
        ("a: see http://h.test/x:1", {"a": "see http://h.test/x:1"}),
        ("a: x # a remark", {"a": "x"}),
        ("a: x#y", {"a": "x#y"}),
        ("a: [b, 'c: d']", {"a": ["b", "c: d"]}),
        ("a:\n  - b\n  - c", {"a": ["b", "c"]}),
        ("a:\n- b", {"a": ["b"]}),
        ("a:\n  b: c", {"a": {"b": "c"}}),
        ("a: >\n  one\n  two", {"a": "one two"}),
        ("a: |\n  one\n  two", {"a": "one\ntwo"}),
        ("a: >-\n  one\n  two\nb: c", {"a": "one two", "b": "c"}),
        ("a: >\n  one\n\n  two\nb: c", {"a": "one\ntwo\n", "b": "c"}),
        ("a: |-\n  one\n  two\nb: c", {"a": "one\ntwo", "b": "c"}),
        ("a: |\n  one\n  ---\n  two\nb: c", {"a": "one\n---\ntwo\n", "b": "c"}),
        ("a: one\n  two", {"a": "one two"}),
        ("a: !!python/object/apply:os.system [b]", {"a": ["b"]}),
        ("name: on\nb: no\nc: yes\nd: true", {"name": "on", "b": "no", "c": "yes", "d": "true"}),
        ("a: 1.10\nb: 0x1f\nc: ~\nd:", {"a": "1.10", "b": "0x1f", "c": "~", "d": ""}),
        ("a: 2026-01-02\n<<: b", {"a": "2026-01-02", "<<": "b"}),
        ("on: x\n1: y", {"on": "x", "1": "y"}),
        ("a: \U0001f600 \uac00", {"a": "\U0001f600 \uac00"}),
        ("a: b\u2028---\u2029c\x85d", {"a": "b --- c d"}),
        ("a: '*b & c'", {"a": "*b & c"}),
        ("a: b & c * d", {"a": "b & c * d"}),
        ("", {}),
        ("# only a remark", {}),
    ],
)  # fmt: skip
def test_what_is_read(yaml: str, said: dict[str, Json]) -> None:
    assert front_matter(page(yaml)) == (said, "Body")


@pytest.mark.parametrize("ends", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_line_ends_and_a_mark_at_the_top_change_nothing(ends: str, mark: str) -> None:
    text = mark + "---  \nname: x\nb:\n  - c\n---\t\nOne\n---\nTwo\n".replace("\n", ends)
    assert front_matter(text) == ({"name": "x", "b": ["c"]}, "One\n---\nTwo")


@pytest.mark.parametrize(
    ("yaml", "why"),
    [
        ("a: b: c", "line 2: mapping values are not allowed here"),
        ("x: y\n\ta: b", "line 3"),
        ("a:\tb", "line 2: found character '\\t'"),
        ("a: [b", "no YAML"),
        ("a: 'b", "no YAML"),
        ("a: b\na: c", "a key stands twice"),
        ("a:\n  b: c\n  b: d", "a key stands twice"),
        ("on: b\n'on': c", "a key stands twice"),
        ("a: &x b", "anchors"),
        ("a: &x [b]\nc: *x", "anchors"),
        ("a: *x", "anchors"),
        ("a: @b", "no YAML"),
        ("? [a, b]\n: c", "no YAML"),
        ("a: b\n...\nc: d", "no YAML"),
        ("a: b\x07", "character"),
        ('a: "b\\a"', "line 2: a character"),
        ('"\\0": b', "character"),
        ('a: "b\\ud800"', "character"),
        ('a: "b\\U00110000"', "character"),
        ('a: "b\\Uffffffff"', "character"),
        ("%YAML " + "9" * 5_000 + ".1\n--- a", "character"),
        ("just text", "key: value"),
        ("- a\n- b", "key: value"),
        ("on", "key: value"),
        ("a: " + "[" * MOST_DEEP + "]" * MOST_DEEP, "too deep"),
        ("a: " + "[" * 8_000, "too deep"),
        ("a: " + "b" * MOST_CHARS, "over"),
    ],
)
def test_what_is_not_is_said_in_a_few_words(yaml: str, why: str) -> None:
    with pytest.raises(FrontMatterError) as caught:
        front_matter(page(yaml))
    assert why in str(caught.value)
    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) < 150


@pytest.mark.parametrize(
    "text", ["", "---", "---\n", "a\n---\nb: c\n---\n", "\n---\na: b\n---\n", " ---\na: b\n---\n"]
)
def test_without_two_lines_at_the_top_there_is_none(text: str) -> None:
    with pytest.raises(FrontMatterError, match="no front matter between two --- lines"):
        front_matter(text)


def test_the_bounds_are_where_they_are_said_to_be() -> None:
    assert front_matter(page("a: " + "b" * (MOST_CHARS - 3)))[0]
    deep = MOST_DEEP - 2  # the mapping is the first level, the text the last
    assert front_matter(page("a: " + "[" * deep + "b" + "]" * deep))[0]
    with pytest.raises(FrontMatterError):
        front_matter(page("a: " + "[" * (deep + 1) + "b" + "]" * (deep + 1)))
