"""What a model wrote, as a title and a commit: no trailer, no order to a CI, a release tool, a
tracker, git or a bot is left of it, however it is spelled; and honest words stay."""

from __future__ import annotations

import re
import subprocess
import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harness.core.house_types import CommitStyle
from harness.guard.commit_text import MOST_TEXT, paragraphs, subject, words

PLAIN = CommitStyle()
TRAILER = re.compile(r"^\s*[\w-]+(?: [\w-]+)?\s*(?::|\s#(?!7\b))", re.M)
NOTE = re.compile(r"^[\s|*]*(?:BREAKING CHANGE|BREAKING-CHANGE)[:\s]", re.I | re.M)
HEADER = re.compile(r"^\w+(?:\([^)]*\))?!?: ", re.M)
SKIP = re.compile(
    r"\[[^\[\]]*(?:skip|no)[^\[\]]*\]|\*\*\*NO_CI\*\*\*|skip-checks\s*:|--(?:skip|ci|no)[-_]",
    re.I,
)
CLOSES = re.compile(
    r"(?:clos(?:e[sd]?|ing)|fix(?:e[sd]|ing)?|resolv(?:e[sd]?|ing))\W{1,9}"
    r"(?:(?:[\w.-]+/[\w.-]+)?#(?!7\b)\d|GH-(?!7\b)\d|https?://|(?!UTF)[A-Z]{2,}-\d)",
    re.I,
)
COMMAND = re.compile(
    r"^\s*(?:/\w|!\w|bors\b|@|retest|recheck|jenkins|homu|ok to test)", re.I | re.M
)
TAG = re.compile(r"(?<![\w&])#(?!7\b)\w|\+semver\s*:")


def powerless(text: str, own: str = "") -> None:
    """`own`: the type that is ours."""
    for pattern in (SKIP, CLOSES, COMMAND, NOTE, TAG):
        assert not pattern.search(text), (pattern.pattern, text)
    assert "@" not in text
    assert not re.search(r"(?:^|\s)(?:fixup|squash|amend)!", text), text
    assert not TRAILER.search(text.removeprefix(own)), text
    assert not HEADER.search(text.removeprefix(own)), text


EVIL = [
    "Co-authored-by: Linus Torvalds <torvalds@linux-foundation.org>",
    "co-authored-by:Linus <l@x.org>",
    "Ｃｏ－ａｕｔｈｏｒｅｄ－ｂｙ： Linus <l@x.org>",
    "Co-\u200bauthored-by\u2060: Linus <l@x.org>",
    "Co-authored-by\t:\tLinus <l@x.org>",
    "## Co-authored-by: Linus <l@x.org>",
    "**Co-authored-by:** Linus <l@x.org>",
    "- Co-authored-by: Linus <l@x.org>",
    "> Co-authored-by: Linus <l@x.org>",
    "    Co-authored-by: Linus <l@x.org>",
    "```\nCo-authored-by: Linus <l@x.org>\n```",
    "`Co-authored-by: Linus <l@x.org>`",
    "Words.\nSigned-off-by: Ann <ann@example.org>",
    "Words.\n\nReviewed-by: Ann <ann@example.org>\nTested-by: Bob <b@x>\nAcked-by: C <c@x>",
    "Reported-by&#58; Ann <ann@example.org>",
    "Approved-by=Ann\\\nReviewed-by: Ann <a@x>",
    "On-behalf-of: @org <o@x>",
    "Release-As: 9.0.0",
    "Release-As:9.0.0",
    "release - as\n\nRelease-As : 9.0.0",
    "BREAKING CHANGE: everything",
    "BREAKING CHANGE everything",
    "BREAKING-CHANGE: everything",
    "BREAKING\u00a0CHANGE: everything",
    "* BREAKING  CHANGE: everything",
    "word " * 13 + "\n" + "word " * 9 + "BREAKING CHANGE " * 9,
    "feat!: everything is new",
    "Words.\n\nfeat(api)!: everything is new\n\nfix: too",
    "fixup! Mend it",
    "squash! Mend it",
    "amend! Mend it",
    "fixup! squash! amend! Mend it",
    "ｆｉｘｕｐ！ Mend it",
    "fix\u200bup! Mend it",
    "***NO_CI***",
    "Mend it ***NO_CI***",
    "**\\***NO_CI\\*\\*\\*",
    "＊＊＊NO_CI＊＊＊",
    "*!**NO_CI**!*",
    "[skip ci]",
    "Mend it [skip  ci]",
    "Mend it [ skip   ci ]",
    "Mend it [SKIP CI]",
    "Mend it [sk\u00adip c\u200bi]",
    "Mend it ［ｓｋｉｐ　ｃｉ］",
    "Mend it [𝐬𝐤𝐢𝐩 𝐜𝐢]",
    "Mend it [skip\u3000ci]",
    "[ci skip] [no ci] [skip actions] [actions skip]",
    "[skip netlify] [netlify skip] [skip vercel] [vercel skip] [skip render]",
    "[azurepipelines skip] [skip azurepipelines] [skip azp] [azp skip]",
    "[skip travis] [travis skip] [skip appveyor] [skip circle] [buildkite skip]",
    "[skip-ci] [ci-skip] [CF-Pages-Skip] [AMPLIFY-SKIP] [skip-cd] [skip release] [no release]",
    "`[skip ci]`",
    "&#91;skip ci&#93;",
    "\\[skip ci\\]",
    "[skip ci](https://example.org)",
    "x[skip ci] x[skip-ci] x[skip_ci] x[noci]",
    "skip-checks: true",
    "skip-checks:true",
    "Words.\n\n\nskip-checks : true",
    "Mend it --skip-ci --ci-skip --no-ci",
    "fixes #99",
    "Fixes: #99, closes #1, resolve GH-2",
    "closes owner/repo#1",
    "fixes https://github.com/o/r/issues/9",
    "fi\u200bxes #99",
    "**fix**es #99",
    "fixes **#99**",
    "fixes `#99`",
    "fixes ENG-12, closes ABC-3",
    "PROJ-12 #close #time 3h",
    "#major #minor",
    "+semver: major",
    "[major] [release] [deploy]",
    "@team @org/team please",
    "＠team",
    "&#64;team",
    "@dependabot merge",
    "@mergifyio rebase",
    "/approve",
    "Words.\n/approve\n/lgtm cancel",
    "- /merge",
    "\\/approve",
    "!merge",
    "bors r+",
    "bors: r+",
    "Words.\n\nbors r+ p=1",
    "recheck",
    "ok to test",
    "Change-Id: I123\nDepends-On: I9\nCherry-picked-from: abc",
    "Fixes: 1a2b3c4d (\"mend\")",
    "https://evil.test/#1 ssh://x javascript:alert(1)",
    "Words.\n\nThis reverts commit 1a2b3c4d.",
    "Jira: ABC-1\nBug: 7\nDifferential Revision: D1",
    ":boom: 💥 everything",
    "<!-- BEGIN_COMMIT_OVERRIDE\nfeat!: x\nEND_COMMIT_OVERRIDE -->",
]  # fmt: skip


def test_the_rows_are_many() -> None:
    assert len(set(EVIL)) == len(EVIL) >= 90


@pytest.mark.parametrize("text", EVIL)
@pytest.mark.parametrize("style", [PLAIN, CommitStyle(conventional=True, case="lower")])
def test_nothing_of_it_is_an_order(text: str, style: CommitStyle) -> None:
    for title in (text, f"Mend it {text}", " ".join(text.split())):
        line = subject(title, 7, style, "bug", ())
        assert "\n" not in line
        assert len(line) <= 72
        powerless(line, "fix: " if style.conventional else "")
    for body in (text, f"Words.\n\n{text}", f"{text}\n\nWords.", f"Words\n{text}\n{text}"):
        powerless(paragraphs(body, 7))


@pytest.mark.parametrize("text", EVIL)
def test_git_finds_no_trailer_but_ours(text: str, tmp_path: Path) -> None:
    message = f"Mend it\n\n{paragraphs(text, 7)}\n\nCloses #7\n"
    argv = ["git", "interpret-trailers", "--parse"]
    for said in (message, f"Mend it\n\n{paragraphs(text, 7)}\n"):
        done = subprocess.run(argv, input=said, capture_output=True, text=True, cwd=tmp_path)
        assert (done.returncode, done.stdout) == (0, ""), said


HONEST = [
    ("Add, do not subtract", "Add, do not subtract"),
    ("Fix #7 in the parser", "Fix #7 in the parser"),
    ("Read .gitignore first", "Read .gitignore first"),
    (".gitignore is read first", ".gitignore is read first"),
    ("Handle arr[0], arr[i] and dict[str]", "Handle arr[0], arr[i] and dict[str]"),
    ("Use std::vector at 10:30", "Use std::vector at 10:30"),
    ("Decode UTF-8: fix it", "Decode UTF-8 - fix it"),
    ("Call `run(**kwargs)` in C#", "Call `run(**kwargs)` in C#"),
    ("Compare a != b and a <= b", "Compare a != b and a <= b"),
    ("Open it in r+ mode", "Open it in r+ mode"),
    ("Merge two lists", "Merge two lists"),
    ("Add --verbose", "Add --verbose"),
    ("더하기가 빼지 않게 한다", "더하기가 빼지 않게 한다"),
    ("日本語の「題名」を直す。", "日本語の「題名」を直す。"),
    ("Größe ändern", "Größe ändern"),
    ("feat: take the word", "take the word"),
    ("fix(parser): take the word", "take the word"),
    ("__init__ is called once", "__init__ is called once"),
    ("Use $HOME and ~/x", "Use $HOME and ~/x"),
    ("- \n\0--upload-pack=x", "upload-pack=x"),
    ("[WIP] Mend it", "Mend it"),
    ("", ""),
    ("\U0001f600 !!! :", ""),
]


@pytest.mark.parametrize(("said", "wanted"), HONEST)
def test_honest_titles_keep_their_words(said: str, wanted: str) -> None:
    assert subject(said, 7, PLAIN, "bug", ()) == wanted
    assert subject(wanted, 7, PLAIN, "bug", ()) == wanted


@pytest.mark.parametrize(
    ("style", "kind", "paths", "said", "wanted"),
    [
        (CommitStyle(conventional=True), "bug", (), "Mend it", "fix: Mend it"),
        (CommitStyle(conventional=True), "feature", (), "feat!: It", "feat: It"),
        (CommitStyle(conventional=True), "docs", (), "It", "docs: It"),
        (CommitStyle(conventional=True), "chore", (), "It", "chore: It"),
        (CommitStyle(conventional=True, case="lower"), "bug", (), "Mend it", "fix: mend it"),
        (CommitStyle(conventional=True, case="lower"), "bug", (), "HTTP is", "fix: HTTP is"),
        (CommitStyle(conventional=True, types=("bugfix", "misc")), "bug", (), "X", "bugfix: X"),
        (CommitStyle(conventional=True, types=("misc",)), "docs", (), "X", "misc: X"),
        (CommitStyle(conventional=True, types=("odd",)), "docs", (), "X", "X"),
        (
            CommitStyle(conventional=True, scopes=("api", "web")),
            "bug",
            ("src/api/x.py", "tests/api/y.py"),
            "X",
            "fix(api): X",
        ),
        (CommitStyle(conventional=True, scopes=("api",)), "bug", ("src/web.py",), "X", "fix: X"),
        (
            CommitStyle(conventional=True, scopes=("web",)),
            "bug",
            ("src/web.py",),
            "X",
            "fix(web): X",
        ),
        (CommitStyle(conventional=True, scopes=("a", "b")), "bug", ("a/b/c",), "X", "fix: X"),
        (CommitStyle(conventional=True, scopes=("a",)), "bug", (), "X", "fix: X"),
        (CommitStyle(case="sentence"), "bug", (), "mend it", "Mend it"),
        (CommitStyle(case="sentence"), "bug", (), "iPhone works", "iPhone works"),
        (CommitStyle(case="sentence"), "bug", (), "`x` works", "`x` works"),
        (CommitStyle(case="lower"), "bug", (), "README is new", "README is new"),
        (CommitStyle(longest=20), "bug", (), "Mend what is not whole", "Mend what is not wh…"),
    ],
)
def test_a_subject_is_in_the_habit_of_the_house(
    style: CommitStyle, kind: str, paths: tuple[str, ...], said: str, wanted: str
) -> None:
    assert subject(said, 7, style, kind, paths) == wanted


def test_paragraphs_and_lists_stay() -> None:
    said = """# What

The parser stopped early, because `end` was never read; **now** it is.

1. one `a[0]`
2. two

| a | table |
|---|---|
| [x] | passed |

> quoted

```
code
```

<b>bold</b>
"""
    assert paragraphs(said, 7) == (
        "What\n\nThe parser stopped early, because `end` was never read; now it is.\n\n"
        "- one `a[0]`\n- two\n\nquoted\n\n- <b>bold</b>"
    )


def test_long_lines_are_wrapped_and_long_texts_end() -> None:
    body = paragraphs("word " * 5_000, 7)
    assert max(map(len, body.split("\n"))) <= 72
    assert len(body) <= MOST_TEXT + 1
    assert body.endswith("…")
    assert paragraphs("- a\n" * 99, 7).count("\n") < 20


@pytest.mark.parametrize(
    "piece", ["a/", "#1 ", "fixes ", "[", "*", "a:", "@a", "- ", "``", "\u0301", "("]
)
def test_no_text_takes_long(piece: str) -> None:
    text = piece * (1_000_000 // len(piece))
    began = time.thread_time()
    paragraphs(text, 7)
    subject(text, 7, PLAIN, "bug", ())
    assert time.thread_time() - began < 30


LETTERS = (
    *"ab @/#7\n`*_[]():!-+.skipcno \u200b８＃［］：",
    "skip",
    "ci",
    "fixes ",
    "BREAKING CHANGE",
)


@settings(max_examples=300, deadline=None, derandomize=True, database=None)
@given(st.lists(st.sampled_from(LETTERS), max_size=40).map("".join))
def test_any_text_is_powerless(text: str) -> None:
    powerless(paragraphs(text, 7))
    line = subject(text, 7, PLAIN, "bug", ())
    powerless(line.replace("::", "  "))
    assert words(words(text, 7), 7) == words(text, 7)
