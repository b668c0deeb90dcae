"""A session's turns, in the store and in hand. A change is written before it is acted on."""

from __future__ import annotations

from collections.abc import Callable

from harness.core.types import Message, ToolCall, ToolResult, Turn
from harness.ports.store import SessionStore


class Transcript:
    """The turns of one session; the last may have calls without results."""

    def __init__(
        self,
        store: SessionStore,
        session: str,
        turns: tuple[Turn, ...],
        base_tree: str,
        redact: Callable[[str], str] = str,
    ) -> None:
        self._store = store
        self._redact = redact
        self._session = session
        self._base_tree = base_tree
        self.turns = list(turns)
        self._unsaved = False

    @property
    def last(self) -> Turn | None:
        """The newest turn."""
        return self.turns[-1] if self.turns else None

    @property
    def next_number(self) -> int:
        """Number of the reply to come; replies count from 1."""
        return self.turns[-1].number + 1 if self.turns else 1

    @property
    def pending(self) -> tuple[ToolCall, ...]:
        """Calls of the last turn without a result, in order."""
        if self.last is None:
            return ()
        open_ids = set(self.last.pending)
        return tuple(c for c in self.last.reply.calls if c.id in open_ids)

    @property
    def position(self) -> tuple[str, int]:
        """Where a resume starts: a tree, and how many results of the last turn it holds."""
        if self.last is None:
            return self._base_tree, 0
        if self.last.tree_after:
            return self.last.tree_after, self.last.covers
        return self.last.tree_before, 0

    def stretch_start(self, message: str = "") -> int:
        """Index of the first turn of this stretch: after the last verdict that was reached, or
        where `message` was said, whichever is later."""
        start = 0
        for at, turn in enumerate(self.turns):
            if turn.reached or (message and says(turn, message)):
                start = at
        return start

    async def append(self, reply: Message, tree: str) -> None:
        """A new turn, to be acted on at `tree`."""
        turn = Turn(session=self._session, number=self.next_number, reply=reply, tree_before=tree)
        known, _ = self.position
        self.turns.append(turn)
        # a reply at a tree that is stored already says nothing that the journal does not hold
        self._unsaved = True
        if tree != known:
            await self.save()

    async def save(self) -> None:
        """The last turn is in the store."""
        if self._unsaved:
            await self._store.put_turn(self.turns[-1])
            self._unsaved = False

    async def update(self, **changes: object) -> Turn:
        """The last turn with these fields changed, stored."""
        assert self.last is not None
        turn = Turn.model_validate({**dict(self.last), **changes})
        if turn != self.last:
            self.turns[-1] = turn
            self._unsaved = True
            await self.save()
        return turn

    async def answer(self, *results: ToolResult, **changes: object) -> Turn:
        """Results in the order they came, and other fields with them in one write."""
        assert self.last is not None
        clean = (r.model_copy(update={"text": self._redact(r.text)}) for r in results)
        return await self.update(results=(*self.last.results, *clean), **changes)

    async def record_snapshot(self, tree: str) -> None:
        """The work tree after the results so far."""
        if self.last is not None and (tree, len(self.last.results)) != self.position:
            await self.update(tree_after=tree, covers=len(self.last.results))

    async def say(self, *texts: str) -> None:
        """Added after the results, each once. Before the first reply it follows the opening."""
        texts = tuple(map(self._redact, texts))
        if self.last is None:
            if not any(texts):
                return
            opening = Turn(
                session=self._session,
                number=0,
                reply=Message(role="assistant", parts=()),
                tree_before=self._base_tree,
            )
            self.turns.append(opening)
        await self.update(said=add_missing(self.turns[-1].said, texts))


def says(turn: Turn, text: str) -> bool:
    """Whether this was said after the turn, as a whole paragraph or several."""
    return f"\n\n{text}\n\n" in f"\n\n{turn.said}\n\n"


def add_missing(said: str, texts: tuple[str, ...] | list[str]) -> str:
    """`said` with the texts that it does not hold yet."""
    for text in texts:
        if text and f"\n\n{text}\n\n" not in f"\n\n{said}\n\n":
            said = f"{said}\n\n{text}" if said else text
    return said


def distinct(reply: Message, turns: list[Turn]) -> Message:
    """The reply with ids that no other call of the session has: some servers send none, or
    number them anew in each reply."""
    taken = {call.id for turn in turns for call in turn.reply.calls}
    number = turns[-1].number + 1 if turns else 1
    parts = []
    changed = False
    for at, part in enumerate(reply.parts):
        if isinstance(part, ToolCall):
            if not part.id or part.id in taken:
                part = part.model_copy(update={"id": f"{part.id or 'call'}_t{number}_{at}"})
                changed = True
            taken.add(part.id)
        parts.append(part)
    return reply.model_copy(update={"parts": tuple(parts)}) if changed else reply
