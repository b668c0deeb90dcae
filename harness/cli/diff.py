"""`harness diff N`: the change that an issue's run holds, against its base."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from harness.cli.common import CliError, Context, JsonFlag, context, emit, open_app, run_async
from harness.cli.completing import issues
from harness.cli.work import require_run

if TYPE_CHECKING:
    from harness.config.settings import Settings
    from harness.core.run_types import Run

Number = Annotated[
    int, typer.Argument(metavar="N", min=1, autocompletion=issues, help="cli.opt.number")
]


def diff(ctx: typer.Context, number: Number, as_json: JsonFlag = False) -> None:
    cli = context(ctx, as_json)
    run, text = run_async(_change(cli, cli.settings(), number))
    if not text:
        raise CliError(1, "cli.diff.none", issue=number)
    if as_json:
        emit({"issue": number, "base": run.base_sha, "tree": run.tree, "diff": text})
    else:
        cli.out.print(text, soft_wrap=True, markup=False, highlight=False, end="")


async def _change(cli: Context, settings: Settings, number: int) -> tuple[Run, str]:
    async with open_app(cli, settings) as app:
        run = await require_run(app, settings.project.name, number)
        return run, await app.diff(run)
