"""Replies on file, and the hash they are found by."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from harness.core.errors import ConfigError, ModelError
from harness.core.types import (
    Message,
    Request,
    StreamEvent,
    Text,
    ToolCall,
    ToolResult,
    ToolSpec,
    Usage,
    request_hash,
)
from harness.llm.recorder import RecordingModel, Replaying
from harness.llm.scripted import Scripted
from harness.testing.model_contract import answers, request, user


async def recorded(tmp_path: Path) -> tuple[Path, list[Request], list[Message]]:
    script = tmp_path / "script.json"
    turns = [{"text": "look", "calls": [{"name": "bash"}]}, {"text": "done"}]
    script.write_text(json.dumps({"conversations": [{"turns": turns}]}))
    path = tmp_path / "replies.jsonl"
    model = RecordingModel(Scripted(script), path)
    assert model.name == "scripted"
    first = request(user("go"))
    reply = await model.complete(first)
    second = request(user("go"), reply, answers(reply))
    asked = [first, second]
    replies = [reply, await model.complete(second)]
    return path, asked, replies


async def test_a_recording_answers_the_same_requests_with_the_same_replies(tmp_path: Path) -> None:
    path, asked, replies = await recorded(tmp_path)
    seen: list[StreamEvent] = []
    model = Replaying(path)
    # in any order, another session, and again after the end
    order = [asked[1], asked[0].model_copy(update={"session": "other", "turn": 5}), asked[1]]
    assert [await model.complete(one, seen.append) for one in order] == [
        replies[1],
        replies[0],
        replies[1],
    ]
    assert [e.text for e in seen] == ["done", "look", "bash", "done"]


async def test_the_same_request_gets_its_replies_in_order(tmp_path: Path) -> None:
    path, asked, _ = await recorded(tmp_path)
    line = json.loads(path.read_text().splitlines()[0])
    line["reply"]["parts"] = [{"kind": "text", "text": "second"}]
    with path.open("a") as file:
        file.write(json.dumps(line) + "\n")
    model = Replaying(path)
    assert [(await model.complete(asked[0])).text for _ in range(3)] == ["look", "second", "second"]


async def test_a_request_that_was_never_recorded_is_named(tmp_path: Path) -> None:
    path, _, _ = await recorded(tmp_path)
    with pytest.raises(ModelError) as failed:
        await Replaying(path).complete(request(user("something else")))
    assert (failed.value.key, failed.value.retry) == ("llm.unrecorded", False)
    assert failed.value.facts["asked"] == "something else"


async def test_a_last_line_cut_by_a_kill_is_dropped_and_any_other_is_an_error(
    tmp_path: Path,
) -> None:
    path, asked, replies = await recorded(tmp_path)
    whole = path.read_text()
    path.write_text(whole + '{"hash": "ab')
    assert await Replaying(path).complete(asked[0]) == replies[0]
    path.write_text('{"hash": "ab\n' + whole)
    with pytest.raises(ConfigError) as failed:
        Replaying(path)
    assert (failed.value.key, failed.value.facts["line"]) == ("llm.recording_broken", 1)
    with pytest.raises(ConfigError, match="recording_missing"):
        Replaying(tmp_path / "none")


async def test_a_request_without_its_reply_leaves_no_line(tmp_path: Path) -> None:
    script = tmp_path / "script.json"
    script.write_text(json.dumps({"conversations": [{"turns": [{"error": "server"}]}]}))
    path = tmp_path / "replies.jsonl"
    with pytest.raises(ModelError):
        await RecordingModel(Scripted(script), path).complete(request(user("go")))
    assert not path.exists()


def full(**changes: object) -> Request:
    call = ToolCall(id="a", name="bash", arguments={"b": 1, "a": {"y": 2, "x": [1.5, None]}})
    reply = Message(role="assistant", parts=(Text(text="\ud800 한"), call), usage=Usage(fresh=1))
    result = Message(role="user", parts=(ToolResult(call_id="a", text="\0"),))
    tool = ToolSpec(name="bash", description="Run.", schema_={"type": "object"})
    base = Request(
        session="s", turn=1, system="sys", messages=(user("go"), reply, result), tools=(tool,)
    )
    return base.model_copy(update=changes)


def test_the_hash_is_of_what_the_model_sees() -> None:
    base = request_hash(full())
    assert base == request_hash(full())
    assert base == request_hash(full(session="other", turn=9)), "bookkeeping"
    replies = [m.model_copy(update={"usage": None, "model": "x"}) for m in full().messages]
    assert base == request_hash(full(messages=tuple(replies))), "bookkeeping of a past reply"
    seen = {
        base,
        request_hash(full(system="other")),
        request_hash(full(tools=())),
        request_hash(full(tool_choice="required")),
        request_hash(full(max_tokens=1)),
        request_hash(full(messages=full().messages[:1])),
        request_hash(full(messages=(user("go"), *full().messages[1:2], user("x")))),
    }
    assert len(seen) == 7


def test_the_hash_survives_a_trip_through_json_and_reordered_keys() -> None:
    plain = full(messages=(user("go"),))
    again = Request.model_validate_json(plain.model_dump_json())
    assert request_hash(again) == request_hash(plain)
    call = ToolCall(id="a", name="bash", arguments={"a": {"x": [1.5, None], "y": 2}, "b": 1})
    reply = full().messages[1].model_copy(update={"parts": (full().messages[1].parts[0], call)})
    messages = (full().messages[0], reply, full().messages[2])
    assert request_hash(full(messages=messages)) == request_hash(full())
