"""Who may start work, and what of a text reaches an agent."""

from __future__ import annotations

import itertools
from datetime import UTC, datetime, timedelta

import pytest

from harness.core.trust_types import Trigger
from harness.core.types import Actor, Comment, Issue, Permission
from harness.guard.hidden import invisible, reveal
from harness.guard.trust import OTHERS_BYTES, TrustPolicy, snapshot, why_excluded, why_untrusted
from harness.guard.visible import MOST_BYTES, visible
from harness.i18n.catalogue import Catalogue

NOW = datetime(2026, 1, 2, tzinfo=UTC)
ANN = Actor(id=7, login="ann")
BOT = Actor(id=8, login="app[bot]", kind="bot")


def issue(**facts: object) -> Issue:
    given = {
        "number": 3,
        "title": "T",
        "body": "B",
        "author": ANN,
        "created_at": NOW,
        "updated_at": NOW,
    }
    return Issue.model_validate(given | facts)


@pytest.mark.parametrize(
    ("kind", "permission"), list(itertools.product(("user", "bot"), Permission))
)
def test_only_who_is_trusted_may_start(kind: str, permission: Permission) -> None:
    actor = Actor.model_validate({"id": 9, "login": "x", "kind": kind})
    strong = permission in (Permission.WRITE, Permission.MAINTAIN, Permission.ADMIN)
    assert (why_untrusted(actor, permission, TrustPolicy()) is None) == (strong and kind == "user")
    assert (why_untrusted(actor, permission, TrustPolicy(bots=True)) is None) == strong
    assert why_untrusted(actor, permission, TrustPolicy(people=(9,))) is None
    assert (why_untrusted(actor, permission, TrustPolicy(people=(7,))) is None) == (
        strong and kind == "user"
    )


def test_no_permission_is_never_enough() -> None:
    assert why_untrusted(ANN, Permission.NONE, TrustPolicy(permission=Permission.NONE)) is not None


@pytest.mark.parametrize(
    ("given", "actor", "policy", "key"),
    [
        ({}, ANN, TrustPolicy(), None),
        ({"state": "closed"}, ANN, TrustPolicy(), "guard.held_closed"),
        ({"labels": ["WontFix"]}, ANN, TrustPolicy(skip_labels=("wontfix",)), "guard.held_skip"),
        ({}, ANN, TrustPolicy(labels=("ready",)), "guard.held_label"),
        ({"labels": ["Ready"]}, ANN, TrustPolicy(labels=("ready",)), None),
        ({}, BOT, TrustPolicy(), "guard.held_bot"),
    ],
)
def test_an_issue_is_held_by_the_first_rule(
    given: dict[str, object], actor: Actor, policy: TrustPolicy, key: str | None
) -> None:
    say = why_excluded(issue(**given), policy) or why_untrusted(actor, Permission.WRITE, policy)
    assert (say.key if say else None) == key
    if say:
        assert Catalogue("ko")(say.key, **say.facts)


HIDDEN = [
    "<!-- CANARY -->",
    "<!-- ` --> CANARY <!-- ` -->".replace(" CANARY ", "") + "<!-- CANARY",
    "![CANARY](http://x/y.png)",
    "![a](http://x/y.png 'CANARY')",
    "[a](http://x 'CANARY')",
    "[//]: # (CANARY)",
    '[x]: http://a "CANARY"',
    "![a][r]\n\n[r]: http://CANARY/y.png",
    "<span hidden>CANARY</span>",
    "<p style='display:none'>CANARY</p>",
    "<img src=x alt='CANARY'>",
    "<a title='CANARY'>b</a>",
    "<script>CANARY</script>",
    "<template>CANARY</template>",
    "<?php CANARY ?>",
    "<![CDATA[CANARY]]>",
    "<div data-x='CANARY'>b</div>",
]


@pytest.mark.parametrize("text", HIDDEN)
def test_what_nobody_sees_is_left_out_and_counted(text: str) -> None:
    found = visible(f"Hello.\n\n{text}\n")
    assert "CANARY" not in found.text
    assert "Hello." in found.text
    assert found.removed > 0


TAGGED = "".join(chr(0xE0000 + ord(c)) for c in "CANARY")


def test_invisible_characters_are_left_out() -> None:
    for text in (
        TAGGED,
        "\u202eCAN\u202c",
        "a\u200bb",
        "a&#8203;b",
        "a&ZeroWidthSpace;b",
        "\x1b[1m",
    ):
        found = visible(text)
        assert found.removed > 0
        assert not any(invisible(c) for c in found.text)
    assert visible("&#73;gnore").text == "Ignore"


SEEN = [
    "Plain words.\n\nA second paragraph with `code <!-- kept -->` and List<String> and a < b > c.",
    "한국어 문제 설명입니다. 파일을 열면 프로그램이 멈춥니다.",
    "日本語の説明。\n\n- 一\n- 二",
    "Ошибка при запуске: `KeyError: 'x'`",
    "العربية والعبرية עברית",
    "नमस्ते दुनिया",
    "```html\n<!-- a comment that matters -->\n<div hidden>x</div>\n```\n",
    "    indented <!-- code -->\n",
    "[a link](https://example.com/a?b=c#d) and <https://example.com>",
    "See [1] and [docs][1].\n\n[1]: https://example.com",
    "| a | b |\n|---|---|\n| 1 | 2 |",
    "&amp; &lt;b&gt; 5 > 3 && x",
    "Résumé naïve — “quotes” … €",
    "# Title\n\n1. one\n2. two\n\n> quoted",
]


@pytest.mark.parametrize("text", SEEN)
def test_what_people_see_is_not_touched(text: str) -> None:
    found = visible(text)
    assert (found.text, found.removed) == (text, 0)


@pytest.mark.parametrize("text", [*HIDDEN, *SEEN, "a" * 100_000, "é" * 50_000, "`" * 3000])
def test_cleaning_twice_changes_nothing(text: str) -> None:
    once = visible(text)
    assert visible(once.text).text == once.text


def test_a_megabyte_is_cut_and_says_so() -> None:
    found = visible("word " * 250_000)
    assert len(found.text.encode()) <= MOST_BYTES
    assert found.text.endswith("too long]")


def comment(number: int, body: str, at: datetime, edited: datetime | None = None) -> Comment:
    return Comment(id=number, author=ANN, body=body, created_at=at, edited_at=edited)


def test_the_snapshot_is_fixed_visible_and_bounded() -> None:
    early, late = NOW - timedelta(hours=1), NOW + timedelta(milliseconds=1)
    asked = Trigger(kind="author", actor=ANN, at=NOW, key="author")
    taken = snapshot(
        issue(title="A\ntitle <!-- x -->" + "y" * 999, body="b\u200b", labels=["bug\u202e"]),
        [
            comment(1, "first", early),
            comment(2, "edited since", early, late),
            comment(3, "written since", late),
            comment(4, "last <!-- x -->", early, NOW),
        ],
        asked,
        NOW,
    )
    assert taken.comments == ("first", "last ")
    assert (taken.body, taken.labels) == ("b", ("bug",))
    assert len(taken.title) == 300
    assert "\n" not in taken.title
    assert taken.hidden_removed > 2
    many = [comment(n, f"{n} " + "w" * 15_000, early) for n in range(20)]
    kept = snapshot(issue(), many, asked, NOW).comments
    assert kept[-1].startswith("19 ")
    assert sum(map(len, kept)) <= MOST_BYTES


def test_code_shows_what_nobody_sees_in_it() -> None:
    code = 'if role != "admin\u202e \u2066// check\u2069":\n\tx = "가\u200b"\r\n'
    shown = reveal(code)
    assert shown == (
        'if role != "admin<U+202E> <U+2066>// check<U+2069>":\n\tx = "가<U+200B>"<U+000D>\n'
    )
    assert reveal(shown) == shown
    assert not any(map(invisible, reveal("".join(map(chr, range(0x11000))))))


def said(number: int, who: Actor, body: str) -> Comment:
    at = NOW - timedelta(minutes=1000 - number)
    return Comment(id=number, author=who, body=body, created_at=at)


MOLLY, GUEST = Actor(id=20, login="molly"), Actor(id=30, login="guest")
ASKED = Trigger(kind="author", actor=ANN, at=NOW, key="author")


def test_the_author_and_maintainers_come_first_and_me_too_never() -> None:
    crowd = [said(n, GUEST, f"thought {n}: " + "x" * 400) for n in range(10, 310)]
    echoes = [
        said(n, GUEST, ["+1", "me too", "👍", "저도요", "same here!"][n % 5])
        for n in range(310, 610)
    ]
    first = [said(1, ANN, "It also fails with None."), said(2, MOLLY, "Only the parser, please.")]
    taken = snapshot(issue(), [*first, *crowd, *echoes], ASKED, NOW, 7, {MOLLY.id})
    assert taken.comments[:2] == ("It also fails with None.", "Only the parser, please.")
    assert taken.comments[-1].startswith("thought 309")
    assert not [
        one for one in taken.comments if one in ("+1", "me too", "👍", "저도요", "same here!")
    ]
    assert sum(len(one.encode()) for one in taken.comments[2:]) <= OTHERS_BYTES
    assert taken.echoes == 300
    assert taken.left_comments == 302 - len(taken.comments) > 200
    assert snapshot(issue(), [*first, *crowd, *echoes], ASKED, NOW, 7, {MOLLY.id}) == taken


def test_a_long_issue_keeps_its_end_its_expectation_and_its_traceback() -> None:
    noise = "".join(f"12:00 worker did item {n}\n" for n in range(4_000))
    trace = "Traceback (most recent call last):\n  File 'a.py', line 3\nKeyError: 'port'\n"
    wanted = "### 기대 결과\n\n42가 나와야 합니다."
    body = f"Crash.\n\n```\n{noise}{trace}{noise}```\n\n{wanted}\n\n### Log\n\n{noise}Bye."
    taken = snapshot(issue(body=body), [], ASKED, NOW)
    for one in ("Crash.", "KeyError: 'port'", "42가 나와야 합니다.", "Bye."):
        assert one in taken.body
    assert len(taken.body.encode()) <= MOST_BYTES
    assert taken.left_chars > 100_000
    assert f"{taken.left_chars:,}" in taken.body
    assert visible(taken.body).text == taken.body


def test_what_is_hidden_in_a_long_issue_stays_hidden() -> None:
    """No cut lets a hidden text be seen: it is taken out before."""
    pad = "word " * 30_000
    for text in (
        f"{pad}<!-- {pad} CANARY {pad} -->{pad}",
        f"{pad}<span hidden>{pad}CANARY</span>{pad}",
    ):
        assert "CANARY" not in visible(text).text
