"""Skills that changed while a session runs: told at its next turn, after what was said already."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Protocol

from harness.agent.quoting import quote, word_of
from harness.core.base import Value
from harness.core.types import Session, Turn
from harness.prompting.templates import Prompts

INSIDE = "/run/harness/skills"
"""Where an agent finds the folder of skills, and what the variable below is set to."""
VARIABLE = "SKILLS"
LIST = "LIST"
"""The file in it that has a line a skill."""


class StandingSkill(Value):
    """A skill as it stands now. `digest`: of all that its folder holds."""

    name: str
    description: str
    body: str
    digest: str


class SkillShelf(Protocol):
    """The skills that a session may read, as they are now."""

    async def folder(self, commit: str) -> Path | None:
        """A folder of this machine for those who work from this commit: `LIST`, and a folder a
        skill; what changes, changes in it. None: there is none."""
        ...

    async def standing(self, session: Session, commit: str) -> Mapping[str, StandingSkill]:
        """By name; what cannot be read is recorded once in the session's run."""
        ...

    async def text(self, commit: str, name: str) -> str:
        """The body of one; "" when nothing of that name is there."""
        ...


class NoSkills:
    """Nobody has any."""

    async def folder(self, commit: str) -> Path | None:
        return None

    async def standing(self, session: Session, commit: str) -> Mapping[str, StandingSkill]:
        return {}

    async def text(self, commit: str, name: str) -> str:
        return ""


def find_news(
    session: Session,
    turns: Sequence[Turn],
    known: Mapping[str, str],
    now: Mapping[str, StandingSkill],
    prompts: Prompts,
) -> tuple[str, ...]:
    """A text for each skill that is not as it was known (name -> digest): the new rules whole
    where the session has read the old ones, else the line of the list."""
    changed = [skill for name, skill in now.items() if known.get(name) != skill.digest]
    if not changed:
        return ()
    used = _text_of(turns)
    word = word_of(session)
    return tuple(
        prompts.text("skills/changed", name=one.name, body=quote(one.body, word, "instructions"))
        if f"/{one.name}/" in used or f"The skill {one.name}" in used
        else prompts.text("skills/listed", name=one.name, description=one.description)
        for one in changed
    )


def _text_of(turns: Sequence[Turn]) -> str:
    """What was asked for and what harness itself said, where a skill that was read is named."""
    calls = [json.dumps(call.arguments) for turn in turns for call in turn.reply.calls]
    # as it is given or told anew; the line of the list begins otherwise
    given = [r.text for turn in turns for r in turn.results if "The skill " in r.text]
    return "\n".join([*calls, *given, *(turn.said for turn in turns)])
