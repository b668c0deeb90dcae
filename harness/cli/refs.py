"""`harness refs`: what was looked up and is kept."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from harness.cli.common import (
    CliError,
    Context,
    JsonFlag,
    context,
    emit,
    load,
    one_line,
    private,
    run_async,
    table,
)

if TYPE_CHECKING:
    from harness.app.references import PersonReferences
    from harness.core.reference_types import Looked

app = typer.Typer(add_completion=False, rich_markup_mode=None, no_args_is_help=True)
HEADINGS = ("refs.head_source", "refs.head_title", "refs.head_kind", "refs.head_date")
FOUND = ("refs.head_source", "refs.head_date", "refs.head_excerpt")
DONE = ("refs.head_source", "refs.head_state", "refs.head_title")
Sources = Annotated[list[str] | None, typer.Argument(metavar="SOURCE", help="cli.opt.refs_sources")]
Folder = Annotated[Path, typer.Argument(metavar="FOLDER", show_default=False)]


@app.command("list")
def list_references(ctx: typer.Context, as_json: JsonFlag = False) -> None:
    cli = context(ctx, as_json)
    found = run_async(_person(cli).sources())
    if as_json:
        emit(found)
        return
    rows = [
        (
            one_line(r.source),
            one_line(r.title, 60),
            cli.words("refs.state_gone" if r.gone else f"refs.kind_{r.kind}"),
            _day(r.fetched_at),
        )
        for r in found
    ]
    if rows:
        table(cli, HEADINGS, rows)
    cli.say("refs.count", count=len(rows))


@app.command("search")
def search(
    ctx: typer.Context,
    words: Annotated[list[str], typer.Argument(metavar="WORD", show_default=False)],
    limit: Annotated[int, typer.Option("--limit", min=1, max=50, help="cli.opt.refs_limit")] = 8,
    as_json: JsonFlag = False,
) -> None:
    cli = context(ctx, as_json)
    found = run_async(_person(cli).search(" ".join(words), limit))
    if as_json:
        emit(found)
        return
    rows = [(one_line(r.source), _day(r.fetched_at), one_line(r.excerpt)) for r in found]
    if rows:
        table(cli, FOUND, rows)
    else:
        cli.say("refs.nothing_found")


@app.command("show")
def show(
    ctx: typer.Context,
    source: Annotated[str, typer.Argument(metavar="SOURCE", show_default=False)],
    as_json: JsonFlag = False,
) -> None:
    cli = context(ctx, as_json)
    found = run_async(_person(cli).show(source))
    if as_json:
        emit(found)
        return
    shown = load("harness.system.text:clean_text")
    written = load("harness.knowledge.references.page_files:written")
    cli.out.print(shown(written(found)), markup=False, soft_wrap=True)


@app.command("add")
def add(
    ctx: typer.Context,
    what: Annotated[list[str], typer.Argument(metavar="ADDRESS|FILE|FOLDER", show_default=False)],
    as_json: JsonFlag = False,
) -> None:
    cli = context(ctx, as_json)
    private(cli)
    run_async(_tell(cli, _person(cli).add(what)))


@app.command("refresh")
def refresh(ctx: typer.Context, sources: Sources = None, as_json: JsonFlag = False) -> None:
    cli = context(ctx, as_json)
    private(cli)
    run_async(_tell(cli, _person(cli).refresh(sources or ())))


@app.command("prune")
def prune(
    ctx: typer.Context,
    sources: Sources = None,
    older: Annotated[
        float | None, typer.Option("--older", min=0, metavar="DAYS", help="cli.opt.refs_older")
    ] = None,
    size: Annotated[
        float | None, typer.Option("--size", min=0, metavar="MB", help="cli.opt.refs_size")
    ] = None,
    gone: Annotated[bool, typer.Option("--gone", help="cli.opt.refs_gone")] = False,
    as_json: JsonFlag = False,
) -> None:
    cli = context(ctx, as_json)
    if not sources and older is None and size is None and not gone:
        raise CliError(2, "refs.prune_what")
    person = _person(cli)
    count = run_async(person.prune(older, gone, sources or ()))
    if size is not None:
        count += run_async(person.shrink(size))
    if as_json:
        emit({"removed": count})
        return
    cli.say("refs.removed", count=count)


@app.command("export")
def export(
    ctx: typer.Context, folder: Folder, sources: Sources = None, as_json: JsonFlag = False
) -> None:
    cli = context(ctx, as_json)
    count = run_async(_person(cli).export(cli.place.cwd / folder.expanduser(), sources or ()))
    if as_json:
        emit({"files": count})
        return
    cli.say("refs.exported", count=count, folder=str(folder))


@app.command("import")
def import_references(ctx: typer.Context, folder: Folder, as_json: JsonFlag = False) -> None:
    cli = context(ctx, as_json)
    done = run_async(_person(cli).import_(cli.place.cwd / folder.expanduser()))
    if as_json:
        emit(done)
    for one in done:
        if one.state == "wrong":
            cli.note("refs.import_wrong", file=one_line(one.file), why=one.why)
        elif one.state != "same":
            cli.say(
                f"refs.import_{one.state}", file=one_line(one.file), source=one_line(one.source)
            )
    cli.say("refs.imported", count=sum(one.state in ("new", "newer", "edited") for one in done))
    if any(one.state == "wrong" for one in done):
        raise typer.Exit(1)


async def _tell(cli: Context, looks: AsyncIterator[Looked]) -> None:
    """As they come; exit code 1 when one gave nothing."""
    done = []
    async for one in looks:
        done.append(one)
        if one.refused is not None:
            cli.note(one.refused.key, **one.refused.facts)
        if not cli.as_json and (one.text or one.refused is None):
            state = cli.words(f"refs.state_{one.freshness}")
            cli.say(
                "refs.done", source=one_line(one.source), state=state, title=one_line(one.title, 80)
            )
    if cli.as_json:
        emit([one.model_dump(mode="json", exclude={"text"}) for one in done])
    if not done:
        cli.say("refs.nothing_to_do")
    if any(one.refused is not None for one in done):
        raise typer.Exit(1)


def _person(cli: Context) -> PersonReferences:
    settings = cli.sources.load_merged(cli.project, models=False).settings
    made: PersonReferences = load("harness.app.references:PersonReferences")(
        settings, cli.place.env, cli.place.cwd
    )
    return made


def _day(at: float) -> str:
    day: str = load("harness.pipeline.lookup.answers:day")(at)
    return day
