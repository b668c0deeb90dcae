"""`harness prove BASE..HEAD`: what running a change tells of it, whoever wrote it; and whether a
proof that somebody shows is what making it again gives."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated

import typer
from rich.markdown import Markdown

from harness.cli.agent import settings_here
from harness.cli.common import CliError, Context, JsonFlag, context, emit, load, open_app, run_async
from harness.cli.user_checkout import top_of

if TYPE_CHECKING:
    from harness.cli.ports import App
    from harness.config.settings import Settings
    from harness.core.change_proof import Asked, Comparison, Proof
    from harness.git.own_repository import OwnRepository

HELD = 1
CODES = {"agrees": 0, "disagrees": 1, "cannot": 6}
"""With a claim, the exit code is about the claim alone."""
Made = tuple["Proof | None", "Comparison | None"]


def prove(
    ctx: typer.Context,
    change: Annotated[str, typer.Argument(metavar="BASE..HEAD", help="cli.opt.range")] = "",
    pull: Annotated[str, typer.Option("--pr", metavar="N|URL", help="cli.opt.pull")] = "",
    issue: Annotated[
        int | None, typer.Option("--issue", min=1, metavar="N", help="cli.opt.asked")
    ] = None,
    against: Annotated[
        str, typer.Option("--against", "--proof", metavar="FILE", help="cli.opt.against")
    ] = "",
    budget: Annotated[float, typer.Option("--budget", min=0, help="cli.opt.budget")] = 0.0,
    sandbox: Annotated[str | None, typer.Option("--sandbox", help="cli.opt.sandbox")] = None,
    as_json: JsonFlag = False,
) -> None:
    cli = context(ctx, as_json).with_flags(sandbox__kind=sandbox)
    if bool(change) == bool(pull):
        raise CliError(2, "cli.prove.one")
    page = _read(cli, against) if against else ""
    proof, compared = run_async(_made(cli, change, pull, issue, page, budget))
    _tell(cli, proof, compared)
    if compared is not None:
        raise typer.Exit(CODES[compared.verdict])
    if proof is not None and proof.conclusion == "held":
        raise typer.Exit(HELD)


async def _made(
    cli: Context, change: str, pull: str, issue: int | None, page: str, budget: float
) -> Made:
    if pull and not pull.isdecimal():
        if issue is not None:
            raise CliError(2, "cli.prove.issue_here")
        async with open_app(cli, settings_here(cli)) as app:
            return await app.prove_public(pull, page, budget)
    settings = cli.work_settings() if pull or issue is not None else settings_here(cli)
    ends = _ends_of(cli, change) if change else None
    async with open_app(cli, settings) as app:
        asked = await _asked(app, settings, issue, budget)
        if ends is None:
            return await app.prove_pull_request(settings.project.name, int(pull), asked, page)
        return await app.prove(cli.place.cwd, *ends, asked, page)


async def _asked(app: App, settings: Settings, issue: int | None, budget: float) -> Asked:
    none = load("harness.core.change_proof:Asked")()
    found: Asked = none if issue is None else await app.asked_in(settings.project.name, issue)
    return found.model_copy(update={"budget_s": budget})


def _read(cli: Context, file: str) -> str:
    """All of stdin for `-`. CliError(2) when it cannot be read, or is empty."""
    try:
        text = sys.stdin.read() if file == "-" else (cli.place.cwd / file).read_text("utf-8")
    except (OSError, ValueError) as fault:
        why = getattr(fault, "strerror", None) or type(fault).__name__
        raise CliError(2, "cli.prove.unreadable", file=file, why=why) from fault
    if not text.strip():
        raise CliError(2, "cli.prove.empty", file=file)
    return text


def _ends_of(cli: Context, change: str) -> tuple[str, str]:
    with top_of(cli.place) as checkout:
        return _ends(checkout, change)


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


def _tell(cli: Context, proof: Proof | None, compared: Comparison | None) -> None:
    if cli.as_json:
        told = {} if proof is None else {**proof.model_dump(mode="json")}
        told |= {} if proof is None else {"conclusion": proof.conclusion}
        emit(told if compared is None else {**told, "comparison": compared.model_dump(mode="json")})
        return
    blocks = (
        [] if proof is None else load("harness.report.proof_page:proof_blocks")(proof, cli.words)
    )
    if compared is not None:
        said = load("harness.report.proof_page:comparison_blocks")(compared, cli.words)
        blocks = [*said, *blocks]
    text = load("harness.report.markdown:page")(tuple(blocks))
    if cli.out.is_terminal:
        cli.out.print(Markdown(text))
    else:
        cli.out.print(text, soft_wrap=True, markup=False, highlight=False, end="")
