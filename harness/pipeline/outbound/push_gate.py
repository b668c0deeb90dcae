"""The gate of pushes: one commit of the daemon's own, on one branch of the run's own, every blob
and name in it searched once more."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from harness.core.errors import WriteRefused
from harness.core.types import FileChange, Run
from harness.pipeline.agents.skills import GIVEN
from harness.pipeline.deps import PipelineDeps
from harness.pipeline.job import Job
from harness.pipeline.outbound.authority import authorise
from harness.pipeline.outbound.forwarding_workspace import ForwardingWorkspace
from harness.pipeline.outbound.leak_scan import of_tree, refused_text
from harness.ports.workspace import Workspace

INSTRUCTIONS = ("CLAUDE.md", ".claude/CLAUDE.md", "AGENTS.md")
"""What a lesson may be written into: the one that is looked for first comes first."""
SKILL_PAGES = tuple(
    f"{folder}/{{}}/{page}"
    for folder in (".claude/skills", "skills")
    for page in ("SKILL.md", "skill.md")
)
"""Where a project may have a skill of its own, in the same order."""


def may_hold_lesson(change: FileChange) -> bool:
    """Whether a lesson may be that change: of the project's instructions for agents, or of a skill
    that is there and that a stage gives by name."""
    pages = (page.format(name) for page in SKILL_PAGES for name in GIVEN)
    return change.path in INSTRUCTIONS or (change.status == "modified" and change.path in pages)


def own_branches(deps: PipelineDeps, run: Run) -> tuple[str, ...]:
    """The run's branch, the one on which it is taken back, and the one of a lesson where policy
    has them proposed: from numbers only."""
    lessons = (lesson_branch(run),) if deps.policy.lessons == "propose" else ()
    return Job(deps, run).branch, f"agent/undo-{run.issue}-{run.number}", *lessons


def lesson_branch(run: Run) -> str:
    """On which a run proposes what it taught: one for its lifetime."""
    return f"agent/lesson-{run.issue}-{run.number}"


class GatedWorkspace(ForwardingWorkspace):
    """The Workspace port. `run` "": no run, so nothing is pushed."""

    def __init__(self, deps: PipelineDeps, run: str) -> None:
        super().__init__(deps.workspace)
        self._deps = deps
        self._run = run
        self._made: dict[str, tuple[str, tuple[str, ...]]] = {}
        """Commit -> (tree, parents), of what was committed through this gate."""

    @property
    def inner(self) -> Workspace:
        """What is behind the gate."""
        return self._workspace

    async def commit(self, tree: str, parents: Sequence[str], message: str, at: datetime) -> str:
        """See the port. WriteRefused for a message that may hold a secret."""
        run = await self._deps.store.run(self._run) if self._run else None
        refused = await refused_text(self._deps, run, "commit message", message)
        if refused is not None:
            raise WriteRefused(refused.key, **refused.facts)
        made = await self._deps.workspace.commit(tree, parents, message, at)
        self._made[made] = (tree, tuple(parents))
        return made

    async def push(self, commit: str, branch: str, expected: str | None) -> None:
        """See the port. WriteRefused for what is not this run's to push, Unauthorised when what
        let the run begin does not hold any more."""
        if not self._run:
            raise WriteRefused("guard.write_unknown", write="push")
        run = await self._deps.store.run(self._run)
        if run.id in self._deps.live.active_sessions.values():
            raise WriteRefused("guard.write_at_work", write="push")
        refused = await refused_text(self._deps, run, "branch", branch)
        if refused is not None:
            raise WriteRefused(refused.key, **refused.facts)
        default = self._deps.policy.default_branch
        if branch not in own_branches(self._deps, run) or branch == default:
            raise WriteRefused("guard.write_foreign", write="push", what=branch)
        if commit != run.head_sha:
            await self._check_commit(run, commit)
        if branch == lesson_branch(run):
            await self._check_lesson(commit)
        if branch != own_branches(self._deps, run)[1]:
            await authorise(self._deps, run, "publish")
        # git asks nobody whose repository it is
        await self._deps.forge.repository()
        await self._deps.workspace.push(commit, branch, expected)

    async def _check_commit(self, run: Run, commit: str) -> None:
        """The commit was made here, on what the forge has, and holds nothing that may never
        leave: a person's approval has no part in that."""
        if commit not in self._made:
            raise WriteRefused("guard.write_foreign", write="push", what=commit[:12])
        tree, parents = self._made[commit]
        for parent in parents:
            if parent not in (run.base_sha, run.head_sha) and not await self._is_on_default(parent):
                raise WriteRefused("guard.write_foreign", write="push", what=parent[:12])
        base = run.base_sha if {run.base_sha, run.head_sha} & {*parents} else parents[0]
        never = self._deps.guard.lasting(await of_tree(self._deps, base, tree))
        if never:
            raise WriteRefused(never[0].say.key, **never[0].say.facts)

    async def _check_lesson(self, commit: str) -> None:
        """A lesson is one more line for the project's agents, and nothing else."""
        workspace = self._deps.workspace
        tree, parents = self._made.get(commit, ("", ()))
        if not tree or len(parents) != 1:
            raise WriteRefused("guard.write_foreign", write="push", what=commit[:12])
        changes = await workspace.changes(await workspace.tree_of(parents[0]), tree)
        foreign = [one.path for one in changes if not may_hold_lesson(one)]
        if foreign or len(changes) != 1:
            raise WriteRefused("guard.write_foreign", write="push", what=(foreign or ["-"])[0])

    async def _is_on_default(self, commit: str) -> bool:
        """Whether it is on the default branch already."""
        workspace = self._deps.workspace
        tip = await workspace.tip(self._deps.policy.default_branch)
        return not await workspace.commits_between(tip, commit)
