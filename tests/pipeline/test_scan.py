"""Looking through strangers' text holds up nobody, and nobody waits for it for ever."""

from __future__ import annotations

import asyncio
import threading
import time

import pytest

from harness.core.errors import RefusedError
from harness.guard.gitleaks import parse_rules
from harness.guard.scanning import Scanner
from harness.pipeline.scan import scan

ANY = '[[rules]]\nid = "any"\nregex = "k[0-9]"\n'
ALLOWED = ANY + '[[rules.allowlists]]\nregexTarget = "line"\nregexes = ["^none$"]\n'


async def test_the_loop_goes_on_meanwhile() -> None:
    gate, seen = threading.Event(), asyncio.Event()

    def slow(text: str) -> str:
        assert gate.wait(60)
        return text.upper()

    work = asyncio.create_task(scan(slow, "a"))
    asyncio.get_running_loop().call_later(0, seen.set)
    await seen.wait()
    assert not work.done()
    gate.set()
    assert await work == "A"


async def test_what_does_not_end_is_left() -> None:
    gate = threading.Event()
    try:
        with pytest.raises(RefusedError) as caught:
            await scan(gate.wait, within_s=0.01)
        assert caught.value.key == "pipeline.scan_late"
    finally:
        gate.set()


@pytest.mark.parametrize("line", ["k1", "k1\n", "k1 " * 99 + "\n"])
@pytest.mark.parametrize("rules", [ANY, ALLOWED])
def test_many_findings_take_time_in_proportion(line: str, rules: str) -> None:
    little, much = (_seconds(rules, line * (size // len(line))) for size in (30_000, 240_000))
    # eight times the text: in proportion eight, with its square sixty-four
    assert much < 40 * max(little, 0.01)


def _seconds(rules: str, text: str) -> float:
    """Of this thread alone, the least of two: what else the machine does is not counted."""
    taken = []
    for _ in range(2):
        before = time.thread_time()
        found = list(parse_rules(rules, allowlists=True).find("a", text))
        taken.append(time.thread_time() - before)
        assert len(found) == text.count("k1")
        assert found[-1][1] == text.rstrip("\n").count("\n") + 1
    return min(taken)


def test_lines_are_counted_as_they_stand() -> None:
    rules = parse_rules(ANY + "entropy = 0.0\n", allowlists=True)
    assert [line for _, line in rules.find("a", "k1 k2\n\nx\nk3\n  k4\nk5")] == [1, 1, 4, 5, 6]
    spared = parse_rules(
        ANY + '[[rules.allowlists]]\nregexTarget = "line"\nregexes = ["fine$"]\n', allowlists=True
    )
    assert [line for _, line in spared.find("a", "k1\nk2 fine\nk3 fine \nk4")] == [1, 3, 4]


@pytest.mark.parametrize("text", ["k1" * 9, "k1\n" * 9, "x" * 1_000_000])
def test_the_deadline_is_kept_within_a_file(text: str) -> None:
    late = time.monotonic() - 1
    with pytest.raises(TimeoutError):
        list(parse_rules(ANY, allowlists=True).find("a", text, late))
    with pytest.raises(TimeoutError):
        list(Scanner([ANY]).find("a", text, until=late))
