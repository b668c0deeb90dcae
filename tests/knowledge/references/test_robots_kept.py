"""What is done where robots.txt cannot be read: RFC 9309, 2.3.1."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise

import pytest

from harness.core.errors import HarnessError, LookupUnavailable
from harness.knowledge.references.answers import DAY_S, Answer, NotReached, NotTaken
from harness.knowledge.references.robots import MOST_BYTES, text_of
from harness.knowledge.references.robots_kept import LONG_S, KeptRobots

SITE = "https://a.example"
FIRST = f"{SITE}/robots.txt"
PAGE = f"{SITE}/private/page"
RULES = b"User-agent: *\nDisallow: /private\n"
Said = Answer | HarnessError | NotTaken


def answer(status: int, body: bytes = b"", to: str = "") -> Answer:
    return Answer(status=status, headers={"location": to} if to else {}, body=body)


class Web:
    """Servers that say what stands here, and a clock that is set by hand."""

    def __init__(self, said: Mapping[str, Said]) -> None:
        self.said = dict(said)
        self.asked: list[str] = []
        self.now = 1000.0
        self.robots = KeptRobots(self._ask, lambda: self.now)

    async def _ask(self, address: str) -> Answer:
        self.asked.append(address)
        match self.said[address]:
            case Answer() as found:
                return found
            case error:
                raise error

    async def end(self, page: str = PAGE, *, by_person: bool = False) -> str:
        """What the check comes to: "" for yes, else the key of the refusal."""
        try:
            await self.robots.check(page, by_person=by_person)
        except NotTaken as no:
            return no.say.key
        except LookupUnavailable as error:
            return error.key
        return ""


FORBIDDEN, UNKNOWN, UNREACHED = "refs.refused_robots", "refs.robots_unknown", "refs.unavailable"
SLOW = LookupUnavailable("refs.too_slow", source=FIRST)
TORN = LookupUnavailable("refs.unavailable", source=FIRST, why="peer closed connection")
PACKED = NotTaken("refs.refused_packed", source=FIRST, coding="br")
AWAY = "https://b.example/r"
INSIDE = NotTaken("refs.refused_inside", source="https://10.0.0.1/r", host="10.0.0.1")
ROWS: Mapping[str, tuple[Mapping[str, Said], str]] = {
    "read": ({FIRST: answer(200, RULES)}, FORBIDDEN),
    "empty": ({FIRST: answer(204)}, ""),
    "none": ({FIRST: answer(404)}, ""),
    "gone": ({FIRST: answer(410)}, ""),
    "a login": ({FIRST: answer(401)}, ""),
    "forbidden": ({FIRST: answer(403)}, ""),
    "too many visits": ({FIRST: answer(429)}, UNKNOWN),
    "too late": ({FIRST: answer(408)}, UNKNOWN),
    "broken": ({FIRST: answer(500)}, UNKNOWN),
    "down for now": ({FIRST: answer(503)}, UNKNOWN),
    "no such status": ({FIRST: answer(999)}, UNKNOWN),
    "not changed, which nobody asked": ({FIRST: answer(304)}, UNKNOWN),
    "slow": ({FIRST: SLOW}, UNKNOWN),
    "torn off": ({FIRST: TORN}, UNKNOWN),
    "oddly packed": ({FIRST: PACKED}, UNKNOWN),
    "nobody there": ({FIRST: NotReached("refs.unavailable", source=FIRST, why="-")}, UNREACHED),
    "we are busy": ({FIRST: LookupUnavailable("refs.busy", source=FIRST, host="a")}, "refs.busy"),
    "a closed network": ({FIRST: INSIDE}, "refs.refused_inside"),
    "elsewhere": ({FIRST: answer(301, to=AWAY), AWAY: answer(200, RULES)}, FORBIDDEN),
    "elsewhere, not there": ({FIRST: answer(302, to=AWAY), AWAY: answer(404)}, ""),
    "elsewhere, broken": ({FIRST: answer(307, to=AWAY), AWAY: answer(502)}, UNKNOWN),
    "into a closed network": (
        {FIRST: answer(302, to="https://10.0.0.1/r"), "https://10.0.0.1/r": INSIDE},
        UNKNOWN,
    ),
    "to no address": ({FIRST: answer(302)}, UNKNOWN),
    "to nobody": (
        {FIRST: answer(302, to=AWAY), AWAY: NotReached("refs.unavailable", source=AWAY, why="-")},
        UNKNOWN,
    ),
    "round and round": ({FIRST: answer(302, to="/robots.txt")}, ""),
    "a page of HTML": ({FIRST: answer(200, b"<!doctype html><p>User-agent: *</p>")}, ""),
    "a mark of UTF-8": ({FIRST: answer(200, b"\xef\xbb\xbf" + RULES)}, FORBIDDEN),
    "UTF-16": ({FIRST: answer(200, RULES.decode().encode("utf-16"))}, FORBIDDEN),
    "old line ends": ({FIRST: answer(200, RULES.replace(b"\n", b"\r"))}, FORBIDDEN),
    "a form feed in a rule": ({FIRST: answer(200, RULES.replace(b"/p", b"/\x0cp"))}, ""),
    "no text": ({FIRST: answer(200, bytes(range(256)))}, ""),
}


@pytest.mark.parametrize("name", ROWS)
async def test_what_a_server_says_of_robots(name: str) -> None:
    said, end = ROWS[name]
    assert await Web(said).end() == end


async def test_five_hops_are_followed_and_no_more() -> None:
    def hops(count: int) -> Web:
        way = [FIRST, *(f"https://{n}.example/r" for n in range(count))]
        said: dict[str, Said] = {a: answer(301, to=b) for a, b in pairwise(way)}
        return Web({**said, way[-1]: answer(200, RULES)})

    assert await hops(5).end() == FORBIDDEN
    six = hops(6)
    assert await six.end() == ""
    assert len(six.asked) == 6


async def test_a_person_goes_on_where_nothing_is_known_and_nowhere_else() -> None:
    web = Web({FIRST: answer(503)})
    assert await web.end(by_person=True) == ""
    assert await web.end() == UNKNOWN
    assert await Web({FIRST: answer(200, RULES)}).end(by_person=True) == FORBIDDEN


async def test_what_was_read_holds_while_it_cannot_be_read_again() -> None:
    web = Web({FIRST: answer(200, RULES)})
    assert await web.end() == FORBIDDEN
    for failure in (answer(500), SLOW, NotReached("refs.unavailable", source=FIRST, why="-")):
        web.said[FIRST] = failure
        web.now += DAY_S + 1
        asked = len(web.asked)
        assert await web.end() == FORBIDDEN
        assert await web.end(f"{SITE}/open") == ""
        assert len(web.asked) == asked + 1  # and it is let alone for a while
    web.said[FIRST] = answer(404)
    web.now += DAY_S
    assert await web.end() == ""


async def test_after_a_month_it_counts_as_not_there() -> None:
    web = Web({FIRST: answer(503)})
    assert await web.end() == UNKNOWN
    assert await web.end() == UNKNOWN
    assert web.asked == [FIRST]
    web.now += LONG_S - 1
    assert await web.end() == UNKNOWN
    web.now += 100
    assert await web.end() == ""
    web.said[FIRST] = answer(200, RULES)
    web.now += 100
    assert await web.end() == FORBIDDEN


def test_the_beginning_counts() -> None:
    assert len(text_of(b"x" * (MOST_BYTES + 9))) == MOST_BYTES
