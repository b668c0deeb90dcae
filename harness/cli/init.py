"""`harness init`: registers the git repository one stands in. It writes no file there."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from harness.cli.at_github import ask_github, default_branch_of, resolve_repository, same_place
from harness.cli.common import CliError, Context, JsonFlag, context, emit, load, private
from harness.cli.registration import other_branch
from harness.cli.registries import Reach
from harness.cli.survey import Survey, page, refuse_others, registered_as, survey
from harness.cli.user_checkout import top_of

if TYPE_CHECKING:
    from harness.cli.at_github import AtGithub
    from harness.cli.ports import ForgeRegistration
    from harness.config.settings import Settings
    from harness.git.own_repository import OwnRepository


def init(
    ctx: typer.Context,
    name: Annotated[str, typer.Option("--name", help="cli.opt.name")] = "",
    branch: Annotated[str, typer.Option("--branch", help="cli.opt.branch")] = "",
    github: Annotated[
        str, typer.Option("--github", metavar="OWNER/NAME", help="cli.opt.github")
    ] = "",
    app: Annotated[int, typer.Option("--app", min=0, metavar="ID", help="cli.opt.app")] = 0,
    registries: Annotated[
        bool, typer.Option("--allow-registries", help="cli.opt.allow_registries")
    ] = False,
    allow: Annotated[
        list[str] | None, typer.Option("--allow", metavar="HOST", help="cli.opt.allow")
    ] = None,
    as_json: JsonFlag = False,
) -> None:
    cli = context(ctx, as_json)
    reach = Reach(cli, registries=registries, named=tuple(allow or ()))
    with top_of(cli.place) as checkout:
        _register(cli, checkout, name, branch, github, app, reach)


def _register(
    cli: Context,
    checkout: OwnRepository,
    name: str,
    branch: str,
    github: str,
    app: int,
    reach: Reach,
) -> None:
    there = resolve_repository(checkout, github) if github else None
    if app and there is None:
        raise CliError(2, "cli.init.app_alone")
    key = str(cli.place.config_dir / "github-app.pem")
    here, told, known = checkout.branch(), "", registered_as(cli.place, checkout)
    if known and not (branch or here):
        told = cli.settings(known).project.default_branch
    elif there is not None and not (branch or known):
        there = ask_github(cli, there, app, key)
        told = default_branch_of(cli, there, here)
    found = survey(cli, checkout, name, branch, told)
    file = cli.place.project_file(found.name)
    access = reach.settle(found, checkout.top)
    with _alone(file.parent):
        again = file.exists()
        if again:
            refuse_others(cli.place, checkout, found.name)
            reach.add_to(file, access)
            settings, registration, note = _at_forge(cli, checkout, found, there, github, branch)
        else:
            forge = there.table(app, key) if there is not None else None
            own = page(cli.place, checkout, found, forge, access)
            with _draft(cli, found.name, own) as drafting:
                settings, registration, note = _at_forge(drafting, checkout, found, there, github)
    _tell(cli, settings, found, again=again, note=note)
    reach.tell(settings, file)
    if not cli.as_json:
        registration.say_next(settings)


def _at_forge(
    cli: Context,
    checkout: OwnRepository,
    found: Survey,
    there: AtGithub | None,
    github: str,
    branch: str = "",
) -> tuple[Settings, ForgeRegistration, str]:
    """What the forge must have of the project. Nothing new is left when it raises."""
    file = cli.place.project_file(found.name)
    settings = cli.settings(found.name)
    if there is not None and not same_place(there, settings.forge, github):
        raise CliError(1, "cli.init.other_forge", file=str(file), kind=settings.forge.kind)
    if branch and branch != settings.project.default_branch:
        raise other_branch(settings, file, branch)
    private(cli)
    registration: ForgeRegistration = load(settings.forge.descriptor.registration)(
        cli, checkout, there
    )
    settings, note = registration.register(settings, file)
    return settings, registration, note


@contextlib.contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """One at a time writes the operator's files, and what the disk refuses is said."""
    try:
        load("harness.system.files:private_dir")(folder)
        with load("harness.system.locks:Lock")(folder / ".lock"):
            yield
    except OSError as fault:
        path, why = str(fault.filename or folder), fault.strerror or type(fault).__name__
        raise CliError(1, "cli.init.disk", path=path, why=why) from fault


@contextlib.contextmanager
def _draft(cli: Context, name: str, text: str) -> Iterator[Context]:
    """The same invocation with the project's file as a draft, which is the project's file only
    when nothing failed: a daemon that looks, or a kill, meets it whole or not at all."""
    drafting = replace(cli, place=replace(cli.place, registering=name))
    draft = drafting.place.project_file(name)
    try:
        load("harness.system.files:atomic_write")(draft, text)
        yield drafting
        draft.replace(cli.place.project_file(name))
        load("harness.system.files:sync_dir")(draft.parent)
    finally:
        draft.unlink(missing_ok=True)


def _tell(cli: Context, settings: Settings, found: Survey, *, again: bool, note: str) -> None:
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
                "allow": settings.environment.allow,
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
    for lost in found.detected.unsourced:
        cli.say("cli.init.unsourced", name=lost.name, source=lost.source, file=file)
    for key in found.notes:
        cli.say(key)
