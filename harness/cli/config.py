"""`harness config show | check | schema | key`."""

from __future__ import annotations

import re
import sys
from typing import TYPE_CHECKING, Annotated, Final

import typer

from harness.cli.common import (
    CliError,
    Context,
    JsonFlag,
    context,
    emit,
    load,
    private,
    project_of,
    table,
)
from harness.config.environ import registered_projects
from harness.config.secret_sources import kept_file, names

if TYPE_CHECKING:
    from harness.config.load import MergedSettings

NAME: Final = re.compile("[A-Za-z_][A-Za-z0-9_]{0,100}")
LONGEST: Final = 1 << 20
app = typer.Typer(add_completion=False, rich_markup_mode=None)


@app.command("show")
def show(ctx: typer.Context, as_json: JsonFlag = False) -> None:
    cli = context(ctx, as_json)
    merged = _merge(cli)
    if as_json:
        emit(load("harness.config.schema:public_settings")(merged.settings))
        return
    flat = load("harness.config.schema:flatten")(merged)
    table(cli, ("cli.config.key", "cli.config.value", "cli.config.from"), flat)


@app.command("check")
def check(ctx: typer.Context, as_json: JsonFlag = False) -> None:
    cli = context(ctx, as_json)
    merged = _merge(cli)
    merged.settings.model_for("worker")
    files = sorted({where.rpartition(":")[0] or where for where in merged.said.values()})
    if as_json:
        emit({"ok": True, "sources": files})
        return
    cli.say("cli.config.fine", files=", ".join(files) or "-")


@app.command("schema")
def schema(ctx: typer.Context, as_json: JsonFlag = False) -> None:
    cli = context(ctx, as_json)
    if as_json:
        emit(load("harness.config.schema:json_schema")())
        return
    rows = load("harness.config.schema:rows")()
    headings = ("cli.config.key", "cli.config.type", "cli.config.class", "cli.config.help")
    table(cli, headings, ((r.key, r.type, r.sort, r.help) for r in rows))


@app.command("key")
def key(
    ctx: typer.Context,
    name: Annotated[str, typer.Argument(metavar="NAME", show_default=False)],
    file: Annotated[bool, typer.Option("--file", help="cli.opt.key_file")] = False,
) -> None:
    cli = context(ctx)
    if not NAME.fullmatch(name):
        raise CliError(2, "config.bad_key_name")
    private(cli)
    value = _ask_value(cli, name).strip()
    if not value:
        raise CliError(2, "config.key_empty", name=name)
    cli.veil.redactor.add(value)
    stored, trouble = (False, None) if file else cli.keyring.keep(name, value)
    if stored:
        cli.say("config.key_in_keyring", name=name)
    else:
        if trouble is not None:
            cli.note(trouble.key, variable=name, **trouble.facts)
        kept = kept_file(cli.place, name)
        load("harness.system.files:private_dir")(kept.parent)
        load("harness.system.files:atomic_write")(kept, f"{value}\n", mode=0o600)
        cli.say("config.key_kept", name=name, file=str(kept))
    found = cli.sources.keys.find(name)
    if found is not None and found.value != value:
        cli.say("config.key_goes_after", origin=cli.words(found.origin.key, **found.origin.facts))
    if name not in names(cli.place):
        cli.say("config.key_unused", name=name)


def _ask_value(cli: Context, name: str) -> str:
    """Not as an argument: those can be seen by everybody on the machine and stay in a history."""
    if not sys.stdin.isatty():
        return sys.stdin.read(LONGEST)
    typed: str = typer.prompt(
        cli.words("config.key_prompt", name=name), default="", show_default=False, hide_input=True
    )
    return typed


def _merge(cli: Context) -> MergedSettings:
    """The settings meant here. The project's file is the one that a person is editing: the work
    tree's. A run reads it from the default branch."""
    place = cli.place
    inside = registered_projects(place.projects_dir) or cli.project
    name = project_of(place, cli.project) if inside else ""
    top = place.cwd
    while not (top / "harness.toml").exists() and top != top.parent:
        top = top.parent
    file = top / "harness.toml"
    text = load("harness.config.layers:read_text")(file) if file.exists() else None
    return cli.sources.load_merged(name, text, str(file))
