"""`harness skills list | show | check | new`: the working rules that agents may read."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.text import Text

from harness.cli.agent import settings_here
from harness.cli.common import (
    CliError,
    Context,
    JsonFlag,
    context,
    emit,
    load,
    one_line,
    run_async,
    table,
)
from harness.cli.new_skill import Wanted, write_skill
from harness.cli.work import text_of

if TYPE_CHECKING:
    from harness.core.base import LocalizedText
    from harness.core.view_types import ListedSkill, SkillList

app = typer.Typer(add_completion=False, rich_markup_mode=None, no_args_is_help=True)
HEADINGS = (
    "cli.skills.name",
    "cli.skills.origin",
    "cli.skills.purpose",
    "cli.skills.listed",
    "cli.skills.body",
    "cli.skills.description",
)


@app.command("list")
def list_skills(ctx: typer.Context, as_json: JsonFlag = False) -> None:
    cli = context(ctx, as_json)
    found = _find(cli)
    if as_json:
        emit(found)
        return
    table(cli, HEADINGS, (_row(cli, one) for one in found.skills if _is_used(one)))
    for one in found.skills:
        if one.hidden_by:
            cli.note("cli.skills.hidden", name=one.name, path=one.path, by=one.hidden_by)
        elif one.refused_by:
            cli.note("cli.skills.refused", name=one.name, path=one.path, by=one.refused_by)
    for why in found.broken.values():
        cli.note(why.key, **why.facts)


@app.command("show")
def show(
    ctx: typer.Context,
    name: Annotated[str, typer.Argument(metavar="NAME", show_default=False)],
    as_json: JsonFlag = False,
) -> None:
    cli = context(ctx, as_json)
    found = _find(cli)
    one = next((s for s in found.skills if s.name == name and _is_used(s)), None)
    if one is None:
        known = ", ".join(sorted({s.name for s in found.skills}))
        raise CliError(1, "cli.skills.unknown", name=one_line(name, 80), known=known or "-")
    if as_json:
        emit(one)
        return
    cli.say("cli.skills.where", name=one.name, origin=_origin(cli, one), path=one.path)
    cli.say("cli.skills.costs", listed=one.listed_tokens, body=one.body_tokens)
    for text in (one.description, *(f"- {file}" for file in one.files), "", one.body):
        cli.out.print(Text(text), soft_wrap=True)


@app.command("check")
def check(
    ctx: typer.Context,
    paths: Annotated[
        list[Path] | None, typer.Argument(metavar="PATH...", help="cli.opt.skill_paths")
    ] = None,
    as_json: JsonFlag = False,
) -> None:
    cli = context(ctx, as_json)
    asked = [cli.place.cwd / path for path in paths or ()] or _own_folders(cli)
    checked = load("harness.app.skill_list:check_paths")(asked)
    if as_json:
        emit([_judged(cli, folder, wrong) for folder, wrong in checked])
    else:
        for folder, wrong in checked:
            if not wrong:
                cli.say("cli.skills.fine", path=str(folder))
            for why in wrong:
                cli.say("cli.skills.wrong", path=str(folder), why=cli.words(why.key, **why.facts))
        if not checked:
            cli.say("cli.skills.none")
    if any(wrong for _, wrong in checked):
        raise typer.Exit(1)


@app.command("new")
def new(
    ctx: typer.Context,
    wish: Annotated[str, typer.Argument(metavar="WISH", help="cli.opt.wish")] = "",
    run: Annotated[str, typer.Option("--run", metavar="PROJECT#N", help="cli.opt.of_run")] = "",
    folder: Annotated[
        Path | None, typer.Option("--folder", metavar="DIR", help="cli.opt.skill_folder")
    ] = None,
    model: Annotated[bool, typer.Option("--model/--no-model", help="cli.opt.by_model")] = True,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="cli.opt.yes")] = False,
    as_json: JsonFlag = False,
) -> None:
    cli = context(ctx, as_json)
    said = text_of(cli, wish)
    if not said and not run:
        raise CliError(2, "cli.skills.no_wish")
    place = cli.place.cwd / folder if folder is not None else cli.place.skills_dir
    write_skill(cli, Wanted(said, run, place, yes, model))


def _judged(cli: Context, folder: Path, wrong: tuple[LocalizedText, ...]) -> dict[str, object]:
    said = [cli.words(why.key, **why.facts) for why in wrong]
    return {"path": str(folder), "valid": not wrong, "problems": said}


def _own_folders(cli: Context) -> list[Path]:
    folders = (cli.place.skills_dir, *settings_here(cli).skills.folders)
    return [folder for folder in folders if folder.is_dir()]


def _is_used(one: ListedSkill) -> bool:
    return not (one.hidden_by or one.refused_by)


def _find(cli: Context) -> SkillList:
    found: SkillList = run_async(
        load("harness.app.skill_list:list_skills")(settings_here(cli), cli.place.skills_dir)
    )
    return found


def _row(cli: Context, one: ListedSkill) -> tuple[object, ...]:
    return (
        one.name,
        _origin(cli, one),
        cli.words(f"cli.skills.for_{one.purpose}"),
        one.listed_tokens or "-",
        one.body_tokens,
        one_line(one.description, 72),
    )


def _origin(cli: Context, one: ListedSkill) -> str:
    return cli.words(f"cli.skills.from_{one.origin.replace('-', '_')}")
