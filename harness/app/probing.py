"""Checks as they begin and end."""

from __future__ import annotations

from collections.abc import Awaitable, Sequence

from harness.app.redacting import redact_value
from harness.core.types import LocalizedText
from harness.core.view_types import OnBegin, OnEnd, Probe
from harness.system.redact import Redactor


class Desk:
    """Gathers checks in the order they began, and tells whoever watches as each ends."""

    def __init__(self, redactor: Redactor, on_begin: OnBegin, on_end: OnEnd) -> None:
        self._redactor = redactor
        self._on_begin = on_begin
        self._on_end = on_end
        self._found: list[list[Probe]] = []

    @property
    def found(self) -> tuple[Probe, ...]:
        return tuple(probe for place in self._found for probe in place)

    async def check(self, title: LocalizedText, work: Awaitable[Sequence[Probe]]) -> list[Probe]:
        """What came of it. `title`: what is being looked at meanwhile."""
        place: list[Probe] = []
        self._found.append(place)
        self._on_begin(title)
        for probe in await work:
            self._end(place, title, probe)
        if not place:
            self._on_end(title, None)
        return place

    def tell(self, *probes: Probe) -> None:
        """Checks that took no time."""
        place: list[Probe] = []
        self._found.append(place)
        for probe in probes:
            self._end(place, None, probe)

    def _end(self, place: list[Probe], title: LocalizedText | None, probe: Probe) -> None:
        shown: Probe = redact_value(probe, self._redactor)
        place.append(shown)
        self._on_end(title, shown)
