"""Whose words are on the forge: harness's own, trusted people's, strangers'."""

from __future__ import annotations

from harness.agent.hook_files import find_hook_files
from harness.core.types import Actor, Comment
from harness.pipeline import slots
from harness.pipeline.job import Job

MARK = "<!-- harness:"
"""How every comment that harness writes begins, so that its words are told from those of a person
whose token it uses."""


class Authors:
    """Who may steer one run; each author is asked about once."""

    def __init__(self, job: Job, me: Actor) -> None:
        self._job = job
        self._me = me
        self._known: dict[int, bool] = {}

    @classmethod
    async def of(cls, job: Job) -> Authors:
        return cls(job, await job.deps.forge.me())

    @property
    def me(self) -> Actor:
        """Whom harness acts as."""
        return self._me

    def ours(self, comment: Comment) -> bool:
        """True for what harness itself wrote."""
        return comment.author.id == self._me.id and comment.body.startswith(MARK)

    async def is_trusted(self, actor: Actor) -> bool:
        """True when this author's words may steer the run. A forge that does not answer is a no
        to the whole question (its error is raised)."""
        if actor.id not in self._known:
            permission = await self._job.deps.forge.permission(actor)
            self._known[actor.id] = self._job.deps.guard.may_speak(actor, permission)
        return self._known[actor.id]

    async def heard(self, comment: Comment, *, reporter: bool = False) -> bool:
        """True for a comment that counts: not ours, by one who is trusted; by the issue's
        reporter too when it is their answer that is waited for."""
        if self.ours(comment):
            return False
        if reporter and comment.author.id == self._job.run.snapshot.author.id:
            return True
        return await self.is_trusted(comment.author)


async def by_people(job: Job) -> tuple[str, ...]:
    """Paths that people changed on our branch: the plan need not name them."""
    return await job.get(slots.THEIRS) or ()


async def by_others(job: Job, tree: str) -> tuple[str, ...]:
    """Those, and paths that are in this tree as a hook of the project left them."""
    store = job.deps.store
    sessions = [session.id for session in await store.sessions(job.run.id)]
    hooks = await find_hook_files(store, job.deps.workspace, sessions, tree)
    return (*await by_people(job), *sorted(hooks))
