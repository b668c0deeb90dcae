"""What people say to harness in comments, `/harness approve` and the like: posted to the inbox
when they may, answered once where an answer helps. Each comment is heard once, as it was then.
"""

from __future__ import annotations

from typing import TypeVar

from harness.core.errors import Forbidden, NotFound, WriteRefused
from harness.core.slot import Slot
from harness.core.trust_types import is_ours
from harness.core.types import Command, Comment, LocalizedText, Run
from harness.pipeline import slots
from harness.pipeline.admission import Permissions
from harness.pipeline.deps import PipelineDeps
from harness.pipeline.job import Job, stage_name
from harness.pipeline.outbound.deferred_comments import say_later
from harness.pipeline.scan import scan
from harness.pipeline.slots import Place
from harness.report.plan_page import find_block

T = TypeVar("T")
VERBS = {
    "approve": "approve",
    "reject": "reject",
    "answer": "answer",
    "stop": "pause",
    "cancel": "cancel",
    "retry": "retry",
    "agree": "agree",
    "plan": "plan",
}
"""The word of a comment -> the verb of the inbox. `go` and `why` are not in it."""
TOLD = ("go", "approve", "reject", "stop", "retry", "cancel", "why", "plan", "answer", "agree")
KEPT = 500
"""Ids of comments kept as heard, the highest; when there are so many, all lower ones count too."""
DONE = ("pipeline.did_", "claim.did_", "daemon.will_start")
"""Answers that show by themselves, on the issue's progress comment."""


class Listening:
    """One project's ear."""

    def __init__(self, deps: PipelineDeps, permissions: Permissions) -> None:
        self._deps = deps
        self._permissions = permissions
        self._project = deps.policy.project

    async def listen(self, issue: int, pr: int = 0) -> None:
        """Hears what is new on the issue, or on its pull request. May be repeated."""
        forge, on = self._deps.forge, pr or issue
        try:
            comments = await forge.comments(on)
        except NotFound:
            return
        heard = await self._heard(on)
        before_all = min(heard) if len(heard) >= KEPT else 0
        me = await forge.me()
        run = await self._deps.store.find_run(self._project, issue)
        for comment in comments:
            if comment.id in heard or comment.id < before_all or is_ours(comment, me):
                continue
            said = await self._commands_in(comment, run)
            if not said:
                continue
            await self._hear(comment, said, issue, on, run)
            heard.append(comment.id)
            await self._keep(slots.HEARD.at(on), tuple(sorted(heard)[-KEPT:]))

    async def reply_to(self, command: Command, answer: LocalizedText) -> None:
        """A word of a comment that could not be followed is told so there, once."""
        place = await self._deps.store.get(slots.WORD.at(command.id), self._project)
        if place is not None and not answer.key.startswith(DONE):
            await self._reply(place.on, place.comment, answer, command.issue)

    async def say_held(self, issue: int, held: LocalizedText | None, hidden: int) -> None:
        """Why an issue that somebody asked for does not start; None: it may now. One comment,
        edited in place."""
        words = self._deps.words
        lines = [words("daemon.free" if held is None else "daemon.held")]
        if held is not None:
            lines = [lines[0], "", words(held.key, **held.facts)]
        if held is not None and hidden:
            lines += ["", words("daemon.hidden", count=hidden)]
        await self._put_comment(issue, "held", "\n".join(lines), issue)

    # ---- one comment

    async def _commands_in(self, comment: Comment, run: Run | None) -> list[tuple[str, str]]:
        said = list(await scan(self._deps.guard.find_words, comment.body))
        waits = run is not None and run.wait is not None and "plan" in run.wait.signals
        if not said and waits and await self._block(comment):
            said = [("plan", comment.body)]
        return said

    async def _block(self, comment: Comment) -> str | None:
        """The plan that a comment holds, as a person sees it."""
        return find_block(await scan(self._deps.guard.visible, comment.body))

    async def _hear(
        self, comment: Comment, said: list[tuple[str, str]], issue: int, on: int, run: Run | None
    ) -> None:
        permission = await self._permissions.of(comment.author)
        if self._deps.guard.may_trigger(comment.author, permission) is not None:
            if run is not None and not run.state.over:
                by, word = comment.author.login, said[0][0]
                await Job(self._deps, run).tell("word_ignored", str(comment.id), by=by, word=word)
            return
        if run is not None and comment.created_at < run.created_at:
            return  # said before this run: about something else
        for verb, text in said:
            await self._do(comment, verb, text, issue, on, run)

    async def _do(
        self, comment: Comment, verb: str, text: str, issue: int, on: int, run: Run | None
    ) -> None:
        is_open = run is not None and not run.state.over
        if verb == "why":
            await self._reply(on, comment.id, _why(run, issue), issue)
        elif verb == "go":
            # on an issue without an open run it is a trigger: admission reads it
            if is_open:
                await self._post(comment, "resume", "", issue, on)
        elif verb == "plan":
            page = await self._block(comment)
            if page is None:
                await self._reply(on, comment.id, LocalizedText(key="daemon.no_plan_block"), issue)
            else:
                await self._post(comment, "plan", page, issue, on)
        elif verb in VERBS:
            shown = (await scan(self._deps.guard.visible, text)).strip()
            await self._post(comment, VERBS[verb], shown, issue, on)
        else:
            _, word = self._deps.guard.trigger_words()
            known = ", ".join(f"`{word} {one}`" for one in TOLD)
            facts: dict[str, str | int | float] = {"said": f"{word} {verb}".strip(), "known": known}
            await self._reply(
                on, comment.id, LocalizedText(key="daemon.word_unknown", facts=facts), issue
            )

    async def _post(self, comment: Comment, verb: str, text: str, issue: int, on: int) -> None:
        """Posted once: a kill before the comment was noted as heard finds it in the inbox."""
        by, store = comment.author.login, self._deps.store
        for waiting in await store.inbox():
            same = (waiting.project, waiting.issue, waiting.verb, waiting.by, waiting.at)
            if same == (self._project, issue, verb, by, comment.created_at):
                return
        command = await store.post(
            Command(
                verb=verb,
                project=self._project,
                issue=issue,
                by=by,
                text=text,
                at=comment.created_at,
            )
        )
        await self._keep(slots.WORD.at(command.id), Place(on=on, comment=comment.id))

    # ---- what is kept and said

    async def _heard(self, on: int) -> list[int]:
        return [*(await self._deps.store.get(slots.HEARD.at(on), self._project) or ())]

    async def _keep(self, slot: Slot[T], value: T) -> None:
        await self._deps.store.put(slot, self._project, value)

    async def _reply(self, on: int, comment: int, say: LocalizedText, issue: int) -> None:
        words = self._deps.words(say.key, **say.facts)
        await self._put_comment(on, f"word-{comment}", words, issue)

    async def _put_comment(self, on: int, marker: str, text: str, issue: int) -> None:
        """A conversation that is locked for us goes on without our word; while an agent is at work
        on the issue, it waits until the agent rests."""
        body = await scan(self._deps.guard.outgoing, text, on)
        try:
            await self._deps.forge.put_comment(on, marker, body)
        except WriteRefused as refused:
            run = await self._deps.store.find_run(self._project, issue)
            if refused.key != "guard.write_at_work" or run is None:
                raise
            await say_later(self._deps, run.id, on, marker, body)
        except (Forbidden, NotFound):
            return


def _why(run: Run | None, issue: int) -> LocalizedText:
    """Where the run stands."""
    if run is None:
        return LocalizedText(key="pipeline.no_run", facts={"issue": issue})
    if run.state.over:
        return run.outcome or LocalizedText(key="pipeline.over")
    if run.wait is not None:
        return run.wait.reason
    return LocalizedText(
        key="daemon.working", facts={"issue": issue, "stage": stage_name(run.stage)}
    )
