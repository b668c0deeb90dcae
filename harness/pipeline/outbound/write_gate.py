"""The one gate to the outside: each write to the forge, and each push, of a run (T37).

A write passes when its rule below lets this run make it, no agent of the run is at work, nothing
in its texts may be a secret, what let the run begin still holds, and the repository is the one
that was registered. Whoever has no run to show can only answer people. A write that has no method
here is refused by its type.
"""

from __future__ import annotations

import dataclasses
import logging
import re
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, Never

from harness.core.errors import NotFound, WriteRefused
from harness.core.forge_types import MergeMethod, OwnConclusion
from harness.core.types import Check, Comment, Issue, Power, PullRequest, Run
from harness.pipeline.agents.active_sessions import watch_sessions
from harness.pipeline.deps import PipelineDeps
from harness.pipeline.job import Job
from harness.pipeline.outbound.authority import Effect, authorise
from harness.pipeline.outbound.authority_repository import checked_forge
from harness.pipeline.outbound.forwarding import ForwardingReader
from harness.pipeline.outbound.leak_scan import refused_text
from harness.pipeline.outbound.leased import with_lease
from harness.pipeline.outbound.push_gate import GatedWorkspace, own_branches
from harness.pipeline.pull_request.ci import OWN
from harness.pipeline.verification.held import is_held
from harness.ports.forge import Forge

log = logging.getLogger(__name__)
REPORTING = re.compile(r"progress-\d+|held(?:-\d+-\d+)?|word-\d+")
"""Comments that say how a run stands. One with a secret in it is replaced by a fixed sentence: to
hold the run would need such a comment too."""
ANSWERING = re.compile(r"held|word-\d+")
"""What is said where there is no run: why an issue does not start, and answers to people."""


@dataclass(frozen=True)
class Write:
    """One write that wants to pass. `number`: the issue or pull request it is made to, 0: none.
    `texts`: every text in it by its argument's name."""

    name: str
    texts: Mapping[str, str]
    number: int = 0
    head_sha: str = ""
    effect: Effect | None = None
    """What it brings about, before which the rule that let the run begin is asked again."""

    def has_marker(self, marker: re.Pattern[str]) -> bool:
        """Whether it is a comment of ours with such a marker."""
        return self.name == "put_comment" and marker.fullmatch(self.texts["marker"]) is not None


Rule = Callable[[Run], Awaitable[str]]
"""For the run as it is now: "" or what of the write is foreign to it."""


def behind_gate(deps: PipelineDeps) -> PipelineDeps:
    """A project's deps: reads pass, sessions are known while they are open, and the only writes
    are answers to people. `outward` opens more, for one run."""
    deps = dataclasses.replace(deps, forge=checked_forge(deps))
    return watch_sessions(_with(deps, WriteGate(deps, ""), GatedWorkspace(deps, "")))


def outward(deps: PipelineDeps, run: Run) -> PipelineDeps:
    """The deps for one run: its writes pass by their rules, with its lease looked at before
    each."""
    forge = deps.forge.inner if isinstance(deps.forge, WriteGate) else deps.forge
    workspace = deps.workspace
    if isinstance(workspace, GatedWorkspace):
        workspace = workspace.inner
    held = with_lease(dataclasses.replace(deps, forge=forge, workspace=workspace), run.issue)
    return _with(deps, WriteGate(held, run.id), GatedWorkspace(held, run.id))


def _with(deps: PipelineDeps, forge: WriteGate, workspace: GatedWorkspace) -> PipelineDeps:
    return dataclasses.replace(deps, forge=forge, workspace=workspace)


class WriteGate(ForwardingReader):
    """The Forge port. `run` "": no run."""

    def __init__(self, deps: PipelineDeps, run: str) -> None:
        super().__init__(deps.forge)
        self._deps = deps
        self._run = run

    @property
    def inner(self) -> Forge:
        """What is behind the gate."""
        return self._forge

    # ---- what no run ever writes

    async def powers(self) -> tuple[Power, ...]:
        """Refused: it tries real writes. Only `doctor` asks, and not in here."""
        raise WriteRefused("guard.write_unknown", write="powers")

    async def create_issue(
        self, title: str, body: str, labels: Sequence[str] = (), key: str = ""
    ) -> Issue:
        texts = {"title": title, "body": body, "labels": "\n".join(labels), "key": key}
        await self._refuse(Write("create_issue", texts))

    async def edit_issue(
        self, number: int, *, title: str | None = None, body: str | None = None
    ) -> Issue:
        await self._refuse(Write("edit_issue", _without_none(title=title, body=body), number))

    async def labels(
        self, number: int, *, add: Sequence[str] = (), remove: Sequence[str] = ()
    ) -> Issue:
        texts = {"add": "\n".join(add), "remove": "\n".join(remove)}
        await self._refuse(Write("labels", texts, number))

    # ---- the run's own issue

    async def close(
        self, number: int, reason: Literal["completed", "not_planned"] = "completed"
    ) -> Issue:
        async def rule(run: Run) -> str:
            return "" if number == run.issue else f"#{number}"

        await self._pass(Write("close", {"reason": reason}, number, effect="close"), rule)
        return await self._forge.close(number, reason)

    async def put_comment(self, number: int, marker: str, body: str) -> Comment:
        async def rule(run: Run) -> str:
            return "" if number in (run.issue, run.pr or run.issue) else f"#{number}"

        texts = {"marker": marker, "body": body}
        texts = await self._pass(Write("put_comment", texts, number), rule)
        return await self._forge.put_comment(number, marker, texts["body"])

    # ---- the run's own pull request

    async def open_pr(
        self, head: str, base: str, title: str, body: str, *, draft: bool
    ) -> PullRequest:
        async def rule(run: Run) -> str:
            if head not in own_branches(self._deps, run):
                return head
            return "" if base == self._deps.policy.default_branch else base

        run = await self._row()
        # what takes a run back is a person's own word
        undoing = run is not None and head == own_branches(self._deps, run)[1]
        texts = {"head": head, "base": base, "title": title, "body": body}
        await self._pass(Write("open_pr", texts, effect=None if undoing else "publish"), rule)
        return await self._forge.open_pr(head, base, title, body, draft=draft)

    async def edit_pr(
        self, number: int, *, title: str | None = None, body: str | None = None
    ) -> PullRequest:
        await self._to_pull(Write("edit_pr", _without_none(title=title, body=body), number))
        return await self._forge.edit_pr(number, title=title, body=body)

    async def ready(self, number: int) -> PullRequest:
        await self._to_pull(Write("ready", {}, number, effect="ready"))
        return await self._forge.ready(number)

    async def close_pr(self, number: int) -> PullRequest:
        await self._to_pull(Write("close_pr", {}, number))
        return await self._forge.close_pr(number)

    async def request_review(self, pr: int, logins: Sequence[str]) -> None:
        await self._to_pull(Write("request_review", {"logins": "\n".join(logins)}, pr))
        await self._forge.request_review(pr, logins)

    async def reply(self, pr: int, thread: str, marker: str, body: str) -> Comment:
        texts = {"thread": thread, "marker": marker, "body": body}
        await self._pass(Write("reply", texts, pr), self._thread(pr, thread))
        return await self._forge.reply(pr, thread, marker, body)

    async def resolve(self, pr: int, thread: str) -> None:
        await self._pass(Write("resolve", {"thread": thread}, pr), self._thread(pr, thread))
        await self._forge.resolve(pr, thread)

    async def rerun(self, check: int) -> None:
        async def rule(run: Run) -> str:
            own = await self._forge.checks(run.head_sha) if run.head_sha else ()
            return "" if check in {one.id for one in own} else str(check)

        await self._pass(Write("rerun", {}), rule)
        await self._forge.rerun(check)

    async def put_check(
        self, commit: str, name: str, conclusion: OwnConclusion, summary: str
    ) -> Check:
        async def rule(run: Run) -> str:
            return "" if commit == run.head_sha and name == OWN else f"{name} {commit[:12]}"

        texts = {"commit": commit, "name": name, "conclusion": conclusion, "summary": summary}
        await self._pass(Write("put_check", texts), rule)
        return await self._forge.put_check(commit, name, conclusion, summary)

    async def merge(self, pr: int, head_sha: str, method: MergeMethod, message: str) -> PullRequest:
        texts = {"head_sha": head_sha, "method": method, "message": message}
        await self._to_merge(Write("merge", texts, pr, head_sha, "merge"))
        return await self._forge.merge(pr, head_sha, method, message)

    async def enqueue(self, pr: int, head_sha: str, method: MergeMethod) -> bool:
        texts = {"head_sha": head_sha, "method": method}
        await self._to_merge(Write("enqueue", texts, pr, head_sha, "merge"))
        return await self._forge.enqueue(pr, head_sha, method)

    async def delete_branch(self, name: str, expected_sha: str) -> None:
        async def rule(run: Run) -> str:
            own = name == Job(self._deps, run).branch and expected_sha == run.head_sha
            return "" if own and run.merged_sha else name

        texts = {"name": name, "expected_sha": expected_sha}
        await self._pass(Write("delete_branch", texts), rule)
        await self._forge.delete_branch(name, expected_sha)

    # ---- rules that several share

    async def _to_pull(self, write: Write) -> None:
        await self._pass(write, lambda run: self._own_pull(run, write.number))

    async def _own_pull(self, run: Run, number: int) -> str:
        """Its own by number, or by its head: a crash may have come before the number was kept."""
        if number and number == run.pr:
            return ""
        try:
            head = (await self._forge.pr(number)).head
        except NotFound:
            return f"#{number}"
        return "" if head in own_branches(self._deps, run) else f"#{number}"

    def _thread(self, pr: int, thread: str) -> Rule:
        async def rule(run: Run) -> str:
            foreign = await self._own_pull(run, pr)
            if foreign:
                return foreign
            known = {one.id for one in await self._forge.threads(pr)}
            return "" if thread in known else thread[:80]

        return rule

    async def _to_merge(self, write: Write) -> None:
        async def rule(run: Run) -> str:
            if (write.number, write.head_sha) != (run.pr, run.head_sha):
                return f"#{write.number} {write.head_sha[:12]}"
            asks = self._deps.policy.merge != "auto" or await is_held(Job(self._deps, run))
            if asks and f"merge:{write.head_sha}" not in run.approvals:
                raise WriteRefused("guard.write_unapproved", write=write.name)
            return ""

        await self._pass(write, rule)

    # ---- what every write goes through

    async def _row(self) -> Run | None:
        return await self._deps.store.run(self._run) if self._run else None

    async def _refuse(self, write: Write) -> Never:
        run = await self._row()
        await _quiet(self._deps, write, run)
        await self._clean(write, run)
        raise WriteRefused("guard.write_unknown", write=write.name)

    async def _pass(self, write: Write, rule: Rule) -> dict[str, str]:
        """Raises, or answers with what may be written: the texts, or a fixed sentence in their
        place."""
        run = await self._row()
        await _quiet(self._deps, write, run)
        # first: why a write is refused may show what it says
        texts = await self._clean(write, run)
        if run is None:
            if not write.has_marker(ANSWERING):
                raise WriteRefused("guard.write_unknown", write=write.name)
            return texts
        foreign = await rule(run)
        if foreign:
            raise WriteRefused("guard.write_foreign", write=write.name, what=foreign)
        if write.effect is not None:
            await authorise(self._deps, run, write.effect)
        return texts

    async def _clean(self, write: Write, run: Run | None) -> dict[str, str]:
        for argument, text in write.texts.items():
            refused = await refused_text(self._deps, run, f"{write.name}: {argument}", text)
            if refused is None:
                continue
            if not (write.has_marker(REPORTING) and argument == "body"):
                raise WriteRefused(refused.key, **refused.facts)
            log.warning("a comment was withheld: %s", refused.key)
            if run is not None:
                told = Job(self._deps, run)
                await told.tell("withheld", f"{write.texts['marker']}:{run.activation}")
            return {**write.texts, "body": self._deps.words("guard.withheld")}
        return dict(write.texts)


async def _quiet(deps: PipelineDeps, write: Write, run: Run | None) -> None:
    """Raises while an agent of the run, or of a run on what is written to, is at work; its own
    progress comment may be written."""
    busy = set(deps.live.active_sessions.values())
    if run is not None:
        own = re.compile(re.escape(f"progress-{run.number}"))
        progress = write.has_marker(own) and write.number == run.issue
        if run.id in busy and not progress:
            raise WriteRefused("guard.write_at_work", write=write.name)
        return
    for other in [await deps.store.run(one) for one in sorted(busy)]:
        if write.number and write.number in (other.issue, other.pr or other.issue):
            raise WriteRefused("guard.write_at_work", write=write.name)


def _without_none(**texts: str | None) -> dict[str, str]:
    return {name: text for name, text in texts.items() if text is not None}
