"""From the settings of one project to GitHub as its forge. Loaded only when a project is there:
what it stands on takes a fifth of a second to import."""

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

from harness.config.sections import ForgeSettings
from harness.core.ports import Clock
from harness.forge.github import WEB, GithubForge
from harness.forge.github_auth import github_auth
from harness.forge.github_pace import Lanes
from harness.forge.github_wire import GithubWire
from harness.system.redact import Redactor


class Opener:
    """Makes the forges of one process: all projects of one token share its budget and its lane.
    `state` is a folder of ours; `redactor` learns every token before its use."""

    def __init__(self, state: Path, clock: Clock, redactor: Redactor) -> None:
        self._state = state
        self._clock = clock
        self._redactor = redactor
        self._lanes = Lanes(clock, random.Random())

    def open(
        self, chosen: ForgeSettings, read_token: Callable[[], str], read_key: Callable[[], str]
    ) -> GithubForge:
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
        wire = GithubWire(
            auth,
            base_url=chosen.base_url,
            clock=self._clock,
            state=self._state,
            lanes=self._lanes,
            ca_file=chosen.ca_file,
        )
        web = web_address(chosen.base_url)
        return GithubForge(wire, chosen.repository, self._clock, lambda: wire.git_env(web), web)


def web_address(base_url: str) -> str:
    """Where people and git find the repositories of the API at `base_url`."""
    if not base_url:
        return WEB
    parts = urlsplit(base_url)
    if parts.path.rstrip("/"):  # GitHub Enterprise Server: https://HOST/api/v3
        return f"{parts.scheme}://{parts.netloc}"
    return f"{parts.scheme}://{parts.netloc.removeprefix('api.')}"
