"""A process that does one round of work and kills itself at one effect boundary.

usage: python -m tests.crash.dying PROJECT LOG [NUMBER]

Every call of an effect is a pair of boundaries, before and after, counted from 1; at boundary
NUMBER the process sends itself SIGKILL; a name such as "forge.open_pr after" will do too. Each
boundary passed is a line of LOG: "<monotonic seconds> <port>.<method> before|after <key>".
"""

from __future__ import annotations

import asyncio
import os
import signal
import sys
import time
from pathlib import Path
from typing import Any

from harness.app import open_app
from harness.config.environ import environment, place
from harness.config.load import Sources
from harness.core.types import Request
from harness.i18n.catalogue import Catalogue

EFFECTS = {
    "forge": (
        "create_issue",
        "edit_issue",
        "labels",
        "close",
        "put_comment",
        "open_pr",
        "edit_pr",
        "ready",
        "close_pr",
        "reply",
        "resolve",
        "request_review",
        "put_check",
        "merge",
        "delete_branch",
    ),
    "workspace": ("push",),
    "journal": ("record",),
    "model": ("complete",),
    "store": ("open_run", "save_run", "put_turn", "put_task_result", "put_plan"),
}


class Boundaries:
    """Counts boundaries and dies at one of them."""

    def __init__(self, log: Path, die_at: int | str) -> None:
        self._log = log
        self._die_at = die_at
        self._passed = 0

    def decorate(self, port: str, thing: object) -> object:
        """See harness.app.open_app."""
        return Watched(self, port, thing) if port in EFFECTS else thing

    def pass_(self, name: str, when: str, key: str) -> None:
        """One boundary: written down, then perhaps the last thing this process does."""
        self._passed += 1
        with self._log.open("a") as file:
            file.write(f"{time.monotonic():.6f} {name} {when} {key}\n")
        if self._die_at in (self._passed, f"{name} {when}"):
            os.kill(os.getpid(), signal.SIGKILL)


class Watched:
    """A port whose effects pass two boundaries each."""

    def __init__(self, boundaries: Boundaries, port: str, thing: object) -> None:
        self._boundaries = boundaries
        self._port = port
        self._thing = thing

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._thing, name)
        if name not in EFFECTS[self._port]:
            return found
        boundaries, full = self._boundaries, f"{self._port}.{name}"

        async def watched(*args: Any, **kwargs: Any) -> Any:
            key = key_of(args)
            boundaries.pass_(full, "before", key)
            answer = await found(*args, **kwargs)
            boundaries.pass_(full, "after", key)
            return answer

        return watched


def key_of(args: tuple[Any, ...]) -> str:
    """(session, turn) of a model call, else "-"."""
    if args and isinstance(args[0], Request):
        return f"{args[0].session}#{args[0].turn}"
    if len(args) > 1 and isinstance(args[0], str) and isinstance(args[1], int):
        return f"{args[0]}#{args[1]}"
    return "-"


async def main(project: str, log: Path, die_at: int | str) -> None:
    """One round, as `harness run --once` makes it."""
    sources = Sources(place(environment(), Path.cwd()))
    settings = sources.settings(project)
    boundaries = Boundaries(log, die_at)
    async with open_app(
        settings, sources=sources, words=Catalogue("en"), decorate=boundaries.decorate
    ) as app:
        assert await app.take()
        await app.daemon.run_once()


if __name__ == "__main__":
    at = sys.argv[3] if len(sys.argv) > 3 else "0"
    asyncio.run(main(sys.argv[1], Path(sys.argv[2]), int(at) if at.isdigit() else at))
