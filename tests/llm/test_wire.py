"""The body of an answer in pieces: the same, wherever the network cuts it."""

from __future__ import annotations

import json
import random
from typing import Any

import pytest

from harness.llm.complaint import Answered
from harness.llm.faults import Malformed
from harness.llm.wire import Frames

PIECES: list[Any] = [{"a": 1}, {"text": "한\u2028\x85 \r\n"}, [1, 2], {"deep": {"x": None}}]


def read(body: bytes, sizes: random.Random) -> list[Any]:
    frames, at = Frames(), 0
    found: list[Any] = []
    while at < len(body):
        size = sizes.randint(1, 7)
        found += frames.feed(body[at : at + size])
        at += size
    return [*found, *frames.finish()]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("form", ["plain", "named", "commented", "close", "pretty", "lines"])
def test_pieces_are_the_same_however_they_are_cut(end: str, form: str) -> None:
    lines: list[str] = []
    for piece in PIECES:
        text = json.dumps(piece, ensure_ascii=False)
        lines += {
            "plain": [f"data: {text}", ""],
            "named": ["event: x", f"data:{text}", "id: 7", ""],
            "commented": [": waiting", "", f"data: {text}", "", "retry: 3"],
            "close": [f"data: {text}"],
            "pretty": [f"data: {t}" for t in json.dumps(piece, indent=1).split("\n")] + [""],
            "lines": [text],
        }[form]
    if form == "lines" and end == "\r":
        end = "\n"
    body = end.join([*lines, ""]).encode()
    for seed in range(40):
        assert read(body, random.Random(seed)) == PIECES


@pytest.mark.parametrize(
    "body", [b"data: {oops\n\n", b'{"half": ', b"data: 9" + b"9" * 5000 + b"\n\n"]
)
def test_what_is_no_piece_is_said_and_quoted(body: bytes) -> None:
    frames = Frames()
    with pytest.raises(Malformed):
        [*frames.feed(body), *frames.finish()]
    assert frames.last.strip()


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b"database is down", "database is down"),
        (b"<html><body><h1>No</h1></body></html>", "No"),
        (b'event: error\ndata: {"detail": "no room"}\n\n', "no room"),
        (b"event: error\ndata: no room\n\n", "no room"),
    ],
)
def test_plain_words_are_a_complaint(body: bytes, said: str) -> None:
    frames = Frames()
    with pytest.raises(Answered) as told:
        [*frames.feed(body), *frames.finish()]
    assert told.value.complaint.text == said


def test_many_lines_cost_no_more_than_they_are_long() -> None:
    """A quadratic reader would take minutes for this."""
    frames = Frames()
    assert list(frames.feed(b"data: }\n" * 200_000)) == []
    with pytest.raises(Malformed):
        list(frames.feed(b"\n"))
    frames = Frames()
    for _ in range(20_000):
        assert list(frames.feed(b"data: " + b"x" * 1000)) == []
