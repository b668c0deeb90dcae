"""Output as text that cannot do anything."""

from __future__ import annotations

import json

import pytest

from harness.sandbox.command_output import join_output
from harness.system.text import clean_text


@pytest.mark.parametrize(
    ("data", "text"),
    [
        (b"a\x1b[31mb\x1b[0m", "ab"),
        (b"\x1b]52;c;c2VjcmV0\x07x", "x"),
        (b"\x1b]8;;http://evil\x1b\\link\x1b]8;;\x1b\\", "link"),
        ("\x9b31mx\x9d0;t\x9cy".encode(), "xy"),
        (b"\x1bP1$r\x1b\\a\x1b(Bb\x1bMc", "abc"),
        (b"\x1b]never ended\nnext", "\nnext"),
        (b"one\r\ntwo\rthree", "one\ntwo\nthree"),
        (b"a\0\x08\x07\x7f\tb", "a\tb"),
        (b"\x1b", ""),
        (b"\xed\xa0\x80|\xe2\x82", "\ufffd\ufffd\ufffd|\ufffd"),
    ],
)
def test_escapes_and_controls_go(data: bytes, text: str) -> None:
    assert clean_text(data) == text


def test_every_byte_survives_json() -> None:
    text = clean_text(bytes(range(256)) * 3)
    assert json.loads(json.dumps(text)) == text
    text.encode("utf-8")


def test_a_cut_says_which_lines_are_missing() -> None:
    shown = join_output(b"1\n2\n", b"9\n", 12, 6)
    assert shown == "1\n2\n\n[... lines 3 to 9 left out in part or whole: 12 bytes ...]\n9\n"
    assert join_output(b"ab\xc3", b"\xa9c", 0, 0) == "ab\u00e9c"
