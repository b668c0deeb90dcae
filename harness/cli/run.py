"""`harness run`: the daemon, one round of it, or a preview of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from harness.cli.common import (
    CliError,
    Context,
    JsonFlag,
    context,
    emit,
    one_line,
    open_app,
    run_async,
    table,
)
from harness.cli.snapshot_reader import read, stored_sentence
from harness.cli.status import page
from harness.cli.work import follow_round, here, printer, take

if TYPE_CHECKING:
    from harness.config.settings import Settings
    from harness.core.view_types import Preview

HEADINGS = (
    "cli.status.project",
    "cli.status.issue",
    "cli.status.title",
    "cli.preview.action",
    "cli.status.why",
    "cli.preview.most",
    "cli.preview.writes",
)


def run(
    ctx: typer.Context,
    once: Annotated[bool, typer.Option("--once", help="cli.opt.once")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="cli.opt.dry_run")] = False,
    cron: Annotated[str | None, typer.Option("--cron", help="cli.opt.cron")] = None,
    every: Annotated[str | None, typer.Option("--every", help="cli.opt.every")] = None,
    model: Annotated[str | None, typer.Option("--model", help="cli.opt.model")] = None,
    sandbox: Annotated[str | None, typer.Option("--sandbox", help="cli.opt.sandbox")] = None,
    as_json: JsonFlag = False,
) -> None:
    if cron and every:
        raise CliError(2, "cli.cron_or_every")
    cli = context(ctx, as_json).with_flags(
        schedule__cron=cron,
        schedule__every=every,
        sandbox__kind=sandbox,
        roles__worker=model,
        roles__subagent=model,
        roles__reviewer=model,
    )
    settings = here(cli)
    if dry_run:
        _show(cli, run_async(_preview(cli, settings)))
        return
    # a missing model or key is said before anything is started
    cli.sources.secret(settings, settings.model_for("worker"))
    if settings.sandbox.kind == "none":
        cli.note("cli.no_sandbox")
    run_async(_work(cli, settings, once))
    found = read(cli.place.paths)
    if cli.as_json:
        emit(found.data if found else {})
    elif once:
        cli.out.print(page(cli, found, every=False))


async def _work(cli: Context, settings: Settings, once: bool) -> None:
    async with open_app(cli, settings, printer(cli)) as app:
        if once and not cli.flags and not await app.take():
            await follow_round(cli, app, settings.project.name)
            return
        await take(app)
        if once:
            await app.daemon.run_once()
            return
        cli.note(
            "cli.running",
            schedule=settings.schedule.cron or settings.schedule.every,
            projects=", ".join(cli.sources.projects()),
        )
        await app.daemon.run_forever()


async def _preview(cli: Context, settings: Settings) -> tuple[Preview, ...]:
    async with open_app(cli, settings) as app:
        return await app.preview()


def _show(cli: Context, found: tuple[Preview, ...]) -> None:
    if cli.as_json:
        emit(found)
        return
    cli.say("cli.preview.head")
    if not found:
        cli.say("cli.preview.nothing")
        return
    table(cli, HEADINGS, (_row(cli, p) for p in found))


def _row(cli: Context, preview: Preview) -> tuple[str, ...]:
    writes = "; ".join(stored_sentence(cli, w.model_dump()) for w in preview.writes)
    most = f"${preview.most_cost_usd:.2f}" if preview.most_cost_usd else "-"
    return (
        preview.project,
        f"#{preview.issue}",
        one_line(preview.title, 48),
        cli.words(f"cli.preview.{preview.action}"),
        stored_sentence(cli, preview.why.model_dump()),
        most,
        writes or "-",
    )
