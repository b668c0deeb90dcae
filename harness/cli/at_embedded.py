"""What `init` does on the embedded forge: makes the repository and brings the branch there."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from harness.cli.at_github import hint
from harness.cli.common import CliError, Context, load, run_async
from harness.cli.registration import note, same

if TYPE_CHECKING:
    from harness.config.settings import Settings
    from harness.core.forge_types import Repository
    from harness.git.own_repository import OwnRepository

REMOTE = "harness"


class EmbeddedRegistration:
    """Implements ForgeRegistration."""

    def __init__(self, cli: Context, checkout: OwnRepository, _there: object, /) -> None:
        self._cli = cli
        self._checkout = checkout

    def register(self, settings: Settings, file: Path) -> tuple[Settings, str]:
        load("harness.system.files:private_dir")(settings.state_dir)
        made, url = run_async(_forge(settings))
        same(settings, made)
        note(file, settings.forge.repository, made.id)
        _remote(self._checkout, url)
        return settings, _push(self._checkout, settings.project.default_branch)

    def say_next(self, settings: Settings) -> None:
        came_from = hint(self._checkout)
        if came_from:
            self._cli.say("cli.init.from_github", repository=came_from)
        self._cli.say("cli.init.next")


async def _forge(settings: Settings) -> tuple[Repository, str]:
    """The repository on the embedded forge, with the person and the bot, and its address."""
    root, forge = settings.paths.forge, settings.forge
    permission = load("harness.core.forge_types:Permission")
    host = load("harness.forge.embedded.admin:EmbeddedAdmin")(root)
    branch = settings.project.default_branch
    made = await host.create_repository(forge.repository, branch, forge.user)
    await host.add_user(forge.repository, forge.bot, permission.WRITE, "bot")
    url: str = (
        load("harness.forge.embedded.forge:EmbeddedForge")(root, forge.repository, forge.user)
        .remote()
        .url
    )
    return made, url


def _remote(checkout: OwnRepository, url: str) -> None:
    present = checkout.url(REMOTE)
    if not present:
        checkout.add_remote(REMOTE, url)
    elif present != url:
        raise CliError(1, "cli.init.remote_taken", remote=REMOTE, present=present, wanted=url)


def _push(checkout: OwnRepository, branch: str) -> str:
    """Brings the branch to the forge unless the forge is ahead; the key of what to tell."""
    ref = f"refs/heads/{branch}"
    theirs, ours = checkout.tip(REMOTE, branch), checkout.id(ref)
    if not ours:
        raise CliError(1, "cli.init.no_branch", branch=branch)
    if theirs == ours:
        return "cli.init.same"
    if theirs and not checkout.is_ancestor(theirs, ours):
        return "cli.init.behind"
    checkout.push(REMOTE, f"{ref}:{ref}")
    return "cli.init.pushed"
