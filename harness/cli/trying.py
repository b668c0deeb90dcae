"""Trying a project out: consent, what goes on meanwhile, what came of it, and the file."""

from __future__ import annotations

import sys
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import typer
from rich.progress import Progress, SpinnerColumn, TaskID, TextColumn, TimeElapsedColumn

from harness.cli.common import CliError, Context, load, one_line, open_app, run_async
from harness.cli.recipe_note import noted, shown
from harness.cli.snapshot_reader import stored_sentence

if TYPE_CHECKING:
    from harness.config.settings import Settings
    from harness.core.base import LocalizedText
    from harness.core.errors import HarnessError
    from harness.core.view_types import Probe
    from harness.testruns.recipes.tried import Found, Tried

NAMED = 5
SILENT = ("unseen.no_names", "unseen.no_report", "unseen.exit_unexplained", "unseen.not_started")
"""Why there is no result, where only the output tells more."""


def on_terminal(cli: Context) -> bool:
    """Whether somebody can be asked."""
    return sys.stdin.isatty() and cli.out.is_terminal and not cli.as_json


def wants_trying(cli: Context, settings: Settings, *, yes: bool) -> bool:
    """Asked once: what would run, and what it may reach. Without a terminal only when it was said
    before."""
    if yes:
        return True
    if not on_terminal(cli):
        return False
    for command in settings.environment.setup:
        cli.say("cli.try.would_set_up", command=command)
    hosts = ", ".join(settings.environment.allow)
    cli.say("cli.try.would_reach" if hosts else "cli.try.would_reach_nothing", hosts=hosts)
    return typer.confirm(cli.words("cli.try.ask"), default=True)


def try_out(cli: Context, settings: Settings) -> Found:
    """Every try as it goes, and the one that got furthest."""

    async def work(watch: Watch) -> Found:
        async with open_app(cli, settings) as app:
            await app.sandbox.check()
            return await app.try_project(settings.project.name, watch)

    with Watch(cli) as watch:
        return run_async(work(watch))


class Watch:
    """Lines of what came of each step; on a terminal what goes on meanwhile, and for how long."""

    def __init__(self, cli: Context) -> None:
        self._cli = cli
        console = cli.err if cli.as_json else cli.out
        self._live = None
        if console.is_terminal:
            elapsed, spinner = TimeElapsedColumn(), SpinnerColumn()
            what = TextColumn("{task.description}", markup=False)
            self._live = Progress(spinner, elapsed, what, console=console, transient=True)
        self._step: TaskID | None = None

    def __enter__(self) -> Watch:
        if self._live is not None:
            self._live.start()
        return self

    def __exit__(self, *_: object) -> None:
        if self._live is not None:
            self._live.stop()

    def __call__(self, say: LocalizedText, begins: bool) -> None:
        said = one_line(stored_sentence(self._cli, say.model_dump()), 300)
        if self._live is None or not begins:
            self._cli.say("cli.try.line", what=said)
            return
        if self._step is not None:
            self._live.remove_task(self._step)
        room = max(20, self._live.console.width - 14)
        self._step = self._live.add_task(one_line(said, room), total=None)


def describe(cli: Context, tried: Tried) -> str:
    """A suite's results in words."""
    return stored_sentence(cli, load("harness.testruns.recipes.tried:told_of")(tried).model_dump())


def reason_of(cli: Context, found: Found) -> str:
    """Why the recipe stands in the file: when it was tried, what it gave, where it is from."""
    best = _best(found)
    day = datetime.fromtimestamp(time.time(), UTC).date().isoformat()
    whys = [stored_sentence(cli, why.model_dump()).rstrip(".") for why in found.whys]
    origin = cli.words("cli.try.from", origin=str(best.recipe.origin))
    return f"{day}: " + "; ".join([describe(cli, best), origin, *whys])


def say_found(cli: Context, found: Found) -> None:
    """What came of it: the tally, who fails on the base, what was mended; or one sentence of what
    stands against it."""
    best = found.best
    if best is None or not found.works:
        cli.say("cli.try.nothing", why=why_not(cli, found))
        return
    cli.say("cli.try.works", command=best.recipe.test, results=describe(cli, best))
    if best.failing:
        names = ", ".join(best.failing[:NAMED]) + (" …" if best.bad > NAMED else "")
        cli.say("cli.try.failing", count=best.bad, names=names)
    if best.said is not None:
        cli.say("cli.try.missing", why=stored_sentence(cli, best.said.model_dump()))


def why_not(cli: Context, found: Found) -> str:
    """One sentence: why no recipe gave a suite that can judge a change."""
    best = found.best
    if best is None:
        if found.unsourced is not None:
            return stored_sentence(cli, found.unsourced.model_dump())
        return cli.words("pipeline.probe_no_tests")
    if best.said is None:
        return cli.words("cli.try.none_passed", command=best.recipe.test)
    said = stored_sentence(cli, best.said.model_dump())
    if best.stage == "setup" or best.said.key not in SILENT:
        return said
    end = one_line(" ".join(best.printed.strip().splitlines()[-3:]), 300)
    return cli.words("cli.try.unread", command=best.recipe.test, why=said, end=end)


def write(cli: Context, file: Path, found: Found) -> bool:
    """Into the operator's file; False, with the lines to write, when that is left to its writer."""
    recipe = _best(found).recipe
    after = noted(file.read_text(encoding="utf-8"), recipe, reason_of(cli, found))
    if after is None:
        cli.say("cli.try.by_hand", file=str(file), lines=shown(recipe))
        return False
    load("harness.system.files:atomic_write")(file, after)
    return True


def try_registering(cli: Context, settings: Settings, file: Path, *, yes: bool) -> Found:
    """At `init`: what works is in the file. CliError when nothing does, unless the person says
    that it is to be registered all the same."""
    found = try_out(cli, settings)
    say_found(cli, found)
    if found.works:
        write(cli, file, found)
    elif yes or not typer.confirm(cli.words("cli.try.register_anyway"), default=False):
        raise CliError(1, "cli.try.not_registered", project=settings.project.name)
    return found


def probe_of(cli: Context, settings: Settings, found: Found) -> Probe:
    """The check of `doctor` that it amounts to."""
    probe: type[Probe] = load("harness.core.view_types:Probe")
    sentence: type[LocalizedText] = load("harness.core.base:LocalizedText")
    name = sentence(key="pipeline.probe_tests", facts={"project": settings.project.name})
    best = found.best
    if best is None or not found.works:
        # a set-up that failed says all there is, with the lines that tell
        failed = best.said if best is not None and best.stage == "setup" else None
        fix = failed or sentence(key="cli.try.nothing", facts={"why": why_not(cli, found)})
        return probe(name=name, ok=False, needed=best is not None, fix=fix)
    names = ", ".join(best.failing[:NAMED])
    fix = sentence(key="cli.try.failing", facts={"count": best.bad, "names": names})
    detail = f"{best.recipe.test}: {describe(cli, best)}"
    return probe(name=name, ok=not best.bad, needed=False, detail=detail, fix=fix)


def failed_probe(settings: Settings, error: HarnessError) -> Probe:
    """The same when its repository could not even be had."""
    probe: type[Probe] = load("harness.core.view_types:Probe")
    sentence: type[LocalizedText] = load("harness.core.base:LocalizedText")
    name = sentence(key="pipeline.probe_tests", facts={"project": settings.project.name})
    return probe(name=name, ok=False, fix=error.say)


def offer(cli: Context, settings: Settings, found: Found, *, mend: bool) -> None:
    """What works and is not what the file says: written with consent, else said how."""
    if not found.works or (not found.whys and _stands(settings, _best(found))):
        return
    file = cli.place.project_file(settings.project.name)
    said = on_terminal(cli) and typer.confirm(cli.words("cli.try.write", file=str(file)))
    if mend or said:
        if write(cli, file, found):
            cli.say("cli.try.written", file=str(file))
    else:
        cli.say("cli.try.mend", project=settings.project.name, lines=shown(_best(found).recipe))


def _stands(settings: Settings, tried: Tried) -> bool:
    """Whether the settings say that recipe, or say nothing and it is what is detected."""
    recipe = tried.recipe
    test = settings.test.command in ("", recipe.test)
    return test and settings.environment.setup in ((), recipe.setup)


def _best(found: Found) -> Tried:
    if found.best is None:
        raise RuntimeError("nothing was tried")
    return found.best
