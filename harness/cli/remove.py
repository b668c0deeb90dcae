"""`harness remove`: a project is registered no more; what stays is said, or deleted when asked."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from harness.cli.at_embedded import REMOTE
from harness.cli.common import CliError, Context, JsonFlag, context, emit, load, private, run_async
from harness.cli.completing import projects
from harness.cli.snapshot_reader import read
from harness.cli.user_checkout import need_git
from harness.config.environ import checkouts, registered_projects, table_of
from harness.config.secret_sources import without
from harness.core.forge_kinds import EMBEDDED, FORGES

if TYPE_CHECKING:
    from harness.git.own_repository import OwnRepository

KEPT = ".removed"


@dataclass(frozen=True)
class Registered:
    """What the project's file says, as far as it can be read; the file may be broken."""

    name: str
    file: Path
    """Where it is while the project is registered."""
    checkout: Path | None
    kind: str
    repository: str

    @property
    def embedded(self) -> bool:
        """Whether its repository is ours to delete; not of a kind that nobody knows."""
        return self.kind in FORGES.names() and FORGES.of(self.kind).embedded

    @property
    def kept(self) -> Path:
        """The same file when the project is registered no more."""
        return self.file.with_name(f"{self.file.name}{KEPT}")


@dataclass(frozen=True)
class Remains:
    """One thing that harness has of a project. `kind` is the end of a catalogue key."""

    kind: str
    place: str


def remove(
    ctx: typer.Context,
    project: Annotated[
        str, typer.Argument(metavar="PROJECT", autocompletion=projects, show_default=False)
    ] = "",
    purge: Annotated[bool, typer.Option("--purge", help="cli.opt.purge")] = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="cli.opt.yes")] = False,
    force: Annotated[bool, typer.Option("--force", help="cli.opt.remove_force")] = False,
    as_json: JsonFlag = False,
) -> None:
    cli = context(ctx, as_json)
    found = _registered(cli, _named(cli, project, purge=purge))
    ours = tuple(_ours(cli, found)) if purge else ()
    if purge:
        _confirm(cli, found, ours, yes=yes)
    elif not force:
        _refuse_under_way(cli, found.name)
    with _nobody_acts(cli) if purge else contextlib.nullcontext(), _alone(found):
        if found.file.exists():
            found.file.replace(found.kept)
            load("harness.system.files:sync_dir")(found.file.parent)
        if purge:
            _delete(cli, found, ours)
    _tell(cli, found, ours, tuple(_stays(cli, found)))


def _named(cli: Context, given: str, *, purge: bool) -> str:
    """The project that is named, else the one whose checkout the folder is in: never another one
    because it is the only one."""
    folder = cli.place.projects_dir
    known = list(registered_projects(folder))
    if purge:
        known += [file.name.removesuffix(f".toml{KEPT}") for file in folder.glob(f"*.toml{KEPT}")]
    # no folder of ours is called so, and two of them are above all others
    known = [name for name in known if not name.startswith(".")]
    name = given or cli.project
    if not name:
        here = cli.place.cwd.resolve()
        homes = {n: path.resolve() for n, path in checkouts(folder).items()}
        name = next((n for n, path in homes.items() if here.is_relative_to(path)), "")
    if name not in known or not name:
        raise CliError(2, "cli.remove.unknown", project=name or "-", known=", ".join(known) or "-")
    return name


def _registered(cli: Context, name: str) -> Registered:
    file = cli.place.project_file(name)
    kept = file.with_name(f"{file.name}{KEPT}")
    said = table_of(file if file.exists() else kept)
    project, forge = said.get("project"), said.get("forge")
    path = project.get("path") if isinstance(project, dict) else None
    table = forge if isinstance(forge, dict) else {}
    return Registered(
        name=name,
        file=file,
        checkout=Path(path).expanduser() if isinstance(path, str) else None,
        kind=str(table.get("kind", EMBEDDED.name)),
        repository=str(table.get("repository", "")),
    )


def _refuse_under_way(cli: Context, name: str) -> None:
    snapshot = read(cli.place.paths)
    if snapshot is None or not snapshot.acting:
        return
    busy = [str(run["issue"]) for run in snapshot.runs(name) if run["state"] == "active"]
    if busy:
        issues = ", ".join(f"#{issue}" for issue in busy)
        raise CliError(5, "cli.remove.under_way", project=name, issues=issues, first=busy[0])


def _confirm(cli: Context, found: Registered, ours: tuple[Remains, ...], *, yes: bool) -> None:
    if yes:
        return
    if cli.as_json or not sys.stdin.isatty():
        raise CliError(2, "cli.remove.yes", project=found.name)
    cli.note("cli.remove.would", project=found.name)
    _list(cli, ours, note=True)
    if not typer.confirm(cli.words("cli.remove.sure"), err=True):
        raise typer.Abort


@contextlib.contextmanager
def _nobody_acts(cli: Context) -> Iterator[None]:
    """RefusedError when another process works on the state: it has what would go open."""
    private(cli)
    load("harness.system.files:private_dir")(cli.place.state_dir)
    lock = load("harness.engine.lock:StateLock")(cli.place.paths.lock)
    lock.acquire(datetime.now(UTC))
    with lock:
        yield


@contextlib.contextmanager
def _alone(found: Registered) -> Iterator[None]:
    """No `init` writes there meanwhile, and what the disk refuses is said."""
    try:
        with load("harness.system.locks:Lock")(found.file.parent / ".lock"):
            yield
    except OSError as fault:
        path, why = str(fault.filename or found.file), fault.strerror or type(fault).__name__
        raise CliError(1, "cli.init.disk", path=path, why=why) from fault


def _ours(cli: Context, found: Registered) -> Iterator[Remains]:
    """What `--purge` deletes."""
    paths = cli.place.paths
    local = found.repository and found.embedded
    has = load("harness.app.removing:has_repository")
    if local and not _shared_with(cli, found) and run_async(has(paths, found.repository)):
        yield Remains("forge", str(paths.forge / f"{found.repository}.git"))
    copies, pages = load("harness.app.removing:folders")(paths, found.name)
    for kind, folder in (("copies", copies), ("pages", pages)):
        if folder.exists():
            yield Remains(kind, str(folder))
    if _has_remote(cli, found):
        yield Remains("remote", str(found.checkout))


def _stays(cli: Context, found: Registered) -> Iterator[Remains]:
    if found.kept.exists():
        yield Remains("settings", str(found.kept))
    yield from _ours(cli, found)
    paths = cli.place.paths
    if not found.embedded:
        yield Remains("elsewhere", found.repository or found.kind)
    elif (other := _shared_with(cli, found)) and found.repository:
        yield Remains("shared", f"{found.repository} ({other})")
    for kind, path in (("history", paths.state_db), ("environments", paths.environments)):
        if path.exists():
            yield Remains(kind, str(path))


def _shared_with(cli: Context, found: Registered) -> str:
    """Another registered project with the same repository; "" for none. A file that cannot be
    read may be one."""
    folder = cli.place.projects_dir
    for name in registered_projects(folder):
        forge = table_of(folder / f"{name}.toml").get("forge")
        theirs = forge.get("repository") if isinstance(forge, dict) else None
        if name != found.name and theirs in (None, found.repository):
            return name
    return ""


def _has_remote(cli: Context, found: Registered) -> bool:
    with _checkout(cli, found) as checkout:
        address = cli.place.paths.forge.resolve() / f"{found.repository}.git"
        written = checkout.setting(f"remote.{REMOTE}.url") if checkout is not None else ""
        return bool(found.repository) and written == address.as_uri()


@contextlib.contextmanager
def _checkout(cli: Context, found: Registered) -> Iterator[OwnRepository | None]:
    """The person's own work tree; None when it is gone, or git does not work in it."""
    opened: OwnRepository | None = None
    if found.checkout is not None and found.checkout.is_dir():
        need_git(cli.place)
        with contextlib.suppress(load("harness.core.errors:GitError")):
            opened = load("harness.git.own_repository:own_repository")(
                found.checkout, without(cli.place)
            )
    try:
        yield opened
    finally:
        if opened is not None:
            opened.close()


def _delete(cli: Context, found: Registered, ours: tuple[Remains, ...]) -> None:
    kinds = {one.kind for one in ours}
    repository = found.repository if "forge" in kinds else ""
    run_async(load("harness.app.removing:purge")(cli.place.paths, found.name, repository))
    if "remote" in kinds:
        with _checkout(cli, found) as checkout:
            if checkout is not None:
                checkout.remove_remote(REMOTE)
    # last: a kill before this is gone on with by its name
    found.kept.unlink(missing_ok=True)


def _tell(
    cli: Context, found: Registered, deleted: tuple[Remains, ...], stays: tuple[Remains, ...]
) -> None:
    if cli.as_json:
        listed = {
            "deleted": [vars(one) for one in deleted],
            "stays": [vars(one) for one in stays],
        }
        emit({"project": found.name, **listed})
        return
    cli.say("cli.remove.done", project=found.name)
    if deleted:
        cli.say("cli.remove.deleted")
        _list(cli, deleted)
    if stays:
        cli.say("cli.remove.stays")
        _list(cli, stays)
    if found.kept.exists():
        cli.say("cli.remove.next", project=found.name)


def _list(cli: Context, things: tuple[Remains, ...], *, note: bool = False) -> None:
    say = cli.note if note else cli.say
    for one in things:
        say(f"cli.remove.kind.{one.kind}", place=one.place)
