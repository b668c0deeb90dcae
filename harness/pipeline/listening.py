"""What people say to harness in comments, `/harness approve` and the like: posted to the inbox
when they may, answered once where an answer helps. Each comment is heard once, as it was then.
"""

from __future__ import annotations

from harness.core.base import Json
from harness.core.errors import Forbidden, NotFound, WriteRefused
from harness.core.plan_page import find_block
from harness.core.trust_types import is_ours
from harness.core.types import Command, Comment, Run, Say
from harness.pipeline.admission import Permissions
from harness.pipeline.job import Job
from harness.pipeline.later import say_later
from harness.pipeline.parts import Parts

VERBS = {
    "approve": "approve",
    "reject": "reject",
    "answer": "answer",
    "stop": "pause",
    "cancel": "cancel",
    "retry": "retry",
    "plan": "plan",
}
"""The word of a comment -> the verb of the inbox. `go` and `why` are not in it."""
TOLD = ("go", "approve", "reject", "stop", "retry", "cancel", "why", "plan", "answer")
KEPT = 500
"""Ids of comments kept as heard, the highest; when there are so many, all lower ones count too."""
DONE = ("pipeline.did_", "daemon.will_start")
"""Answers that show by themselves, on the issue's progress comment."""


class Listening:
    """One project's ear."""

    def __init__(self, parts: Parts, permissions: Permissions) -> None:
        self._parts = parts
        self._permissions = permissions
        self._project = parts.rules.project

    async def listen(self, issue: int, pr: int = 0) -> None:
        """Hears what is new on the issue, or on its pull request. May be repeated."""
        forge, on = self._parts.forge, pr or issue
        try:
            comments = await forge.comments(on)
        except NotFound:
            return
        heard = await self._heard(on)
        before_all = min(heard) if len(heard) >= KEPT else 0
        me = await forge.me()
        run = await self._parts.store.find_run(self._project, issue)
        for comment in comments:
            if comment.id in heard or comment.id < before_all or is_ours(comment, me):
                continue
            said = self._said(comment, run)
            if not said:
                continue
            await self._hear(comment, said, issue, on, run)
            heard.append(comment.id)
            await self._keep(f"heard:{on}", [*sorted(heard)[-KEPT:]])

    async def answered(self, command: Command, answer: Say) -> None:
        """A word of a comment that could not be followed is told so there, once."""
        place = await self._parts.store.kept(self._project, f"word:{command.id}")
        if isinstance(place, dict) and not answer.key.startswith(DONE):
            on, comment = int(str(place["on"])), int(str(place["comment"]))
            await self._reply(on, comment, answer, command.issue)

    async def say_held(self, issue: int, held: Say | None, hidden: int) -> None:
        """Why an issue that somebody asked for does not start; None: it may now. One comment,
        edited in place."""
        words = self._parts.words
        lines = [words("daemon.free" if held is None else "daemon.held")]
        if held is not None:
            lines = [lines[0], "", words(held.key, **held.facts)]
        if held is not None and hidden:
            lines += ["", words("daemon.hidden", count=hidden)]
        await self._put(issue, "held", "\n".join(lines), issue)

    # ---- one comment

    def _said(self, comment: Comment, run: Run | None) -> list[tuple[str, str]]:
        said = list(self._parts.guard.spoken(comment.body))
        waits = run is not None and run.wait is not None and "plan" in run.wait.signals
        if not said and waits and find_block(self._parts.guard.visible(comment.body)):
            said = [("plan", comment.body)]
        return said

    async def _hear(
        self, comment: Comment, said: list[tuple[str, str]], issue: int, on: int, run: Run | None
    ) -> None:
        permission = await self._permissions.of(comment.author)
        if self._parts.guard.may_trigger(comment.author, permission) is not None:
            if run is not None and not run.state.over:
                by, word = comment.author.login, said[0][0]
                await Job(self._parts, run).tell("word_ignored", str(comment.id), by=by, word=word)
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
            page = find_block(self._parts.guard.visible(comment.body))
            if page is None:
                await self._reply(on, comment.id, Say(key="daemon.no_plan_block"), issue)
            else:
                await self._post(comment, "plan", page, issue, on)
        elif verb in VERBS:
            shown = self._parts.guard.visible(text).strip()
            if verb == "approve":
                shown = shown.split(maxsplit=1)[0] if shown else ""  # the hash it may name
            await self._post(comment, VERBS[verb], shown, issue, on)
        else:
            _, word = self._parts.guard.trigger_words()
            known = ", ".join(f"`{word} {one}`" for one in TOLD)
            facts: dict[str, str | int | float] = {"said": f"{word} {verb}".strip(), "known": known}
            await self._reply(on, comment.id, Say(key="daemon.word_unknown", facts=facts), issue)

    async def _post(self, comment: Comment, verb: str, text: str, issue: int, on: int) -> None:
        """Posted once: a kill before the comment was noted as heard finds it in the inbox."""
        by, store = comment.author.login, self._parts.store
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
        await self._keep(f"word:{command.id}", {"on": on, "comment": comment.id})

    # ---- what is kept and said

    async def _heard(self, on: int) -> list[int]:
        kept = await self._parts.store.kept(self._project, f"heard:{on}")
        return [int(str(one)) for one in kept] if isinstance(kept, list) else []

    async def _keep(self, key: str, value: Json) -> None:
        await self._parts.store.keep(self._project, key, value)

    async def _reply(self, on: int, comment: int, say: Say, issue: int) -> None:
        words = self._parts.words(say.key, **say.facts)
        await self._put(on, f"word-{comment}", words, issue)

    async def _put(self, on: int, marker: str, text: str, issue: int) -> None:
        """A conversation that is locked for us goes on without our word; while an agent is at work
        on the issue, it waits until the agent rests."""
        body = self._parts.guard.outgoing(text, on)
        try:
            await self._parts.forge.put_comment(on, marker, body)
        except WriteRefused as refused:
            run = await self._parts.store.find_run(self._project, issue)
            if refused.key != "guard.write_at_work" or run is None:
                raise
            await say_later(self._parts, run.id, on, marker, body)
        except (Forbidden, NotFound):
            return


def _why(run: Run | None, issue: int) -> Say:
    """Where the run stands."""
    if run is None:
        return Say(key="pipeline.no_run", facts={"issue": issue})
    if run.state.over:
        return run.outcome or Say(key="pipeline.over")
    if run.wait is not None:
        return run.wait.reason
    return Say(key="daemon.working", facts={"issue": issue, "stage": run.stage.value})
