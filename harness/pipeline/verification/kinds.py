"""What kind of issue it is, as people said it: by a label, the title's prefix or a filled-in form.
Pure. What a worker says may raise that and never lowers it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Literal

from harness.core.base import Value
from harness.core.types import IssueKind

By = Literal["label", "template", "worker", "reviewer", "person"]
RANK: dict[IssueKind, int] = {"question": 0, "docs": 1, "chore": 1, "feature": 2, "bug": 3}
_BUG = ("bug", "bugs", "bugfix", "defect", "defects", "regression", "regressions", "crash")
_MORE = ("crashes", "crasher", "broken", "hang", "deadlock", "panic")
_FEATURE = ("feature", "features", "enhancement", "enhancements", "improvement", "proposal")
_CHORE = ("chore", "maintenance", "refactor", "refactoring", "dependencies")
WORDS: tuple[tuple[IssueKind, frozenset[str], str], ...] = (
    ("bug", frozenset((*_BUG, *_MORE)), r"버그|오류|결함|장애|회귀|크래시|에러|불량"),
    ("feature", frozenset(_FEATURE), r"기능|개선|제안"),
    ("docs", frozenset(("doc", "docs", "documentation")), r"문서"),
    ("chore", frozenset(_CHORE), r"정비"),
    ("question", frozenset(("question", "questions", "support")), r"질문|문의"),
)
NOT = re.compile(r"\b(?:not|no|non|isn.?t)[\W_]*(?:an?[\W_]*)?(?:bug|defect|regression)|notabug")
BRACKETS = re.compile(r"^\s*[\[(【<]\s*([^\])】>]{1,40})[\])】>]")
COLON = re.compile(r"^\s*([^\s:：-][^:：]{0,30}?)\s*(?:[:：]|\s-\s)")
HEADING = re.compile(
    r"^\s*(?:#{1,6}\s*(?P<hash>.+?)#*|\*\*(?P<bold>[^*]+)\*\*:?|(?P<plain>[^:：\n]{3,50})[:：])\s*$",
    re.M,
)
STRONG = re.compile(
    r"(?:steps? |how |way )?to reproduce|reproduction(?: steps?)?|repro(?: steps?)?|"
    r"steps (?:for|of) reproduction|reproduction code|"
    r"minimal (?:reproducible|working)? ?(?:example|repro\w*)|reproducible example|"
    r"(?:describe |description of )?the bug|bug (?:description|report|summary)|describe the bug|"
    r"what (?:went wrong|is broken)|actual (?:behaviou?r|results?|output)|"
    r"observed (?:behaviou?r|results?)|stack ?trace|traceback|error (?:message|log|output)|"
    r"재현 ?(?:방법|절차|단계|과정|코드)?|실제 ?(?:동작|결과|출력)|버그 ?(?:설명|내용|신고)|"
    r"오류 ?(?:메시지|내용|로그)|스택 ?트레이스",
)
WEAK = (
    re.compile(
        r"expected (?:behaviou?r|results?|output)|what (?:did )?(?:you|i) expect(?:ed)?.*"
        r"|(?:기대|예상)(?:한|하는)? ?(?:동작|결과|출력)"
    ),
    re.compile(
        r"current (?:behaviou?r|results?|output)|what (?:actually )?happen(?:ed|s).*"
        r"|현재 ?(?:동작|결과)"
    ),
)
TRACE = re.compile(
    r"^\W*Traceback \(most recent call last\):\s*$|^\W*thread '.*' panicked at|"
    r"^\W*Exception in thread |\b\w*Error\b.*\n(?:\s*at .+:\d+:\d+\)?\s*\n?){2}",
    re.M,
)


LONGEST = 4000
CONTRAST = re.compile(
    r"\b(?:gives?|gave|returns?|returned|prints?|printed|raises?|raised|throws?|threw|yields?|"
    r"shows?|showed|outputs?|crash\w*|fails?|failed|holds?|held|becomes?|ends? up|comes out)\b"
    r".{0,240}?\b(?:expected|instead of|rather than|should (?:be|give|return|print|say|hold|show|"
    r"raise|throw|yield|contain|have))\b"
    r"|(?:나옵니다|나온다|나와요|반환|출력|됩니다|실패).{0,120}?"
    r"(?:기대|예상했|이어야|여야|나와야|해야 )",
    re.I | re.S,
)
"""What it does, and then what it should do: a report, though nobody filled in a form."""


class StatedKind(Value):
    """The kind that people gave an issue, and by what."""

    kind: IssueKind
    by: By


class Settled(Value):
    """An issue's kind. `open`: only the worker said so, and it is no bug: a reviewer is asked."""

    kind: IssueKind
    by: By
    open: bool = False


def stated_kind(labels: Sequence[str], title: str, body: str) -> StatedKind | None:
    """What labels, title and form say; None: nothing. The highest kind counts."""
    named = [kind for label in labels if (kind := _kind_of(label)) is not None]
    label = max(named, key=RANK.__getitem__, default=None)
    if label == "bug":
        return StatedKind(kind="bug", by="label")
    if _has_bug_title(title) or _form(body, doubted=label is not None):
        return StatedKind(kind="bug", by="template")
    return StatedKind(kind=label, by="label") if label is not None else None


def settle_kind(said: StatedKind | None, claimed: IssueKind) -> Settled:
    """The worker's word against what people said."""
    if said is not None and RANK[claimed] <= RANK[said.kind]:
        return Settled(kind=said.kind, by=said.by)
    return Settled(kind=claimed, by="worker", open=claimed != "bug")


def _kind_of(label: str) -> IssueKind | None:
    text = label.casefold()
    words = set(re.split(r"[^a-z]+", NOT.sub(" ", text)))
    for kind, english, korean in WORDS:
        if words & english or re.search(korean, text):
            return kind
    return None


def _has_bug_title(title: str) -> bool:
    """[Bug] ..., bug: ..., Bug report - ..."""
    found = BRACKETS.match(title)
    if found is not None:
        return _kind_of(found[1]) == "bug"
    found = COLON.match(title)
    if found is None:
        return False
    first = found[1].split()[0]
    return len(found[1].split()) <= 3 and _kind_of(first) == "bug"


def _form(body: str, *, doubted: bool) -> bool:
    """A bug report's form. `doubted`: a label says that it is something else; then a log alone is
    not enough."""
    headings = [
        (m["hash"] or m["bold"] or m["plain"]).strip(" *:：?#").casefold()
        for m in HEADING.finditer(body)
    ]
    strong = any(STRONG.fullmatch(heading) for heading in headings)
    weak = all(any(form.fullmatch(heading) for heading in headings) for form in WEAK)
    reports = bool(TRACE.search(body)) or bool(CONTRAST.search(body[:LONGEST]))
    return strong or weak or (not doubted and reports)
