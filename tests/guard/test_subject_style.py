"""The habit of a repository, from its last subjects: a majority makes one, strangers' text none."""

from __future__ import annotations

import pytest

from harness.core.house_types import CommitStyle
from harness.guard.subject_style import MOST_SCOPES, read_style

NONE = CommitStyle()


@pytest.mark.parametrize(
    ("subjects", "wanted"),
    [
        ([], NONE),
        (["fix: a"] * 4, NONE),
        (["Add a thing"] * 5, CommitStyle(case="sentence", numbered=False)),
        (["add a thing (#12)"] * 9, CommitStyle(case="lower", numbered=True)),
        (["Add a"] * 5 + ["add a"] * 5, CommitStyle(numbered=False)),
        (["`x` is 1", "3 things", "HTTP is", "iPhone"] * 3, CommitStyle(numbered=False)),
        (["더하기를 고친다"] * 9, CommitStyle(numbered=False)),
        (["fix: a b"] * 6, CommitStyle(conventional=True, case="lower", numbered=False)),
        (["feat: Add"] * 6, CommitStyle(conventional=True, case="sentence", numbered=False)),
        (["fix!: a"] * 6, CommitStyle(conventional=True, case="lower", numbered=False)),
        (
            ["fix(api): a", "feat(web)!: a", "fix(api): b"] * 2,
            CommitStyle(conventional=True, scopes=("api", "web"), case="lower", numbered=False),
        ),
        (
            ["fix(a b): x", "fix(@team): x", "fix([skip ci]): x", "fix(A): x", "fix(a/b): x"],
            CommitStyle(conventional=True, case="lower", numbered=False),
        ),
        (
            ["fix: a"] * 5 + ["fix(api): a"],
            CommitStyle(conventional=True, case="lower", numbered=False),
        ),
        (["Note: Take care"] * 9, CommitStyle(case="", numbered=False)),
        (["net/http: take care"] * 9, CommitStyle(numbered=False)),
        (["Merge branch x"] * 99 + ["v1.2.3"] * 9 + ["fixup! a"] * 9 + ["Fix a"] * 4, NONE),
        (['Revert "fix: a"'] * 99 + ["1.0.0"] * 9, NONE),
        (["", "  "] * 20, NONE),
        (["fix:a", "fix :a", "fix", "fixed: a", "FIX: a", "fix(): a"], CommitStyle(numbered=False)),
    ],
)
def test_what_most_do_is_the_habit(subjects: list[str], wanted: CommitStyle) -> None:
    assert read_style(subjects) == wanted


def test_scopes_are_bounded() -> None:
    found = read_style([f"fix(s{number}): a" for number in range(500)])
    assert len(found.scopes) == MOST_SCOPES
