"""Who we are to GitHub: an App signs and gets a token for one repository; a token that lacks a
permission is told which; a token that ended is renewed."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path

import pytest

from harness.core.errors import Forbidden
from harness.forge.github.auth import AppAuth
from harness.forge.github.client import GithubClient
from harness.forge.github.forge import GithubForge
from harness.system.redact import Redactor
from tests.forge.world import NAME
from tests.github.clock import JumpClock
from tests.github.hub import ALL, Hub
from tests.github.keys import key, pem
from tests.github.oracle import held
from tests.github.server import github

RIGHTS = dict.fromkeys(ALL, "write") | {"metadata": "read"}
LACKING = {
    "contents": {"Contents: write"},
    "issues": {"Issues: write"},
    "pull_requests": {"Pull requests: write"},
    "checks": {"Checks: read", "Checks: write"},
    "statuses": {"Commit statuses: write"},
    "actions": {"Actions: read", "Actions: write"},
}
"""A permission not given -> what `doctor` then says is missing."""
Work = Callable[[GithubForge, GithubClient], Awaitable[None]]


def as_app(hub: Hub, work: Work, folder: Path, clock: JumpClock) -> None:
    """As harness would: the App's key signs, the installation's token asks."""
    number = next(iter(hub.apps))

    async def scenario() -> None:
        auth = AppAuth(number, pem, NAME, clock=clock, redactor=Redactor())
        wire = GithubClient(auth, base_url=hub.url, clock=clock, state=folder / "app")
        try:
            await work(GithubForge(wire, NAME, clock), wire)
        finally:
            await wire.close()

    asyncio.run(scenario())


def test_an_app_signs_and_its_token_is_renewed_when_it_ends(tmp_path: Path) -> None:
    clock = JumpClock()

    async def work(forge: GithubForge, wire: GithubClient) -> None:
        me = await forge.me()
        assert (me.login, me.kind) == ("harness-app[bot]", "bot")
        made = await forge.create_issue("From an App", "text")
        assert made.author == me
        clock.advance(4000)  # an installation's token lasts an hour
        assert (await forge.issue(made.number)).title == "From an App"

    with github(tmp_path, clock) as hub:
        hub.app("harness-app", key().public_key(), RIGHTS)
        as_app(hub, work, tmp_path, clock)
        minted = [e for e in hub.exchanges if e.path.endswith("/access_tokens")]
        assert [e.request["repositories"] for e in minted] == [["project"]] * 2
        assert not [e for e in hub.exchanges if e.status == 401]
        assert held(hub.exchanges)


def test_a_token_taken_back_is_renewed_once_and_no_more(tmp_path: Path) -> None:
    clock = JumpClock()
    with github(tmp_path, clock) as hub:
        hub.app("harness-app", key().public_key(), RIGHTS)

        async def work(forge: GithubForge, wire: GithubClient) -> None:
            await forge.repository()
            hub.tokens.clear()
            await forge.me()
            hub.apps.clear()
            hub.tokens.clear()
            with pytest.raises(Forbidden):
                await forge.issue(1)

        as_app(hub, work, tmp_path, clock)
        refused = [e for e in hub.exchanges if e.status == 401]
        assert len(refused) <= 4


def test_an_app_that_was_given_less_asks_for_less(tmp_path: Path) -> None:
    clock = JumpClock()

    async def work(forge: GithubForge, wire: GithubClient) -> None:
        told = {power.name for power in await forge.powers() if not power.ok}
        assert told == {"Checks: write", "Commit statuses: write", "Actions: write"}

    given = RIGHTS | {"checks": "read", "statuses": "read", "actions": "read"}
    with github(tmp_path, clock) as hub:
        hub.app("harness-app", key().public_key(), given)
        as_app(hub, work, tmp_path, clock)


def powers_of(hub: Hub, rights: Mapping[str, str]) -> dict[str, tuple[bool | None, str]]:
    """What is missing with these rights, and what GitHub said of it."""
    token = hub.installation_token(next(iter(hub.apps.values())), rights)

    async def scenario() -> dict[str, tuple[bool | None, str]]:
        forge = hub.forge(token)
        return {p.name: (p.ok, p.why) for p in await forge.powers() if p.ok is not True}

    return asyncio.run(scenario())


def test_each_permission_that_a_token_lacks_is_named(tmp_path: Path) -> None:
    with github(tmp_path, JumpClock()) as hub:
        hub.app("harness-app", key().public_key(), RIGHTS)
        assert powers_of(hub, RIGHTS) == {}
        for lacking, names in LACKING.items():
            given = {name: level for name, level in RIGHTS.items() if name != lacking}
            found = powers_of(hub, given)
            assert set(found) == names, lacking
            for ok, why in found.values():
                assert ok is False
                assert "Resource not accessible by integration" in why
                assert f"{lacking}=" in why
        left = hub.bare().run("for-each-ref", "refs/harness").stdout
        assert (left, hub.labels.get(NAME, set())) == (b"", set())
        assert held(hub.exchanges)
