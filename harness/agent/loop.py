"""The loop: answer what is asked, look, ask again. Resumable from any transcript."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

from harness.agent import slots
from harness.agent.agent_workspace import AgentWorkspace
from harness.agent.answering import ToolRunner
from harness.agent.asking import ModelCaller, TooLarge
from harness.agent.context_window import messages, shrunk, tokens
from harness.agent.deps import LoopDeps
from harness.agent.gate import HookEvent
from harness.agent.skill_news import StandingSkill, find_news
from harness.agent.slots import SessionState
from harness.agent.transcript import Transcript, distinct
from harness.agent.watching import Watcher
from harness.core.base import Json
from harness.core.types import (
    Ended,
    LocalizedText,
    Message,
    Request,
    Run,
    Session,
    ThinkingBudget,
    Turn,
    Usage,
)
from harness.ports.backend import OnVerdict
from harness.system.log import about

_SMALLEST_BUDGET = 8_000
_SMALLEST_REPLY = 1_024


class AgentSession:
    """One session under way: the Conversation port."""

    def __init__(
        self,
        deps: LoopDeps,
        session: Session,
        *,
        transcript: Transcript,
        place: AgentWorkspace,
        asker: ModelCaller,
        answerer: ToolRunner,
        kept: SessionState,
    ) -> None:
        self._deps = deps
        self._session = session
        self._transcript = transcript
        self._place = place
        self._answerer = answerer
        self._asker = asker
        self._watcher = Watcher(deps, session, place)
        self._kept = kept
        self._began = 0.0
        self._message = ""
        self._looked = 0
        self._resumed = True
        self._usage = Usage()

    async def send(self, message: str, on_verdict: OnVerdict) -> Ended:
        """See the port. Engine faults are raised; everything else ends the stretch."""
        self._began = self._deps.clock.monotonic()
        self._usage = Usage()
        message = self._deps.redact(message)
        self._message = message
        run = await self._deps.store.run(self._session.run)
        await self._say(message)
        await self._know_skills()
        with about(session=self._session.id):
            try:
                ended = await self._fire_start_hooks(message) or await self._go(run, on_verdict)
            finally:
                await self._asker.finish_settling()
        await self._transcript.save()
        if ended.kind != "reached":
            ended = ended.model_copy(update={"tree": ended.tree or self._place.tree})
        self._kept = self._kept.model_copy(update={"worked_s": self._at_work()})
        await self._keep()
        return ended.model_copy(update={"usage": self._usage})

    async def suspend(self) -> str:
        """See the port. Nothing of the session stays outside the store and state.git."""
        try:
            tree = await self._place.snapshot()
            await self._transcript.record_snapshot(tree)
        except BaseException:
            # no snapshot is no reason to leave the Box open: nobody would close it
            await self._place.lose()
            raise
        await self._place.leave()
        return tree

    async def _go(self, run: Run, on_verdict: OnVerdict) -> Ended:
        while True:
            ended = await self._answerer.all(on_verdict) or await self._look()
            ended = ended or await self._used_up(run)
            if ended is not None:
                return ended
            reply = await self._next(run)
            if isinstance(reply, Ended):
                return reply

    async def _next(self, run: Run) -> Message | Ended:
        """The next reply, acted on only when the snapshot before it is stored. While the first
        is waited for, a Box that will surely be needed is opened."""
        meanwhile: asyncio.Task[object] | None = None
        if self._answerer.may_have_changes:
            meanwhile = asyncio.create_task(self._place.snapshot())
        elif not self._transcript.turns and self._early:
            meanwhile = asyncio.create_task(self._place.ready())
        try:
            reply = await self._recover_reply() or await self._ask(run)
        finally:
            if meanwhile is not None:
                await meanwhile
        self._answerer.mark_saved()
        self._resumed = False
        if isinstance(reply, Ended):
            return reply
        reply = distinct(reply, self._transcript.turns)
        self._usage = self._usage.plus(reply.usage or Usage())
        await self._transcript.append(reply, self._place.tree)
        return reply

    @property
    def _early(self) -> bool:
        return self._deps.early or self._session.kind == "subagent"

    async def _ask(self, run: Run) -> Message | Ended:
        """A conversation that does not fit is sent with fewer old outputs, and stays so: a resume
        must send the same again."""
        while True:
            request = self._request()
            reply = await self._asker.ask(request, run, self._count_broken)
            if not isinstance(reply, TooLarge):
                return reply
            if self._budget < _SMALLEST_BUDGET:
                return Ended(kind="stopped", why=reply.why)
            facts: dict[str, Json] = {"trigger": "auto", "custom_instructions": None}
            passage = await self._answerer.at("PreCompact", "auto", facts)
            if passage.kind == "refuse":
                return Ended(kind="stopped", why=passage.why)
            await self._shrink(reply, tokens(request.model_dump_json()))

    async def _shrink(self, told: TooLarge, size: int) -> None:
        """Less room for the conversation, as the server counts it where it says so; and a reply
        that leaves some."""
        reply = self._kept.reply_tokens or self._deps.limits.max_tokens
        smaller = max(_SMALLEST_REPLY, told.limit // 4) if told.limit else reply
        if smaller < reply and size < told.limit // 2:
            # the conversation fits: what was too much is the room for the reply
            budget = min(self._budget, told.limit // 2)
        else:
            budget = shrunk(min(self._budget, size), told.limit, told.asked)
        reply = min(reply, smaller)
        changes = {"context_tokens": budget, "reply_tokens": reply}
        self._kept = self._kept.model_copy(update=changes)
        await self._keep()

    async def _count_broken(self, turn: int) -> int:
        """How many replies to this turn were of no use, this one included; kept through a kill."""
        same = self._kept.broken_turn == turn
        times = self._kept.broken_times + 1 if same else 1
        changes = {"broken_turn": turn, "broken_times": times}
        self._kept = self._kept.model_copy(update=changes)
        await self._keep()
        return times

    @property
    def _budget(self) -> int:
        return self._kept.context_tokens or self._deps.limits.context_tokens

    async def _keep(self) -> None:
        await self._deps.store.put(slots.SESSION, self._session.id, self._kept)

    async def _recover_reply(self) -> Message | None:
        """After a resume: the reply that is recorded already, and the ledger brought up to it."""
        if not self._resumed:
            return None
        for turn in self._transcript.turns[-1:]:
            if turn.number:
                await self._asker.grant_calls(turn.number, turn.reply)
        known = await self._find_recorded()
        if known is not None:
            await self._asker.grant_calls(self._transcript.next_number, known)
        return known

    def _request(self) -> Request:
        limits = self._deps.limits
        thinking = self._session.thinking_tokens
        return Request(
            session=self._session.id,
            turn=self._transcript.next_number,
            system=self._session.system,
            messages=messages(self._session, self._transcript.turns, self._budget),
            tools=self._answerer.specs,
            thinking=ThinkingBudget(tokens=thinking),
            max_tokens=min(limits.max_tokens, self._kept.reply_tokens or limits.max_tokens)
            + thinking,
        )

    async def _say(self, message: str) -> None:
        """Said at this place, unless it was, or a reply was already given without it."""
        turns = self._transcript.turns
        start = self._transcript.stretch_start()
        if not message or any(f"\n\n{message}\n\n" in f"\n\n{t.said}\n\n" for t in turns[start:]):
            return
        if not self._transcript.pending:
            ahead = await self._find_recorded()
            if ahead is not None:
                await self._transcript.append(ahead, self._place.tree)
        await self._transcript.say(message)

    async def _fire_start_hooks(self, message: str) -> Ended | None:
        """Hooks at the start of the session and of what is said to it, its opening first."""
        texts: list[str] = []
        begun = any(turn.number for turn in self._transcript.turns)
        source = "resume" if begun else "startup"
        asked: list[tuple[HookEvent, str, dict[str, Json]]] = []
        if self._resumed:
            model = self._session.model
            asked.append(("SessionStart", source, {"source": source, "model": model}))
        said_first = () if begun else (self._session.opening,)
        asked += [("UserPromptSubmit", "", {"prompt": p}) for p in (*said_first, message) if p]
        for moment, subject, facts in asked:
            passage = await self._answerer.at(moment, subject, facts)
            if passage.kind in ("refuse", "stop"):
                return Ended(kind="stopped", why=passage.why)
            texts.append(passage.text)
        said = "\n\n".join(turn.said for turn in self._transcript.turns)
        new = [text for text in texts if text and text not in said]
        if new and not self._transcript.pending and await self._find_recorded() is None:
            await self._transcript.say(*new)
        return None

    async def _find_recorded(self) -> Message | None:
        """The reply to the transcript as it stands, when an earlier process got one."""
        last = self._transcript.last
        nothing_said = last is not None and not (last.reply.calls or last.said)
        if nothing_said or not self._resumed:
            return None
        known = await self._asker.find_recorded(self._request())
        return distinct(known, self._transcript.turns) if known is not None else None

    async def _look(self) -> Ended | None:
        """After a turn: what differs from what was expected, and whether it goes in circles.
        Said in one write before the next request; never after it."""
        last = self._transcript.last
        if last is None or last.number == 0 or self._looked == last.number:
            return None
        if await self._find_recorded() is None:
            stuck = self._watcher.stuck(self._stretch())
            if stuck is not None and stuck.stop:
                return Ended(kind="stopped", why=self._watcher.why(stuck))
            texts = await self._watcher.observations(self._transcript.turns)
            standing = await self._deps.skills.standing(self._session, self._place.base_sha)
            known, turns = self._kept.skills or {}, self._transcript.turns
            news = find_news(self._session, turns, known, standing, self._deps.prompts)
            await self._transcript.say(*texts, *news, self._watcher.nudge(stuck))
            # what was said is in the store: a kill before this says nothing twice
            await self._know(standing)
        self._looked = last.number
        await self._deps.on_turn(self._session, self._transcript.turns[-1])
        return None

    async def _know_skills(self) -> None:
        """What the session begins with: only what differs from it later is told."""
        if self._kept.skills is None:
            standing = await self._deps.skills.standing(self._session, self._place.base_sha)
            await self._know(standing)

    async def _know(self, standing: Mapping[str, StandingSkill]) -> None:
        """Skills as the session now knows them."""
        digests = {name: skill.digest for name, skill in standing.items()}
        known = self._kept.skills
        if digests != known:
            self._kept = self._kept.model_copy(update={"skills": digests})
        if digests != (known or {}):
            await self._keep()

    def _stretch(self) -> list[Turn]:
        turns = self._transcript.turns[self._transcript.stretch_start(self._message) :]
        return [turn for turn in turns if turn.number]

    async def _used_up(self, run: Run) -> Ended | None:
        """Limits of the session, and a person's or the daemon's word to stop."""
        limits = self._deps.limits
        turns = min(limits.turns, self._session.turns or limits.turns)
        why: LocalizedText | None = None
        if self._transcript.next_number > turns:
            why = LocalizedText(key="agent.turns_used", facts={"limit": turns})
        elif self._at_work() >= limits.wall_s:
            why = LocalizedText(key="agent.time_used", facts={"limit": round(limits.wall_s)})
        else:
            why = await self._deps.interrupted(run.id)
        return Ended(kind="stopped", why=why) if why is not None else None

    def _at_work(self) -> float:
        return self._kept.worked_s + self._deps.clock.monotonic() - self._began
