"""Text going out does nothing: whatever a model writes, a CommonMark parser finds no image, no
HTML, no foreign link, and no raw line is a command."""

from __future__ import annotations

import gc
import re
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from markdown_it.token import Token

from harness.guard.lint import lint
from harness.guard.outgoing_text import outgoing, plain
from harness.i18n.catalogue import Catalogue
from tests.guard.text_rows import EVIL, WORDS

PARSER = MarkdownIt("commonmark").enable(["table", "strikethrough"])
HOSTS = ("docs.example.org",)


MENTION = re.compile(r"(?<![A-Za-z0-9_])@[A-Za-z0-9]")
"""What a forge takes for a mention: letters of other scripts may stand before it."""
CLOSES = re.compile(
    r"\b(?:close[sd]?|fix(?:e[sd])?|resolve[sd]?):?\s+"
    r"(?:(?P<own>#(\d+))|GH-\d+|[\w.-]+/[\w.-]+#\d+|https?://\S+/(?:issues|pull)/\d+)",
    re.I,
)
COMMAND = re.compile(r"(?:\s*(?:>|[-*+]\s|\d+[.)]\s))*\s*(?:\[[ xX]\]\s)?/")
CALLS = re.compile(r"(?<!\w)(?:https?|ftp|data|javascript|mailto|xmpp):(?=\S)|www\.", re.I)


def inline(text: str) -> list[Token]:
    return [c for t in PARSER.parse(text) for c in (t.children or [])]


def paragraphs(text: str) -> list[str]:
    """What is said outside code, a paragraph each; styles fall away, code stands as one mark."""
    shown = {"softbreak": "\n", "hardbreak": "\n", "code_inline": "\ufffc"}
    return [
        "".join(shown.get(c.type, c.content) for c in t.children)
        for t in PARSER.parse(text)
        if t.children
    ]


def outside_code(text: str) -> str:
    return "\n\n".join(paragraphs(text))


def powerless(text: str) -> None:
    tokens = [*PARSER.parse(text), *inline(text)]
    assert not [t for t in tokens if t.type in ("image", "html_inline", "html_block")], text
    assert not [t for t in tokens if t.type == "fence" and t.info.split()[:1] in DRAWN], text
    for token in inline(text):
        if token.type == "link_open":
            address = str(token.attrs["href"])
            own = not re.match(r"^[a-z]+:|//", address)
            assert own or address.startswith("https://docs.example.org/"), text
    assert not [t for t in inline(text) if t.type == "text" and MENTION.search(t.content)], text
    for shown in paragraphs(text):
        assert not CALLS.search(shown.replace("https://docs.example.org/", "")), text
        assert all(found["own"] == "#7" for found in CLOSES.finditer(shown)), text
        assert not re.search(r"[\w.-]+/[\w.-]+#\d", shown), text
    # bots read the source: no line begins with a command, not even in a list or a quotation
    fenced = False
    for line in text.split("\n"):
        assert not line.startswith("/"), text
        if re.match(r"[>\s\d.)-]*```", line):
            fenced = not fenced
        elif not fenced:
            assert not COMMAND.match(line), text
            assert not re.search(r"(?<!\\)\$", line.replace("\\\\", "")) or "`" in line, text


DRAWN = [["mermaid"], ["geojson"], ["topojson"], ["stl"], ["math"]]


def test_the_rows_are_many() -> None:
    assert len(EVIL) >= 180
    assert len(set(EVIL)) == len(EVIL)


@pytest.mark.parametrize("text", EVIL)
def test_nothing_that_goes_out_has_power(text: str) -> None:
    written = outgoing(text, 7, HOSTS)
    powerless(written)
    assert outgoing(written, 7, HOSTS) == written
    powerless(outgoing(f"Before.\n\n{text}\n\nAfter.", 7, HOSTS))
    powerless(outgoing(f"Fixes {text}", 7, HOSTS))


@pytest.mark.parametrize("word", WORDS)
def test_each_closing_word_keeps_its_power_over_the_own_issue(word: str) -> None:
    for said in (f"{word} #7", f"{word.title()}: #7"):
        assert outgoing(said, 7) == f"{said}\n"


def test_only_the_own_issue_is_closed() -> None:
    written = outgoing("Fixes #1, fixes #7, closes: #8, resolves org/x#9, **fixed** #5, see #4", 7)
    shown = outside_code(written)
    closed = re.findall(r"(?i)(?:fix\w*|close\w*|resolve\w*):?\s+(?:[\w/]+)?#(\d+)", shown)
    assert closed == ["7"]
    assert "#4" in shown
    assert "`#1`" in written


@pytest.mark.parametrize(
    "text",
    [
        "Plain words, **bold**, *em*, ~~gone~~ and `code`.\n",
        "## What\n\n- one\n- two\n  - deep\n\n1. first\n2. second\n",
        "| a | b |\n| --- | --- |\n| 1 | `x` |\n",
        "```python\nx = [1]\n```\n",
        "- [x] done\n- [ ] open\n",
        "Closes #7\n",
        "> said\n>\n> twice\n",
        "[the guide](docs/guide.md) and [more](https://docs.example.org/a)\n",
        "한국어 문장입니다.\n",
        "a\nb\n\n---\n\nc\n",
    ],
)
def test_honest_text_keeps_its_form(text: str) -> None:
    assert outgoing(text, 7, HOSTS) == text


@settings(max_examples=300, deadline=None, derandomize=True, database=None)
@given(st.text(alphabet=st.sampled_from(list("ab @/#7\n`*_[]()!<>&|~-+.1:\\x\t\"'=")), max_size=60))
def test_any_text_comes_out_powerless(text: str) -> None:
    written = outgoing(text, 7, HOSTS)
    powerless(written)
    assert outgoing(written, 7, HOSTS) == written


def test_a_huge_text_is_cut() -> None:
    written = outgoing("word " * 20_000, 7)
    assert len(written) < 65_000
    powerless(written)


PLAIN = [
    ("Fix #7: closes #7", "Fix #7: closes #7"),
    ("fixes #8", "fixes issue 8"),
    ("Closes: GH-8, resolves gh-9", "Closes: issue 8, resolves issue 9"),
    ("fixes o/r#8", "fixes o/rissue 8"),
    ("fixes\n#8", "fixes\nissue 8"),
    ("fixes https://github.com/o/r/issues/8", "fixes https github.com/o/r/issues/8"),
    ("see https://docs.example.org/a and #8", "see https://docs.example.org/a and #8"),
    ("ping @ann and @org/team", "ping (at)ann and (at)org/team"),
    ("한국어@ann 님", "한국어(at)ann 님"),
    ("mail a@example.org", "mail a@example.org"),
    ("/merge\n\u200b/approve", " /merge\n /approve"),
    ("Mend it [skip ci]", "Mend it (skip ci)"),
    ("[ci skip] [no ci] [Skip Actions]", "(ci skip) (no ci) (Skip Actions)"),
    ("[actions skip] [ skip  ci ]", "(actions skip) [ skip  ci ]"),
    ("x\n\nskip-checks: true", "x\n\n(skip-checks) true"),
    ("a list [1] and [skipper]", "a list [1] and [skipper]"),
    ("red \x1b[31mred\x1b[0m \u202e", "red [31mred[0m "),
]  # fmt: skip


@pytest.mark.parametrize(("said", "wanted"), PLAIN)
def test_titles_and_messages_have_no_power(said: str, wanted: str) -> None:
    assert plain(said, 7) == wanted
    assert plain(wanted, 7) == wanted


def test_plain_lines_ping_nobody_and_close_only_their_own() -> None:
    assert plain("Fix #7: closes #7, fixes #8 for @ann\n/merge", 7) == (
        "Fix #7: closes #7, fixes issue 8 for (at)ann\n /merge"
    )


@pytest.mark.parametrize(
    "text", ["data:(@ann", "mailto:!@ann", "x://(@ann", "https://a.test/?(@ann"]
)
def test_no_mention_hides_behind_an_address(text: str) -> None:
    assert "@ann" not in plain(text, 7)
    assert plain("see https://a.test/@ann", 7) == "see https://a.test/@ann"


@pytest.mark.parametrize("middle", ["a", ".", " ", "#1 ", "![[", "a@", "fix "])
def test_no_text_takes_long(middle: str) -> None:
    text = "fixes" + middle * (64_000 // len(middle)) + " #8"
    began = time.thread_time()
    outgoing(text, 7)
    plain(text, 7)
    assert time.thread_time() - began < 6


SLOW = [
    "@a ",
    "#1 ",
    "`a ",
    "[",
    "**a*",
    "_a",
    "~~a~",
    "a\n",
    "![",
    "- a\n",
    "# a\n",
    "> ",
    "|\n",
    "<b>",
]


@pytest.mark.parametrize("piece", SLOW)
def test_a_text_takes_time_in_proportion(piece: str) -> None:
    little, much = (2_000, 16_000)
    powerless(outgoing(_long(piece, little), 7))
    least, most = (min(_seconds(_long(piece, n)) for _ in range(2)) for n in (little, much))
    # eight times the text: in proportion eight, with its square sixty-four
    assert most < 40 * max(least, 0.01)


def _long(piece: str, size: int) -> str:
    return "a|b\n-|-\n" + piece * (size // len(piece))


def _seconds(text: str) -> float:
    """Of this thread alone, without what the collector has to do for others."""
    gc.collect()
    gc.disable()
    try:
        before = time.thread_time()
        outgoing(text, 7)
        plain(text, 7)
        lint("t", text, 7, ("What",), "Evidence")
        return time.thread_time() - before
    finally:
        gc.enable()


def test_a_longer_text_takes_no_longer() -> None:
    """What is looked through is bounded, so a thread that nobody waits for any longer ends."""
    began = time.thread_time()
    powerless(outgoing("`a " * 3_000_000, 7))
    assert time.thread_time() - began < 60


@pytest.mark.parametrize(
    "text",
    [
        "*a **b " * 300 + "b** a*" * 300,
        "~~a *b " * 2_000 + "b* a~~" * 2_000,
        "_a " * 5_000 + "a_ " * 5_000,
        "- " * 2_000 + "*a" * 2_000,
        "![" * 2_000 + "a" + "](b)" * 2_000,
        "> [*a **b " * 500 + "b** a*](c)" * 500,
    ],
)
def test_styles_within_each_other_end_nowhere(text: str) -> None:
    written = outgoing(text, 7)
    powerless(written)
    assert outgoing(written, 7) == written


@pytest.mark.parametrize(
    "between",
    [" " * 5_000, "\t" * 5_000, ":" + " " * 5_000, "\xa0" * 500, "**** " * 900, " \n" * 9],
)
def test_a_closing_word_is_known_however_far_it_stands(between: str) -> None:
    for word in ("Fixes", "**Fix**es", "*Fixes*"):
        powerless(outgoing(f"{word}{between}#8", 7))


BODY = "## What\n\nIt works.\n\nCloses #7\n\n## Evidence\n\n| a |\n| --- |\n| b |\n"


@pytest.mark.parametrize(
    ("title", "body", "key"),
    [
        ("Mend it", BODY, None),
        ("", BODY, "lint_no_title"),
        ("x" * 73, BODY, "lint_long_title"),
        ("a\u200bb", BODY, "lint_odd_title"),
        ("a", BODY + "x" * 60_000, "lint_long_body"),
        ("a", BODY.replace("## What", "## Which"), "lint_no_section"),
        ("a", BODY.replace("It works.\n\nCloses #7\n\n", ""), "lint_no_section"),
        ("a", BODY.replace("| a |\n| --- |\n| b |", "All green!"), "lint_no_evidence"),
        ("a", BODY.replace("Closes #7", "See #7"), "lint_not_closing"),
        ("a", BODY.replace("works.", "works. Fixes #8"), "lint_closes_other"),
        ("a", BODY.replace("works.", "works. ![x](y)"), "lint_html"),
    ],
)
def test_the_form_of_a_pull_request(title: str, body: str, key: str | None) -> None:
    found = lint(title, body, 7, ("What", "Evidence"), "Evidence")
    assert [f.say.key for f in found][:1] == ([f"guard.{key}"] if key else [])
    for finding in found:
        assert Catalogue("ko")(finding.say.key, **finding.say.facts)
