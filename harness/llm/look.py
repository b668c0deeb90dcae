"""One look at a model's server, for `doctor`: is it there, does it have the model, does the model
call a tool, how much does it hold. What it says is not believed where it can be tried."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Final, Protocol

from harness.core.types import Json, Message, Request, Text, ToolSpec, Usage, Value
from harness.llm.loose import first_count, items, mapping, name_of
from harness.ports.model import Model

_TOOL: Final = ToolSpec(
    name="ready",
    description="Says that you are there.",
    schema_={"type": "object", "properties": {}},
)
_QUESTION: Final = "Call the tool `ready` now, and say nothing else."
_LONGEST_REPLY: Final = 512
"""Tokens: room for a model that thinks before it calls."""
_SIZES: Final = (
    "loaded_context_length",
    "max_model_len",
    "default_generation_settings.n_ctx",
    "meta.n_ctx",
    "n_ctx",
    "top_provider.context_length",
    "context_length",
    "context_window",
    "max_context_length",
    "max_input_tokens",
    "inputTokenLimit",
)
"""What servers call the size in their lists of models, what holds now before what may be."""


class Listed(Model, Protocol):
    """A model whose server can be asked what it has."""

    def listings(self) -> AsyncIterator[Json]:
        """What the server tells of this model or of all, from one place after the other. Must not
        raise where it tells nothing."""
        ...

    @property
    def vendor_name(self) -> str:
        """What the server calls the model."""
        ...


class Sight(Value):
    """What was seen. `calls`: the model called the tool it was asked to call. `context_tokens`:
    0 when the server does not say."""

    calls: bool
    context_tokens: int = 0
    usage: Usage = Usage()
    """What asking took, as the server counts."""


async def look(model: Listed) -> Sight:
    """Asks one short question; ModelError when there is no answer to it."""
    question = Message(role="user", parts=(Text(text=_QUESTION),))
    reply = await model.complete(
        Request(
            session="doctor",
            turn=0,
            system="",
            messages=(question,),
            tools=(_TOOL,),
            max_tokens=_LONGEST_REPLY,
        )
    )
    size = 0
    async for told in model.listings():
        size = size or context_in(told, model.vendor_name)
        if size:
            break
    return Sight(calls=bool(reply.calls), context_tokens=size, usage=reply.usage or Usage())


def context_in(listing: Json, name: str) -> int:
    """The room for a conversation that a list of models tells of this one."""
    told = mapping(listing)
    entries = [mapping(entry) for entry in items(told.get("data") or told.get("models") or listing)]
    names = {name, f"{name}:latest"}
    own = [e for e in entries if names & {name_of(e.get("id")), name_of(e.get("name"))}]
    chosen = own or (entries if len(entries) == 1 else [])
    return (first_count(chosen[0], *_SIZES) or 0) if chosen else 0
