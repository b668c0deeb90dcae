"""The robots.txt of each server as this process knows it (RFC 9309, 2.3.1 and 2.4): for a day; what
was read before while it cannot be read; no address at all where it never could be, for a month."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable
from typing import Final, NamedTuple

from harness.core.addresses import joined_address
from harness.core.errors import LookupUnavailable
from harness.knowledge.references.answers import DAY_S, LATER, MOVED, Answer, NotReached, NotTaken
from harness.knowledge.references.robots import Robots, text_of

AGENT: Final = "harness"
MOST_KNOWN: Final = 1000
MOST_REDIRECTS: Final = 5
PAUSE_S: Final = 60.0
"""How long a robots.txt that could not be read is left alone."""
LONG_S: Final = 30 * DAY_S
"""Not read for so long, it counts as not there."""
Ask = Callable[[str], Awaitable[Answer]]
"""One visit for the beginning of what is there. NotTaken, LookupUnavailable."""


class _Unknown(Exception):
    """Its rules cannot be known now; says why, in no language."""


class _Known(NamedTuple):
    """`robots` None: never read. `failing`: since when it cannot be read; None: it can."""

    until: float
    robots: Robots | None
    failing: float | None = None
    why: str = ""


class KeptRobots:
    """One for all visits of a process."""

    def __init__(self, ask: Ask, now: Callable[[], float] = time.monotonic) -> None:
        self._ask = ask
        self._now = now
        self._known: dict[str, _Known] = {}

    async def check(self, address: str, *, by_person: bool = False) -> None:
        """NotTaken where it forbids the address, LookupUnavailable where nobody can know whether it
        does. `by_person`: somebody stands for this one address, who is no crawler: what is not
        known holds it up no longer, what is forbidden stays so."""
        origin = address[: address.index("/", 8)]
        known = self._known.get(origin)
        if known is None or known.until < self._now():
            known = await self._renewed(origin, known)
            self._known.pop(origin, None)
            self._known[origin] = known
            if len(self._known) > MOST_KNOWN:
                del self._known[next(iter(self._known))]
        if known.robots is None and not by_person:
            facts = {"source": address, "why": known.why}
            raise LookupUnavailable("refs.robots_unknown", **facts)
        if known.robots is not None and not known.robots.allows(address):
            raise NotTaken("refs.refused_robots", source=address)

    async def _renewed(self, origin: str, known: _Known | None) -> _Known:
        kept = known.robots if known is not None else None
        try:
            text = await self._text(f"{origin}/robots.txt")
        except LookupUnavailable:
            if known is None or kept is None:
                raise
            return known._replace(until=self._now() + PAUSE_S)
        except _Unknown as unknown:
            now = self._now()
            failing = now if known is None or known.failing is None else known.failing
            if kept is None and now - failing >= LONG_S:
                kept = Robots("", AGENT)
            return _Known(now + PAUSE_S, kept, failing, str(unknown))
        return _Known(self._now() + DAY_S, Robots(text, AGENT))

    async def _text(self, first: str) -> str:
        """ "" where there is none. _Unknown; NotTaken and LookupUnavailable for what would happen
        to any page there."""
        address = first
        for _ in range(MOST_REDIRECTS + 1):
            try:
                answer = await self._ask(address)
            except LookupUnavailable as error:
                if address == first and (error.key == "refs.busy" or isinstance(error, NotReached)):
                    raise
                raise _Unknown(str(error.facts.get("why", "timeout"))) from error
            except NotTaken as no:
                if "coding" in no.say.facts:
                    raise _Unknown(f"Content-Encoding: {no.say.facts['coding']}") from no
                if address == first:
                    raise
                raise _Unknown(f"-> {address}"[:200]) from no
            if answer.status not in MOVED:
                return _said(answer)
            said = answer.headers.get("location", "")
            to = joined_address(address, said) if said else None
            if to is None:
                raise _Unknown(f"HTTP {answer.status}")
            address = to
        return ""  # as RFC 9309 has it: not there


def _said(answer: Answer) -> str:
    if answer.status in (200, 204):
        return text_of(answer.body)
    if 400 <= answer.status < 500 and answer.status not in LATER:
        return ""
    raise _Unknown(f"HTTP {answer.status}")
