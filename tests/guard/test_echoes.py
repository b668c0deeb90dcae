"""Comments that only agree are known, and none that says more."""

from __future__ import annotations

import time

import pytest

from harness.guard.echoes import only_agrees

AGREES = [
    "+1",
    "+1 👍",
    "👍",
    "🎉🎉🎉",
    ":+1:",
    ":thumbsup: :tada:",
    "Me too!",
    "me too.",
    "Same here",
    "SAME HERE!!!",
    "Same issue here, any update?",
    "Any news on this?",
    "I have the same problem.",
    "I'm having the same issue too",
    "We are facing exactly the same error",
    "same",
    "bump",
    "Ditto",
    "@maintainer any updates please?",
    "up",
    "Thanks!",
    "following",
    "+1 please fix this",
    "this",
    "",
    "  \n ",
    "👀",
    "🙏 please",
    "Any workaround?",
    "+100",
    "저도요",
    "저도 그래요 ㅠㅠ",
    "저도 같은 문제가 있습니다.",
    "같은 증상입니다",
    "동일한 문제 겪고 있습니다",
    "2222",
    "私も同じです",
    "同様です。",
    "我也遇到了",
    "同问",
    "Ich auch",
    "Gleiches Problem hier",
    "moi aussi",
    "Même problème ici",
    "mismo problema",
    "+1, mesmo problema aqui",
    "anche io",
    "у меня тоже",
    "та же проблема",
    "bende de",
    "ik ook",
]
SAYS_MORE = [
    "Same here on 3.12 with Postgres.",
    "Me too, since 2.4.1",
    "+1 but only on Windows",
    "Same error: KeyError: 'x'",
    "I have the same problem when the file is empty",
    "No",
    "yes",
    "Confirmed.",
    "I agree with plan B",
    "Fixed in 1.2?",
    "Any update? It also breaks `parse`",
    "https://example.com/log.txt",
    "Not the same issue",
    "`pick()` too",
    "저도 3.12에서 같은 문제가 있습니다",
    "윈도우에서만 같은 문제입니다",
    "我也遇到了，版本 2.1",
    "Gleiches Problem unter Linux",
    "Expected 3, got 4",
    "42",
    "-1",
    "wontfix",
    "The same issue is in parse_all",
    "```\nx\n```",
    "1",
    "It works for me",
    "me too " * 60,
]


@pytest.mark.parametrize("comment", AGREES)
def test_it_only_agrees(comment: str) -> None:
    assert only_agrees(comment)


@pytest.mark.parametrize("comment", SAYS_MORE)
def test_it_says_more(comment: str) -> None:
    assert not only_agrees(comment)


def test_no_comment_takes_long() -> None:
    before = time.thread_time()
    for text in ("same here " * 29 + "x", "a" * 300, "the " * 70 + "same", "the same " * 33 + "b"):
        assert not only_agrees(text)
    assert time.thread_time() - before < 2
