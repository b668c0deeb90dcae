"""The opened parts of one state folder, as the functions of this package read them."""

from __future__ import annotations

from collections.abc import Callable

from harness.app import adapters
from harness.app.projects import Shared, compose
from harness.app.published import Published
from harness.config.load import Sources
from harness.config.settings import Settings
from harness.core.errors import UsageError
from harness.engine.database import Database
from harness.pipeline.project import Project
from harness.ports.clock import Clock
from harness.ports.forge import Forge
from harness.ports.sandbox import Sandbox
from harness.ports.store import Store
from harness.ports.words import Words

OnTrouble = Callable[[str], None]


class AppContext:
    """Settings and shared parts of every registered project. Takes no lock, closes nothing."""

    def __init__(
        self,
        settings: Settings,
        sources: Sources,
        words: Words,
        shared: Shared,
        database: Database,
        published: Published,
        on_trouble: OnTrouble,
    ) -> None:
        self.settings = settings
        self.sources = sources
        self.words = words
        self.shared = shared
        self.database = database
        self.published = published
        self.on_trouble = on_trouble
        self.sandbox: Sandbox = adapters.sandbox(settings, sources.place.env)
        self._settings = {settings.project.name: settings}
        """Of projects that are in use, and of the one that the command means."""
        self._projects: dict[str, Project] = {}
        self._defined: set[str] = set()

    @property
    def store(self) -> Store:
        return self.shared.store

    @property
    def clock(self) -> Clock:
        return self.shared.clock

    def settings_of(self, project: str) -> Settings:
        """A registered project's settings: those it is worked on with, when it is."""
        return self._settings.get(project) or self.sources.settings(project)

    def project(self, name: str) -> Project:
        """A registered project's pipeline, composed at first use."""
        if name not in self._projects:
            if name not in self.sources.projects():
                raise UsageError(
                    "cli.project_unknown", project=name, known=", ".join(self.sources.projects())
                )
            settings = self.settings_of(name)
            self._projects[name] = compose(settings, self.shared)
            self._settings[name] = settings
        return self._projects[name]

    def projects(self) -> tuple[Project, ...]:
        """Every registered project."""
        return tuple(self.project(name) for name in self.sources.projects())

    def composed(self) -> tuple[Project, ...]:
        """Those of them that are in use."""
        known = set(self.sources.projects())
        return tuple(one for name, one in self._projects.items() if name in known)

    def define(self, name: str) -> Project:
        """A project whose work the engine knows from now on; again is no harm."""
        project = self.project(name)
        if name not in self._defined:
            project.define(self.shared.durable)
            self._defined.add(name)
        return project

    async def drop(self, name: str, *, grace_s: float) -> None:
        """The project's work ends in order, and nothing of how it was set is remembered."""
        project = self._projects.pop(name, None)
        self._settings.pop(name, None)
        self._defined.discard(name)
        if project is not None:
            await project.retire(self.shared.durable, grace_s=grace_s)
        await self.shared.drop(name)
        self.published.forges.pop(name, None)

    def forge(self, project: str) -> Forge:
        """A project's forge, acting as harness itself."""
        return self.shared.forges.of(self.settings_of(project))
