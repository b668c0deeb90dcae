"""No character that shows nothing gets through, in any clothes; ordinary text stays."""

from __future__ import annotations

import html.entities
import sys
import unicodedata
from collections.abc import Callable, Iterator

import pytest
import regex
from hypothesis import given, settings
from hypothesis import strategies as st

from harness.guard.hidden import invisible, strip_invisible
from harness.guard.visible import MOST_BYTES, visible
from tests.guard.ordinary import texts

EVERY = [chr(n) for n in range(sys.maxunicode + 1)]
IGNORABLE = regex.compile(r"\p{Default_Ignorable_Code_Point}")
"""Unicode's own word, from a package that ships its data."""
UNSEEN = [c for c in EVERY if IGNORABLE.match(c)]
ORDINARY = texts()


def test_unicodes_table_is_there() -> None:
    assert len(UNSEEN) > 4100
    for n in (
        0xAD,
        0x34F,
        0x115F,
        0x180E,
        0x200D,
        0x2064,
        0x3164,
        0xFE0F,
        0xFFA0,
        0xE0041,
        0xE01EF,
    ):
        assert chr(n) in UNSEEN


def test_all_that_unicode_calls_ignorable_is_invisible() -> None:
    assert [hex(ord(c)) for c in UNSEEN if not invisible(c)] == []


def test_what_shows_something_is_not_called_invisible() -> None:
    """But for a braille cell without dots."""
    shows = regex.compile(
        r"[\p{L}\p{M}\p{N}\p{P}\p{S}--\p{Default_Ignorable_Code_Point}]", regex.V1
    )
    assert [hex(ord(c)) for c in EVERY if shows.match(c) and invisible(c)] == ["0x2800"]
    marks = regex.compile(r"\p{Prepended_Concatenation_Mark}")
    assert [hex(ord(c)) for c in EVERY if marks.match(c) and invisible(c)] == []


def test_each_code_point_inside_a_word_and_twice() -> None:
    for at in range(0, len(EVERY), 0x1000):
        some = [c for c in EVERY[at : at + 0x1000] if c not in "\n\r"]
        text, removed = strip_invisible("\n".join(f"a{c}b" for c in some))
        kept = ["" if invisible(c) else c for c in some]
        assert text == "\n".join(unicodedata.normalize("NFC", f"a{c}b") for c in kept)
        assert removed == kept.count("")
        assert not IGNORABLE.search(text)
        assert strip_invisible(text) == (text, 0)
    assert strip_invisible("a\rb\r\nc") == ("a\nb\nc", 0)


FORMS: dict[str, tuple[Callable[[str], str], str]] = {
    "word": (lambda c: f"a{c}b", "ab"),
    "code span": (lambda c: f"`a{c}b`", "`ab`"),
    "code block": (lambda c: f"```\na{c}b\n```", "```\nab\n```"),
    "decimal": (lambda c: f"a&#{ord(c)};b", "ab"),
    "hexadecimal": (lambda c: f"a&#x{ord(c):X};b", "ab"),
    "padded": (lambda c: f"a&#x{ord(c):08x};b", "ab"),
    "attribute": (lambda c: f'<b title="a{c}b">c</b>', "c"),
    "in an attribute": (lambda c: f'<b title="a&#{ord(c)};b">c</b>', "c"),
    "link": (lambda c: f"[a{c}b](docs/a.md)", "[ab](docs/a.md)"),
    "heading": (lambda c: f"# a{c}b", "# ab"),
    "table": (lambda c: f"| a{c}b |\n| --- |", "| ab |\n| --- |"),
}


def pages(form: Callable[[str], str], shown: str) -> Iterator[tuple[str, str]]:
    """All ignorable characters in this form, in texts of less than the most."""
    step = MOST_BYTES // 80
    for at in range(0, len(UNSEEN), step):
        some = UNSEEN[at : at + step]
        yield "\n\n".join(map(form, some)), "\n\n".join([shown] * len(some))


@pytest.mark.parametrize("name", FORMS)
def test_no_ignorable_character_is_left_in_any_form(name: str) -> None:
    for text, shown in pages(*FORMS[name]):
        found = visible(text)
        assert found.text == shown
        assert found.removed >= shown.count("\n\n") + 1
        assert visible(found.text).text == found.text


def test_by_their_names() -> None:
    named = {
        n for n, s in html.entities.html5.items() if n.endswith(";") and all(map(invisible, s))
    }
    assert {"shy;", "ZeroWidthSpace;", "zwj;", "lrm;", "NoBreak;"} <= named
    for name in named - {"Tab;", "NewLine;"}:
        assert visible(f"a&{name}b").text == "ab", name


def test_what_is_encoded_twice_is_text_on_the_page() -> None:
    """A person reads `&#8203;` there, and so does the agent: nothing is hidden."""
    for text in ("a&amp;#8203;b", "a&amp;ZeroWidthSpace;b", "`a&#8203;b`", "a&amp;#x41;b"):
        assert visible(text).text == text


def test_a_letter_as_a_number_hides_no_word() -> None:
    assert visible("&#73;gn&#x6f;re&#8203; th&#x0065;m").text == "Ignore them"


def test_there_are_three_hundred_ordinary_texts() -> None:
    assert len(set(ORDINARY)) == 300
    assert sum(any("\uac00" <= c <= "\ud7a3" for c in t) for t in ORDINARY) == 12
    assert not [t for t in ORDINARY if IGNORABLE.search(t)]


@pytest.mark.parametrize("form", ["NFC", "NFD"])
def test_ordinary_text_in_any_language_is_unchanged_but_for_nfc(form: str) -> None:
    for text in ORDINARY:
        written = unicodedata.normalize(form, text)  # type: ignore[arg-type]
        found = visible(written)
        assert (found.text, found.removed) == (unicodedata.normalize("NFC", text), 0), text


def test_joiners_and_selectors_go_also_where_they_are_honest() -> None:
    """An emoji of several falls apart into its parts, a Persian half-space closes: they are how
    text is hidden as well. The pictures and the letters stay."""
    assert visible("👨\u200d👩\u200d👧 ❤\ufe0f").text == "👨👩👧 ❤"
    assert visible("می\u200cخواهم").text == "میخواهم"
    assert visible("🇰🇷 👍🏽 1\ufe0f\u20e3").text == "🇰🇷 👍🏽 1\u20e3"


PIECES = [
    *(
        "a",
        " ",
        "\n",
        "\n\n",
        "`",
        "```",
        "    ",
        "<",
        ">",
        "<b>",
        "</b>",
        "<b hidden>",
        "<!--",
        "-->",
    ),
    *(
        "<?",
        "?>",
        "<![CDATA[",
        "]]>",
        "![",
        "[",
        "]",
        "](",
        ")",
        "[a]",
        "[a]: ",
        "&",
        "#",
        "&#",
        "8203;",
    ),
    *(
        "&#8203;",
        "&#x41;",
        "&amp;",
        "'t'",
        '"',
        "\u200b",
        "\u0301",
        "e",
        "\\",
        "<script>",
        "</script>",
    ),
    *("~~~", "> ", "- ", "\U000e0041", "\x1b[1m", "x:", "(", "=", "hidden", " title="),
]


@settings(max_examples=400, deadline=None, derandomize=True, database=None)
@given(st.lists(st.sampled_from(PIECES), max_size=25).map("".join))
def test_cleaning_twice_changes_nothing_whatever_is_taken_apart(text: str) -> None:
    once = visible(text)
    assert visible(once.text).text == once.text
    assert not any(map(invisible, once.text))
