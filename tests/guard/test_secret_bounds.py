"""The search for our own secrets ends, however much a text packs into itself."""

from __future__ import annotations

import base64
import time
import zlib

import pytest

from harness.guard.publishing import lasting, scan_text
from harness.guard.secrets import leaks
from tests.guard.test_publishing import TOKEN, change, keys, speak


def bomb(within: int) -> str:
    """A few thousand characters that unpack to more the deeper one looks."""
    text = "a" * (2 << 20)
    for _ in range(within + 1):
        packed = base64.b64encode(zlib.compress(text.encode(), 9)).decode()
        text = f"{packed} " * ((2 << 20) // len(packed))
    return packed


@pytest.mark.parametrize("within", [1, 2])
def test_a_bomb_is_not_looked_through_and_does_not_leave(within: int) -> None:
    text = bomb(within)
    began = time.thread_time()
    assert keys(change("a.txt"), data=text.encode()) == ["guard.scan_unfinished"]
    said = scan_text("title", f"Mend it\n{text}", [TOKEN])
    assert [f.say.key for f in said] == ["guard.scan_unfinished"]
    speak(said)
    assert "guard.secret_name" in keys(change(text))
    assert lasting(said) == said
    assert time.thread_time() - began < 60
    assert not leaks(bomb(0), [TOKEN])
