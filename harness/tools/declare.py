"""How a tool is made: arguments as a typed value, prose from a prompt, a body that may refuse."""

from __future__ import annotations

import json
import logging
from collections.abc import Awaitable, Callable
from typing import Generic, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError

from harness.core.base import Json
from harness.core.errors import HarnessError
from harness.core.types import ToolCall, ToolResult, ToolSpec
from harness.prompting.templates import Prompts, PromptText, prompt_text
from harness.tools.output import clean

Effects = Literal["none", "tree", "outside"]
_TOLD = frozenset({"type", "properties", "required", "items", "enum", "const", "description"})
_LOG = logging.getLogger(__name__)


class Arguments(BaseModel):
    """What a model may pass. Numbers in strings are taken; an invented name is told."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)


class ToolRefused(Exception):
    """Said to the model: what is wrong with the call and how to ask rightly."""

    def __init__(self, template: str, /, **variables: str | PromptText) -> None:
        super().__init__(template)
        self.said = prompt_text(template, **variables)


A = TypeVar("A", bound=Arguments)
Body = Callable[[A], Awaitable[str]]


def schema_of(arguments: type[Arguments]) -> dict[str, Json]:
    """A small JSON Schema of the arguments: no titles, no defaults, no nulls."""
    full = arguments.model_json_schema()
    shared = full.pop("$defs", {})
    small = _slim(full, shared)
    assert isinstance(small, dict)
    small.pop("description", None)
    return small


def _slim(node: Json, shared: dict[str, Json]) -> Json:
    if isinstance(node, list):
        return [_slim(part, shared) for part in node]
    if not isinstance(node, dict):
        return node
    reference = node.get("$ref")
    if isinstance(reference, str):
        target = shared[reference.rsplit("/", 1)[-1]]
        slim = _slim(target, shared)
        if isinstance(slim, dict):
            slim.pop("description", None)
        return slim
    choices = node.get("anyOf")
    if isinstance(choices, list):
        real = [c for c in choices if not (isinstance(c, dict) and c.get("type") == "null")]
        if len(real) == 1:
            return _slim(real[0], shared)
    slim = {}
    for key, value in node.items():
        if key == "properties" and isinstance(value, dict):
            slim[key] = {name: _slim(part, shared) for name, part in value.items()}
        elif key in _TOLD:
            slim[key] = _slim(value, shared)
    return slim


def form(spec: ToolSpec) -> str:
    """The call's shape in one line, for error messages."""
    properties = spec.schema_.get("properties")
    required = spec.schema_.get("required")
    names = properties if isinstance(properties, dict) else {}
    needed = required if isinstance(required, list) else []
    return f"{spec.name}({', '.join(n if n in needed else f'{n}?' for n in names)})"


def wrong(call: ToolCall, spec: ToolSpec, arguments: type[A]) -> A | PromptText:
    """The arguments, or a text that says what is wrong with them and the right form."""
    if call.broken:
        return prompt_text("calls/broken", tool=call.name, form=form(spec))
    try:
        return arguments.model_validate(call.arguments)
    except ValidationError as error:
        said = "; ".join(
            f"{'.'.join(str(p) for p in e['loc']) or 'arguments'}: {e['msg']}"
            for e in error.errors()[:5]
        )
        return prompt_text("calls/wrong", wrong=said, form=form(spec))


class DeclaredTool(Generic[A]):
    """A Tool from its parts."""

    def __init__(
        self,
        name: str,
        *,
        prompts: Prompts,
        arguments: type[A],
        effects: Effects,
        body: Body[A],
    ) -> None:
        self.spec = ToolSpec(
            name=name, description=prompts.text(f"tools/{name}"), schema_=schema_of(arguments)
        )
        self.effects = effects
        self._prompts = prompts
        self._arguments = arguments
        self._body = body

    async def run(self, call: ToolCall) -> ToolResult:
        """Raises HarnessError only for what the model cannot mend (the Box is gone)."""
        arguments = wrong(call, self.spec, self._arguments)
        if isinstance(arguments, PromptText):
            return self._refusal(call, arguments)
        try:
            text = await self._body(arguments)
        except ToolRefused as refusal:
            return self._refusal(call, refusal.said)
        except HarnessError:
            raise
        except Exception as error:  # noqa: BLE001  # a tool body: the model is told, we log it
            _LOG.warning("tool %s failed", self.spec.name, exc_info=error)
            why = f"{type(error).__name__}: {error}"
            return self._refusal(call, prompt_text("calls/failed", tool=self.spec.name, why=why))
        return ToolResult(call_id=call.id, text=clean(text))

    def _refusal(self, call: ToolCall, said: PromptText) -> ToolResult:
        return ToolResult(call_id=call.id, text=clean(self._prompts.fill(said)), is_error=True)


def unpack(value: object) -> object:
    """A list or object that a model sent as a JSON string, opened."""
    if isinstance(value, str) and value[:1] in ("[", "{"):
        try:
            return json.loads(value)
        except ValueError:
            return value
    return value
