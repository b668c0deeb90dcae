"""What `init` does on the embedded forge: makes the repository and brings the branch there."""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import TYPE_CHECKING

from harness.cli.at_github import hint
from harness.cli.common import CliError, Context, load, run_async
from harness.cli.registration import note, other_branch, same
from harness.config.environ import checkouts, table_of
from harness.core.errors import HarnessError

if TYPE_CHECKING:
    from harness.config.settings import Settings
    from harness.core.forge_types import Repository
    from harness.forge.embedded.admin import EmbeddedAdmin
    from harness.git.own_repository import OwnRepository

REMOTE = "harness"
MANY_MB = 20
"""From here on it is said what goes on: a copy, where no link can be, takes its time."""


class EmbeddedRegistration:
    """Implements ForgeRegistration."""

    def __init__(self, cli: Context, checkout: OwnRepository, _there: object, /) -> None:
        self._cli = cli
        self._checkout = checkout
        self._undo = contextlib.ExitStack()

    def register(self, settings: Settings, file: Path) -> tuple[Settings, str]:
        branch = settings.project.default_branch
        if not self._checkout.id(f"refs/heads/{branch}"):
            raise other_branch(settings, file, self._checkout.branch())
        load("harness.system.files:private_dir")(settings.state_dir)
        with contextlib.ExitStack() as undo:
            if not run_async(_admin(settings).knows(settings.forge.repository)):
                undo.callback(_forget, settings)
            made, url = run_async(_forge(settings))
            same(settings, made)
            if not self._checkout.url(REMOTE):
                undo.callback(_drop_remote, self._checkout, url)
            self._remote(settings, url)
            done = self._bring(settings, branch)
            run_async(_admin(settings).use_branch(settings.forge.repository, branch))
            note(file, settings.forge.repository, made.id)
            self._undo = undo.pop_all()
        return settings, done

    def take_back(self) -> None:
        self._undo.close()

    def _remote(self, settings: Settings, url: str) -> None:
        present = self._checkout.url(REMOTE)
        if not present:
            self._checkout.add_remote(REMOTE, url)
        elif present != url:
            self._refuse_linked(settings, present)
            raise CliError(1, "cli.init.remote_taken", remote=REMOTE, present=present, wanted=url)

    def _refuse_linked(self, settings: Settings, present: str) -> None:
        """CliError when the repository is registered by another work tree of it."""
        root = settings.paths.forge.resolve()
        for name, path in checkouts(self._cli.place.projects_dir).items():
            forge = table_of(self._cli.place.project_file(name)).get("forge")
            theirs = forge.get("repository") if isinstance(forge, dict) else None
            if theirs and present == (root / f"{theirs}.git").as_uri():
                raise CliError(1, "cli.init.linked", project=name, path=str(path))

    def _bring(self, settings: Settings, branch: str) -> str:
        """Brings the branch to the forge unless the forge is ahead; the key of what to tell."""
        ref, checkout = f"refs/heads/{branch}", self._checkout
        theirs, ours = checkout.tip(REMOTE, branch), checkout.id(ref)
        if theirs == ours:
            return "cli.init.same"
        if theirs and not checkout.is_ancestor(theirs, ours):
            self._refuse_unrelated(settings, branch, ours)
            return "cli.init.behind"
        if not theirs:
            self._link(settings, branch, ours)
        checkout.push(REMOTE, f"{ref}:{ref}")
        return "cli.init.pushed"

    def _refuse_unrelated(self, settings: Settings, branch: str, commit: str) -> None:
        """CliError when the forge's repository of that name is of another project."""
        name, objects = settings.forge.repository, self._checkout.objects()
        if not run_async(_admin(settings).is_related(name, branch, commit, objects)):
            project = settings.project.name
            raise CliError(1, "cli.init.other_history", repository=name, project=project)

    def _link(self, settings: Settings, branch: str, commit: str) -> None:
        """The history, without going through all of it: a push has nothing left to send then."""
        objects = self._checkout.objects()
        megabytes = load("harness.forge.embedded.linking:size_of")(objects) >> 20
        if megabytes >= MANY_MB and self._cli.err.is_terminal:
            self._cli.note("cli.init.bringing", megabytes=f"{megabytes:,}")
        name = settings.forge.repository
        run_async(_admin(settings).bring(name, branch, commit, objects))

    def say_next(self, settings: Settings) -> None:
        came_from = hint(self._checkout)
        if came_from:
            self._cli.say("cli.init.from_github", repository=came_from)
        self._cli.say("cli.init.next")


def _admin(settings: Settings) -> EmbeddedAdmin:
    made: EmbeddedAdmin = load("harness.forge.embedded.admin:EmbeddedAdmin")(settings.paths.forge)
    return made


def _forget(settings: Settings) -> None:
    # what went wrong before is what the person must read
    with contextlib.suppress(HarnessError, OSError):
        run_async(_admin(settings).remove_repository(settings.forge.repository))


def _drop_remote(checkout: OwnRepository, url: str) -> None:
    with contextlib.suppress(HarnessError):
        # as it is written there: another setting may make another address of it
        if checkout.setting(f"remote.{REMOTE}.url") == url:
            checkout.remove_remote(REMOTE)


async def _forge(settings: Settings) -> tuple[Repository, str]:
    """The repository on the embedded forge, with the person and the bot, and its address."""
    root, forge = settings.paths.forge, settings.forge
    permission = load("harness.core.forge_types:Permission")
    host = _admin(settings)
    branch = settings.project.default_branch
    made = await host.create_repository(forge.repository, branch, forge.user)
    await host.add_user(forge.repository, forge.bot, permission.WRITE, "bot")
    url: str = (
        load("harness.forge.embedded.forge:EmbeddedForge")(root, forge.repository, forge.user)
        .remote()
        .url
    )
    return made, url
