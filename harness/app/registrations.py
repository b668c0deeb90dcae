"""Which projects are registered, followed while the daemon runs: one file a project."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from functools import partial
from pathlib import Path

from harness.app import adapters
from harness.app.app_context import AppContext
from harness.config.settings import Settings
from harness.core.errors import HarnessError
from harness.core.types import LocalizedText
from harness.pipeline.project import Project

GRACE_S = 6.0
Stamp = tuple[int, int]
Tell = Callable[[Sequence[LocalizedText]], None]


class Registrations:
    """A file that cannot be worked on is told once and tried again when it is another; a project
    at work goes on as before meanwhile."""

    def __init__(self, app: AppContext, tell: Tell) -> None:
        self._app = app
        self._tell = tell
        self._refused: dict[str, tuple[Stamp, LocalizedText]] = {}
        """Newcomers that cannot be worked on, by the stamp of their file, and why."""
        self._read: dict[str, Stamp] = {}
        """What the files of those at work were when they were read."""
        self._written: dict[str, Stamp] = {}
        """What a changed file was at the last look."""

    def begin(self, name: str) -> Project:
        """One that is there at the start."""
        self._read[name] = self._stamp(name)
        return self._app.define(name)

    async def newcomers(self, known: Collection[str]) -> Sequence[Project]:
        """Projects that were registered since, ready for work."""
        found = []
        for name in sorted(set(self._app.sources.projects()) - set(known)):
            written = self._stamp(name)
            at, before = self._refused.get(name, (None, None))
            if at == written:
                continue
            try:
                await self._check(name)
                project = self._app.define(name)
            except HarnessError as error:
                self._refused[name] = written, error.say
                if error.say != before:
                    self._say("daemon.not_taken_up", name, error.say)
            else:
                self._refused.pop(name, None)
                if self._read.get(name) is None:
                    self._say("daemon.taken_up", name)
                self._read[name] = written
                found.append(project)
        return found

    async def leavers(self, known: Collection[str]) -> Mapping[str, Callable[[], Awaitable[None]]]:
        """Of those at work: who is registered no more, or otherwise, and what ends its work."""
        registered = set(self._app.sources.projects())
        found: dict[str, Callable[[], Awaitable[None]]] = {}
        for name in known:
            if name not in registered:
                found[name] = partial(self._end, name)
            elif await self._is_another(name):
                found[name] = partial(self._end_to_begin_again, name)
        return found

    async def _is_another(self, name: str) -> bool:
        """Whether its settings changed, in a file that nobody is just writing."""
        written = self._stamp(name)
        if written == self._read[name]:
            return False
        if self._written.get(name) != written:
            self._written[name] = written
            return False
        before = self._app.settings_of(name)
        self._read[name] = written
        try:
            return await self._check(name) != before
        except HarnessError as error:
            self._say("daemon.not_read_again", name, error.say)
            return False

    async def _check(self, name: str) -> Settings:
        """The settings as they are now. HarnessError when they cannot be worked with."""
        settings = await asyncio.to_thread(self._app.sources.settings, name)
        await adapters.sandbox(settings, self._app.sources.place.env).check()
        return settings

    async def _end(self, name: str) -> None:
        await self._app.drop(name, grace_s=GRACE_S)
        self._read.pop(name, None)
        self._written.pop(name, None)
        self._say("daemon.taken_out", name)

    async def _end_to_begin_again(self, name: str) -> None:
        await self._app.drop(name, grace_s=GRACE_S)
        self._say("daemon.read_again", name)

    def _say(self, key: str, name: str, *more: LocalizedText) -> None:
        self._tell([LocalizedText(key=key, facts={"project": name}), *more])

    def _stamp(self, name: str) -> Stamp:
        return _stamp(self._app.sources.place.project_file(name))


def _stamp(file: Path) -> Stamp:
    """When the file was written last, and its size; zeros when it is not there."""
    try:
        about = file.stat()
    except OSError:
        return 0, 0
    return about.st_mtime_ns, about.st_size
