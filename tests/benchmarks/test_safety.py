"""What the safety benchmark says of its figures; that its ways are what they claim to be."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from benchmarks.safety_calls import best, call_table
from benchmarks.safety_guard import (
    AS_SHIPPED,
    GUARDED,
    RULES,
    change,
    code_line,
    hooks,
    refusal,
    scanned,
    whole_table,
)
from benchmarks.safety_rounds import Laps, Times, more, over, taken, turns
from benchmarks.safety_sessions import PARTS, command_table, session_table, until
from benchmarks.safety_tokens import PEERS, WORDS, added, token_table, tokens
from benchmarks.safety_ways import (
    NO_WALL,
    OURS,
    PLAIN,
    Kind,
    all_opened,
    box,
    each,
    here,
    last_line,
    unfiltered,
)
from harness.guard.claude_format import read_settings
from harness.prompting.templates import Prompts, new_fence, prompts_root
from harness.sandbox.bubblewrap import Bubblewrap

SEEN = "grep Seccomp: /proc/self/status"


def times(*ms: float) -> Times:
    return Times(tuple(one / 1000 for one in ms))


def test_a_median_and_the_nearest_rank() -> None:
    hundred = times(*range(1, 101))
    assert hundred.median_ms == pytest.approx(50.5)
    assert hundred.p95_ms == pytest.approx(95)
    assert times(4, 2, 3).p95_ms == 4
    assert times(7).cell() == "7 (7)"


def test_a_ratio_and_a_difference_are_said_with_what_they_are() -> None:
    assert (over(3, 2), over(3, 0)) == ("1.5 x", "–")
    assert (more(3, 2), more(2, 3), more(2, 2)) == ("+1", "-1", "+0")


async def test_everybody_begins_in_turn() -> None:
    assert [turns("abc", n) for n in range(3)] == [
        ["a", "b", "c"],
        ["b", "c", "a"],
        ["c", "a", "b"],
    ]
    assert turns((), 1) == []
    order: list[str] = []

    async def note(name: str) -> None:
        order.append(name)

    found = await taken({"a": lambda: note("a"), "b": lambda: note("b")}, 2)
    assert order == ["a", "b", "b", "a"]
    assert [len(one.seconds) for one in found.values()] == [2, 2]


def test_the_tables_compare_with_the_plain_and_the_unwalled() -> None:
    two = {"`true`": {PLAIN: times(2), OURS: times(3)}}
    table = command_table(two, {"another": "needs a moon"}, 5_000)
    assert table.rows[1] == (OURS, "3 (3)", "1.5 x")
    assert table.rows[2][:2] == ("another", "not here: needs a moon")
    assert {len(row) for row in table.rows} == {len(table.head)}
    parts = {kind: dict.fromkeys(PARTS, times(ms)) for kind, ms in ((NO_WALL, 1.0), (OURS, 3.0))}
    table = session_table(times(9), parts, 5_000)
    assert [row[-2:] for row in table.rows[:2]] == [("3", "–"), ("9", "+6")]
    assert {len(row) for row in table.rows} == {len(table.head)}


def test_what_is_paid_once_is_set_against_what_is_paid_each_time() -> None:
    parts = {"open": times(90), "first command": times(50), "close": times(10)}
    assert until(parts, times(2), times(22)) == 5
    assert until(parts, times(2), times(2)) == 0


def test_a_system_call_is_told_without_its_loop() -> None:
    rounds = [
        {"nothing": 50.0, "getpid": 90.0, "openat": 300.0},
        {"nothing": 40.0, "getpid": 99.0, "openat": 200.0},
    ]
    assert best(rounds) == {"getpid": 50, "openat": 160}
    table = call_table({PLAIN: best(rounds), OURS: {"getpid": 90, "openat": 150}})
    assert table.rows[1] == (OURS, "90.0", "+40.0", "150", "-10.0")


def test_a_whole_run_is_compared_with_the_one_as_it_comes() -> None:
    found = {AS_SHIPPED: times(100, 90, 120), GUARDED: times(130, 85, 140)}
    table = whole_table(found, 12)
    assert table.rows[0][2::2] == ("–", "–")
    assert table.rows[1] == (GUARDED, "130 (140)", "+30.0", "85.0", "-5", "12")


def test_parts_are_timed_one_after_the_other() -> None:
    laps = Laps()
    laps.lap("a")
    laps.lap("b")
    assert laps.table().head == ("part", "a", "b", "all")
    assert all(seconds >= 0 for seconds in laps.seconds.values())


def test_the_words_for_safety_are_found_where_the_prompts_have_them() -> None:
    """A prompt that says it otherwise would be told as costing nothing."""
    prompts = Prompts(prompts_root())
    given = dict.fromkeys(prompts.variables("opening_worker"), "x")
    opening = prompts.text("opening_worker", **{**given, "fence": new_fence("x")})
    request = f"{prompts.text('worker')}\n{opening}\n".replace("\n", "\\n")
    parts = added(request)
    assert set(parts) == set(WORDS)
    assert min(parts.values()) > 5
    assert sum(parts.values()) < tokens(request) / 2
    table = token_table({"worker": request}, ("Refused.",))
    assert [row[1] for row in table.rows[1:]] == ["2", *(f"{count:,}" for _, count in PEERS)]
    assert {len(row) for row in table.rows} == {len(table.head)}


def test_what_is_measured_is_what_it_says(tmp_path: Path) -> None:
    settings = {"permissions": RULES, "hooks": hooks("true", "PreToolUse")}
    found = read_settings(json.dumps(settings), where="outside")
    assert found.wrong == ()
    assert len(found.rules.allow + found.rules.ask + found.rules.deny) == 20
    assert [hook.event for hook in found.hooks] == ["PreToolUse"]
    assert "Refused by the rule Bash(curl *)" in refusal(tmp_path)
    for files in (10, 100):
        changed = change(files, 5_000, code_line)
        assert sum(data.count(b"\n") + 1 for data in changed[1].values()) == 5_000
        assert scanned(changed) == ()


async def opened(tmp_path: Path, *kinds: Kind) -> tuple[dict[str, str], dict[str, str]]:
    """What each says of its filter, and why others are missing."""
    tree = tmp_path / "tree"
    tree.mkdir()

    async def scenario() -> tuple[dict[str, str], dict[str, str]]:
        missing: dict[str, str] = {}
        async with all_opened(kinds, here(tree), missing) as shells:
            return {name: (await shell(SEEN))[1] for name, shell in shells.items()}, missing

    return await scenario()


async def test_only_the_benchmarks_own_program_leaves_the_filter_out(tmp_path: Path) -> None:
    said, missing = await opened(
        tmp_path, box("with", Bubblewrap()), box("without", unfiltered(tmp_path))
    )
    assert missing == {}
    assert {name: text.split()[-1] for name, text in said.items()} == {"with": "2", "without": "0"}


async def test_a_way_that_cannot_be_had_is_a_sentence(tmp_path: Path) -> None:
    failing = each("failing", lambda tree: ("/bin/sh", "-c", "echo no such thing; exit 3; :"))
    said, missing = await opened(
        tmp_path,
        failing,
        each("absent", lambda tree: ("/no/such/program",)),
        box("no bwrap", Bubblewrap("no-such-bwrap")),
        each(PLAIN, lambda tree: ("/bin/sh", "-c")),
    )
    assert set(said) == {PLAIN}
    assert missing["failing"] == "`true` ended with 3: no such thing"
    assert "/no/such/program" in missing["absent"]
    assert "no-such-bwrap" in missing["no bwrap"]
    assert last_line("a\n\n b \n\n") == "b"
    assert last_line("") == "nothing was said"
