"""`harness pull`: what was merged, into the user's branch."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from harness.cli.common import Context, JsonFlag, context, emit, load
from harness.cli.user_checkout import need_git
from harness.config.environ import main_tree
from harness.config.settings import Settings
from harness.core.errors import UsageError

if TYPE_CHECKING:
    from harness.git.checkout import Pulled


def pull(ctx: typer.Context, as_json: JsonFlag = False) -> None:
    cli = context(ctx, as_json)
    settings = cli.settings()
    if not settings.forge.descriptor.embedded:
        raise UsageError("forge.pull_elsewhere", kind=settings.forge.kind)
    need_git(cli.place)
    checkout = load("harness.git.checkout:Checkout")(folder(cli, settings), cli.theirs)
    done: Pulled = checkout.pull(settings.project.default_branch)
    if as_json:
        emit(asdict(done))
    elif done.commits:
        cli.say(
            "forge.pulled",
            branch=done.branch,
            commits=cli.words("forge.pulled_commits", count=done.commits),
            files=cli.words("forge.pulled_files", count=len(done.files)),
            commit=done.new[:10],
        )
    else:
        _say_nothing_new(cli, done)


def folder(cli: Context, settings: Settings) -> Path:
    """The folder the user stands in when it is in the project or in a work tree linked to it, else
    the project's checkout."""
    registered = settings.project.path
    here = cli.place.cwd
    if registered is None:
        return here
    checkout = registered.expanduser()
    top = checkout.resolve()
    inside = here.resolve().is_relative_to(top) or main_tree(here.resolve()) == top
    return here if inside else checkout


def _say_nothing_new(cli: Context, done: Pulled) -> None:
    if done.ahead:
        cli.say("forge.pull_ahead", branch=done.branch, ahead=done.ahead)
    else:
        cli.say("forge.pull_current", branch=done.branch)
