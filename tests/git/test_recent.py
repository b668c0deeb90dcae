"""What was read last is kept while there is room."""

from __future__ import annotations

import asyncio

import pytest

from harness.git.recent import Recent


async def _ask(recent: Recent[str, str], *keys: str) -> list[str]:
    """The keys that had to be read."""
    read: list[str] = []

    def reading(key: str) -> str:
        read.append(key)
        return key * 2

    async def read_later(key: str) -> str:
        return reading(key)

    for key in keys:
        assert await recent.get(key, lambda key=key: read_later(key)) == key * 2  # type: ignore[misc]
    return read


def test_a_value_is_read_once() -> None:
    recent: Recent[str, str] = Recent(2)
    assert asyncio.run(_ask(recent, "a", "b", "a", "b")) == ["a", "b"]


def test_what_was_used_longest_ago_makes_room() -> None:
    recent: Recent[str, str] = Recent(2)
    assert asyncio.run(_ask(recent, "a", "b", "a", "c", "a", "b")) == ["a", "b", "c", "b"]


def test_a_value_takes_what_it_weighs() -> None:
    recent: Recent[str, str] = Recent(8, len)
    assert asyncio.run(_ask(recent, "aa", "bb", "cc", "bb", "aa")) == ["aa", "bb", "cc", "aa"]


def test_what_is_larger_than_all_the_room_is_not_kept_and_drives_nothing_out() -> None:
    recent: Recent[str, str] = Recent(8, len)
    assert asyncio.run(_ask(recent, "a", "bbbbb", "bbbbb", "a")) == ["a", "bbbbb", "bbbbb"]


def test_a_fault_is_raised_and_not_kept() -> None:
    recent: Recent[str, str] = Recent(2)

    async def fail() -> str:
        raise OSError("gone")

    with pytest.raises(OSError, match="gone"):
        asyncio.run(recent.get("a", fail))
    assert asyncio.run(_ask(recent, "a")) == ["a"]
