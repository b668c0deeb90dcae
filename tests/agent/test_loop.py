"""The loop: calls in order, checkpoints, delegation, what is observed."""

from __future__ import annotations

import pytest

from harness.core.base import Json
from harness.core.errors import EngineError
from harness.core.types import (
    Answered,
    LocalizedText,
    Message,
    Request,
    Task,
    TaskResult,
    Text,
    ToolCall,
    Verdict,
)
from harness.testing.models import Called, replies, say
from tests.agent.rig import (
    DONE,
    FIX,
    MakeRig,
    Rig,
    accept,
    bash,
    results,
    send,
    turns,
    valid,
)


async def test_calls_of_one_reply_run_in_order_and_a_verdict_ends_the_stretch(
    make_rig: MakeRig,
) -> None:
    model = replies(
        say("look", bash("cat calc.py"), FIX, bash("cat calc.py && exit 3")),
        say("", DONE),
    )
    rig = make_rig(model)
    ended = await send(rig)
    assert ended.kind == "reached"
    assert rig.file(ended.tree, "calc.py") == "def add(a, b):\n    return a + b\n"
    assert rig.verdicts[0].kind == "done"
    assert rig.verdicts[0].tree == ended.tree
    texts = [r.text for r in await results(rig)]
    assert texts[0].startswith("exit 0\n")
    assert "a - b" in texts[0]
    assert texts[2].startswith("exit 3\n")
    assert "a + b" in texts[2]
    assert ended.usage.output == 20
    for request in model.requests:
        valid(request)


async def test_the_working_directory_lasts(make_rig: MakeRig) -> None:
    rig = make_rig(
        replies(say("", bash("mkdir -p d && cd d")), say("", bash("pwd")), say("", DONE))
    )
    await send(rig)
    assert (await results(rig))[1].text.endswith("/d")


async def test_unknown_tools_broken_json_and_invented_arguments_are_told(make_rig: MakeRig) -> None:
    broken = Message(
        role="assistant",
        parts=(
            ToolCall(id="a", name="bash", arguments={}, broken='{"command": "ec'),
            ToolCall(id="b", name="browse", arguments={"url": "x"}),
            ToolCall(id="c", name="bash", arguments={"command": "touch no", "colour": "red"}),
            ToolCall(id="d", name="verdict", arguments={"data": "x"}),
        ),
        stop="max_tokens",
    )
    rig = make_rig(replies(broken, say("", DONE)))
    ended = await send(rig)
    told = (await results(rig))[:4]
    assert all(r.is_error for r in told)
    assert "bash(command, timeout_s?)" in told[0].text
    assert "no tool browse. Tools: bash, read" in told[1].text
    assert "colour" in told[2].text
    assert "verdict(kind, data)" in told[3].text
    assert ended.tree == rig.base


async def test_ids_that_a_server_repeats_or_leaves_out_are_made_distinct(make_rig: MakeRig) -> None:
    def reply(command: str) -> Message:
        calls = [
            ToolCall(id=i, name="bash", arguments={"command": command}) for i in ("x", "", "x")
        ]
        return Message(role="assistant", parts=tuple(calls), stop="tool_calls")

    model = replies(reply("echo 1"), reply("echo 2"), say("", DONE))
    rig = make_rig(model)
    await send(rig)
    ids = [c.id for turn in await turns(rig) for c in turn.reply.calls]
    assert len(ids) == len(set(ids)) == 7
    for request in model.requests:
        valid(request)


async def test_calls_after_a_reached_verdict_wait_for_the_next_stretch(make_rig: MakeRig) -> None:
    triage: tuple[str, dict[str, Json]] = ("verdict", {"kind": "triage", "data": {}})
    model = replies(say("all at once", triage, FIX, bash("echo hi"), DONE))
    rig = make_rig(model)
    talk = await rig.open()
    first = await talk.send("", rig.judge(accept("triage")))
    between = await talk.suspend()
    again = await rig.open()
    second = await again.send("now the work", rig.judge(accept("done")))
    assert (first.kind, first.tree, between) == ("reached", rig.base, rig.base)
    assert second.kind == "reached"
    assert "a + b" in rig.file(second.tree, "calc.py")
    assert [v.kind for v in rig.verdicts] == ["triage", "done"]
    assert len(model.requests) == 1
    assert (await turns(rig))[0].said == "now the work"
    assert len((await turns(rig))[0].reached) == 2


async def test_a_verdict_that_is_not_accepted_goes_back_to_the_agent(make_rig: MakeRig) -> None:
    answers = iter([Answered(text="not yet", is_error=True), Answered(text="ok", reached=True)])
    rig = make_rig(replies(say("", DONE), say("", FIX, DONE)))
    talk = await rig.open()
    assert (await talk.send("", rig.judge(lambda v: next(answers)))).kind == "reached"
    assert [v.tree == rig.base for v in rig.verdicts] == [True, False]
    assert (await results(rig))[0].is_error


async def test_a_message_is_said_once_however_often_it_is_sent(make_rig: MakeRig) -> None:
    rig = make_rig(replies(say("", bash("echo 1")), say("", DONE), say("", bash("ls"), DONE)))
    talk = await rig.open()
    await talk.send("begin", rig.judge(accept()))
    await talk.suspend()
    for _ in range(2):
        talk = await rig.open()
        rig.interrupt = LocalizedText(key="pipeline.paused")
        await talk.send("tests fail", rig.judge(accept()))
        rig.interrupt = None
    await talk.send("tests fail", rig.judge(accept()))
    assert [t.said for t in await turns(rig)] == ["begin", "", "tests fail", ""]
    opening = rig_requests(rig)[0].messages[0]
    assert opening.text == "Mend add.\n\nbegin"


def rig_requests(rig: Rig) -> list[Request]:
    assert isinstance(rig.model, Called)
    return rig.model.requests


def tasks(*titles: str) -> list[tuple[str, dict[str, Json]]]:
    return [("task", {"title": t, "detail": f"do {t}", "files": [f"{t}.py"]}) for t in titles]


async def test_task_calls_suspend_until_their_results_are_stored(make_rig: MakeRig) -> None:
    model = replies(
        say("split", FIX, *tasks("one", "two"), ("task", {"title": "bad"}), bash("cat one.py")),
        say("", DONE),
    )
    rig = make_rig(model)
    talk = await rig.open()
    first = await talk.send("", rig.judge(accept()))
    await talk.suspend()
    talk = await rig.open()
    too_early = await talk.send("", rig.judge(accept()))
    await talk.suspend()
    for call, status in zip(first.calls, ("done", "failed"), strict=True):
        result = TaskResult.model_validate(
            {"task": call.id, "status": status, "tree": "", "summary": f"sum of {status}"}
        )
        await rig.store.put_task_result(f"{rig.session.id}/{call.id}", result)
    # as the pipeline does: the merged tree is where this session goes on
    start = rig.workspace.trees[first.tree]
    merged = rig.workspace.tree({**start, "one.py": b"x = 1\n"})
    newest = (await rig.store.turns(rig.session.id))[-1]
    await rig.store.put_turn(newest.model_copy(update={"tree_after": merged}))
    talk = await rig.open()
    last = await talk.send("", rig.judge(accept()))
    assert first.kind == too_early.kind == "delegated"
    assert first.calls == too_early.calls
    assert [c.arguments["title"] for c in first.calls] == ["one", "two"]
    assert "a + b" in rig.file(first.tree, "calc.py")
    assert last.kind == "reached"
    assert set(rig.workspace.trees[last.tree]) == {"calc.py", "README.md", "one.py"}
    by_call = {r.call_id: r for r in (await turns(rig))[0].results}
    texts = [by_call[c.id].text for c in (await turns(rig))[0].reply.calls]
    assert "sum of done" in texts[1]
    assert texts[2].startswith("Failed.")
    assert "sum of failed" in texts[2]
    assert "task(title, detail, files)" in texts[3]
    assert texts[4] == "exit 0\nx = 1"
    for request in model.requests:
        valid(request)


async def test_a_sub_agent_hears_what_it_changed_outside_its_task(make_rig: MakeRig) -> None:
    task = Task(id="t", title="docs", files=("docs/**",))
    model = replies(say("", FIX), say("", bash("echo a")), say("", bash("echo b")), say("", DONE))
    rig = make_rig(model, task=task)
    await send(rig)
    said = [t.said for t in await turns(rig)]
    assert sum("calc.py" in s and "docs/**" in s for s in said) == 1


async def test_notes_reach_the_composition_root(make_rig: MakeRig) -> None:
    rig = make_rig(replies(say("", ("note", {"text": "tabs, not spaces"}), DONE)))
    await send(rig)
    assert rig.notes == ["decision: tabs, not spaces"]


async def test_a_session_that_changes_nothing_opens_no_box(make_rig: MakeRig) -> None:
    rig = make_rig(replies(say("", DONE)))
    assert (await send(rig)).tree == rig.base
    assert rig.sandbox.opened == []


async def test_the_last_message_is_never_the_models(make_rig: MakeRig) -> None:
    silent = Message(role="assistant", parts=(Text(text=" "),))
    model = replies(silent, say("", DONE))
    rig = make_rig(model)
    await send(rig)
    valid(model.requests[1])
    assert model.requests[1].messages[1].text == "(no words)"


async def test_an_engine_fault_is_raised(make_rig: MakeRig) -> None:
    def decide(verdict: Verdict) -> Answered:
        raise ValueError("the checkpoint itself failed")

    rig = make_rig(replies(say("", DONE)))

    async def run() -> None:
        talk = await rig.open()
        await talk.send("", rig.judge(decide))

    with pytest.raises(ValueError, match="checkpoint"):
        await run()
    assert (await send(rig)).kind == "reached"


async def test_a_tool_nobody_knows_is_a_fault_of_the_session(make_rig: MakeRig) -> None:
    rig = make_rig(replies(), tools=("bash", "telepathy"))
    with pytest.raises(EngineError, match=r"agent\.unknown_tool"):
        await send(rig)
