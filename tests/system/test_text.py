"""What strangers print, made harmless."""

from __future__ import annotations

import itertools
import json
import re
from collections.abc import Callable, Iterable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harness.sandbox.command_output import join_output
from harness.system.log import about, log_to
from harness.system.text import Cleaner, clean_text, one_line
from harness.tools.output import clean

ESCAPES: dict[str, bytes] = {
    "colour": b"\x1b[31m",
    "many parameters": b"\x1b[0;1;38;5;200m",
    "colon parameters": b"\x1b[38:2::1:2:3m",
    "erase": b"\x1b[2J",
    "erase a line": b"\x1b[2K",
    "cursor to a place": b"\x1b[10;20H",
    "cursor up": b"\x1b[3A",
    "cursor back": b"\x1b[80D",
    "scroll": b"\x1b[5S",
    "hide the cursor": b"\x1b[?25l",
    "other screen": b"\x1b[?1049h",
    "cursor's form": b"\x1b[1 q",
    "paste": b"\x1b[200~",
    "report": b"\x1b[6n",
    "title": b"\x1b]0;title\x07",
    "title, ST": b"\x1b]0;title\x1b\\",
    "link": b"\x1b]8;;http://evil.test/?q=1\x1b\\",
    "clipboard": b"\x1b]52;c;c2VjcmV0\x07",
    "folder": b"\x1b]7;file://x/y\x07",
    "colours asked": b"\x1b]11;?\x07",
    "notification": b"\x1b]777;notify;a;b\x07",
    "file by iTerm": b"\x1b]1337;File=inline=1:QQ==\x07",
    "DCS": b"\x1bP1$r0m\x1b\\",
    "sixel": b"\x1bPq#0;2;0;0;0\x1b\\",
    "APC": b"\x1b_apc\x1b\\",
    "PM": b"\x1b^pm\x1b\\",
    "SOS": b"\x1bXsos\x1b\\",
    "character set": b"\x1b(B",
    "another set": b"\x1b)0",
    "all E": b"\x1b#8",
    "reset": b"\x1bc",
    "save": b"\x1b7",
    "keypad": b"\x1b=",
    "reverse line feed": b"\x1bM",
    "8-bit CSI": b"\xc2\x9b31m",
    "8-bit OSC": b"\xc2\x9d0;title\xc2\x9c",
    "8-bit OSC, BEL": b"\xc2\x9d52;c;QQ==\x07",
    "8-bit DCS": b"\xc2\x90q\xc2\x9c",
    "8-bit SOS": b"\xc2\x98q\xc2\x9c",
    "8-bit PM": b"\xc2\x9eq\xc2\x9c",
    "8-bit APC": b"\xc2\x9fq\x1b\\",
    "8-bit next line": b"\xc2\x85",
    "8-bit index": b"\xc2\x84",
    "cut by CAN": b"\x1b[31\x18",
    "bell": b"\x07",
    "backspace": b"\x08",
    "NUL": b"\x00",
    "DEL": b"\x7f",
    "shift out": b"\x0e",
}
POWER = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f]")
Clean = Callable[[bytes], str]
# one implementation; these are the ways to it: logs and errors, a command's output, a model's text
WAYS: dict[str, Clean] = {
    "log": clean_text,
    "command": lambda data: join_output(data, b"", 0, 0),
    "model": lambda data: clean(data.decode("utf-8", "replace")).replace("\ufffd", ""),
}


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("name", ESCAPES)
def test_sequences_and_controls_go_and_the_text_around_stays(name: str, way: str) -> None:
    assert WAYS[way](b"before " + ESCAPES[name] + b"after") == "before after"


@pytest.mark.parametrize("name", ESCAPES)
def test_split_anywhere_it_is_the_same(name: str) -> None:
    data = "가 ".encode() + ESCAPES[name] + "나".encode()
    for cut in range(len(data) + 1):
        assert chunks([data[:cut], data[cut:]]) == "가 나"


def chunks(pieces: Iterable[bytes]) -> str:
    cleaner = Cleaner()
    return "".join([*map(cleaner.feed, pieces), cleaner.finish()])


STREAMS = st.lists(
    st.one_of(
        st.sampled_from([*ESCAPES.values()]),
        st.sampled_from([e[:cut] for e in ESCAPES.values() for cut in range(1, len(e))]),
        st.sampled_from(
            [b"a", b"b;", b"0", b"\n", b"\r", b"\r\n", b" ", b"[", b"\\", b"\xff", b"\x9b"]
        ),
        st.text(max_size=3).map(lambda t: t.encode("utf-8", "replace")),
    ),
    max_size=20,
).map(b"".join)


@settings(max_examples=500, deadline=None, derandomize=True, database=None)
@given(STREAMS, st.lists(st.integers(0, 120), max_size=12))
def test_any_stream_cut_anywhere_is_the_same_as_at_once(data: bytes, cuts: list[int]) -> None:
    places = sorted({0, *(min(cut, len(data)) for cut in cuts), len(data)})
    whole = clean_text(data)
    assert chunks(data[a:b] for a, b in itertools.pairwise(places)) == whole
    assert chunks(bytes([byte]) for byte in data) == whole
    assert clean_text(whole) == whole
    for way in WAYS.values():
        assert not POWER.search(way(data))


def test_a_line_of_the_log_holds_none_of_them(tmp_path: Path) -> None:
    everything = b" ".join(ESCAPES.values()).decode()
    with log_to(tmp_path / "log", str) as logger, about(run=f"r{everything}"):
        logger.warning("%s", everything)
        try:
            raise ValueError(everything)
        except ValueError:
            logger.exception("it broke")
    text = (tmp_path / "log").read_text(encoding="utf-8")
    assert not POWER.search(text)
    for line in text.splitlines():
        assert not POWER.search("".join(map(str, json.loads(line).values())))


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
