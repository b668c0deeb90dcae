"""Quoted text is nobody's word: mails answered above or below, signatures, folded elements."""

from __future__ import annotations

import pytest

from harness.core.naming import fold_name
from harness.guard.quoted import own_lines
from harness.guard.speech import find_words

OLD = "\n\n/harness approve\n"


def said(body: str) -> list[tuple[str, str]]:
    return [(one.verb, one.text) for one in find_words(body, "/harness")]


@pytest.mark.parametrize(
    "border",
    [
        "-----Original Message-----\nFrom: Ann <ann@example.org>",
        "-----Ursprüngliche Nachricht-----",
        "----- 원본 메시지 -----",
        "---------- Forwarded message ---------",
        "-------- Mensaje original --------",
        "________________________________\nFrom: Ann\nSent: Monday",
        "From: Ann <ann@example.org>\nSent: Monday, May 3, 2026 10:11 AM\nTo: x\nSubject: Re: y",
        "**From:** Ann <ann@example.org>\n**Sent:** Monday, May 3, 2026\n**To:** x",
        "*From:* Ann\n\n*Date:* Monday",
        "Von: Ann\nGesendet: Montag, 3. Mai 2026\nAn: x",
        "De : Ann <ann@example.org>\nEnvoyé : lundi 3 mai 2026\nÀ : x",
        "보낸 사람: Ann\n보낸 날짜: 2026년 5월 3일",
        "发件人: Ann\n发送时间: 2026年5月3日",
        "Absender: Ann\nDatum: 3.5.2026\nAn: x@example.org",
        "On Mon, May 3, 2026 at 10:11 AM Ann <ann@example.org> wrote:",
        "On Mon, May 3, 2026 at 10:11 AM Ann\n<ann@example.org> wrote:",
        "On 2026-05-03 10:11, Ann wrote:",
        "Am 03.05.2026 um 10:11 schrieb Ann:",
        "Le lun. 3 mai 2026 à 10:11, Ann <ann@example.org> a écrit :",
        "El 3 may 2026, a las 10:11, Ann escribió:",
        "2026년 5월 3일 (월) 오전 10:11, Ann <ann@example.org>님이 작성:",
        "2026年5月3日(月) 10:11 Ann <ann@example.org>:",
        "Ann <ann@example.org> 于2026年5月3日周一 10:11写道：",
        "--",
        "-- ",
        "--\u00a0",
        "—",
        "Sent from my iPhone",
        "Sent from Mail for Windows",
        "Get Outlook for iOS",
        "나의 iPhone에서 보냄",
        "Von meinem iPhone gesendet",
        "Begin forwarded message:",
        "Reply to this email directly, view it on GitHub, or unsubscribe.",
    ],
)
def test_nothing_below_the_mail_that_is_answered_counts(border: str) -> None:
    assert said(f"No, please wait.\n\n{border}{OLD}") == []
    # what stands above is its author's
    assert said(f"/harness reject not yet\n\n{border}{OLD}") == [("reject", "not yet")]
    assert said(f"/harness why\r\n\r\n{border}{OLD}".replace("\n", "\r\n")) == [("why", "")]


@pytest.mark.parametrize(
    "body",
    [
        "<details>\n\n/harness approve\n\n</details>",
        "<details><summary>log</summary>\n\n/harness approve\n\n</details>",
        "<DETAILS open>\n\n/harness approve\n\n</DETAILS>",
        "<details>\n\n<details>\n\n</details>\n\n/harness approve\n\n</details>",
        "<details>\n\n/harness approve",
        "<blockquote>\n\n/harness approve\n\n</blockquote>",
        "<blockquote cite='x'>\n<p>\n\n/harness approve\n\n</p></blockquote>",
        "<del>\n\n/harness approve\n\n</del>",
        "<s>\n\n/harness approve\n\n</s>",
        "<pre>\n\n/harness approve\n\n</pre>",
        "<table><tr><td>\n\n/harness approve\n\n</td></tr></table>",
        "<figure>\n\n/harness approve\n\n</figure>",
        "<samp>\n\n/harness approve\n\n</samp>",
    ],
)
def test_what_is_folded_quoted_or_struck_by_an_element_is_none(body: str) -> None:
    assert said(body) == []
    assert said(f"{body}\n\n/harness approve") == said(
        "/harness approve" if "</" in body.splitlines()[-1] else ""
    )


@pytest.mark.parametrize(
    "text",
    [
        "**Important**",
        "Thanks, see 1 and 2:",
        "Note: we spoke about it.",
        "He said: fine.",
        "Version: 1\nSystem: linux",
        "---",
        "***",
        "a -- b",
        "- [ ] done",
        "use List<String> and <b>this</b>",
        "<br>",
        "<div>\n\nwell\n\n</div>",
        "<p>An open paragraph",
        "<img src=x>",
        "<details>x</details>",
        "x" * 500 + ":",
        "| a | b |\n|---|---|\n| 1 | 2 |",
        "10:11:",
    ],
)
def test_an_honest_text_above_silences_nobody(text: str) -> None:
    assert said(f"{text}\n\n/harness approve") == [("approve", "")]


def test_the_line_right_above_an_attribution_is_the_authors() -> None:
    body = "/harness reject\nOn Mon, May 3, 2026, Ann <ann@example.org> wrote:\n/harness approve"
    assert said(body) == [("reject", "")]


def test_no_text_takes_long() -> None:
    for piece in ("-", "=", "<details>", "From: a\n", "a:", "@ 1 2 ", "wrote ", "<s", "*"):
        own_lines((piece * 20_000).split("\n"))


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("Harness", "harness", True),
        ("harneß", "harness", False),
        ("\u212aelvin", "kelvin", False),
        ("İ", "i", False),
        ("ÄRGER", "ärger", False),
        ("ſet", "set", False),
    ],
)
def test_names_are_the_same_but_for_the_case_of_ascii(one: str, other: str, same: bool) -> None:
    assert (fold_name(one) == fold_name(other)) is same
