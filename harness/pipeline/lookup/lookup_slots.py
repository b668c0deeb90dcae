"""What a run has looked up, kept so that a kill gives no fresh share of anything."""

from __future__ import annotations

from typing import Final

from pydantic import TypeAdapter

from harness.core.base import Value
from harness.core.slot import Slot

MOST_SHOWN: Final = 400
MOST_OPENED: Final = 400


class SentQuery(Value):
    """Words that left for a provider, and the call they left for."""

    call: str
    text: str


class Lookups(Value):
    """`shown`: addresses of search results, newest last; `opened`: sources that were opened, newest
    last; `local`: words that were answered from what is kept here; `asked`: calls for which a
    server was asked."""

    queries: tuple[SentQuery, ...] = ()
    shown: tuple[str, ...] = ()
    opened: tuple[str, ...] = ()
    local: tuple[str, ...] = ()
    asked: tuple[str, ...] = ()


class AnsweredLook(Value):
    """The last look of a session: its call, and what it was answered."""

    call: str
    text: str


LOOKUPS: Final = Slot("lookups", "run", TypeAdapter(Lookups))
"""What left, and where addresses may come from: caps, so nothing else will do for it."""
LOOKED: Final = Slot("", "session", TypeAdapter(AnsweredLook), under="lookup", unreadable="absent")
"""Nothing: it is looked up again."""
