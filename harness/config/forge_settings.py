"""The settings of a forge, and what its kind is known by."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from harness.config.fields import OneOf, Operator, Section
from harness.config.sections import NotNegative
from harness.core.forge_kinds import EMBEDDED, FORGES, ForgeDescriptor


class ForgeSettings(Section):
    """[forge]: where issues and pull requests live."""

    kind: Operator[Annotated[str, OneOf(FORGES.names)]] = EMBEDDED.name
    """`local` is the embedded forge in the state folder; `github` is GitHub."""
    repository: Operator[str] = ""
    """"owner/name" on the forge. Set by `harness init`."""
    repository_id: Operator[NotNegative] = 0
    """Its number on the forge, which a new name does not change. Set by `harness init`; 0 means
    the first one that is seen."""
    user: Operator[str] = "me"
    """The person's login on the embedded forge; commands act as this user unless --as is given."""
    bot: Operator[str] = "harness-bot"
    """The login that harness itself acts as on the embedded forge."""
    base_url: Operator[str] = ""
    """Address of the GitHub API; empty means the public one."""
    token_env: Operator[str] = "GITHUB_TOKEN"
    """Name of the environment variable that holds the token. Never the token itself."""
    token_file: Operator[Path | None] = None
    """File that holds the token, readable by you alone. Goes before token_env; read again when
    GitHub refuses the token, so a new one needs no restart."""
    app_id: Operator[NotNegative] = 0
    """Number of the GitHub App that harness acts as; 0 means a token is used instead."""
    app_key_file: Operator[Path | None] = None
    """File with the App's private key (PEM), readable by you alone. Goes before app_key_env."""
    app_key_env: Operator[str] = ""
    """Name of the environment variable that holds the App's private key."""
    installation_id: Operator[NotNegative] = 0
    """Number of the App's installation; 0 means it is looked up by the repository."""
    ca_file: Operator[Path | None] = None
    """Certificates (PEM) that a GitHub Enterprise server is trusted by; empty means the usual."""

    @property
    def descriptor(self) -> ForgeDescriptor:
        """What is known of that kind of forge."""
        return FORGES.of(self.kind)
