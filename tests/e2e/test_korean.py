"""The demo in Korean, screens, pages and what stands on the forge: no sentence of it is English but
those of the issues' authors and of the agent, which the demo's script holds."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape

import pytest

from tests.e2e.books import Books
from tests.e2e.demo import play_demo
from tests.e2e.world import World

KOREAN = {"LANG": "ko_KR.UTF-8"}
_SAID = (
    "harness harness-bot larder me main git GitHub HTML JSON CSV Markdown Python CI UTC "
    "scripted scripted:scripted Closes python3 pytest"
)
NAMES = frozenset(_SAID.split())  # fmt: skip
"""Names, and `Closes`, which the forge reads."""
WORD = re.compile(r"[A-Za-z][A-Za-z'-]+(?:[./:][A-Za-z-]+)*")


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> World:
    return play_demo(tmp_path_factory.mktemp("korean"), KOREAN["LANG"])


def screens(demo: World, issue: int) -> Iterator[tuple[str, str]]:
    """What a person reads of one issue: (where, text)."""
    for words in (["report", str(issue)], ["why", str(issue)], ["logs", str(issue)]):
        yield " ".join(words), demo.run(*words, env=KOREAN).stdout
    yield "PROGRESS.md", (demo.folder(issue) / "PROGRESS.md").read_text()
    html = (demo.folder(issue) / "REPORT.html").read_text()
    yield (
        "REPORT.html",
        unescape(re.sub(r"<style>.*?</style>|<pre>.*?</pre>|<[^>]*>", " ", html, flags=re.S)),
    )
    for comment in demo.comments(issue):
        yield "comment", comment.body
    for pull in demo.pulls():
        if pull.head == f"agent/issue-{issue}":
            yield "pull request", pull.body


def english_in(page: str, stored: list[str]) -> list[str]:
    """Words of English that neither a person nor an agent wrote, and that are no name or code."""
    page = re.sub(r"^(```+).*?^\1$|<!--.*?-->", " ", page.replace("\\", ""), flags=re.S | re.M)
    page = " ".join(page.split())
    for text in stored:
        page = page.replace(" ".join(text.replace("\\", "").split()), " ")
    page = re.sub(r"`[^`]*`|\S*[/=_]\S*|\S+\.(?:py|md|yml)\S*|\b[0-9a-f]{7,}\b", " ", page)
    return [word for word in WORD.findall(page) if word not in NAMES]


@pytest.mark.parametrize("issue", [1, 2, 3, 4, 5])
def test_no_sentence_of_ours_is_english(demo: World, issue: int) -> None:
    books = Books(demo.state)
    said = {text for text in books.texts(issue) if len(text) > 2 and not _of_ours(text)}
    stored = sorted(said, key=len, reverse=True)
    for where, page in screens(demo, issue):
        assert page.strip(), where
        assert english_in(page, stored) == [], where


def _of_ours(text: str) -> bool:
    """One word alone may be a value of ours: a kind, a state, a name of a stage."""
    return bool(re.fullmatch(r"[a-z_]+", text))


def test_lists_are_korean_too(demo: World) -> None:
    books = Books(demo.state)
    stored = sorted(
        {t for n in books.issues for t in books.texts(n) if len(t) > 2 and not _of_ours(t)},
        key=len,
        reverse=True,
    )
    for words in (
        ["status", "--all"],
        ["report", "--since", "7d"],
        ["issue", "list", "--state", "all"],
        ["pr", "list", "--state", "all"],
        ["pr", "show", "6"],
        ["issue", "show", "1"],
    ):
        page = demo.run(*words, env=KOREAN).stdout
        assert english_in(page, stored) == [], words


def test_what_was_written_in_korean_is_read_in_english(demo: World) -> None:
    for issue in Books(demo.state).issues:
        page = demo.run("report", str(issue), env={"LANG": "en_US.UTF-8"}).stdout
        assert not re.search("[가-힣]", page)
