"""What of a repository can be carried out by looking things up: to a host that nobody chose,
nothing but the choice of an address; to the provider and to allowed hosts, what is written down."""

from __future__ import annotations

import asyncio
import itertools
from pathlib import Path
from typing import Any

import pytest

from harness.core.addresses import target_of
from harness.engine.database import Database
from tests.engine.values import session
from tests.pipeline.lookup.library_card import DOCS, Card
from tests.security.lookup_ways import ECHO, HIT, OPEN, WAYS, Way

pytestmark = pytest.mark.security
_TIMES = itertools.count()
CHOICE = "the choice among 2,560 links of a hostile page"


async def played(way: Way, folder: Path) -> tuple[int, int, int]:
    """(characters that got out, how many asks were refused, of how many). What evil.test was sent
    is more than the choice of a link that stood somewhere: fails."""
    database = Database(folder / "state.db")
    await database.open()
    try:
        card = _card(database, way)
        label = way.rules.get("local_labels", ())
        run = await card.begin(f"It is in {DOCS}.", labels=label)
        for number in range(2, way.agents + 1):
            await card.store.open_session(session(run, f"s{number}"))
        refused = await _ask(card, way)
        left = [*(card.provider.asked if card.provider is not None else ()), *card.sites.asked]
        out = sum(
            len(carried) for asked, carried in way.asks if carried and _left(asked, carried, left)
        )
        evil = [at for at in card.sites.asked if "evil.test" in str(target_of(at))]
        stood = set(way.pages.get(DOCS, "").split())
        assert set(evil) <= stood, evil
        return out, refused, len(way.asks)
    finally:
        await database.close()


def _card(database: Database, way: Way) -> Card:
    given: dict[str, Any] = {"hits": [HIT], **way.rules}
    if "addresses" in given:
        given["addresses"] = frozenset(given["addresses"])
    card = Card(database, **given)
    card.sites.pages = {DOCS: "Guide\ntext", **way.pages}
    card.sites.otherwise = _said_back
    if card.provider is not None:
        card.provider.echoes = True
    return card


def _said_back(at: str) -> str | None:
    """A host that sends on, and says back, what its address says: each time another page."""
    if at.startswith(OPEN):
        return f"-> {at.removeprefix(OPEN)}"
    said = f"Nothing found for {at.removeprefix(ECHO)} in {next(_TIMES)} pages"
    return said if at.startswith(ECHO) else None


async def _ask(card: Card, way: Way) -> int:
    refused = 0
    turns = [way.asks[n : n + way.agents] for n in range(0, len(way.asks), way.agents)]
    for asks in turns:
        answers = await asyncio.gather(
            *(card.look(f"s{n}", **asked) for n, (asked, _) in enumerate(asks, 1))
        )
        refused += sum("<reference-" not in answer for answer in answers)
        if way.killed:
            card.again()
        if way.stale:
            card.clock.pass_s(1e6)
    return refused


def _left(asked: Any, carried: str, left: list[str]) -> bool:
    """Whether a server saw it: the words, or the whole address as it was made up."""
    if "query" in asked:
        return carried in left
    return asked["source"] in left


@pytest.mark.parametrize("way", WAYS, ids=lambda way: way.name)
async def test_no_more_gets_out_than_is_written_down(way: Way, tmp_path: Path) -> None:
    out, refused, asked = await played(way, tmp_path)
    assert out == way.out
    assert refused or way.out or way.name in ("its fragment", "large and small letters of the host")
    assert asked


def test_the_ways_are_of_every_kind() -> None:
    assert len(WAYS) >= 25
    assert [way.name for way in WAYS if way.out and "allowed" not in way.name] == [
        "60 searches of 200 characters",
        "25 agents at it",
        "killed after each search",
        "an open redirect at one that is",
        "the same, found among what is kept, by another run",
        "an address that the search says back",
        CHOICE,
    ]
