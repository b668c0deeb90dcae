"""`harness report [N | --since 7d]`: from recorded facts, as markdown or one HTML file."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from harness.cli.common import CliError, Context, JsonFlag, context, emit, open_app, run_async
from harness.cli.completing import issues
from harness.cli.work import require_run

if TYPE_CHECKING:
    from harness.config.settings import Settings

Number = Annotated[
    int | None, typer.Argument(metavar="N", min=1, autocompletion=issues, help="cli.opt.number")
]


def report(
    ctx: typer.Context,
    number: Number = None,
    since: Annotated[str, typer.Option("--since", help="cli.opt.since", metavar="7d")] = "",
    html: Annotated[str, typer.Option("--html", help="cli.opt.html", metavar="PATH")] = "",
    show: Annotated[bool, typer.Option("--open", help="cli.opt.open")] = False,
    as_json: JsonFlag = False,
) -> None:
    cli = context(ctx, as_json)
    if (number is None) == (not since):
        raise CliError(2, "cli.report.which")
    days = _days(since) if since else 0.0
    settings = cli.settings()
    file = _file(cli, html) if html else None
    if show and file is None:
        name = f"REPORT-{number}.html" if number else "REPORT-week.html"
        file = settings.paths.root / "reports" / settings.project.name / name
        file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    text = run_async(_text(cli, settings, number, days, as_html=file is not None))
    if file is None:
        if as_json:
            emit({"issue": number, "markdown": text})
        else:
            cli.out.print(text, soft_wrap=True, markup=False)
        return
    _write(file, text)
    if as_json:
        emit({"issue": number, "html": str(file)})
    else:
        cli.say("cli.report.written", file=str(file))
    if show:
        typer.launch(file.as_uri())


async def _text(
    cli: Context, settings: Settings, number: int | None, days: float, *, as_html: bool
) -> str:
    async with open_app(cli, settings) as app:
        if number is None:
            return await app.weekly(days, "html" if as_html else "markdown")
        run = await require_run(app, settings.project.name, number)
        return await app.report(run, "html" if as_html else "markdown")


def _days(since: str) -> float:
    """7d, 12h, 2w as days. CliError(2)."""
    found = re.fullmatch(r"([1-9][0-9]{0,3})([hdw])", since)
    if found is None:
        raise CliError(2, "cli.report.since", given=since)
    return int(found.group(1)) * {"h": 1 / 24, "d": 1.0, "w": 7.0}[found.group(2)]


def _file(cli: Context, given: str) -> Path:
    file = cli.place.cwd / Path(given).expanduser()
    if file.is_dir():
        raise CliError(2, "cli.report.folder", file=str(file))
    return file


def _write(file: Path, text: str) -> None:
    try:
        file.write_text(text, encoding="utf-8")
    except OSError as error:
        why = error.strerror or type(error).__name__
        raise CliError(1, "cli.report.unwritable", file=str(file), why=why) from error
