"""`harness why N`: the rule that decides, the fact, and the next time or what to do."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

import typer

from harness.cli.common import CliError, Context, JsonFlag, context, emit, one_line
from harness.cli.completing import issues
from harness.cli.snapshot_reader import (
    OVER,
    Snapshot,
    moment,
    money,
    read,
    stored_sentence,
    waits_until,
)
from harness.config.environ import registered_projects

Number = Annotated[
    int, typer.Argument(metavar="N", min=1, autocompletion=issues, help="cli.opt.number")
]
COMMANDS = ("approve", "reject", "agree", "answer", "resume", "retry", "undo", "cancel")


def why(ctx: typer.Context, number: Number, as_json: JsonFlag = False) -> None:
    cli = context(ctx, as_json)
    found = read(cli.place.paths)
    if found is None:
        raise CliError(1, "cli.why.never")
    project = _project(cli, found, number)
    run = found.newest(project, number)
    if run is not None:
        if as_json:
            emit({**run, "says": stored_sentence(cli, found.why(run))})
        else:
            _tell(cli, found, run)
        return
    held = next((h for h in found.held_issues(project) if h["issue"] == number), None)
    if held is None:
        raise CliError(1, "cli.why.unknown", issue=number, at=moment(found.at))
    if as_json:
        emit({**held, "says": stored_sentence(cli, held["why"])})
        return
    cli.say("cli.why.title", issue=number, title=one_line(held["title"]))
    cli.say("cli.why.held", why=stored_sentence(cli, held["why"]))
    _next_look(cli, found, project)


def _project(cli: Context, found: Snapshot, number: int) -> str:
    """The one meant: by flag or folder, else the only one that has this issue."""
    names = registered_projects(cli.place.projects_dir)
    if not cli.project and len(names) != 1:
        having = {
            x["project"] for x in (*found.runs(), *found.held_issues()) if x["issue"] == number
        }
        if len(having) == 1:
            return str(having.pop())
    return cli.project_name()


def _tell(cli: Context, found: Snapshot, run: Mapping[str, Any]) -> None:
    cli.say("cli.why.title", issue=run["issue"], title=one_line(run["title"]))
    cli.say(
        "cli.why.where",
        stage=cli.words(f"cli.stage.{run['stage']}"),
        state=cli.words(f"cli.state.{found.state(run)}"),
        since=moment(run["updated_at"]),
    )
    cli.say("cli.why.because", why=stored_sentence(cli, found.why(run)))
    if run["last"]:
        cli.say(
            "cli.why.last", at=moment(run["last"]["at"]), what=stored_sentence(cli, run["last"])
        )
    _tell_knowledge(cli, run)
    if run["pr"]:
        cli.say("cli.why.pr", pr=run["pr"], branch=run["branch"])
    spent = money(cli, run["spent"])
    if spent:
        tools = run["spent"].get("tool_calls", 0)
        cli.say(
            "cli.why.spent",
            spent=spent,
            calls=cli.words("cli.why.model_calls", count=run["spent"]["calls"]),
            tool_calls=cli.words("cli.why.tool_calls", count=tools),
        )
    if run["until"]:
        cli.say("cli.why.until", until=moment(run["until"]))
    offered = [c for c in COMMANDS if c in run["signals"]]
    if offered:
        commands = ", ".join(f"`harness {c} {run['issue']}`" for c in offered)
        cli.say("cli.why.person" if run["person"] else "cli.why.may", commands=commands)
    if run["state"] not in OVER and not run["person"]:
        _next_look(cli, found, run["project"])


def _tell_knowledge(cli: Context, run: Mapping[str, Any]) -> None:
    """What it knows from where: skills, lessons, what was looked up."""
    if run.get("skill"):
        cli.say("cli.why.skill", what=stored_sentence(cli, run["skill"]))
    for lesson in run.get("lessons", ()):
        if lesson["facts"].get("what"):
            cli.say("cli.why.lesson", what=stored_sentence(cli, lesson["facts"]["what"]))
    looked = run.get("looked") or {"shown": (), "left": 0}
    for event in looked["shown"]:
        cli.out.print(stored_sentence(cli, event), soft_wrap=True, markup=False)
    if looked["left"]:
        cli.say("cli.why.looked_more", count=looked["left"], issue=run["issue"])


def _next_look(cli: Context, found: Snapshot, project: str) -> None:
    """When harness looks again by itself: what moved at the forge is noticed then."""
    for _, limits in found.forges(project):
        until = waits_until(limits)
        if until:
            cli.say("cli.status.forge_waits", until=until)
    at = moment(found.data.get("next_look"))
    if at and found.acting:
        cli.say("cli.why.next_look", at=at)
    else:
        cli.say("cli.why.no_daemon")
