"""verdict and task: the two calls that the loop answers itself. Here are their forms."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Final

from pydantic import BeforeValidator, Field

from harness.core.base import Json
from harness.core.types import ToolCall, ToolSpec, VerdictKinds
from harness.prompting.templates import Prompts, PromptText
from harness.tools.declare import Arguments, schema_of, unpack, wrong

VERDICT = "verdict"
TASK = "task"
_TOLD: Final[Mapping[VerdictKinds, str]] = {
    "worker": "tools/verdict",
    "reviewer": "tools/verdict_review",
    "ending": "tools/verdict_ending",
    "probing": "tools/verdict_probing",
    "independent": "tools/verdict_independent",
}


class Said(Arguments):
    """Arguments of verdict."""

    kind: str = Field(min_length=1)
    data: Annotated[dict[str, Json], BeforeValidator(unpack)]


class Delegated(Arguments):
    """Arguments of task: one sub-agent's work. `files` are globs of what it may touch."""

    title: str = Field(min_length=1)
    detail: str = Field(min_length=1)
    files: Annotated[tuple[str, ...], BeforeValidator(unpack)] = Field(min_length=1)


def verdict_spec(prompts: Prompts, kinds: VerdictKinds = "worker") -> ToolSpec:
    """What a model is told of verdict: the kinds that it may give."""
    return ToolSpec(name=VERDICT, description=prompts.text(_TOLD[kinds]), schema_=schema_of(Said))


def task_spec(prompts: Prompts) -> ToolSpec:
    """What a model is told of task."""
    return ToolSpec(name=TASK, description=prompts.text("tools/task"), schema_=schema_of(Delegated))


def verdict_of(call: ToolCall, spec: ToolSpec) -> Said | PromptText:
    """The verdict, or what is wrong with the call. Fields given beside `kind` instead of inside
    `data` are taken as data: models do that, and it is not ambiguous."""
    if "data" not in call.arguments and len(call.arguments) > 1:
        rest = {k: v for k, v in call.arguments.items() if k != "kind"}
        call = call.model_copy(
            update={"arguments": {"kind": call.arguments.get("kind"), "data": rest}}
        )
    return wrong(call, spec, Said)


def task_of(call: ToolCall, spec: ToolSpec) -> Delegated | PromptText:
    """The task, or what is wrong with the call."""
    return wrong(call, spec, Delegated)
