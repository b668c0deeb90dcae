"""Of a diff, the files that a person is asked about."""

from __future__ import annotations

from harness.report.diffs import only_files

ONE = "diff --git a/tests/a.py b/tests/a.py\n--- a/tests/a.py\n+++ b/tests/a.py\n-assert 1\n"
TWO = "diff --git a/src/b.py b/src/b.py\n--- a/src/b.py\n+++ b/src/b.py\n+diff --git a/x b/x\n"
MOVED = "diff --git a/tests/old b/x.py b/tests/new.py\nsimilarity index 90%\n"


def test_only_the_files_asked_about_are_shown() -> None:
    whole = ONE + TWO + MOVED
    assert only_files(whole, ["tests/a.py"]) == ONE
    assert only_files(whole, ["src/b.py", "tests/a.py"]) == ONE + TWO
    assert only_files(whole, ["tests/new.py"]) == MOVED
    assert only_files(whole, ["tests/old b/x.py"]) == MOVED


def test_a_file_that_is_not_found_shows_all_rather_than_nothing() -> None:
    assert only_files(ONE + TWO, ["tests/c.py"]) == ONE + TWO
    assert only_files("", ["a"]) == ""
