"""`harness skills new`: what a wish would become is shown, and written when a person says so."""

from __future__ import annotations

import sys
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

import typer
from rich.text import Text

from harness.cli.agent import settings_here
from harness.cli.common import CliError, Context, emit, load, open_app, private, run_async
from harness.cli.work import require_run, sentence
from harness.i18n.catalogue import ENGLISH

if TYPE_CHECKING:
    from harness.app.skill_writing import ProposedSkill
    from harness.config.settings import Settings

CORRECTIONS: Final = 5
MOST_RUN: Final = 8_000
NO: Final = ("n", "no", "아니요", "아니오", "ㄴ")


@dataclass(frozen=True)
class Wanted:
    """What was asked for. `run` is PROJECT#N or N; `folder` is where the skill's folder is made."""

    wish: str
    run: str
    folder: Path
    yes: bool
    by_model: bool


def write_skill(cli: Context, wanted: Wanted) -> None:
    """Nothing is written that nobody agreed to, and no file is written over."""
    private(cli)
    settings = settings_here(cli)
    facts = run_async(_facts(cli, settings, wanted.run)) if wanted.run else ""
    wish = cli.veil(wanted.wish) or facts.partition("\n")[0]
    for _ in range(CORRECTIONS):
        proposed: ProposedSkill = run_async(
            load("harness.app.skill_writing:propose")(
                settings, cli.sources, wish, cli.veil(facts), by_model=wanted.by_model
            )
        )
        page = wanted.folder / proposed.blocks.name / "SKILL.md"
        if page.parent.exists():
            raise CliError(1, "cli.skills.exists", path=str(page.parent))
        _show(cli, proposed, page)
        if wanted.yes:
            return _write(cli, proposed, page)
        if cli.as_json:
            return _emit(proposed, None)
        if not sys.stdin.isatty():
            raise CliError(2, "cli.skills.confirm")
        said: str = typer.prompt(cli.words("cli.skills.ask"), default="", show_default=False)
        if not said.strip():
            return _write(cli, proposed, page)
        if said.strip().lower() in NO:
            raise CliError(1, "cli.skills.left")
        wish = f"{wish}\n{cli.veil(said)}"
    raise CliError(1, "cli.skills.left")


async def _facts(cli: Context, settings: Settings, said: str) -> str:
    """The title of a finished run's issue and what was recorded of it, in English."""
    project, _, number = said.rpartition("#")
    if not number.isdecimal():
        raise CliError(2, "cli.skills.run_form", given=said[:80])
    english = replace(cli, place=replace(cli.place, language=ENGLISH))
    async with open_app(cli, settings) as app:
        run = await require_run(app, project or settings.project.name, int(number))
        if not run.state.over:
            raise CliError(1, "cli.skills.run_open", issue=int(number))
        lines = [run.snapshot.title]
        for event in await app.store.events(run.id):
            lines.append(f"- {event.stage.value}: {sentence(english, event)}")
    return "\n".join(lines)[:MOST_RUN]


def _show(cli: Context, proposed: ProposedSkill, page: Path) -> None:
    """The blocks, what they cost, and where they would lie."""
    if cli.as_json:
        return
    blocks = proposed.blocks
    if proposed.why is not None:
        why = cli.words(proposed.why.key, **proposed.why.facts)
        cli.note("cli.skills.by_words", why=why)
    for heading, text in (
        ("cli.skills.name", blocks.name),
        ("cli.skills.what", blocks.description),
        ("cli.skills.when", blocks.when),
        ("cli.skills.steps", "".join(f"\n  {n}. {s}" for n, s in enumerate(blocks.steps, 1))),
        ("cli.skills.avoid", "".join(f"\n  - {one}" for one in blocks.avoid)),
        ("cli.skills.told", blocks.told),
    ):
        if text:
            cli.out.print(Text(f"{cli.words(heading)}: {text}"), soft_wrap=True)
    cli.say("cli.skills.costs", listed=proposed.listed_tokens, body=proposed.body_tokens)
    if proposed.usage.total:
        cli.say("cli.skills.took", tokens=proposed.usage.total, cost=f"{proposed.cost_usd:.4f}")
    cli.say("cli.skills.would", path=str(page))


def _write(cli: Context, proposed: ProposedSkill, page: Path) -> None:
    load("harness.system.files:private_dir")(page.parent)
    load("harness.system.files:atomic_write")(page, proposed.page, mode=0o644)
    if cli.as_json:
        _emit(proposed, page)
    else:
        cli.say("cli.skills.written", path=str(page))


def _emit(proposed: ProposedSkill, page: Path | None) -> None:
    emit({**proposed.model_dump(mode="json"), "written": str(page) if page else None})
