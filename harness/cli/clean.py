"""`harness clean`: clears away what is of no more use; says what, and what was saved first."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from harness.cli.common import Context, JsonFlag, context, emit, open_app, run_async, table
from harness.cli.work import take

if TYPE_CHECKING:
    from harness.config.settings import Settings
    from harness.daemon.housekeeping import Cleared

HEADINGS = ("disk.kind", "disk.size", "disk.rule", "disk.path")


def clean(
    ctx: typer.Context,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="cli.opt.clean_dry_run")] = False,
    as_json: JsonFlag = False,
) -> None:
    cli = context(ctx, as_json)
    cleared = run_async(_clean(cli, cli.settings(), dry_run))
    if as_json:
        emit({**cleared.model_dump(mode="json"), "freed": cleared.freed_bytes})
        return
    _tell(cli, cleared, dry_run)


async def _clean(cli: Context, settings: Settings, dry_run: bool) -> Cleared:
    async with open_app(cli, settings) as app:
        if not dry_run:
            await take(app)
        return await app.clean(dry_run=dry_run)


def _tell(cli: Context, cleared: Cleared, dry_run: bool) -> None:
    rows = [
        (
            cli.words(f"disk.kind.{r.item.kind}"),
            f"{r.item.size / (1 << 20):,.1f}",
            cli.words(f"disk.rule.{r.rule}"),
            r.item.path,
        )
        for r in cleared.removed
    ]
    if rows:
        table(cli, HEADINGS, rows)
    for saved in cleared.saved:
        cli.say("disk.would_save" if dry_run else "disk.saved", **saved.facts)
    for trouble in cleared.troubles:
        cli.note(trouble.key, **trouble.facts)
    cli.say(
        "disk.would_clear" if dry_run else "disk.cleared",
        count=len(rows),
        freed=f"{cleared.freed_bytes / (1 << 30):.1f}",
        used=f"{cleared.used / (1 << 30):.1f}",
    )
