"""A conversation killed after any write goes on to the same end."""

from __future__ import annotations

import pytest

from harness.core.types import (
    Answered,
    Ended,
    LocalizedText,
    Message,
    ToolCall,
    ToolResult,
    ToolSpec,
    Turn,
    Verdict,
)
from harness.testing.models import replies, say
from tests.agent.rig import Killed, MakeRig, Rig

SCRIPT = (
    say(
        "look and claim",
        ("bash", {"command": "echo a >> log; cat calc.py"}),
        ("verdict", {"kind": "triage", "data": {}}),
        ("bash", {"command": "echo b >> log"}),
        ("verdict", {"kind": "plan", "data": {}}),
        ("edit", {"path": "calc.py", "edits": [{"old": "a - b", "new": "a + b"}]}),
    ),
    say(
        "",
        ("bash", {"command": "echo c >> log; mkdir -p sub; cd sub; touch kept; basename $PWD"}),
        ("read", {"path": "log"}),
    ),
    say("thinking aloud"),
    say("", ("bash", {"command": "echo d >> ../log"}), ("verdict", {"kind": "done", "data": {}})),
    say(
        "",
        ("bash", {"command": "basename $PWD; echo e >> ../log"}),
        ("verdict", {"kind": "done", "data": {}}),
    ),
)
STAGES = (("", "triage"), ("", "plan"), ("the plan is fine", "done"), ("tests fail: x", "done"))


async def work(rig: Rig, done: list[str]) -> Ended:
    """A pipeline of four checkpoints; what was reached is kept by kind, as stages do."""
    talk = await rig.open()
    ended = Ended(kind="stopped")
    for number, (message, kind) in enumerate(STAGES):
        name = f"{number}-{kind}"
        if name in done:
            continue

        def decide(verdict: Verdict, name: str = name, kind: str = kind) -> Answered:
            if verdict.call in done:  # answered before the kill, in the same words
                return Answered(text=f"{verdict.kind} seen")
            if verdict.kind != kind:
                return Answered(text="out of turn", is_error=True)
            done.extend((name, verdict.call))
            return Answered(text=f"{kind} seen", reached=True)

        ended = await talk.send(message, rig.judge(decide))
        assert ended.kind == "reached", ended
    await talk.suspend()
    return ended


async def live(rig: Rig, done: list[str]) -> Ended | None:
    try:
        return await work(rig, done)
    except Killed:
        return None


async def story(rig: Rig) -> list[tuple[Message, tuple[ToolResult, ...], str]]:
    found: tuple[Turn, ...] = await rig.store.turns(rig.session.id)
    return [(t.reply, t.results, t.said) for t in found]


async def test_killed_after_any_write_it_comes_to_the_same_end(make_rig: MakeRig) -> None:
    whole = make_rig(replies(*SCRIPT))
    ended = await live(whole, [])
    assert ended is not None
    log = whole.file(ended.tree, "log")
    assert log == "a\nb\nc\nd\ne\n"
    assert whole.writes > 15
    for kill_at in range(1, whole.writes + 1):
        model = replies(*SCRIPT)
        rig = make_rig(model, kill_at=kill_at)
        done: list[str] = []
        first = await live(rig, done)
        again = await live(rig, done)
        assert first is None, kill_at
        assert await story(rig) == await story(whole), kill_at
        tree = (await rig.store.turns(rig.session.id))[-1].tree_after
        assert rig.file(tree, "log") == log, kill_at
        assert "a + b" in rig.file(tree, "calc.py"), kill_at
        asked = [r.turn for r in model.requests]
        assert asked == [1, 2, 3, 4, 5], kill_at
        assert again is not None, kill_at


async def test_a_reply_in_flight_is_asked_once_more_and_no_other(make_rig: MakeRig) -> None:
    model = replies(*SCRIPT)
    rig = make_rig(model)
    done: list[str] = []

    async def killed_while_asking() -> None:
        talk = await rig.open()
        complete = model.complete

        async def ask(request, on_stream=None):  # type: ignore[no-untyped-def]
            await complete(request, on_stream)
            raise Killed

        model.complete = ask  # type: ignore[method-assign]
        try:
            await talk.send("", rig.judge(lambda v: Answered(text="")))
        finally:
            model.complete = complete  # type: ignore[method-assign]

    with pytest.raises(Killed):
        await killed_while_asking()
    assert await live(rig, done) is not None
    assert [r.turn for r in model.requests] == [1, 1, 2, 3, 4, 5]


class Posting:
    """A tool with an effect outside; dies in the middle when told to."""

    effects = "outside"

    def __init__(self, posted: list[str]) -> None:
        self.spec = ToolSpec(name="post", description="Post.", schema_={"type": "object"})
        self._posted = posted

    async def run(self, call: ToolCall) -> ToolResult:
        self._posted.append(call.id)
        if len(self._posted) == 1:
            raise Killed
        return ToolResult(call_id=call.id, text="posted")


async def test_an_outside_effect_is_never_repeated_blindly(make_rig: MakeRig) -> None:
    posted: list[str] = []
    rig = make_rig(
        replies(
            say("", ("post", {}), ("verdict", {"kind": "done", "data": {}}), ("post", {})),
        ),
        tools=("bash", "post", "verdict"),
        extra={"post": lambda bench: Posting(posted)},
    )

    async def run() -> Ended:
        talk = await rig.open()
        return await talk.send("", rig.judge(lambda v: Answered(text="", reached=True)))

    with pytest.raises(Killed):
        await run()
    assert (await run()).kind == "reached"
    first = (await rig.store.turns(rig.session.id))[0]
    assert first.results[0].is_error
    assert first.results[0].text.startswith("Interrupted")
    assert len(posted) == 1

    await stop_after_calls(rig)
    first = (await rig.store.turns(rig.session.id))[0]
    assert first.results[-1].text == "posted"
    assert len(posted) == 2


async def stop_after_calls(rig: Rig) -> None:
    rig.interrupt = LocalizedText(key="pipeline.paused")
    talk = await rig.open()
    await talk.send("", rig.judge(lambda v: Answered(text="", reached=True)))
