"""A scripted model: what it plays, when, and how it fails."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from harness.core.errors import ConfigError, ModelError
from harness.core.types import (
    Message,
    Request,
    StreamEvent,
    Text,
    Thinking,
    ToolCall,
    ToolResult,
)
from harness.llm.scripted import Scripted


def user(text: str) -> Message:
    return Message(role="user", parts=(Text(text=text),))


def script(tmp_path: Path, *conversations: dict[str, Any]) -> Scripted:
    path = tmp_path / "script.json"
    path.write_text(json.dumps({"conversations": conversations}))
    return Scripted(path, "scripted-test")


async def ask(model: Scripted, *messages: Message, session: str = "s") -> Message:
    request = Request(session=session, turn=0, system="sys", messages=messages)
    return await model.complete(request)


def answer(reply: Message, text: str) -> tuple[Message, Message]:
    results = tuple(ToolResult(call_id=call.id, text=text) for call in reply.calls)
    return reply, Message(role="user", parts=results)


async def test_turns_follow_the_number_of_replies_and_ids_are_stable(tmp_path: Path) -> None:
    calls = [{"name": "bash", "arguments": {"command": "ls"}}, {"name": "read", "arguments": {}}]
    model = script(tmp_path, {"turns": [{"text": "look", "calls": calls}, {"text": "done"}]})
    first = await ask(model, user("go"))
    assert [c.id for c in first.calls] == ["call-0-0", "call-0-1"]
    assert (first.text, first.stop, first.model) == ("look", "tool_calls", "scripted-test")
    again = await ask(model, user("go"))
    assert again.parts == first.parts
    last = await ask(model, user("go"), *answer(first, "a.py"))
    assert (last.text, last.stop) == ("done", "end")


async def test_the_first_conversation_that_matches_wins(tmp_path: Path) -> None:
    model = script(
        tmp_path,
        {"match": {"session": "review"}, "turns": [{"text": "reviewing"}]},
        {"match": {"contains": "crash"}, "turns": [{"text": "fixing"}]},
        {"turns": [{"text": "anything"}]},
    )
    assert (await ask(model, user("a crash"), session="demo/1/1/review-1")).text == "reviewing"
    assert (await ask(model, user("a crash"), session="demo/1/1/worker")).text == "fixing"
    assert (await ask(model, user("else"), session="demo/2/1/worker")).text == "anything"


async def test_an_alternative_takes_its_turns_place_when_it_holds(tmp_path: Path) -> None:
    turn = {
        "text": "passed",
        "alternatives": [
            {"when": {"last_contains": "FAILED", "last_lacks": "skip"}, "text": "again"}
        ],
    }
    model = script(tmp_path, {"turns": [{"calls": [{"name": "bash"}]}, turn]})
    first = await ask(model, user("go"))
    assert (await ask(model, user("go"), *answer(first, "1 FAILED"))).text == "again"
    assert (await ask(model, user("go"), *answer(first, "1 FAILED, skip"))).text == "passed"
    assert (await ask(model, user("go"), *answer(first, "ok"))).text == "passed"


async def test_a_script_at_its_end_repeats_only_when_told(tmp_path: Path) -> None:
    said = Message(role="assistant", parts=(Text(text="x"),))
    model = script(tmp_path, {"turns": [{"text": "only"}]})
    with pytest.raises(ModelError) as failed:
        await ask(model, user("go"), said, user("more of this"))
    assert (failed.value.sort, failed.value.retry) == ("invalid", False)
    assert failed.value.facts["asked"] == "more of this"
    assert failed.value.facts["turn"] == 1
    model = script(tmp_path, {"turns": [{"text": "only"}], "repeat_last": True})
    assert (await ask(model, user("go"), said, user("more"))).text == "only"


async def test_faults_are_played_as_often_as_told(tmp_path: Path) -> None:
    model = script(tmp_path, {"turns": [{"text": "ok", "error": "rate", "after_s": 3, "times": 2}]})
    for _ in range(2):
        with pytest.raises(ModelError) as failed:
            await ask(model, user("go"))
        assert (failed.value.sort, failed.value.retry, failed.value.after_s) == ("rate", True, 3)
    assert (await ask(model, user("go"))).text == "ok"


async def test_a_cut_reply_streams_a_part_and_returns_nothing(tmp_path: Path) -> None:
    model = script(tmp_path, {"turns": [{"text": "hello world!", "cut": True}]})
    seen: list[StreamEvent] = []
    request = Request(session="s", turn=0, system="", messages=(user("go"),))
    with pytest.raises(ModelError) as failed:
        await model.complete(request, seen.append)
    assert failed.value.sort == "cut"
    assert [e.text for e in seen] == ["hello "]


async def test_thinking_and_broken_arguments_can_be_played(tmp_path: Path) -> None:
    model = script(
        tmp_path,
        {"turns": [{"thinking": "hm", "calls": [{"name": "bash", "broken": "{oops"}]}]},
    )
    reply = await ask(model, user("go"))
    assert reply.parts[0] == Thinking(text="hm", provider="scripted")
    assert reply.parts[1] == ToolCall(id="call-0-0", name="bash", arguments={}, broken="{oops")


async def test_usage_shows_a_growing_prefix_as_read_and_a_changed_one_as_written(
    tmp_path: Path,
) -> None:
    model = script(tmp_path, {"turns": [{"text": "a"}], "repeat_last": True})
    long = user("x" * 4000)
    said = Message(role="assistant", parts=(Text(text="a"),))
    first = (await ask(model, long)).usage
    assert first is not None
    assert first.cache_read == 0
    assert first.cache_write > 1000
    second = (await ask(model, long, said, user("next"))).usage
    assert second is not None
    assert second.cache_read >= first.cache_write - 1
    assert 0 < second.cache_write < 100
    changed = (await ask(model, user("y" * 4000), said, user("next"))).usage
    assert changed is not None
    assert changed.cache_write > 1000


async def test_toml_is_read_too(tmp_path: Path) -> None:
    path = tmp_path / "script.toml"
    path.write_text('[[conversations]]\n[[conversations.turns]]\ntext = "hello"\n')
    assert (await ask(Scripted(path), user("go"))).text == "hello"


@pytest.mark.parametrize(
    ("content", "detail"),
    [
        ("{", "Expecting"),
        ('{"conversations": []}', "conversations: "),
        ('{"conversations": [{"turns": [{"txt": "a"}]}]}', "conversations.0.turns.0.txt: "),
    ],
)
def test_a_wrong_script_names_file_and_place(tmp_path: Path, content: str, detail: str) -> None:
    path = tmp_path / "script.json"
    path.write_text(content)
    with pytest.raises(ConfigError) as failed:
        Scripted(path)
    assert failed.value.key == "llm.script_broken"
    assert str(failed.value.facts["detail"]).startswith(detail)
    assert failed.value.facts["path"] == str(path)


def test_a_missing_script_is_a_setting_to_mend(tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as failed:
        Scripted(tmp_path / "none.json")
    assert failed.value.key == "llm.script_missing"
