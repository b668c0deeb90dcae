"""Words to harness in comments, and the acts that ask for work."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harness.guard.speech import WORDS, SpokenCommand, find_words


def said(body: str) -> list[tuple[str, str]]:
    return [(one.verb, one.text) for one in find_words(body, "/harness")]


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("/harness go", [("go", "")]),
        ("Thanks.\n\n/harness go\n", [("go", "")]),
        ("Thanks.\n/harness   Approve  ab12cd", [("approve", "ab12cd")]),
        ("/harness reject too large\nand no tests", [("reject", "too large\nand no tests")]),
        ("/harness answer\n\nYes.\n\n- all of it", [("answer", "Yes.\n\n- all of it")]),
        ("/harness approve\n/harness why", [("approve", ""), ("why", "")]),
        ("/harness", [("", "")]),
        ("/harness deploy now", [("deploy", "now")]),
        ("/harness go\r\nplease", [("go", "please")]),
    ],
)
def test_a_word_stands_on_a_line_of_its_own(body: str, expected: list[tuple[str, str]]) -> None:
    assert said(body) == expected


@pytest.mark.parametrize(
    "body",
    [
        "",
        "Say /harness go to begin.",
        " /harnessgo",
        "/harnesses go",
        "/harness-go",
        "/harness: go",
        "> /harness go",
        "> quoted\n/harness go",
        "- /harness go",
        "1. a\n   /harness go",
        "`/harness go`",
        "```\n/harness go\n```",
        "~~~~\n```\n/harness go\n~~~~",
        "    /harness go",
        "# /harness go",
        "<!-- \n/harness go\n-->",
        "<details>\n/harness go\n</details>",
        "<div hidden>\n\n/harness go\n\n</div>\n",
        "text <!--\n/harness go\n-->",
        "[x]: http://y '\n/harness go\n'",
        "/HARNESS go",
        "/harness\u200b go",
        "\u202e/harness go",
    ],
)
def test_what_is_quoted_hidden_or_within_a_sentence_is_none(body: str) -> None:
    assert said(body) == []


def test_many_words_and_long_comments_are_bounded() -> None:
    assert len(said("/harness go\n" * 50)) == WORDS
    assert said("x" * 20_000 + "\n\n/harness go") == []
    assert said("/harness answer " + "y" * 100_000)[0][0] == "answer"
    long = "\n\n".join(["/harness answer", *(f"line {n}" for n in range(900))])
    assert said(long)[0][1].endswith("line 899"), "what follows a word may be long"
    hidden = "<div hidden>\n\n/harness go\n\n" + "x\n" * 4000 + "</div>"
    assert said(hidden) == []


WORD_LINE = re.compile(r"(?m)^/harness(?:[ \t]|$)")


@settings(max_examples=150, deadline=None)
@given(
    st.lists(
        st.sampled_from(
            [
                "/harness go",
                "/harness",
                "> a",
                "```",
                "text",
                "",
                "- b",
                "<!--",
                "-->",
                "<b>",
                "# c",
            ]
        ),
        max_size=8,
    )
)
def test_no_text_breaks_it_and_no_word_comes_from_nowhere(lines: list[str]) -> None:
    found = find_words("\n".join(lines), "/harness")
    assert len(found) <= len(WORD_LINE.findall("\n".join(lines)))
    assert all(isinstance(one, SpokenCommand) and one.verb in ("", "go") for one in found)
