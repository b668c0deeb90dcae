"""What strangers print, made harmless."""

from __future__ import annotations

import json

import pytest

from harness.system.text import Cleaner, clean_text, one_line

ESCAPES = [
    b"\x1b[31m",
    b"\x1b[0;1;38;5;200m",
    b"\x1b[2J",
    b"\x1b[10;20H",
    b"\x1b[?25l",
    b"\x1b[1 q",
    b"\x1b]0;title\x07",
    b"\x1b]0;title\x1b\\",
    b"\x1b]8;;http://evil.test/?q=1\x1b\\",
    b"\x1b]52;c;c2VjcmV0\x07",
    b"\x1bP1$r0m\x1b\\",
    b"\x1b_apc\x1b\\",
    b"\x1b^pm\x1b\\",
    b"\x1bXsos\x1b\\",
    b"\x1b(B",
    b"\x1b)0",
    b"\x1b#8",
    b"\x1bc",
    b"\x1b7",
    b"\x1b=",
    b"\x1bM",
    b"\x1b[200~",
    b"\xc2\x9b31m",
    b"\xc2\x9d0;title\xc2\x9c",
    b"\xc2\x90q\xc2\x9c",
    b"\xc2\x85",
    b"\x07",
    b"\x08",
    b"\x00",
    b"\x7f",
    b"\x0e",
]


@pytest.mark.parametrize("escape", ESCAPES)
def test_sequences_and_controls_go_and_the_text_around_stays(escape: bytes) -> None:
    assert clean_text(b"before " + escape + b"after") == "before after"


@pytest.mark.parametrize("escape", ESCAPES)
def test_split_anywhere_it_is_the_same(escape: bytes) -> None:
    data = "가 ".encode() + escape + "나".encode()
    for cut in range(len(data) + 1):
        cleaner = Cleaner()
        text = cleaner.feed(data[:cut]) + cleaner.feed(data[cut:]) + cleaner.finish()
        assert text == "가 나"


def test_an_8_bit_control_byte_leaves_no_control() -> None:
    assert clean_text(b"a\x9b31mb") == "a\ufffd31mb"


def test_every_byte_gives_text_that_json_and_utf_8_take() -> None:
    text = clean_text(bytes(range(256)) * 3)
    assert json.loads(json.dumps(text)).encode()
    assert not set(text) & {chr(c) for c in (*range(9), *range(11, 32), *range(127, 160))}


def test_a_title_that_never_ends_hides_no_later_line() -> None:
    assert clean_text(b"a\x1b]0;never ended\nsecond line") == "a\nsecond line"


def test_an_endless_sequence_is_not_held_for_ever() -> None:
    cleaner = Cleaner()
    text = cleaner.feed(b"\x1b]" + b"x" * 10_000) + cleaner.feed(b"y" * 10_000) + cleaner.finish()
    assert "\x1b" not in text
    assert len(text) > 5_000


def test_line_ends_are_one_kind_also_across_a_split() -> None:
    cleaner = Cleaner()
    text = cleaner.feed(b"a\r") + cleaner.feed(b"\nb\rc\r") + cleaner.finish()
    assert text == "a\nb\nc\n"


def test_surrogates_in_text_do_not_survive() -> None:
    assert clean_text("a\udcffb").encode() == b"a?b"


def test_one_line_is_one_line_and_short() -> None:
    assert one_line(b"fatal:\tno\r\n  such\x1b[1m ref\n") == "fatal: no such ref"
    assert len(one_line("x" * 1000, 100)) == 100
