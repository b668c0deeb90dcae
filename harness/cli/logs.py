"""`harness logs N`: what happened to an issue, from its recorded events."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Annotated

import typer

from harness.cli.common import Context, JsonFlag, context, emit, open_app, run_async
from harness.cli.completing import issues
from harness.cli.work import event_line, require_run, sentence

if TYPE_CHECKING:
    from harness.config.settings import Settings
    from harness.core.run_types import Event, Run

Number = Annotated[
    int, typer.Argument(metavar="N", min=1, autocompletion=issues, help="cli.opt.number")
]


def logs(
    ctx: typer.Context,
    number: Number,
    follow: Annotated[bool, typer.Option("--follow", "-f", help="cli.opt.follow")] = False,
    as_json: JsonFlag = False,
) -> None:
    cli = context(ctx, as_json)
    run_async(_show(cli, cli.settings(), number, follow))


async def _show(cli: Context, settings: Settings, number: int, follow: bool) -> None:
    async with open_app(cli, settings) as app:
        run = await require_run(app, settings.project.name, number)
        seen = await app.store.events(run.id)
        if cli.as_json and not follow:
            emit([_data(cli, event) for event in seen])
            return
        if not seen and not follow:
            cli.say("cli.logs.none", issue=number)
        _print(cli, run, seen)
        over = not follow
        while not over:
            await asyncio.sleep(0.5)
            # asked before the events, so that the last ones are not missed
            over = (await app.store.run(run.id)).state.over
            new = await app.store.events(run.id, after=seen[-1].id if seen else 0)
            _print(cli, run, new)
            seen = new or seen


def _print(cli: Context, run: Run, events: tuple[Event, ...]) -> None:
    for event in events:
        if cli.as_json:
            emit(_data(cli, event), lines=True)
        else:
            cli.out.print(event_line(cli, run, event), soft_wrap=True)


def _data(cli: Context, event: Event) -> dict[str, object]:
    return {**event.model_dump(mode="json"), "says": sentence(cli, event)}
