"""Rounds that others ask for: `run --once` beside a daemon. They stay in the inbox until they are
over, so that after a kill the next process owes them."""

from __future__ import annotations

from collections.abc import Collection

from harness.core.types import Command, LocalizedText
from harness.ports.store import Inbox

LOOK = "look"
"""The word that asks for a round: a look at every project and the work that follows."""


class Rounds:
    """Those of one process."""

    def __init__(self, inbox: Inbox) -> None:
        self._inbox = inbox
        self._asked: dict[int, bool] = {}
        """Words that ask for one, each with whether a look has begun since."""

    async def unheard(self) -> list[Command]:
        """What waits in the inbox and asks for something else, or for a round for the first
        time."""
        return [c for c in await self._inbox.inbox() if c.id not in self._asked]

    def ask(self, command: Command) -> None:
        """It is heard, and answered when it is over."""
        self._asked[command.id] = False

    @property
    def due(self) -> bool:
        """Whether somebody waits for a look that has not begun."""
        return not all(self._asked.values())

    def begin(self) -> None:
        """A look at every project begins: it is the one that was asked for."""
        self._asked = dict.fromkeys(self._asked, True)

    async def end(self, working: Collection[str]) -> None:
        """When nothing is at work, whoever asked is told that it is over."""
        if working:
            return
        over = LocalizedText(key="daemon.round_over").model_dump_json()
        for command in [one for one, looked in self._asked.items() if looked]:
            await self._inbox.inbox_done(command, over)
            del self._asked[command]
