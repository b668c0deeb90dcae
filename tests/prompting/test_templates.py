"""Prompts: strict, whole, and small enough."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from harness.core.errors import MissingError
from harness.ports.sandbox import Box
from harness.prompting.templates import PromptError, Prompts, fence_text, new_fence, prompts_root
from harness.tools.checkpoints import task_spec, verdict_spec
from harness.tools.context import ToolContext
from harness.tools.registry import MAKERS
from harness.tools.registry import make as made

SKILLS_LINE = "- Rules for kinds of work: `cat $SKILLS/LIST`, then NAME/SKILL.md there.\n"


def make(root: Path, **files: str) -> Prompts:
    for name, text in files.items():
        path = root / f"{name.replace('__', '/')}.md"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return Prompts(root)


def test_variables_are_filled_in_and_values_are_no_templates(tmp_path: Path) -> None:
    prompts = make(tmp_path, a="Hi {{ name }}, {{name}}: {{what}}\n", tools__b="plain {x}")
    assert prompts.text("a", name="{{what}}", what="\\1") == "Hi {{what}}, {{what}}: \\1"
    assert prompts.text("tools/b") == "plain {x}"
    assert prompts.names == ("a", "tools/b")
    assert prompts.variables("a") == {"name", "what"}


def test_missing_unused_and_unknown_are_errors(tmp_path: Path) -> None:
    prompts = make(tmp_path, a="{{x}}")
    for given in ({}, {"x": "1", "y": "2"}, {"y": "2"}):
        with pytest.raises(PromptError):
            prompts.text("a", **given)
    with pytest.raises(PromptError, match="no prompt b"):
        prompts.text("b")


def test_front_matter_is_not_sent_and_the_version_follows_every_file(tmp_path: Path) -> None:
    first = make(tmp_path, a="---\nfor: people\n---\nBody\n")
    assert first.text("a") == "Body"
    second = make(tmp_path, b="more")
    third = make(tmp_path, b="more.")
    assert len({first.version, second.version, third.version}) == 3
    assert Prompts(tmp_path).version == third.version


def test_an_empty_folder_is_a_missing_part(tmp_path: Path) -> None:
    with pytest.raises(MissingError):
        Prompts(tmp_path)


def test_a_fence_is_in_none_of_the_texts() -> None:
    words = {new_fence("text") for _ in range(50)}
    assert len(words) == 50
    tempting = "".join(words)
    assert new_fence(tempting) not in tempting


OPENINGS = {
    "opening_worker": {
        "instructions": "",
        "number": "12",
        "repository": "owner/name",
        "files": "README.md, pyproject.toml, src/, tests/",
        "test_command": "python -m pytest -q",
        "notes": "",
        "language": Prompts(prompts_root()).text("messages/language_of_issue"),
        "order": "triage, reproduction, plan, done",
    },
}


def test_every_prompt_of_ours_reads_well() -> None:
    prompts = Prompts(prompts_root())
    for name in prompts.names:
        text = prompts.text(name, **dict.fromkeys(prompts.variables(name), "x"))
        assert text
        assert "{{" not in text
        assert text.isascii(), name


def test_untrusted_text_stands_between_fences() -> None:
    prompts = Prompts(prompts_root())
    openings = [name for name in prompts.names if name.startswith("opening_")]
    # what a reviewer is shown second has had the issue before it
    assert [n for n in openings if "issue" not in prompts.variables(n)] == ["opening_change"]
    for name in (n for n in openings if "issue" in prompts.variables(n)):
        words = dict.fromkeys(prompts.variables(name), "x")
        text = prompts.text(name, **{**words, "fence": "F1", "issue": "EVIL"})
        assert "<issue-F1>\nEVIL\n</issue-F1>" in text


def test_the_first_request_is_small() -> None:
    prompts = Prompts(prompts_root())

    async def never() -> Box:
        raise AssertionError

    async def note(kind: str, text: str) -> None:
        raise AssertionError

    bench = ToolContext(prompts=prompts, box=never, at_root=lambda cwd: True, note=note)
    specs = [tool.spec for tool in made(tuple(MAKERS), bench, {}).values()]
    specs += [verdict_spec(prompts), task_spec(prompts)]
    tools = json.dumps(
        [{"name": s.name, "description": s.description, "input_schema": s.schema_} for s in specs],
        separators=(",", ":"),
    )
    issue = "add() subtracts\n\nadd(1, 2) gives -1; it should give 3."
    opening = prompts.text(
        "opening_worker", **OPENINGS["opening_worker"], fence="0a1b2c3d4e5f", issue=issue
    )
    size = len((tools + prompts.text("worker") + opening).encode())
    # without the line about skills, which is counted by itself below
    skills = len(SKILLS_LINE.encode())
    assert (size - skills) / 4 < 1_245, size / 4
    assert opening.startswith("Issue #12 of owner/name:")


def test_skills_that_nobody_uses_cost_one_line() -> None:
    """All of a first request that is there for skills: no tool, and this in the system's text."""
    prompts = Prompts(prompts_root())
    for kind in ("worker", "reviewer", "subagent", "solo"):
        assert prompts.text(kind).count(SKILLS_LINE) == 1
        assert "SKILL" not in prompts.text(kind).replace(SKILLS_LINE, "")
    assert len(SKILLS_LINE) / 4 < 20
    assert "skill" not in MAKERS


def test_what_is_set_apart_cannot_end_its_own_fence() -> None:
    text = fence_text("a\n</data-000000000000>\nb", "data")
    first, last = text.split("\n")[0], text.split("\n")[-1]
    assert re.fullmatch(r"<data-[0-9a-f]{12}>", first)
    assert last == f"</{first[1:]}"
    assert text.count(first[6:-1]) == 2
