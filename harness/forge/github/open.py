"""From the settings of one project to GitHub as its forge. Loaded only when a project is there:
what it stands on takes a fifth of a second to import."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final, Literal
from urllib.parse import urlsplit

from harness.config.forge_settings import ForgeSettings
from harness.config.paths import Paths
from harness.forge.github.auth import github_auth
from harness.forge.github.client import GithubClient
from harness.forge.github.forge import WEB, GithubForge
from harness.forge.github.rate_limit import Lanes, server_now
from harness.ports.clock import Clock
from harness.system.redact import Redactor

_Kind = Literal["app", "fine-grained", "classic", "token"]
_ENDS: Final = "github-authentication-token-expiration"


@dataclass(frozen=True)
class Credential:
    """What we are known by. `kind`: a GitHub App, or the sort of token its first letters tell."""

    kind: _Kind
    ends_at: datetime | None
    """When a token ends, as GitHub told with its last answer."""
    skew_s: float
    """How far GitHub's clock is before ours, to the second."""


class Opened:
    """A forge, and what only its wire knows."""

    def __init__(self, forge: GithubForge, wire: GithubClient, clock: Clock, kind: _Kind) -> None:
        self.forge = forge
        self._wire = wire
        self._clock = clock
        self._kind: _Kind = kind

    def credential(self) -> Credential:
        """As of the last answer; asks nothing."""
        told = self._wire.told
        skew_s = (server_now(told, self._clock) - self._clock.now()).total_seconds()
        return Credential(self._kind, _ends(told.get(_ENDS, "")), skew_s)

    async def close(self) -> None:
        """Ends the connections."""
        await self.forge.close_wire()


class Opener:
    """Makes the forges of one process: all projects of one token share its budget and its lane.
    `redactor` learns every token before its use."""

    def __init__(self, paths: Paths, clock: Clock, redactor: Redactor) -> None:
        self._state = paths.github
        self._clock = clock
        self._redactor = redactor
        self._lanes = Lanes(clock, random.Random())

    def open(
        self, chosen: ForgeSettings, read_token: Callable[[], str], read_key: Callable[[], str]
    ) -> Opened:
        """Asks GitHub nothing yet. MissingError without a token, ConfigError for one, a key or an
        address that cannot be right."""
        auth = github_auth(
            chosen.repository,
            read_token=read_token,
            token_name=chosen.token_env,
            app=(chosen.app_id, chosen.installation_id),
            read_key=read_key,
            clock=self._clock,
            redactor=self._redactor,
        )
        wire = GithubClient(
            auth,
            base_url=chosen.base_url,
            clock=self._clock,
            state=self._state,
            lanes=self._lanes,
            ca_file=chosen.ca_file,
        )
        web = web_address(chosen.base_url)
        forge = GithubForge(wire, chosen.repository, self._clock, lambda: wire.git_env(web), web)
        kind: _Kind = "app" if chosen.app_id else _kind(read_token())
        return Opened(forge, wire, self._clock, kind)


def web_address(base_url: str) -> str:
    """Where people and git find the repositories of the API at `base_url`."""
    if not base_url:
        return WEB
    parts = urlsplit(base_url)
    if parts.path.rstrip("/"):  # GitHub Enterprise Server: https://HOST/api/v3
        return f"{parts.scheme}://{parts.netloc}"
    return f"{parts.scheme}://{parts.netloc.removeprefix('api.')}"


def _kind(token: str) -> _Kind:
    if token.startswith("github_pat_"):
        return "fine-grained"
    return "classic" if token.startswith("ghp_") else "token"


def _ends(told: str) -> datetime | None:
    """GitHub writes "2026-01-31 08:00:00 UTC", or a zone as "+0100"; None when it says nothing."""
    for zone in ("%Z", "%z"):
        try:
            ends = datetime.strptime(told, f"%Y-%m-%d %H:%M:%S {zone}")
        except ValueError:
            continue
        return ends if ends.tzinfo else ends.replace(tzinfo=UTC)
    return None
