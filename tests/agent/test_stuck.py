"""Circles are seen, work is not taken for one."""

from __future__ import annotations

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
    assert found(broken) == []


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
        due = [(5, "fails", False), (10, "fails", True), (11, "fails", True)]
        assert found(turns) == due
    between = [did("make", f"exit 2\n{n}") if n % 5 else did(f"cat {n}", "") for n in range(30)]
    assert found(between) == []
    well = [did("make", f"exit 0\n{n} ms") for n in range(15)]
    assert found(well) == []


def test_turns_that_only_do_again_what_was_done() -> None:
    """A circle of any length, whatever the answers: here of five, each time with other times."""
    circle = [did(f"look {n % 5}", f"took {n} ms") for n in range(46)]
    assert found(circle) == [(25, "busy", False), (45, "busy", True), (46, "busy", True)]


def test_what_is_new_or_changes_the_tree_is_progress() -> None:
    reading = [did(f"cat file{n}", f"text {n}") for n in range(60)]
    assert found(reading) == []
    again = [*reading[:20], *reading[:19], did("cat other", ""), *reading[:19]]
    assert found(again) == [], "read again after it was dropped from the conversation"
    working = [did(f"look {n % 5}", f"{n}", tree=f"tree {n // 15}") for n in range(90)]
    assert found(working) == []


def test_a_circle_that_a_nudge_ends_is_forgotten() -> None:
    circle = [did(f"look {n % 5}", f"took {n} ms") for n in range(30)]
    assert [stop for _, _, stop in found([*circle, did("new", ""), *circle[:19]])] == [False]
