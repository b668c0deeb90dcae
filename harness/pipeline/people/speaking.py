"""What a person says to a run's agent, told as theirs: by name, and by what they are to the run."""

from __future__ import annotations

from typing import Final, Literal

from harness.core.types import Command
from harness.pipeline import slots
from harness.pipeline.job import Job
from harness.pipeline.people.answers import data

Role = Literal["operator", "reporter", "maintainer"]
ROLES: Final[dict[Role, str]] = {
    "operator": "messages/role_operator",
    "reporter": "messages/role_reporter",
    "maintainer": "messages/role_maintainer",
}


async def spoken(job: Job, command: Command, text: str) -> str:
    """Their words between marks, after who says them; "" when they said nothing."""
    if not text.strip():
        return ""
    who = await introduced(job, command)
    return job.prompt("messages/person_said", who=who, words=data(job, text))


async def introduced(job: Job, command: Command) -> str:
    """The name, and the role in brackets."""
    return f"{command.by} ({job.prompt(ROLES[await _role(job, command)])})"


async def _role(job: Job, command: Command) -> Role:
    """A word of a comment was heard because its author may steer work here."""
    if await job.deps.store.get(slots.WORD.at(command.id), job.run.project) is None:
        return "operator"
    reporter = command.by.casefold() == job.run.snapshot.author.login.casefold()
    return "reporter" if reporter else "maintainer"
