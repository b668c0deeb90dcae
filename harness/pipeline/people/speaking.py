"""What a person says to a run's agent, told as theirs: by name, and by what they are to the run."""

from __future__ import annotations

from typing import Final, Literal

from harness.core.types import Command
from harness.pipeline import slots
from harness.pipeline.job import Job
from harness.pipeline.people.answers import data
from harness.pipeline.people.notes import how_to_say

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
    who = await introduce(job, command)
    return job.prompt("messages/person_said", who=who, words=data(job, text))


async def introduce(job: Job, command: Command) -> str:
    """The name, and the role in brackets."""
    return f"{command.by} ({job.prompt(ROLES[await _role(job, command)])})"


async def _role(job: Job, command: Command) -> Role:
    """A word of a comment was heard because its author may steer work here."""
    if await job.deps.store.get(slots.WORD.at(command.id), job.run.project) is None:
        return "operator"
    reporter = command.by.casefold() == job.run.snapshot.author.login.casefold()
    return "reporter" if reporter else "maintainer"


async def was_shown(job: Job, command: Command) -> bool:
    """Whether what the run waits for stood on the issue when this was written. A word of the
    command line is about what waits when it is heard, and says so in its answer."""
    store, wait = job.deps.store, job.run.wait
    said = await store.get(slots.WORD.at(command.id), job.run.project)
    if said is None or wait is None:
        return True
    shown = await job.get(slots.SHOWN)
    if shown is None or shown.subject != wait.subject:
        # of before this was kept: the row has rested since then
        return command.at > job.run.updated_at
    if not shown.comment:
        return False
    if shown.since is None:
        return said.comment > shown.comment
    return command.at > shown.since


async def how_to(job: Job, command: Command, verb: str, name: str) -> str:
    """How this person says that word where they said this one."""
    said = await job.deps.store.get(slots.WORD.at(command.id), job.run.project)
    begin = f"harness {verb} {job.run.issue}" if said is None else how_to_say(job, verb)
    return f"{begin} {name}".rstrip()
