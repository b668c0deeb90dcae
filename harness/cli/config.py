"""`harness config show | check | schema`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer

from harness.cli.common import Context, JsonFlag, context, emit, load, project_of, table
from harness.config.environ import registered

if TYPE_CHECKING:
    from harness.config.load import Merged

app = typer.Typer(add_completion=False, rich_markup_mode=None)


@app.command("show")
def show(ctx: typer.Context, as_json: JsonFlag = False) -> None:
    cli = context(ctx, as_json)
    merged = _merged(cli)
    if as_json:
        emit(load("harness.config.schema:shown")(merged.settings))
        return
    flat = load("harness.config.schema:flatten")(merged)
    table(cli, ("cli.config.key", "cli.config.value", "cli.config.from"), flat)


@app.command("check")
def check(ctx: typer.Context, as_json: JsonFlag = False) -> None:
    cli = context(ctx, as_json)
    merged = _merged(cli)
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


def _merged(cli: Context) -> Merged:
    """The settings meant here. The project's file is the one that a person is editing: the work
    tree's. A run reads it from the default branch."""
    place = cli.place
    inside = registered(place.projects_dir) or cli.project
    name = project_of(place, cli.project) if inside else ""
    top = place.cwd
    while not (top / "harness.toml").exists() and top != top.parent:
        top = top.parent
    file = top / "harness.toml"
    text = load("harness.config.layers:read_text")(file) if file.exists() else None
    return cli.sources.merged(name, text, str(file))
