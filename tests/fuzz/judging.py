"""What every fuzzed input is held to, whatever the target: its time. And long inputs of few
bytes, so that what takes quadratic time is met."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

MOST_S = 2.0
"""Of processor time, for one input of at most 64 KiB."""
LONGEST = 64 << 10
STRETCH = 0xFE
"""First byte of an input whose middle is repeated up to LONGEST."""

Check = Callable[[bytes], None]


class TooSlow(AssertionError):
    """An input that takes longer than it may."""


@dataclass(frozen=True)
class Target:
    """`check` raises when its oracle does not hold. `planted` is the same check of a faulty
    reader: the fuzzer must find the fault. `words`: what a mutation puts in whole."""

    check: Check
    planted: Check
    seeds: Sequence[bytes]
    words: Sequence[bytes] = ()
    times: int = 1
    """How often the check has its input read."""

    @property
    def short(self) -> tuple[bytes, ...]:
        """What the fuzzer starts from: it comes far only where an input costs little."""
        return tuple(seed for seed in self.seeds if seed[:1] != bytes([STRETCH]))

    @property
    def long(self) -> tuple[bytes, ...]:
        """The rest: each of 64 KiB when it is stretched."""
        return tuple(seed for seed in self.seeds if seed[:1] == bytes([STRETCH]))


def stretched(data: bytes, longest: int = LONGEST) -> bytes:
    """`FE a b rest`: rest[:a], then rest[a:a+b] again and again, then what is left of it."""
    if len(data) < 4 or data[0] != STRETCH:
        return data
    a, b, rest = data[1], max(data[2], 1), data[3:]
    head, middle, tail = rest[:a], rest[a : a + b], rest[a + b :]
    if not middle:
        return head
    times = max(1, (longest - len(head) - len(tail)) // len(middle))
    return (head + middle * times + tail)[:longest]


def stretch(head: bytes, middle: bytes, tail: bytes = b"") -> bytes:
    """The input that `stretched` makes long."""
    return bytes([STRETCH, len(head), len(middle)]) + head + middle + tail


def judged(check: Check, data: bytes, most_s: float = MOST_S, longest: int = LONGEST) -> None:
    """One input through one check, in bounded time of the processor."""
    data = stretched(data, longest)
    began = time.thread_time()
    check(data)
    spent = time.thread_time() - began
    if spent > most_s:
        raise TooSlow(f"{len(data)} bytes took {spent:.1f} s: {data[:60]!r} ... {data[-30:]!r}")
