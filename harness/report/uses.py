"""What a run looked up and which words left for a search, few enough to be shown. Pure."""

from __future__ import annotations

from typing import Final

from harness.core.base import Value
from harness.core.types import Event

SOURCE: Final = "looked_up"
QUERY: Final = "looked_for"
MOST_SHOWN: Final = 10
"""Of each kind, the newest."""
MOST_KEPT: Final = 200
"""Of each kind; beyond that they are no longer told apart."""


class ShownUses(Value):
    """What is shown of them: sources, then searches, in their order; how many more are kept."""

    shown: tuple[Event, ...] = ()
    left: int = 0


class Uses:
    """Of one run: each source once, as it was served last; each search."""

    def __init__(self) -> None:
        self._kept: dict[str, dict[str, Event]] = {SOURCE: {}, QUERY: {}}

    def note(self, event: Event) -> None:
        """Any event of the run; another kind says nothing here."""
        kept = self._kept.get(event.kind)
        if kept is None:
            return
        key = str(event.facts.get("source", "")) if event.kind == SOURCE else event.key
        kept.pop(key, None)
        kept[key] = event
        if len(kept) > MOST_KEPT:
            del kept[next(iter(kept))]

    @property
    def shown(self) -> ShownUses:
        """As it is now."""
        kinds = [list(kept.values()) for kept in self._kept.values()]
        return ShownUses(
            shown=tuple(event for kind in kinds for event in kind[-MOST_SHOWN:]),
            left=sum(max(0, len(kind) - MOST_SHOWN) for kind in kinds),
        )
