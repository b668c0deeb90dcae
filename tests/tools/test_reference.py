"""The tool `reference`: what it costs in a request, what it passes on, what it answers when off."""

from __future__ import annotations

import json
from typing import Any, cast

from harness.core.types import ToolCall, ToolSpec
from harness.pipeline.agents.sessions import WORKER_TOOLS, tools_for
from harness.pipeline.run_policy import RunPolicy
from harness.ports.sandbox import Box
from harness.prompting.templates import Prompts, prompts_root
from harness.tools.context import ToolContext
from harness.tools.declare import ToolRefused
from harness.tools.reference import REFERENCE, Look, LookupArguments, look_nowhere, reference_maker
from harness.tools.registry import make

PROMPTS = Prompts(prompts_root())


async def no_box() -> Box:
    raise AssertionError


async def no_note(kind: str, text: str) -> None:
    raise AssertionError


BENCH = ToolContext(
    prompts=PROMPTS, box=no_box, at_root=lambda cwd: True, note=no_note, session="s1"
)


def written(spec: ToolSpec) -> str:
    said = {"name": spec.name, "description": spec.description, "input_schema": spec.schema_}
    return json.dumps(said, separators=(",", ":"))


def test_it_adds_at_most_sixty_tokens_and_nothing_when_it_is_off() -> None:
    tool = reference_maker(look_nowhere)(BENCH)
    assert len(f",{written(tool.spec)}") / 4 <= 60
    on, off = RunPolicy(project="p", references=True), RunPolicy(project="p")
    jobs = [cast(Any, type("Job", (), {"policy": policy})) for policy in (on, off)]
    assert [tools_for(job, WORKER_TOOLS) for job in jobs] == [
        (*WORKER_TOOLS, REFERENCE),
        WORKER_TOOLS,
    ]


async def test_a_call_goes_with_its_session_and_its_own_name() -> None:
    seen: list[object] = []

    async def look(session: str, call: str, asked: LookupArguments) -> str:
        seen.append((session, call, asked))
        if not asked.query:
            raise ToolRefused("calls/look_nothing_asked")
        return f"found {asked.query}"

    for arguments, text, is_error in (
        ({"query": "words"}, "found words", False),
        ({}, "Give a query, or a source to open.", True),
        ({"query": "x", "part": "2"}, "found x", False),
    ):
        result = await _ran(look, arguments)
        assert (result.text, result.is_error) == (text, is_error)
    assert seen[0] == ("s1", "c1", LookupArguments(query="words"))
    refused = [{"q": "x"}, {"part": 0}, {"query": 1, "part": "a"}, {"source": ["x"]}]
    for arguments in cast(list[dict[str, Any]], refused):
        answer = await _ran(look, arguments)
        assert answer.is_error
        assert "reference(query?, source?, part?)" in answer.text
    assert len(seen) == 3


async def test_a_session_that_has_it_goes_on_when_it_is_off() -> None:
    answer = await _ran(look_nowhere, {"query": "x"})
    assert answer.is_error
    assert "Nothing is looked up" in answer.text


async def _ran(look: Look, arguments: dict[str, Any]) -> Any:
    tool = make([REFERENCE], BENCH, {REFERENCE: reference_maker(look)})[REFERENCE]
    return await tool.run(ToolCall(id="c1", name=REFERENCE, arguments=arguments))
