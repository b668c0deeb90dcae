from __future__ import annotations

import pytest

from harness.forge.marker import carries, line, with_marker


def test_a_marked_text_carries_its_marker_and_no_other() -> None:
    text = with_marker("run-1", "hello")
    assert text == "<!-- harness:run-1 -->\nhello"
    assert carries(text, "run-1")
    assert with_marker("run-1", text) == text
    assert with_marker("", "hello") == "hello"
    assert not carries(text, "run-11")
    assert not carries(text, "run")


def test_a_quoted_marker_does_not_count() -> None:
    assert not carries(with_marker("a", "> " + with_marker("b", "x")), "b")
    assert not carries("hello\n" + with_marker("b", "x"), "b")


@pytest.mark.parametrize("bad", ["", "a b", "a-->", "a--b", "a-", "<x>", "a\nb", "-a"])
def test_a_marker_cannot_end_its_comment(bad: str) -> None:
    with pytest.raises(ValueError, match="not a marker"):
        line(bad)
