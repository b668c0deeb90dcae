"""`harness agent "PROMPT"`: one session in a sandboxed copy of this repository."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer
from rich.text import Text

from harness.cli.common import (
    CliError,
    Context,
    JsonFlag,
    context,
    emit,
    load,
    open_app,
    run_async,
)
from harness.cli.snapshot_reader import stored_sentence
from harness.cli.work import printer, text_of
from harness.config.environ import registered_projects

if TYPE_CHECKING:
    from harness.config.settings import Settings
    from harness.core.view_types import AgentDone

STYLES = {"+": "green", "-": "red", "@": "cyan"}


def agent(
    ctx: typer.Context,
    prompt: Annotated[str, typer.Argument(metavar="PROMPT", help="cli.opt.prompt")],
    apply: Annotated[bool, typer.Option("--apply", help="cli.opt.apply")] = False,
    model: Annotated[str | None, typer.Option("--model", help="cli.opt.model")] = None,
    sandbox: Annotated[str | None, typer.Option("--sandbox", help="cli.opt.sandbox")] = None,
    as_json: JsonFlag = False,
) -> None:
    cli = context(ctx, as_json).with_flags(roles__worker=model, sandbox__kind=sandbox)
    asked = text_of(cli, prompt)
    if not asked:
        raise CliError(2, "cli.agent.empty")
    settings = settings_here(cli)
    cli.sources.secret(settings, settings.model_for("worker"))
    load("harness.cli.user_checkout:top_of")(cli.place).close()
    done = run_async(_work(cli, settings, asked, apply))
    if as_json:
        emit(done)
    else:
        _show(cli, done, apply)
    if done.why is not None:
        raise typer.Exit(1)


async def _work(cli: Context, settings: Settings, prompt: str, apply: bool) -> AgentDone:
    async with open_app(cli, settings, printer(cli)) as app:
        return await app.agent(prompt, cli.place.cwd, apply)


def settings_here(cli: Context) -> Settings:
    """A repository that is not registered will do: then the operator's own settings hold."""
    if not cli.project and not registered_projects(cli.place.projects_dir):
        return cli.work_settings("")
    try:
        return cli.work_settings()
    except CliError:
        if cli.project:
            raise
        return cli.work_settings("")


def _show(cli: Context, done: AgentDone, apply: bool) -> None:
    if done.text:
        cli.out.print(Text(done.text), soft_wrap=True)
    for line in done.diff.splitlines():
        heading = line.startswith(("+++", "---", "diff "))
        style = "bold" if heading else STYLES.get(line[:1], "")
        cli.out.print(Text(line, style=style), soft_wrap=True)
    if done.why is not None:
        cli.note("cli.agent.stopped", why=stored_sentence(cli, done.why.model_dump()))
    elif not done.diff:
        cli.note("cli.agent.nothing")
    elif done.applied:
        cli.note("cli.agent.applied", count=len(done.files))
    elif not apply:
        cli.note("cli.agent.apply")
    spent = cli.words("cli.tokens", tokens=f"{done.tokens:,}") + f", ${done.cost_usd:.2f}"
    told = cli.words("cli.estimated", amount=spent) if done.estimated else spent
    cli.note("cli.agent.spent", turns=done.turns, spent=told)
