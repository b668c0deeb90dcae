"""Streams that no vendor should send: each is a whole reply or a typed refusal, never a crash."""

from __future__ import annotations

import copy
import random
from collections.abc import Callable
from typing import Any

import pytest
from pydantic import ValidationError

from benchmarks import model_wire
from harness.core.types import Message
from harness.llm import anthropic_map, openai_map
from harness.llm.faults import Malformed

TURN: dict[str, Any] = {
    "thinking": "hm",
    "redacted": "xyz",
    "text": "hello",
    "calls": [{"name": "bash", "arguments": {"a": 1}}, {"name": "read", "broken": "{"}],
}
ASKED = {"model": "m", "stream_options": {"include_usage": True}}
SEEDS = range(400)
WRONG: tuple[Any, ...] = (
    "\ud800",
    "\0",
    None,
    0,
    -1,
    10**30,
    "",
    "x",
    [],
    {},
    True,
    1.5,
    [None],
    {"type": 1},
)


def spoilt(events: list[Any], chance: random.Random) -> list[Any]:
    """Events lost, repeated, out of order, or with a value of another kind somewhere."""
    events = copy.deepcopy(events)
    for _ in range(chance.randint(1, 4)):
        if not events:
            break
        at = chance.randrange(len(events))
        match chance.randrange(4):
            case 0:
                del events[at]
            case 1:
                events.insert(at, copy.deepcopy(chance.choice(events)))
            case 2:
                events[at], events[-1] = events[-1], events[at]
            case _:
                _spoil(events, at, chance)
    return events


def _spoil(parent: Any, key: Any, chance: random.Random) -> None:
    value = parent[key]
    if isinstance(value, dict) and value and chance.random() < 0.8:
        _spoil(value, chance.choice(sorted(value)), chance)
    elif isinstance(value, list) and value and chance.random() < 0.8:
        _spoil(value, chance.randrange(len(value)), chance)
    else:
        parent[key] = chance.choice(WRONG)


def anthropic(events: list[Any]) -> Message | None:
    assembly = anthropic_map.EventAssembly()
    for event in events:
        assembly.take(event)
    return assembly.message("m") if assembly.is_done else None


def openai(events: list[Any]) -> Message | None:
    assembly = openai_map.ChunkAssembly()
    for event in events:
        assembly.take(event)
    return assembly.message("m", 100) if assembly.is_done else None


GOOD: dict[str, tuple[Callable[[list[Any]], Message | None], list[Any]]] = {
    "anthropic": (anthropic, list(model_wire.anthropic_events(TURN, 0, ASKED, {}))),
    "openai": (openai, list(model_wire.openai_events(TURN, 0, ASKED, {"prompt_tokens": 1}))),
}


@pytest.mark.parametrize("dialect", sorted(GOOD))
def test_a_spoilt_stream_is_a_reply_or_a_typed_refusal(dialect: str) -> None:
    assemble, events = GOOD[dialect]
    assert assemble(events) is not None
    ends = {"whole": 0, "cut": 0, "refused": 0}
    for seed in SEEDS:
        try:
            reply = assemble(spoilt(events, random.Random(seed)))
        except (ValidationError, Malformed):
            ends["refused"] += 1
            continue
        ends["cut" if reply is None else "whole"] += 1
        if reply is not None:
            assert Message.model_validate_json(reply.model_dump_json()) == reply
    assert all(ends.values()), f"the spoiling reaches every end: {ends}"


@pytest.mark.parametrize("dialect", sorted(GOOD))
def test_no_text_of_a_server_can_poison_the_journal(dialect: str) -> None:
    assemble, events = GOOD[dialect]
    poisoned = copy.deepcopy(events)
    _poison(poisoned)
    reply = assemble(poisoned)
    assert reply is not None
    assert Message.model_validate_json(reply.model_dump_json()) == reply


def _poison(value: Any) -> None:
    """A lone surrogate behind every text that is no keyword of the dialect."""
    items = enumerate(value) if isinstance(value, list) else list(value.items())
    for key, inner in items:
        if isinstance(inner, dict | list):
            _poison(inner)
        elif isinstance(inner, str) and key not in ("type", "stop_reason", "finish_reason"):
            value[key] = inner + "\ud800"
