"""One project as the daemon sees it: what may start, what a person's word does, what changed."""

from __future__ import annotations

from datetime import timedelta

from harness.core.errors import LeaseLost, NotFound, RefusedError, Strayed
from harness.core.trust_types import Admission, Ordering
from harness.core.types import Command, Issue, LocalizedText, Run, RunState
from harness.pipeline import slots
from harness.pipeline.activation import ActivationRunner
from harness.pipeline.admission import Permissions, admit, readable
from harness.pipeline.agents.children import Child
from harness.pipeline.deps import PipelineDeps
from harness.pipeline.fingerprint import fingerprint
from harness.pipeline.job import Job
from harness.pipeline.lessons.following import follow_proposals
from harness.pipeline.lessons.retrospect import look_back
from harness.pipeline.outbound.authority_repository import is_astray
from harness.pipeline.outbound.write_gate import behind_gate, outward
from harness.pipeline.pages import write_pages
from harness.pipeline.people.commands import apply_command
from harness.pipeline.people.comments import Listening
from harness.pipeline.people.notes import said_on_issue
from harness.pipeline.scan import scan
from harness.pipeline.slots import WaitBefore, issue_key
from harness.ports.durable import Durable
from harness.ports.forge import Forge

PROGRESS = "<!-- harness:progress-"
"""How the comment that harness keeps on an issue begins."""


class Project:
    """Implements the daemon's Project port."""

    def __init__(self, deps: PipelineDeps) -> None:
        deps = behind_gate(deps)
        self.deps = deps
        self.name = deps.policy.project
        self._permissions = Permissions(deps.forge, deps.clock)
        self._listening = Listening(deps, self._permissions)
        self._beside = ""
        """The forge's default branch when the one that we work on is another, and is there."""

    @property
    def forge(self) -> Forge:
        return self.deps.forge

    def define(self, durable: Durable) -> None:
        """Register this project's workflow bodies."""
        activation, agent = self._workflows
        durable.define(activation, ActivationRunner(self.deps).activation)
        durable.define(agent, Child(self.deps).agent)

    async def retire(self, durable: Durable, *, grace_s: float) -> None:
        """The opposite: what is under way ends after its present step."""
        await durable.retire(*self._workflows, grace_s=grace_s)

    @property
    def _workflows(self) -> tuple[str, str]:
        return f"activation:{self.name}", f"agent:{self.name}"

    @property
    def ordering(self) -> Ordering:
        """Which of its issues come first."""
        return self.deps.policy.ordering

    async def belongs(self) -> None:
        """Strayed when the name of the repository does not lead to the one registered, or its
        default branch has another name by now."""
        found, branch = await self.deps.forge.repository(), self.deps.policy.default_branch
        if found.default_branch in (branch, self._beside):
            return
        await self.deps.workspace.sync()
        try:
            await self.deps.workspace.tip(branch)
        except NotFound as fault:
            if fault.key == "git.empty":
                raise
            now = found.default_branch
            raise Strayed("authority.branch", branch=branch, now=now, project=self.name) from fault
        self._beside = found.default_branch

    async def hold_astray(self, run: Run, why: LocalizedText) -> None:
        """A run that rests says why nothing of its project goes on; what it waited for is kept."""
        wait, store = run.wait, self.deps.store
        if wait is None or wait.reason == why:
            return
        if not is_astray(wait.reason):
            before = WaitBefore(activation=run.activation, wait=wait)
            await store.put(slots.WAIT_BEFORE, run.id, before)
        await Job(self.deps, run).change(wait=wait.model_copy(update={"reason": why}))

    async def release_astray(self, run: Run) -> None:
        """The repository is back: the run waits again for what it waited for before."""
        if run.wait is None or not is_astray(run.wait.reason):
            return
        before = await self.deps.store.get(slots.WAIT_BEFORE, run.id)
        if before is not None and before.activation == run.activation:
            await Job(self.deps, run).change(wait=before.wait)

    async def admit(self, issue: Issue, *, comments: bool = True) -> Admission:
        """Whether it may start. Raises what the forge raises: that is a no (default deny)."""
        return await admit(self.deps, issue, self._permissions, comments=comments)

    async def listen(self, issue: int, pr: int = 0) -> None:
        """Hear what people said to harness on the issue, or on its pull request."""
        await self._listening.listen(issue, pr)

    async def reply_to(self, command: Command, answer: LocalizedText) -> None:
        """Tell who gave that word what came of it, where it does not show by itself."""
        await self._listening.reply_to(command, answer)

    async def say_held(self, issue: int, held: LocalizedText | None, hidden: int = 0) -> None:
        """Tell on the issue why it does not start; None: that it may now."""
        await self._listening.say_held(issue, held, hidden)

    async def begin(self, issue: Issue) -> Run:
        """The issue's active run, opened with a snapshot of what may be read. LeaseLost when
        another daemon works on it."""
        self._permissions.forget()
        admission = await admit(self.deps, issue, self._permissions)
        if admission.trigger is None:
            held = admission.held or LocalizedText(key="guard.held_unknown")
            raise RefusedError(held.key, **held.facts)
        await self._claim(issue)
        trusted, others, first = await readable(self.deps, issue, self._permissions)
        guard = self.deps.guard
        snapshot = await scan(guard.snapshot, issue, trusted, admission.trigger, others, first)
        store = self.deps.store
        # before the run: after a kill in between the person asks again, and nobody else can
        await store.put(slots.ASKED, issue_key(self.name, issue.number), False)
        run, new = await store.open_run(self.name, snapshot, self.deps.clock.now())
        if new:
            job = Job(self.deps, run)
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
            if snapshot.left_chars or snapshot.left_comments or snapshot.echoes:
                await job.tell(
                    "shortened",
                    "",
                    characters=snapshot.left_chars,
                    comments=snapshot.left_comments,
                    echoes=snapshot.echoes,
                )
        return run

    async def _claim(self, issue: Issue) -> None:
        """The issue's lease. One that another daemon has worked on to the end is not begun again
        here, unless a person asks for it."""
        leases, store, forge = self.deps.leases, self.deps.store, self.deps.forge
        if leases is None:
            return
        if await store.find_run(self.name, issue.number) is None:
            asked = await store.get(slots.ASKED, issue_key(self.name, issue.number))
            if not asked and await forge.lease(issue.number) is None:
                me = (await forge.me()).id
                ours = [c for c in await forge.comments(issue.number) if c.author.id == me]
                if any(c.body.startswith(PROGRESS) for c in ours):
                    again = self.deps.clock.now() + timedelta(days=1)
                    raise LeaseLost("daemon.worked_elsewhere", until=again, issue=issue.number)
        await leases.begin(issue.number)

    async def command(self, command: Command) -> LocalizedText:
        """A person's word, applied."""
        run = await self.deps.store.find_run(self.name, command.issue)
        if run is None:
            return LocalizedText(key="pipeline.no_run", facts={"issue": command.issue})
        job = Job(outward(self.deps, run), run)
        try:
            rested = job.run.state in (RunState.WAITING, RunState.HELD)
            said = await apply_command(job, command)
            if rested and job.run.state is RunState.ACTIVE:
                await said_on_issue(job)
            await look_back(job)
        finally:
            if self.deps.leases is not None:
                await self.deps.leases.settle(await job.reload())
        await write_pages(job)
        return said

    async def fingerprint(self, run: Run) -> str:
        """Forge facts of this run; a change is a signal. Its lease is renewed by the way."""
        if self.deps.leases is not None:
            await self.deps.leases.keep(run)
        return await fingerprint(Job(self.deps, run), run.wait)

    async def follow_proposals(self) -> None:
        """See the port."""
        await follow_proposals(self.deps)

    async def activate(self, run: Run) -> str:
        """Start the next activation of a run; the same number again is the same one."""
        job = Job(self.deps, await self.deps.store.run(run.id))
        number = job.run.activation + 1
        # the row first: a crash between the two starts this very activation again
        await job.change(
            activation=number,
            state=RunState.ACTIVE,
            wait=job.run.wait if self._needs_wait(job.run) else None,
        )
        name = f"{self.name}/{run.issue}/{run.number}/{number}"
        await self.deps.durable.start(f"activation:{self.name}", name, {"run": run.id})
        return name

    def _needs_wait(self, run: Run) -> bool:
        """A stage that waits for an answer reads its own Wait to find it."""
        return run.wait is not None and run.wait.signals[0] == "answer"
