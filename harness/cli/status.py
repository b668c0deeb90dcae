"""`harness status`: every run in one table, from the snapshot alone."""

from __future__ import annotations

import time
from collections.abc import Mapping
from contextlib import suppress
from typing import Annotated, Any

import typer
from rich.console import Group, RenderableType
from rich.text import Text

from harness.cli.common import Context, JsonFlag, context, draw, emit, load, one_line
from harness.cli.snapshot_reader import (
    OVER,
    Snapshot,
    moment,
    money,
    read,
    stored_sentence,
    waits_until,
)

HEADINGS = (
    "cli.status.issue",
    "cli.status.title",
    "cli.status.stage",
    "cli.status.state",
    "cli.status.why",
    "cli.status.spent",
    "cli.status.next",
)


UNASKED = "guard.held_waiting"
"""Why most issues of a public repository do not start: not shown without --all."""


def status(
    ctx: typer.Context,
    watch: Annotated[bool, typer.Option("--watch", help="cli.opt.watch")] = False,
    every: Annotated[bool, typer.Option("--all", help="cli.opt.all")] = False,
    as_json: JsonFlag = False,
) -> None:
    cli = context(ctx, as_json)
    if as_json:
        found = read(cli.place.paths)
        emit(found.data if found else {"version": 1, "at": None, "runs": [], "held": []})
        return
    if watch and cli.out.is_terminal:
        _watch(cli, every)
        return
    cli.out.print(page(cli, read(cli.place.paths), every))


def page(cli: Context, found: Snapshot | None, every: bool) -> RenderableType:
    """The whole view. Runs that are over are shown with `--all`, or while nothing else is."""
    if found is None:
        return Text(cli.words("cli.status.never"))
    runs = found.runs(cli.project)
    open_runs = [r for r in runs if r["state"] not in OVER]
    shown = runs if every else open_runs or runs[:10]
    rows = [_row(cli, found, run) for run in shown] + [
        _held_row(cli, h)
        for h in found.held_issues(cli.project)
        if every or h["why"]["key"] != UNASKED
    ]
    feet = [Text(t, style="dim") for t in (_foot(cli, found), *_forges(cli, found))]
    if not rows:
        return Group(Text(cli.words("cli.status.nothing")), *feet)
    many = len({r["project"] for r in shown}) > 1
    headings = ("cli.status.project", *HEADINGS) if many else HEADINGS
    return Group(draw(cli, headings, (row if many else row[1:] for row in rows)), *feet)


def _foot(cli: Context, found: Snapshot) -> str:
    """What was spent today; of several projects also by the one that is shown."""
    facts = {
        "at": moment(found.at),
        "next": moment(found.data.get("next_look")) or "-",
        "spent": money(cli, found.data.get("today") or {}) or "$0",
    }
    by_project = found.data.get("today_of") or {}
    if len(by_project) > 1 and cli.project in by_project:
        mine = money(cli, by_project[cli.project]) or "$0"
        return cli.words("cli.status.foot_project", **facts, project=cli.project, mine=mine)
    return cli.words("cli.status.foot", **facts)


def _forges(cli: Context, found: Snapshot) -> list[str]:
    """What GitHub lets us still ask. Projects of one token share a budget: it is said once."""
    lines: dict[str, list[str]] = {}
    for name, limits in found.forges(cli.project):
        asked = limits["requests"]
        said = cli.words(
            "cli.status.forge",
            remaining="-" if limits["remaining"] is None else limits["remaining"],
            limit=limits["limit"] or "-",
            reset=moment(limits["reset_at"]) or "-",
            share=f"{100 * limits['unchanged'] / asked:.0f}" if asked else "-",
            writes=limits["writes"],
        )
        until = waits_until(limits)
        waits = f" {cli.words('cli.status.forge_waits', until=until)}" if until else ""
        lines.setdefault(said + waits, []).append(name)
    return [f"{', '.join(names)}: {said}" for said, names in lines.items()]


def _row(cli: Context, found: Snapshot, run: Mapping[str, Any]) -> tuple[str, ...]:
    return (
        run["project"],
        f"#{run['issue']}",
        one_line(run["title"], 48),
        cli.words(f"cli.stage.{run['stage']}"),
        cli.words(f"cli.state.{found.state(run)}"),
        stored_sentence(cli, found.why(run)),
        money(cli, run["spent"]),
        moment(run["until"]) or _next(cli, run),
    )


def _next(cli: Context, run: Mapping[str, Any]) -> str:
    return cli.words("cli.status.person") if run["person"] else ""


def _held_row(cli: Context, held: Mapping[str, Any]) -> tuple[str, ...]:
    title = one_line(held["title"], 48)
    state = cli.words("cli.state.not_started")
    why = stored_sentence(cli, held["why"])
    return (held["project"], f"#{held['issue']}", title, "", state, why, "", "")


def _watch(cli: Context, every: bool) -> None:
    screen = load("rich.live:Live")(console=cli.out, auto_refresh=False, screen=True)
    # Ctrl-C is how a person ends this; nothing was interrupted
    with suppress(KeyboardInterrupt), screen as live:
        while True:
            live.update(page(cli, read(cli.place.paths), every), refresh=True)
            time.sleep(1.0)
