"""`harness prove BASE..HEAD`: what running a change tells of it, whoever wrote it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer
from rich.markdown import Markdown

from harness.cli.agent import settings_here
from harness.cli.common import CliError, Context, JsonFlag, context, emit, load, open_app, run_async
from harness.cli.user_checkout import top_of

if TYPE_CHECKING:
    from harness.core.change_proof import Proof
    from harness.git.own_repository import OwnRepository

HELD = 1


def prove(
    ctx: typer.Context,
    change: Annotated[str, typer.Argument(metavar="BASE..HEAD", help="cli.opt.range")] = "",
    pull: Annotated[
        int | None, typer.Option("--pr", min=1, metavar="N", help="cli.opt.pull")
    ] = None,
    budget: Annotated[float, typer.Option("--budget", min=0, help="cli.opt.budget")] = 0.0,
    sandbox: Annotated[str | None, typer.Option("--sandbox", help="cli.opt.sandbox")] = None,
    as_json: JsonFlag = False,
) -> None:
    cli = context(ctx, as_json).with_flags(sandbox__kind=sandbox)
    if bool(change) == (pull is not None):
        raise CliError(2, "cli.prove.one")
    asked = _of_range(cli, change, budget) if pull is None else _of_pull(cli, pull, budget)
    proof = run_async(asked)
    if as_json:
        emit({**proof.model_dump(mode="json"), "conclusion": proof.conclusion})
    else:
        _show(cli, proof)
    if proof.conclusion == "held":
        raise typer.Exit(HELD)


async def _of_range(cli: Context, change: str, budget: float) -> Proof:
    with top_of(cli.place) as checkout:
        base, head = _ends(checkout, change)
    async with open_app(cli, settings_here(cli)) as app:
        return await app.prove(cli.place.cwd, base, head, budget)


async def _of_pull(cli: Context, number: int, budget: float) -> Proof:
    settings = cli.work_settings()
    async with open_app(cli, settings) as app:
        return await app.prove_pull_request(settings.project.name, number, budget)


def _ends(checkout: OwnRepository, change: str) -> tuple[str, str]:
    """Commit ids of BASE..HEAD; with three dots the base is where both parted. CliError(2)."""
    dots = "..." if "..." in change else ".."
    first, found, last = change.partition(dots)
    if not found or not first:
        raise CliError(2, "cli.prove.range", given=change)
    base, head = (_commit(checkout, name) for name in (first, last or "HEAD"))
    if dots == "...":
        base = checkout.ask("merge-base", base, head, ok=(0, 1))
        if not base:
            raise CliError(2, "cli.prove.strangers", given=change)
    if base == head:
        raise CliError(2, "cli.prove.nothing", given=change)
    return base, head


def _commit(checkout: OwnRepository, name: str) -> str:
    found = "" if name.startswith("-") else checkout.id(name)
    if not found:
        raise CliError(2, "cli.prove.no_commit", name=name)
    return found


def _show(cli: Context, proof: Proof) -> None:
    blocks = load("harness.report.proof_page:proof_blocks")(proof, cli.words)
    text = load("harness.report.markdown:page")(blocks)
    if cli.out.is_terminal:
        cli.out.print(Markdown(text))
    else:
        cli.out.print(text, soft_wrap=True, markup=False, highlight=False, end="")
