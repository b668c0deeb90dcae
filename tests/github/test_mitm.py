"""Faults made by another program on the way: the adapter ends right after each, and nothing is
done twice."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator

import pytest

from harness.core.errors import HarnessError, Unavailable
from harness.forge.github.forge import GithubForge
from tests.github.clock import JumpClock
from tests.github.hub import Hub
from tests.github.mitm import Between, between
from tests.github.oracle import held
from tests.github.server import github

Work = Callable[[GithubForge], Awaitable[None]]


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Hub, Between, JumpClock]]:
    """One GitHub and one proxy before it: starting that takes seconds."""
    folder, clock = tmp_path_factory.mktemp("mitm"), JumpClock()
    with github(folder, clock) as hub, between(folder / "between", hub.url) as proxy:
        hub.url = proxy.url  # links in answers lead through it too
        yield hub, proxy, clock
        assert held(hub.exchanges)


def through(place: tuple[Hub, Between, JumpClock], work: Work, silence_s: float = 20.0) -> None:
    hub, proxy, clock = place

    async def scenario() -> None:
        forge = hub.forge("tok_bot", clock=clock, silence_s=silence_s)
        try:
            await work(forge)
        finally:
            proxy.order()
            await forge.close_wire()

    asyncio.run(scenario())


def test_a_read_outlives_an_error_and_a_cut(place: tuple[Hub, Between, JumpClock]) -> None:
    hub, proxy, _ = place
    number = hub.issue("ada", "Broken").number

    async def work(forge: GithubForge) -> None:
        proxy.order("502", "cut", "pass")
        assert (await forge.issue(number)).title == "Broken"
        assert proxy.left() == ""

    through(place, work)


def test_three_errors_are_unavailable_until_later(place: tuple[Hub, Between, JumpClock]) -> None:
    _, proxy, clock = place

    async def work(forge: GithubForge) -> None:
        proxy.order(*["502"] * 9)
        with pytest.raises(Unavailable) as caught:
            await forge.repository()
        assert caught.value.retry_at is not None
        assert caught.value.retry_at > clock.now()
        assert len(proxy.left().split()) >= 5

    through(place, work)


def test_a_secondary_limit_is_waited_out_as_long_as_it_says(
    place: tuple[Hub, Between, JumpClock],
) -> None:
    hub, proxy, clock = place
    number = hub.issue("ada", "Broken").number

    async def work(forge: GithubForge) -> None:
        await forge.me()
        before = clock.monotonic()
        proxy.order("limited")
        await forge.issue(number)
        assert clock.monotonic() - before >= 7

    through(place, work)


@pytest.mark.parametrize("fault", ["cut", "lost", "502"])
def test_a_comment_is_there_once_whatever_happened_to_its_answer(
    place: tuple[Hub, Between, JumpClock], fault: str
) -> None:
    hub, proxy, _ = place
    number = hub.issue("ada", "Broken").number

    async def work(forge: GithubForge) -> None:
        await forge.put_comment(number, "before", "x")
        reads = ["pass"] * 20
        for at in range(6):  # the fault meets each request of the write in turn
            proxy.order(*reads[:at], fault)
            for _ in range(4):
                try:
                    await forge.put_comment(number, f"run-{at}", "working")
                except Unavailable:
                    continue
                break
            proxy.order()
        said = [c.body.splitlines()[0] for c in await forge.comments(number)]
        assert len(said) == len(set(said)) == 7

    through(place, work)


def test_an_answer_that_does_not_come_is_not_waited_for(
    place: tuple[Hub, Between, JumpClock],
) -> None:
    _, proxy, _ = place

    async def work(forge: GithubForge) -> None:
        proxy.order(*["slow"] * 9)
        with pytest.raises(HarnessError):
            await forge.repository()

    through(place, work, silence_s=0.3)
