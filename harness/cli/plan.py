"""`harness plan N`: show the plan, make it when there is none, or edit it."""

from __future__ import annotations

import shlex
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from harness.cli.common import (
    AsFlag,
    CliError,
    Context,
    JsonFlag,
    context,
    emit,
    load,
    open_app,
    run_async,
)
from harness.cli.completing import issues
from harness.cli.work import hand_over, printer, require_run, word

if TYPE_CHECKING:
    from harness.config.settings import Settings
    from harness.core.run_types import Plan, Run

Number = Annotated[
    int, typer.Argument(metavar="N", min=1, autocompletion=issues, help="cli.opt.number")
]


def plan(
    ctx: typer.Context,
    number: Number,
    edit: Annotated[bool, typer.Option("--edit", help="cli.opt.edit")] = False,
    by: AsFlag = "",
    as_json: JsonFlag = False,
) -> None:
    cli = context(ctx, as_json)
    settings = cli.work_settings()
    run, found = run_async(_find(cli, settings, number))
    if found is None or run is None:
        raise CliError(1, "cli.plan.none", issue=number)
    text = _page(cli, run, found)
    if edit:
        changed = _edit(cli, number, text)
        if changed == text:
            cli.say("cli.plan.same")
            return
        answer = run_async(_send(cli, settings, number, changed, by))
        cli.say("cli.posted_waits", issue=number) if answer is None else cli.out.print(
            answer, soft_wrap=True, markup=False
        )
    elif as_json:
        emit({**found.model_dump(mode="json"), "hash": found.hash})
    else:
        cli.out.print(text, soft_wrap=True, markup=False)


async def _find(cli: Context, settings: Settings, number: int) -> tuple[Run | None, Plan | None]:
    """The plan there is, else one that is made now."""
    project = settings.project.name
    async with open_app(cli, settings, printer(cli)) as app:
        run = await app.store.find_run(project, number)
        found = await app.store.plan(run.id) if run else None
        if found is None and not (run and run.state.over):
            await app.forge(project).issue(number)
            cli.sources.secret(settings, settings.model_for("worker"))
            if await app.take():
                await app.daemon.plan(project, number)
            else:

                async def has_plan(run: Run) -> bool:
                    return await app.store.plan(run.id) is not None

                await hand_over(cli, app, project, number, has_plan)
            run = await app.store.find_run(project, number)
            found = await app.store.plan(run.id) if run else None
        return run, found


async def _send(cli: Context, settings: Settings, number: int, text: str, by: str) -> str | None:
    project = settings.project.name
    async with open_app(cli, settings) as app:
        await require_run(app, project, number)
        said = {"verb": "plan", "issue": number, "by": cli.user(settings, by), "text": text}
        return await word(cli, app, project, said)


def _page(cli: Context, run: Run, found: Plan) -> str:
    text: str = load("harness.report.plan_page:render")(found, run.snapshot.title, cli.words)
    return text


def _edit(cli: Context, number: int, text: str) -> str:
    """The page as the person leaves it. What cannot be read stays in a file that is named."""
    editor = _editor(cli)
    file = Path(tempfile.mkdtemp(prefix="harness-plan-")) / f"PLAN-{number}.md"
    file.write_text(text, encoding="utf-8")
    parse, fault = load("harness.report.plan_page:parse"), load("harness.core.errors:HarnessError")
    while True:
        subprocess.run([*editor, str(file)], env=cli.theirs, check=False)
        changed = file.read_text(encoding="utf-8", errors="replace")
        try:
            parse(changed)
        except fault as error:
            cli.note(error.key, **error.facts)
            if not sys.stdin.isatty() or not typer.confirm(cli.words("cli.plan.again")):
                raise CliError(1, "cli.plan.kept", file=str(file)) from error
        else:
            shutil.rmtree(file.parent)
            return changed


def _editor(cli: Context) -> list[str]:
    env = cli.place.env
    given = env.get("VISUAL") or env.get("EDITOR")
    usual = next((name for name in ("nano", "vi") if shutil.which(name)), None)
    command = shlex.split(given) if given else [usual] if usual else []
    if not command or not shutil.which(command[0]):
        raise CliError(4, "cli.plan.no_editor", editor=command[0] if command else "-")
    return command
