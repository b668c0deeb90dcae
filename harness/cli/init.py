"""`harness init`: registers the git repository one stands in. It writes no file there."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from harness.cli.at_github import ask_github, default_branch_of, resolve_repository, same_place
from harness.cli.common import CliError, Context, JsonFlag, context, emit, load, private, run_async
from harness.cli.registration import other_branch
from harness.cli.registries import Reach
from harness.cli.snapshot_reader import stored_sentence
from harness.cli.survey import Survey, page, refuse_others, registered_as, survey
from harness.cli.trying import try_registering, wants_trying
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
    yes: Annotated[bool, typer.Option("--yes", help="cli.opt.try_yes")] = False,
    no_try: Annotated[bool, typer.Option("--no-try", help="cli.opt.no_try")] = False,
    as_json: JsonFlag = False,
) -> None:
    cli = context(ctx, as_json)
    if yes and no_try:
        raise CliError(2, "cli.try.both")
    reach = Reach(cli, registries=registries, named=tuple(allow or ()))
    asked = Asked(name, branch, github, app, None if no_try else yes)
    with top_of(cli.place) as checkout:
        _register(cli, checkout, asked, reach)


@dataclass(frozen=True)
class Asked:
    """What the command line said. `trying`: whether that was agreed to; None: it is not wanted."""

    name: str
    branch: str
    github: str
    app: int
    trying: bool | None


def _register(cli: Context, checkout: OwnRepository, asked: Asked, reach: Reach) -> None:
    branch, github, app = asked.branch, asked.github, asked.app
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
    found = survey(cli, checkout, asked.name, branch, told)
    file = cli.place.project_file(found.name)
    access, tried = reach.settle(found, checkout.top), False
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
                if asked.trying is not None:
                    settings, tried = _try(drafting, settings, registration, yes=asked.trying)
    lacking = () if tried else _lacking(cli, settings, found)
    _tell(cli, settings, found, again=again, note=note, tried=tried, lacking=lacking)
    reach.tell(settings, file)
    if not (cli.as_json or again or tried or asked.trying is None):
        cli.say("cli.try.later", project=found.name)
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


def _try(
    cli: Context, settings: Settings, registration: ForgeRegistration, *, yes: bool
) -> tuple[Settings, bool]:
    """With what works in the file, and whether it was tried. Nothing new is left when it raises."""
    if not wants_trying(cli, settings, yes=yes):
        return settings, False
    project = settings.project.name
    settings = replace(cli).settings(project)  # with what the forge said of it
    workspaces = settings.paths.workspaces
    folder = workspaces / load("urllib.parse:quote")(project, safe="")
    fresh = not folder.exists()
    with contextlib.ExitStack() as undo:
        undo.callback(registration.take_back)
        if fresh:
            undo.callback(load("harness.system.files:remove_tree"), folder)
        try_registering(cli, settings, cli.place.project_file(project), yes=yes)
        undo.pop_all()
    return replace(cli).settings(project), True


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


def _lacking(cli: Context, settings: Settings, found: Survey) -> tuple[str, ...]:
    """What the recipe needs and this machine lacks, a sentence each."""
    needs = load("harness.environment.host_tools:say_needs")
    told = run_async(needs(settings, cli.place, found.recipe, found.files, found.read))
    return tuple(stored_sentence(cli, one.model_dump()).rstrip(".") for one in told)


def _tell(
    cli: Context,
    settings: Settings,
    found: Survey,
    *,
    again: bool,
    note: str,
    tried: bool,
    lacking: tuple[str, ...],
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
                "allow": settings.environment.allow,
                "tried": tried,
                "notes": [*(cli.words(key) for key in found.notes), *lacking],
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
    for lost in found.recipe.unsourced:
        cli.say("cli.init.unsourced", name=lost.name, source=lost.source, file=file)
    for key in found.notes:
        cli.say(key)
    for why in lacking:
        cli.say("cli.init.lacking", why=why)
