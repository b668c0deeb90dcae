"""A skill from a wish: its blocks by a model where one is configured, else from the wish's own
words; and its page. Nothing is written here."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping

from pydantic import Field, ValidationError

from harness.app import adapters
from harness.config.load import Sources
from harness.config.settings import Settings
from harness.core.base import Json, Value
from harness.core.errors import ConfigError, HarnessError, MissingError, UsageError
from harness.core.types import LocalizedText, Message, Request, Text, Usage
from harness.knowledge.skill_standard import LONGEST_DESCRIPTION, LONGEST_NAME, check_name
from harness.llm.prefix import tokens
from harness.ports.model import Model
from harness.prompting.templates import Prompts, new_fence, prompts_root

TRIES = 2
MOST_TOKENS = 2_000
NAME_WORDS = 4
_WORD = re.compile(r"[^\W_]+")
_SENTENCE = re.compile(r"(?<=[.!?;。])\s+|\n+")


class SkillBlocks(Value):
    """What a skill will say, before it is written."""

    name: str = Field(max_length=LONGEST_NAME)
    description: str = Field(min_length=1, max_length=LONGEST_DESCRIPTION)
    when: str = Field(default="", max_length=1_000)
    steps: tuple[str, ...] = Field(min_length=1, max_length=20)
    avoid: tuple[str, ...] = Field(default=(), max_length=10)
    told: str = Field(default="", max_length=1_000)
    """The same for the person, in their language; it is not written."""


class ProposedSkill(Value):
    """Blocks, the page that they make, and what both cost. `why`: why no model wrote them."""

    blocks: SkillBlocks
    page: str
    listed_tokens: int
    body_tokens: int
    usage: Usage = Usage()
    cost_usd: float = 0.0
    why: LocalizedText | None = None


async def propose(
    settings: Settings, sources: Sources, wish: str, run: str, *, by_model: bool
) -> ProposedSkill:
    """UsageError for a wish without a word."""
    if not _WORD.search(wish):
        raise UsageError("skill.no_wish")
    try:
        if not by_model:
            return _proposed(from_words(wish), why=LocalizedText(key="skill.model_not_asked"))
        name = settings.model_for("worker")
        model = adapters.model(settings, sources, name)
    except (ConfigError, MissingError) as fault:
        return _proposed(from_words(wish), why=fault.say)
    try:
        blocks, usage = await _ask(model, wish, run, settings.language)
    except HarnessError as fault:
        return _proposed(from_words(wish), why=fault.say)
    finally:
        await model.close()
    cost = adapters.Purse(settings)(name, usage)
    if blocks is None:
        why = LocalizedText(key="skill.model_unclear", facts={"model": name})
        return _proposed(from_words(wish), why=why, usage=usage, cost_usd=cost)
    return _proposed(blocks, usage=usage, cost_usd=cost)


async def _ask(
    model: Model, wish: str, run: str, language: str
) -> tuple[SkillBlocks | None, Usage]:
    """The model's blocks, None when none of its replies has any."""
    prompts = Prompts(prompts_root())
    fence = new_fence(wish, run)
    asked = prompts.text("skill_wish", wish=wish, run=run or "(none)", fence=fence)
    messages = [Message(role="user", parts=(Text(text=asked),))]
    used = Usage()
    for turn in range(1, TRIES + 1):
        request = Request(
            session="skills-new",
            turn=turn,
            system=prompts.text("skill_new", language=language),
            messages=tuple(messages),
            max_tokens=MOST_TOKENS,
        )
        reply = await model.complete(request)
        used = used.plus(reply.usage or Usage())
        found = read_blocks(reply.text)
        if isinstance(found, SkillBlocks):
            return found, used
        again = prompts.text("skills/blocks_wrong", why=found)
        messages += [reply, Message(role="user", parts=(Text(text=again),))]
    return None, used


def read_blocks(reply: str) -> SkillBlocks | str:
    """The blocks of a reply, or what is wrong with it."""
    start, end = reply.find("{"), reply.rfind("}")
    try:
        said: Json = json.loads(reply[start : end + 1]) if start >= 0 else None
    except (ValueError, RecursionError):
        said = None
    if not isinstance(said, Mapping):
        return "there is no JSON object in it"
    try:
        blocks = SkillBlocks.model_validate(said)
    except ValidationError as error:
        return "; ".join(f"{one['loc']}: {one['msg']}" for one in error.errors()[:5])
    return blocks if not check_name(blocks.name, blocks.name) else "the name is no plain name"


def from_words(wish: str) -> SkillBlocks:
    """What can be had without a model: the wish's own words, in its own language."""
    lines = [line.strip(" -*\t") for line in _SENTENCE.split(wish.strip())]
    lines = [line for line in lines if line]
    words = [word.lower() for word in _WORD.findall(lines[0])][:NAME_WORDS]
    name = "-".join(words)[:LONGEST_NAME].strip("-")
    return SkillBlocks(
        name=name if not check_name(name, name) else "my-skill",
        description=" ".join(lines[0].split())[:LONGEST_DESCRIPTION],
        steps=tuple(line[:1_000] for line in (lines[1:] or lines)[:20]),
    )


def page_of_blocks(blocks: SkillBlocks) -> str:
    """The SKILL.md that they make, in block style, which every reader of the standard takes."""
    description = json.dumps(" ".join(blocks.description.split()), ensure_ascii=False)
    return f"---\nname: {blocks.name}\ndescription: {description}\n---\n\n{_body(blocks)}\n"


def _body(blocks: SkillBlocks) -> str:
    title = blocks.name.replace("-", " ").capitalize()
    parts = [f"# {title}", *([_line(blocks.when)] if blocks.when.strip() else [])]
    parts.append("\n".join(f"{n}. {_line(step)}" for n, step in enumerate(blocks.steps, 1)))
    if blocks.avoid:
        parts.append("\n".join(["Avoid:", "", *(f"- {_line(one)}" for one in blocks.avoid)]))
    return "\n\n".join(parts)


def _line(text: str) -> str:
    return " ".join(text.split())


def _proposed(
    blocks: SkillBlocks,
    *,
    why: LocalizedText | None = None,
    usage: Usage = Usage(),  # noqa: B008  # frozen
    cost_usd: float = 0.0,
) -> ProposedSkill:
    return ProposedSkill(
        blocks=blocks,
        page=page_of_blocks(blocks),
        listed_tokens=tokens(len(blocks.name) + len(blocks.description) + 3),
        body_tokens=tokens(len(_body(blocks))),
        usage=usage,
        cost_usd=cost_usd,
        why=why,
    )
