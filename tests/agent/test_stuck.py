"""Circles are seen, work is not taken for one."""

from __future__ import annotations

import pytest

from harness.agent.stuck import Stuck, examine
from harness.core.types import Message, Stop, Text, ToolCall, ToolResult, Turn


def did(command: str, output: str, *, error: bool = False, tree: str = "t") -> Turn:
    call = ToolCall(id="c", name="bash", arguments={"command": command})
    return Turn(
        session="s",
        number=1,
        reply=Message(role="assistant", parts=(call,)),
        results=(ToolResult(call_id="c", text=output, is_error=error),),
        tree_before=tree,
    )


def said(text: str, stop: Stop = "end") -> Turn:
    reply = Message(role="assistant", parts=(Text(text=text),), stop=stop)
    return Turn(session="s", number=1, reply=reply, tree_before="t")


def found(turns: list[Turn]) -> list[tuple[int, str, bool]]:
    """(turns so far, kind, stop) wherever something is due."""
    every: list[tuple[int, Stuck | None]] = [(n, examine(turns[:n])) for n in range(len(turns) + 1)]
    return [(n, s.kind, s.stop) for n, s in every if s is not None]


def test_repeats() -> None:
    turns = [did("ls", "a")] * 8
    assert found(turns) == [(4, "repeats", False), (7, "repeats", True), (8, "repeats", True)]
    assert found([did("ls", f"{n}") for n in range(20)]) == []
    assert found([did(f"ls {n}", "a") for n in range(20)]) == []


def test_ping_pong() -> None:
    turns = [did("a", "1"), did("b", "2")] * 5
    assert found(turns) == [(6, "ping_pong", False), (10, "ping_pong", True)]
    broken = [did("a", "1"), did("b", "2"), did("a", "3"), did("b", "2")] * 3
    assert [kind for _, kind, _ in found(broken)] == ["idle"] * 3


def test_the_same_error() -> None:
    turns = [did(f"try {n}", "No such file", error=True) for n in range(8)]
    due = found(turns)
    assert [d[1:] for d in due] == [("same_error", False)] + [("same_error", True)] * 2
    assert found([did(f"try {n}", "exit 1") for n in range(20)]) == []


def test_words_without_calls() -> None:
    turns = [said("done!"), said(""), said("so long", "max_tokens"), said("x")]
    assert found(turns) == [
        (1, "no_verdict", False),
        (2, "empty", False),
        (3, "cut", False),
        (4, "no_verdict", True),
    ]
    assert found([said("hm"), did("ls", "a"), said("hm"), did("ls", "b")] * 3) == [
        (n, "no_verdict", False) for n in (1, 3, 5, 7, 9, 11)
    ]
    refused = [said("I can't", "refusal")] * 2
    assert found(refused) == [(1, "refused", False), (2, "refused", True)]


def test_the_same_call_that_fails_each_time_in_other_words() -> None:
    """OpenHands' repeated action with errors: what the error says does not matter."""
    for turns in (
        [did("make", f"exit 2\nfailed after {n} ms") for n in range(11)],
        [did("make", f"no such target, pid {n}", error=True) for n in range(11)],
    ):
        due = [(5, "fails", False), (9, "fails", True), (10, "fails", True), (11, "fails", True)]
        assert found(turns) == due
    between = [did("make", f"exit 2\n{n}") if n % 5 else did(f"cat {n}", "") for n in range(30)]
    assert found(between) == []
    well = [did("make", f"exit 0\n{n} targets") for n in range(15)]
    assert found(well) == []
    same = [did("make", f"exit 0\n{n} ms") for n in range(9)]
    assert found(same) == [(5, "idle", False), (9, "idle", True)]


def test_turns_that_only_do_again_what_was_done() -> None:
    """A circle of any length, whatever the answers: here of five, each time with other times."""
    circle = [did(f"look {n % 5}", f"took {n} ms") for n in range(14)]
    assert found(circle) == [(9, "idle", False), (13, "idle", True), (14, "idle", True)]
    wide = [did(f"look {n % 18}", f"found {n % 18}") for n in range(47)]
    assert found(wide) == [(38, "busy", False), (46, "busy", True), (47, "busy", True)]
    anew = [did(f"look {n % 5}", f"found {n}") for n in range(33)]
    assert found(anew) == [(25, "busy", False), (33, "busy", True)]


def test_what_is_new_or_changes_the_tree_is_progress() -> None:
    reading = [did(f"cat file{n}", f"text {n}") for n in range(60)]
    assert found(reading) == []
    again = [*reading[:20], *reading[:19], did("cat other", ""), *reading[:19]]
    assert found(again) == [], "read again after it was dropped from the conversation"
    working = [did(f"look {n % 5}", f"{n}", tree=f"tree {n // 15}") for n in range(90)]
    assert found(working) == []


def test_a_circle_that_a_nudge_ends_is_forgotten() -> None:
    circle = [did(f"look {n % 5}", f"took {n} ms") for n in range(12)]
    assert [stop for _, _, stop in found([*circle, did("new", ""), *circle[:3]])] == [False]
    assert [stop for _, _, stop in found([*circle, did("new", ""), *circle[:7]])] == [False] * 2


LONG = "\n".join(f"line {n}: of a file that is read" for n in range(40))


@pytest.mark.parametrize(
    ("name", "turns"),
    [
        ("the same file by other words", [did(f"head -n {90 + n} a", LONG) for n in range(9)]),
        ("a comment tells them apart", [did(f"cat a  # look {n}", "x = 1") for n in range(9)]),
        (
            "a test goes on as before",
            [did("pytest", f"1 failed in 0.{n}s\nat 0x7f{n}") for n in range(9)],
        ),
        ("with the time of day", [did("make", f"12:0{n}:59 nothing to do") for n in range(9)]),
        (
            "files are guessed",
            [did(f"cat {n}", f"No such file: {n}", error=True) for n in range(9)],
        ),
        ("done and undone", [did(f"git {n % 3}", "", tree="abc"[n % 3]) for n in range(11)]),
    ],
)
def test_nothing_new_for_eight_turns_ends_it_after_one_warning(
    name: str, turns: list[Turn]
) -> None:
    due = found(turns)
    assert [stop for _, _, stop in due] == [False, True], name
    assert due[0][0] <= 7


def test_lists_and_notes_are_no_progress() -> None:
    def keep(number: int, name: str) -> Turn:
        call = ToolCall(id="c", name=name, arguments={"text": f"step {number}"})
        told = (ToolResult(call_id="c", text=f"{number} steps"),)
        reply = Message(role="assistant", parts=(call,))
        return Turn(session="s", number=1, reply=reply, results=told, tree_before="t")

    turns = [keep(n, ("todo", "note")[n % 2]) for n in range(8)]
    assert found(turns) == [(4, "idle", False), (8, "idle", True)]


@pytest.mark.parametrize(
    ("name", "turns"),
    [
        ("reads much", [did(f"cat {n}.py", f"{LONG}\n# {n}") for n in range(60)]),
        ("seeks what is nowhere", [did(f"grep -r name{n} .", "exit 1") for n in range(60)]),
        ("pages through one file", [did(f"sed -n {n}p a", f"line {n}") for n in range(60)]),
        (
            "tries after each change",
            [did(f"ed {n % 3}; pytest", "1 red", tree=f"t{n}") for n in range(19)],
        ),
        (
            "a change every seven turns",
            [did(f"look {n % 3}", "a", tree=f"t{n // 7}") for n in range(19)],
        ),
        (
            "finds one thing among known ones",
            [did(f"cat {0 if n % 3 else n}", "x") for n in range(60)],
        ),
    ],
)
def test_an_agent_that_learns_is_not_stopped(name: str, turns: list[Turn]) -> None:
    assert [stop for _, _, stop in found(turns) if stop] == [], name


def test_the_limit_is_a_setting() -> None:
    turns = [did(f"look {n % 3}", "a") for n in range(40)]
    for most in (2, 3, 5, 20):
        marks = [(n, s.stop) for n in range(40) if (s := examine(turns[:n], most)) is not None]
        assert marks[:2] == [(3 + most // 2, False), (3 + most, True)]
