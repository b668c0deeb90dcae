"""`harness triage [N ...]`: judge issues and stop there."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from harness.cli.common import (
    Context,
    JsonFlag,
    context,
    emit,
    load,
    one_line,
    open_app,
    run_async,
    table,
)
from harness.cli.completing import issues
from harness.cli.snapshot_reader import stored_sentence
from harness.cli.work import hand_over, printer, take

if TYPE_CHECKING:
    from harness.config.settings import Settings
    from harness.core.run_types import Run

Numbers = Annotated[
    list[int] | None,
    typer.Argument(metavar="N", min=1, autocompletion=issues, help="cli.opt.numbers"),
]
HEADINGS = (
    "cli.status.issue",
    "cli.status.title",
    "cli.triage.kind",
    "cli.triage.difficulty",
    "cli.status.state",
    "cli.status.why",
)


def triage(ctx: typer.Context, numbers: Numbers = None, as_json: JsonFlag = False) -> None:
    cli = context(ctx, as_json)
    settings = cli.work_settings()
    cli.sources.secret(settings, settings.model_for("worker"))
    runs = run_async(_judge(cli, settings, numbers or []))
    if as_json:
        emit(runs)
    elif runs:
        table(cli, HEADINGS, (_row(cli, run) for run in runs))
    else:
        cli.say("cli.triage.nothing")


async def _judge(cli: Context, settings: Settings, numbers: list[int]) -> list[Run]:
    project = settings.project.name
    async with open_app(cli, settings, printer(cli)) as app:
        for number in numbers:
            await app.forge(project).issue(number)
        if not numbers:
            await take(app)
        if await app.take():
            await app.daemon.triage(project, numbers)
        else:
            for number in numbers:
                await hand_over(cli, app, project, number, _is_judged)
        runs = await app.store.runs(project)
        newest = {run.issue: run for run in sorted(runs, key=lambda r: r.number)}
        wanted = numbers or [n for n, run in newest.items() if not run.state.over]
        return [newest[n] for n in wanted if n in newest]


async def _is_judged(run: Run) -> bool:
    return run.kind is not None


def _row(cli: Context, run: Run) -> tuple[str, ...]:
    why = load("harness.report.snapshot:why")(run)
    return (
        f"#{run.issue}",
        one_line(run.snapshot.title, 48),
        run.kind or "-",
        run.difficulty or "-",
        cli.words(f"cli.state.{run.state.value}"),
        stored_sentence(cli, why.model_dump()),
    )
