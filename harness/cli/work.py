"""What the commands that act share: who holds the lock, a person's word, progress lines."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from rich.text import Text

from harness.cli.common import CliError, Context, load
from harness.cli.snapshot_reader import stored_sentence

if TYPE_CHECKING:
    from harness.cli.ports import App
    from harness.config.settings import Settings
    from harness.core.run_types import Event, Run

FOLLOW_S = 30.0
"""How long a posted word is followed before the person gets the prompt back."""
WORK_S = 1800.0
"""How long the work of another process is followed."""
MOST_TEXT = 64 * 1024


def here(cli: Context) -> Settings:
    """Settings of the project that is meant; with several and none meant, of the first: what runs
    over all of them takes the others from the sources."""
    names = cli.sources.projects()
    if not names:
        raise CliError(2, "cli.project_none")
    try:
        return cli.work_settings()
    except CliError:
        if cli.project:
            raise
        return cli.work_settings(names[0])


async def take(app: App) -> None:
    """Become the one that acts, or say who is. CliError(5)."""
    if not await app.take():
        raise CliError(5, "cli.locked", holder=app.holder() or "?")


async def hand_over(
    cli: Context, app: App, project: str, issue: int, there: Callable[[Run], Awaitable[bool]]
) -> None:
    """Another process acts here: ask it for this issue and follow, as the one who works would be
    followed, until `there` says so or the run rests. CliError(5) when it has not come to it in
    time."""
    run = await app.store.find_run(project, issue)
    if run is None or run.state.over:
        said_now = {"verb": "start", "issue": issue, "by": "me", "text": ""}
        answer = await word(cli, app, project, said_now)
        if answer is None:
            raise CliError(5, "cli.posted_waits", issue=issue)
        cli.note("cli.handed_over", holder=app.holder() or "?", answer=answer)
    else:
        cli.note("cli.followed", holder=app.holder() or "?")
    seen, show = 0, printer(cli)
    loop = asyncio.get_running_loop()
    end = loop.time() + WORK_S
    while loop.time() < end:
        run = await app.store.find_run(project, issue)
        if run is not None and not run.state.over:
            for event in await app.store.events(run.id, after=seen):
                show(run, event)
                seen = event.id
        if run is not None and (run.state.value != "active" or await there(run)):
            return
        await asyncio.sleep(0.5)
    raise CliError(5, "cli.posted_waits", issue=issue)


async def follow_round(cli: Context, app: App, project: str) -> None:
    """Another process acts here: it is asked for a round, and what happens is shown until that
    is over. When that process ends before, the round is made here. CliError(5) when nothing
    moves for long."""
    make = load("harness.core.run_types:Command")
    began = datetime.now(UTC)
    asked = make(verb="look", project=project, issue=0, by="me", at=began)
    posted = await app.store.post(asked)
    cli.note("cli.round_asked", holder=app.holder() or "?")
    news, loop = News(app, printer(cli), began), asyncio.get_running_loop()
    end = loop.time() + WORK_S
    while await app.store.inbox_answer(posted.id) is None:
        if await app.take():
            await app.daemon.run_once()
            return
        if await news.show():
            end = loop.time() + WORK_S
        if loop.time() >= end:
            raise CliError(5, "cli.locked", holder=app.holder() or "?")
        await asyncio.sleep(0.5)
    await news.show()


class News:
    """What another process records from `since` on."""

    def __init__(self, app: App, show: Callable[[Run, Event], None], since: datetime) -> None:
        self._app = app
        self._show = show
        self._since = since
        self._seen: dict[str, int] = {}
        """Open runs by id, each with the last of its events that was looked at."""

    async def show(self) -> bool:
        """Shows what is new; whether anything was."""
        store, states = self._app.store, load("harness.core.run_types:RunState")
        open_now = [state for state in states if not state.over]
        runs = {run.id: run for run in await store.runs(states=open_now)}
        for ended in set(self._seen) - set(runs):
            runs[ended] = await store.run(ended)
        found = False
        for run in runs.values():
            for event in await store.events(run.id, after=self._seen.get(run.id, 0)):
                self._seen[run.id] = event.id
                if event.at >= self._since:
                    self._show(run, event)
                    found = True
            self._seen.setdefault(run.id, 0)
            if run.state.over:
                del self._seen[run.id]
        return found


async def require_run(app: App, project: str, issue: int) -> Run:
    """The newest run of an issue. CliError(1) when there has been none."""
    run = await app.store.find_run(project, issue)
    if run is None:
        raise CliError(1, "cli.no_run", issue=issue)
    return run


async def word(
    cli: Context, app: App, project: str, said_now: dict[str, Any], wait_s: float = FOLLOW_S
) -> str | None:
    """Posts a person's word (verb, issue, by, text) and sees to it that it is heard: applied here
    when nobody holds the lock, else followed until answered. The answer in the reader's language;
    None when the daemon has not answered in time (it stays posted)."""
    make = load("harness.core.run_types:Command")
    posted = await app.store.post(make(project=project, at=datetime.now(UTC), **said_now))
    if await app.take():
        await app.daemon.apply_inbox()
    else:
        cli.note("cli.posted", holder=app.holder() or "?")
    loop = asyncio.get_running_loop()
    end = loop.time() + wait_s
    while True:
        answer = await app.store.inbox_answer(posted.id)
        if answer is not None:
            return render_answer(cli, answer)
        if loop.time() >= end:
            return None
        await asyncio.sleep(0.2)


def render_answer(cli: Context, answer: str) -> str:
    """An inbox answer: a sentence kept as JSON (key and facts), else text as it stands."""
    try:
        data = json.loads(answer)
    except ValueError:
        return answer
    return stored_sentence(cli, data) if isinstance(data, dict) and "key" in data else answer


def text_of(cli: Context, given: str) -> str:
    """What a person says: as given, or all of stdin for `-`. CliError(2) when it is too long."""
    text = sys.stdin.read() if given == "-" else given
    if len(text.encode("utf-8", "surrogateescape")) > MOST_TEXT:
        raise CliError(2, "cli.text_long", most=MOST_TEXT // 1024)
    return text.encode("utf-8", "surrogateescape").decode("utf-8", "replace").strip()


def printer(cli: Context) -> Callable[[Run, Event], None]:
    """Prints each recorded event as a line: on stdout, or on stderr in --json mode."""
    console = cli.err if cli.as_json else cli.out

    def show(run: Run, event: Event) -> None:
        console.print(event_line(cli, run, event), soft_wrap=True)

    return show


def event_line(cli: Context, run: Run, event: Event) -> Text:
    """A time, the issue, the stage, the sentence."""
    line = Text(event.at.astimezone().strftime("%H:%M:%S "), style="dim")
    line.append(f"#{run.issue} ", style="bold")
    line.append(cli.words(f"cli.stage.{event.stage.value}") + "  ", style="cyan")
    line.append(sentence(cli, event))
    return line


def sentence(cli: Context, event: Event) -> str:
    """An event in the reader's language."""
    return stored_sentence(cli, {"key": f"event.{event.kind}", "facts": event.facts})
