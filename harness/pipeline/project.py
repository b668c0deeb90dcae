"""One project as the daemon sees it: what may start, what a person's word does, what changed."""

from __future__ import annotations

from datetime import timedelta

from harness.core.errors import LeaseLost, RefusedError
from harness.core.ports import Durable, Forge
from harness.core.trust_types import Admission, Ordering
from harness.core.types import Command, Issue, Run, RunState, Say
from harness.pipeline.admission import Permissions, admitted, asked_key, readable
from harness.pipeline.children import Child
from harness.pipeline.commands import applied
from harness.pipeline.door import behind_door, outward
from harness.pipeline.fingerprint import fingerprint
from harness.pipeline.job import Job
from harness.pipeline.listening import Listening
from harness.pipeline.pages import write_pages
from harness.pipeline.parts import Parts
from harness.pipeline.walk import Walk

PROGRESS = "<!-- harness:progress-"
"""How the comment that harness keeps on an issue begins."""


class Project:
    """Implements the daemon's Project port."""

    def __init__(self, parts: Parts) -> None:
        parts = behind_door(parts)
        self.parts = parts
        self.name = parts.rules.project
        self._permissions = Permissions(parts.forge, parts.clock)
        self._listening = Listening(parts, self._permissions)

    @property
    def forge(self) -> Forge:
        return self.parts.forge

    def define(self, durable: Durable) -> None:
        """Register this project's workflow bodies; before launch."""
        durable.define(f"activation:{self.name}", Walk(self.parts).activation)
        durable.define(f"agent:{self.name}", Child(self.parts).agent)

    @property
    def ordering(self) -> Ordering:
        """Which of its issues come first."""
        return self.parts.rules.ordering

    async def admit(self, issue: Issue, *, comments: bool = True) -> Admission:
        """Whether it may start. Raises what the forge raises: that is a no (default deny)."""
        return await admitted(self.parts, issue, self._permissions, comments=comments)

    async def listen(self, issue: int, pr: int = 0) -> None:
        """Hear what people said to harness on the issue, or on its pull request."""
        await self._listening.listen(issue, pr)

    async def answered(self, command: Command, answer: Say) -> None:
        """Tell who gave that word what came of it, where it does not show by itself."""
        await self._listening.answered(command, answer)

    async def say_held(self, issue: int, held: Say | None, hidden: int = 0) -> None:
        """Tell on the issue why it does not start; None: that it may now."""
        await self._listening.say_held(issue, held, hidden)

    async def begin(self, issue: Issue) -> Run:
        """The issue's active run, opened with a snapshot of what may be read. LeaseLost when
        another daemon works on it."""
        self._permissions.forget()
        admission = await admitted(self.parts, issue, self._permissions)
        if admission.trigger is None:
            held = admission.held or Say(key="guard.held_unknown")
            raise RefusedError(held.key, **held.facts)
        await self._claim(issue)
        trusted, others = await readable(self.parts, issue, self._permissions)
        snapshot = self.parts.guard.snapshot(issue, trusted, admission.trigger, others)
        store = self.parts.store
        # before the run: after a kill in between the person asks again, and nobody else can
        await store.keep("daemon", asked_key(self.parts, issue.number), False)
        run, new = await store.open_run(self.name, snapshot, self.parts.clock.now())
        if new:
            job = Job(self.parts, run)
            await job.tell(
                "run_opened",
                "",
                title=snapshot.title,
                by=snapshot.trigger.login,
                hidden=snapshot.hidden_removed,
            )
            if snapshot.hidden_removed:
                await job.tell("hidden_removed", "", count=snapshot.hidden_removed)
            if snapshot.others:
                await job.tell("left_out", "", count=snapshot.others)
        return run

    async def _claim(self, issue: Issue) -> None:
        """The issue's lease. One that another daemon has worked on to the end is not begun again
        here, unless a person asks for it."""
        leases, store, forge = self.parts.leases, self.parts.store, self.parts.forge
        if leases is None:
            return
        if await store.find_run(self.name, issue.number) is None:
            asked = await store.kept("daemon", asked_key(self.parts, issue.number))
            if not asked and await forge.lease(issue.number) is None:
                me = (await forge.me()).id
                ours = [c for c in await forge.comments(issue.number) if c.author.id == me]
                if any(c.body.startswith(PROGRESS) for c in ours):
                    again = self.parts.clock.now() + timedelta(days=1)
                    raise LeaseLost("daemon.worked_elsewhere", until=again, issue=issue.number)
        await leases.begin(issue.number)

    async def command(self, command: Command) -> Say:
        """A person's word, applied."""
        run = await self.parts.store.find_run(self.name, command.issue)
        if run is None:
            return Say(key="pipeline.no_run", facts={"issue": command.issue})
        job = Job(outward(self.parts, run), run)
        try:
            said = await applied(job, command)
        finally:
            if self.parts.leases is not None:
                await self.parts.leases.settle(await job.reload())
        await write_pages(job)
        return said

    async def fingerprint(self, run: Run) -> str:
        """Forge facts of this run; a change is a signal. Its lease is renewed by the way."""
        if self.parts.leases is not None:
            await self.parts.leases.keep(run)
        return await fingerprint(Job(self.parts, run), run.wait)

    async def activate(self, run: Run) -> str:
        """Start the next activation of a run; the same number again is the same one."""
        job = Job(self.parts, await self.parts.store.run(run.id))
        number = job.run.activation + 1
        # the row first: a crash between the two starts this very activation again
        await job.change(
            activation=number,
            state=RunState.ACTIVE,
            wait=job.run.wait if self._needs_wait(job.run) else None,
        )
        name = f"{self.name}/{run.issue}/{run.number}/{number}"
        await self.parts.durable.start(f"activation:{self.name}", name, {"run": run.id})
        return name

    def _needs_wait(self, run: Run) -> bool:
        """A stage that waits for an answer reads its own Wait to find it."""
        return run.wait is not None and run.wait.signals[0] == "answer"
