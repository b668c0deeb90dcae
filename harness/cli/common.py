"""What every command shares: its context, where it is, how it prints. Light on purpose: no
pydantic, no SDK, no database is imported here; `load` brings those when a command needs them."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Coroutine, Iterable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field, replace
from functools import cached_property
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from harness.cli.encoding import shows_unicode
from harness.cli.screen import Screen, json_text
from harness.cli.veil import Veil
from harness.config.environ import (
    Locations,
    checkouts,
    forget,
    main_tree,
    registered_projects,
)
from harness.config.secret_sources import names, without
from harness.i18n.catalogue import Catalogue

if TYPE_CHECKING:
    from harness.cli.ports import App, OnEvent, OpenApp
    from harness.config.load import Sources
    from harness.config.settings import Settings
    from harness.system.keyring import SystemKeyring

T = TypeVar("T")

JsonFlag = Annotated[bool, typer.Option("--json", help="cli.opt.json")]
"""Declare as `as_json: JsonFlag = False` and hand it to `context(ctx, as_json)`."""
AsFlag = Annotated[str, typer.Option("--as", help="cli.opt.as", metavar="USER")]
"""Who acts on the embedded forge; empty: `Context.user`."""


def load(dotted: str) -> Any:
    """The object at "package.module:name". The one place where a command reaches what is heavy."""
    module, _, name = dotted.partition(":")
    return getattr(import_module(module), name)


class CliError(Exception):
    """A sentence for the person and an exit code, where HarnessError would be too heavy."""

    def __init__(self, exit_code: int, key: str, **facts: str | int | float) -> None:
        super().__init__(key, facts)
        self.exit_code = exit_code
        self.key = key
        self.facts = facts


@dataclass(frozen=True)
class Context:
    """One invocation. `project` is what --project said ("" = find by folder)."""

    place: Locations
    project: str = ""
    debug: bool = False
    as_json: bool = False
    flags: Mapping[str, object] = field(default_factory=dict)
    """Settings given as flags: dotted key -> value."""
    own: Veil | None = field(default=None, repr=False)
    """The screen's, in a process that is ours alone."""
    at_end: Callable[[Callable[[], object]], object] | None = field(default=None, repr=False)
    """Has something done when the command is over, however it ends."""

    @cached_property
    def words(self) -> Catalogue:
        """The catalogue in the reader's language."""
        return Catalogue(self.place.language)

    @cached_property
    def out(self) -> Console:
        """For people and pipes: stdout. Not wrapped when it is not a terminal."""
        return _console(stderr=False)

    @cached_property
    def err(self) -> Console:
        """Notes, progress, warnings: stderr."""
        return _console(stderr=True)

    @cached_property
    def sources(self) -> Sources:
        """Every layer of settings; a project's own file is fetched from its default branch."""
        made: Sources = load("harness.config.load:Sources")(
            place=self.place,
            flags=self.flags,
            ask_keyring=self.keyring,
            own_file=load("harness.cli.user_checkout:own_file"),
        )
        return made

    @cached_property
    def keyring(self) -> SystemKeyring:
        """The system's keyring."""
        made: SystemKeyring = load("harness.system.keyring:SystemKeyring")(self.place.env)
        return made

    @cached_property
    def veil(self) -> Veil:
        """Takes our own secrets out of text."""
        return self.own or Veil(self.place)

    @cached_property
    def theirs(self) -> dict[str, str]:
        """The environment for the person's own programs: git in their checkout, their editor."""
        return without(self.place)

    def settings(self, project: str | None = None) -> Settings:
        """What the operator's layers say of that project (default: the one meant here): for
        commands that a mistake in the project's own file must not stop, and that ask no model.
        ConfigError."""
        name = self.project_name() if project is None else project
        return self.sources.load_merged(name, models=False).settings

    def work_settings(self, project: str | None = None) -> Settings:
        """The same with the project's own file: for what works on issues. ConfigError."""
        return self.sources.settings(self.project_name() if project is None else project)

    def project_name(self) -> str:
        """--project, else the registered project the folder is in, else the only one.
        CliError(2)."""
        return project_of(self.place, self.project)

    def user(self, settings: Settings, given: str = "") -> str:
        """Who acts: `--as`, else the operator's login from the settings."""
        return given or settings.forge.user

    def with_flags(self, **flags: object) -> Context:
        """The same with these settings laid on top; None = not given. `sandbox__kind` is the key
        sandbox.kind."""
        said = {k.replace("__", "."): v for k, v in flags.items() if v is not None}
        return replace(self, flags={**self.flags, **said})

    def say(self, key: str, /, **facts: object) -> None:
        """One sentence on stdout; in --json mode on stderr, so that stdout stays one document."""
        target = self.err if self.as_json else self.out
        target.print(Text(self.words(key, **facts)), soft_wrap=True)

    def note(self, key: str, /, **facts: object) -> None:
        """One sentence on stderr."""
        self.err.print(Text(self.words(key, **facts)), soft_wrap=True)


def context(ctx: typer.Context, as_json: bool = False) -> Context:
    """The invocation's Context. Commands take `ctx: typer.Context` first."""
    found = ctx.find_object(Context)
    if found is None:
        raise RuntimeError("a command ran outside of harness.cli.main")
    return replace(found, as_json=as_json, at_end=ctx.call_on_close)


def project_of(place: Locations, given: str = "") -> str:
    """The project that is meant. CliError(2) says which ones there are."""
    names = registered_projects(place.projects_dir)
    if given:
        if given in names:
            return given
        raise CliError(2, "cli.project_unknown", project=given, known=", ".join(names) or "-")
    here = place.cwd.resolve()
    for folder in filter(None, (here, main_tree(here))):
        found = [
            (len(path.parts), name)
            for name, path in checkouts(place.projects_dir).items()
            if folder.is_relative_to(path.resolve())
        ]
        if found:
            return max(found)[1]
    if len(names) == 1:
        return names[0]
    if not names:
        raise CliError(2, "cli.project_none")
    raise CliError(2, "cli.project_which", known=", ".join(names))


def emit(value: object, *, lines: bool = False) -> None:
    """One JSON document on stdout (`lines`: on one line, for a stream): values, tuples of values,
    plain data; times in ISO form."""
    plain = not shows_unicode(sys.stdout)
    text = json.dumps(value, ensure_ascii=plain, indent=None if lines else 2, default=_plain)
    sys.stdout.write(json_text(text.encode("utf-8", "replace").decode()) + "\n")
    if lines:
        sys.stdout.flush()


def table(cli: Context, headings: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """A table whose headings are catalogue keys; cells are text as it stands (no mark-up)."""
    drawn = draw(cli, headings, rows)
    cli.out.print(drawn)


def draw(cli: Context, headings: Sequence[str], rows: Iterable[Sequence[object]]) -> Table:
    """`table` without printing, for live views."""
    drawn = Table(box=None, pad_edge=False, header_style="bold")
    for heading in headings:
        drawn.add_column(cli.words(heading), overflow="fold")
    for row in rows:
        drawn.add_row(*(Text("" if cell is None else str(cell)) for cell in row))
    return drawn


def run_async(work: Coroutine[Any, Any, T]) -> T:
    """Runs the command's coroutine on a loop of its own."""
    runner: Callable[[Coroutine[Any, Any, T]], T] = load("asyncio:run")
    return runner(work)


def open_app(
    cli: Context, settings: Settings, on_event: OnEvent | None = None
) -> AbstractAsyncContextManager[App]:
    """`async with open_app(cli, settings) as app`: the composition root. See ports.OpenApp.
    From here on a process of ours is opaque, and a program it starts inherits no key."""
    private(cli)
    opener: OpenApp = load("harness.app:open_app")
    return opener(
        settings,
        sources=cli.sources,
        words=cli.words,
        on_event=on_event,
        on_trouble=lambda line: cli.err.print(cli.veil(line), markup=False),
        redactor=cli.veil.redactor,
    )


def private(cli: Context) -> None:
    """Before keys are used and state is written, in a process that is ours alone."""
    if cli.own is not None:
        load("harness.system.hardening:harden")()
        forget(names(cli.place))


def one_line(text: str, limit: int = 200) -> str:
    """Text from anywhere as one printable line."""
    flat = "".join(c if c.isprintable() else " " for c in " ".join(text.split()))
    return flat if len(flat) <= limit else flat[: limit - 1] + "…"


def _console(*, stderr: bool) -> Console:
    stream = sys.stderr if stderr else sys.stdout
    width = None if stream.isatty() else 10_000
    return Screen(stderr=stderr, highlight=False, width=width, emoji=False)


def _plain(value: object) -> object:
    dump = getattr(value, "model_dump", None)
    if dump is not None:
        return dump(mode="json")
    iso = getattr(value, "isoformat", None)
    if iso is not None:
        return iso()
    if isinstance(value, Path):
        return str(value)
    if isinstance(value, Iterable):
        return list(value)
    raise TypeError(f"not JSON: {type(value)}")
