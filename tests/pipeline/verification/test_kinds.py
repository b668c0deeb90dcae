"""Which kind people gave an issue, and that a worker's word never lowers it."""

from __future__ import annotations

import pytest

from harness.core.types import IssueKind
from harness.pipeline.verification.kinds import StatedKind, settle_kind, stated_kind

FORM = "### Version\n\n1.2\n\n### Steps to reproduce\n\nCall add(2, 3).\n"
TRACE = (
    'It says\n\n```\nTraceback (most recent call last):\n  File "a.py", line 1\nKeyError: 1\n```\n'
)


@pytest.mark.parametrize(
    "label",
    [
        *("bug", "Bug", "type: bug", "kind/bug", "C-bug", "T-Defect", "regression", "crash :boom:"),
        *("bug 🐛", "confirmed-bug", "status/bug-confirmed", "버그", "종류: 오류", "유형/결함"),
    ],
)
def test_a_label_says_bug(label: str) -> None:
    assert stated_kind(("help wanted", label), "x", "y") == StatedKind(kind="bug", by="label")


@pytest.mark.parametrize(
    "label",
    [
        *("debug", "debugging", "bugzilla", "not a bug", "no-bug", "notabug", "good first issue"),
        *("help wanted", "area: crashlytics", "priority/high", ""),
    ],
)
def test_a_label_that_only_sounds_like_one_says_nothing(label: str) -> None:
    assert stated_kind((label,), "x", "y") is None


@pytest.mark.parametrize(
    ("label", "kind"),
    [
        ("enhancement", "feature"),
        ("type: feature", "feature"),
        ("feature request", "feature"),
        ("documentation", "docs"),
        ("question", "question"),
        ("기능 요청", "feature"),
        ("문서", "docs"),
        ("질문", "question"),
        ("kind/refactor", "chore"),
    ],
)
def test_other_kinds_by_label(label: str, kind: IssueKind) -> None:
    assert stated_kind((label,), "x", "y") == StatedKind(kind=kind, by="label")


def test_of_several_labels_the_highest_kind_counts() -> None:
    assert stated_kind(("question", "enhancement", "bug"), "x", "y") == StatedKind(
        kind="bug", by="label"
    )


@pytest.mark.parametrize(
    "title",
    [
        *("[Bug] add subtracts", "[BUG]: add subtracts", "bug: add subtracts", "Bug - add"),
        *("Bug report: add", "Bug in add: it subtracts", "(regression) add", "[버그] 덧셈"),
        *("버그: 덧셈이 틀림", "오류: 덧셈", "Regression: add", "crash: on empty input"),
    ],
)
def test_a_title_says_bug(title: str) -> None:
    assert stated_kind((), title, "") == StatedKind(kind="bug", by="template")


@pytest.mark.parametrize(
    "title",
    [
        *("add subtracts", "Debug mode: add it", "feat: crash reports", "parser: bug in numbers"),
        *("[Feature] report bugs", "docs: the word bug", "Say more of a bug", ""),
    ],
)
def test_a_title_that_only_holds_the_word_says_nothing(title: str) -> None:
    assert stated_kind((), title, "") is None


@pytest.mark.parametrize(
    "body",
    [
        FORM,
        TRACE,
        "**Describe the bug**\nIt subtracts.\n",
        "**To Reproduce**\n1. add\n",
        "## Actual behaviour\n-1\n",
        "Expected behavior:\n5\n\nCurrent behavior:\n-1\n",
        "### What happened?\n-1\n### What did you expect to happen?\n5\n",
        "### 재현 방법\n더한다\n",
        "**기대 동작**\n5\n\n**현재 동작**\n-1\n",
        "TypeError: x is not a function\n    at add (/a/b.js:3:4)\n    at main (/a/c.js:1:1)\n",
    ],
)
def test_a_form_says_bug(body: str) -> None:
    assert stated_kind((), "add", body) == StatedKind(kind="bug", by="template")


@pytest.mark.parametrize(
    "body",
    [
        "### Is your feature request related to a problem?\nNo.\n",
        "Expected behavior:\nIt should export CSV.\n",
        "I would like steps to reproduce a build in the docs.\n",
        "## Motivation\nbug reports are hard to read\n",
        "",
    ],
)
def test_a_body_without_a_form_says_nothing(body: str) -> None:
    assert stated_kind((), "add", body) is None


def test_a_log_does_not_overrule_a_label_and_a_form_does() -> None:
    assert stated_kind(("question",), "x", TRACE) == StatedKind(kind="question", by="label")
    assert stated_kind(("question",), "x", FORM) == StatedKind(kind="bug", by="template")


@pytest.mark.parametrize("claimed", ["question", "docs", "chore", "feature"])
def test_triage_cannot_lower_what_people_said(claimed: IssueKind) -> None:
    for said in (
        stated_kind(("bug",), "", ""),
        stated_kind((), "bug: x", ""),
        stated_kind((), "", FORM),
    ):
        kind = settle_kind(said, claimed)
        assert (kind.kind, kind.open) == ("bug", False)


def test_triage_may_raise_it_and_what_only_it_said_is_open() -> None:
    feature = stated_kind(("enhancement",), "", "")
    assert settle_kind(feature, "bug").kind == "bug"
    assert not settle_kind(feature, "bug").open
    assert settle_kind(feature, "chore").kind == "feature"
    assert not settle_kind(feature, "feature").open
    assert settle_kind(stated_kind(("question",), "", ""), "chore").open
    assert settle_kind(None, "docs").open
    assert settle_kind(None, "bug").by == "worker"
    assert not settle_kind(None, "bug").open


@pytest.mark.parametrize(
    "body",
    [
        "parse('next=a=b') gives { next: 'a' }, expected { next: 'a=b' }.",
        "add(2, 3) gives -1, it should give 5.",
        "The cart then holds 2 teas; I expected 3.",
        "It prints None instead of the total.",
        "sort() crashes on an empty list,\nit should return it.",
        "total()이 3으로 나옵니다. 5가 나와야 합니다.",
    ],
)
def test_what_it_does_and_what_it_should_do_is_a_report(body: str) -> None:
    assert stated_kind((), "x", body) == StatedKind(kind="bug", by="template")
    # a person's label outweighs it: nobody filled in a form
    assert stated_kind(("enhancement",), "x", body) == StatedKind(kind="feature", by="label")


@pytest.mark.parametrize(
    "body",
    [
        "Please add a command that exports the shelf as CSV. It should be fast.",
        "The README should say how to run the tests.",
        "What does total() return for an empty list?",
        "Rename the module, the old name is confusing.",
    ],
)
def test_a_wish_or_a_question_is_none(body: str) -> None:
    assert stated_kind((), "x", body) is None
