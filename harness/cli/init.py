"""`harness init`: registers the git repository one stands in. It writes no file there."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from harness.cli.at_github import hint, meant, tell
from harness.cli.checkout import Checkout, top_of
from harness.cli.common import Context, JsonFlag, Told, context, emit, load, private, run_async
from harness.cli.survey import Survey, page, survey

if TYPE_CHECKING:
    from harness.config.settings import Settings

REMOTE = "harness"


def init(
    ctx: typer.Context,
    name: Annotated[str, typer.Option("--name", help="cli.opt.name")] = "",
    branch: Annotated[str, typer.Option("--branch", help="cli.opt.branch")] = "",
    github: Annotated[
        str, typer.Option("--github", metavar="OWNER/NAME", help="cli.opt.github")
    ] = "",
    app: Annotated[int, typer.Option("--app", min=0, metavar="ID", help="cli.opt.app")] = 0,
    as_json: JsonFlag = False,
) -> None:
    cli = context(ctx, as_json)
    checkout = top_of(cli.place)
    there = meant(checkout, github) if github else None
    if app and there is None:
        raise Told(2, "cli.init.app_alone")
    found = survey(cli, checkout, name, branch)
    file = cli.place.project_file(found.name)
    again = file.exists()
    if not again:
        load("harness.system.files:private_dir")(file.parent)
        key = str(cli.place.config_dir / "github-app.pem")
        forge = there.table(app, key) if there is not None else None
        load("harness.system.files:atomic_write")(file, page(cli.place, checkout, found, forge))
    settings = cli.settings(found.name)
    if there is not None and settings.forge.repository != there.name:
        raise Told(1, "cli.init.other_forge", file=str(file), kind=settings.forge.kind)
    if settings.forge.kind != "local":
        _tell(cli, settings, found, checkout, again=again, note="cli.init.elsewhere")
        return
    private(cli)
    load("harness.system.files:private_dir")(settings.state_dir)
    url = run_async(_forge(settings))
    _remote(checkout, url)
    note = _push(checkout, settings.project.default_branch)
    _tell(cli, settings, found, checkout, again=again, note=note)


async def _forge(settings: Settings) -> str:
    """The repository on the embedded forge, with the person and the bot; its address."""
    root, forge = settings.paths.forge, settings.forge
    permission = load("harness.core.forge_types:Permission")
    host = load("harness.forge.local_host:LocalHost")(root)
    await host.create_repository(forge.repository, settings.project.default_branch, forge.user)
    await host.add_user(forge.repository, forge.bot, permission.WRITE, "bot")
    url: str = (
        load("harness.forge.local:LocalForge")(root, forge.repository, forge.user).remote().url
    )
    return url


def _remote(checkout: Checkout, url: str) -> None:
    if REMOTE not in checkout.ask("remote").split("\n"):
        checkout.ask("remote", "add", REMOTE, url)
        return
    present = checkout.ask("remote", "get-url", REMOTE)
    if present != url:
        raise Told(1, "cli.init.remote_taken", remote=REMOTE, present=present, wanted=url)


def _push(checkout: Checkout, branch: str) -> str:
    """Brings the branch to the forge unless the forge is ahead; the key of what to tell."""
    ref = f"refs/heads/{branch}"
    listed = checkout.ask("ls-remote", REMOTE, ref)
    theirs = listed.split("\t")[0] if listed else ""
    ours = checkout.ask("rev-parse", "--verify", "--quiet", f"{ref}^{{commit}}", ok=(0, 1))
    if not ours:
        raise Told(1, "cli.init.no_branch", branch=branch)
    if theirs == ours:
        return "cli.init.same"
    if theirs and not checkout.says("merge-base", "--is-ancestor", theirs, ours):
        return "cli.init.behind"
    checkout.ask("push", "--no-verify", REMOTE, f"{ref}:{ref}")
    return "cli.init.pushed"


def _tell(
    cli: Context,
    settings: Settings,
    found: Survey,
    checkout: Checkout,
    *,
    again: bool,
    note: str,
) -> None:
    branch = settings.project.default_branch
    file = str(cli.place.project_file(found.name))
    command = settings.test.command or ", ".join(
        f"{path}: {part.command}" for path, part in settings.test.directories.items()
    )
    if cli.as_json:
        emit(
            {
                "project": found.name,
                "file": file,
                "again": again,
                "branch": branch,
                "repository": settings.forge.repository,
                "test": command,
                "setup": settings.environment.setup,
                "notes": [cli.words(key) for key in found.notes],
            }
        )
        return
    cli.say("cli.init.again" if again else "cli.init.done", project=found.name, file=file)
    cli.say(note, branch=branch)
    if command:
        cli.say("cli.init.test", command=command)
    else:
        cli.say("cli.init.no_test", file=file)
    for setup in settings.environment.setup:
        cli.say("cli.init.setup", command=setup)
    if settings.environment.setup and not settings.environment.allow:
        cli.say("cli.init.network", file=file)
    for key in found.notes:
        cli.say(key)
    if settings.forge.kind == "github":
        tell(cli, settings)
        return
    came_from = hint(checkout)
    if came_from:
        cli.say("cli.init.from_github", repository=came_from)
    cli.say("cli.init.next")
