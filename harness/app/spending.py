"""What a project may cost, from its settings to the ledger's own values."""

from __future__ import annotations

from harness.config.load import Sources
from harness.config.sections import CapSettings, LimitSettings
from harness.config.settings import Settings
from harness.engine.ledger import Cap, Caps


class OwnCaps:
    """The caps of a project by its own operator's file, whichever project the command is about."""

    def __init__(self, settings: Settings, sources: Sources) -> None:
        self._settings = settings
        self._sources = sources
        self._known = {settings.project.name: caps(settings.limits)}

    def __call__(self, project: str) -> Caps:
        if project not in self._known:
            registered = project in self._sources.projects()
            merged = self._sources.load_merged
            chosen = merged(project).settings if registered else self._settings
            self._known[project] = caps(chosen.limits)
        return self._known[project]

    def drop(self, project: str) -> None:
        """Its file is another now."""
        self._known.pop(project, None)


def caps(limits: LimitSettings) -> Caps:
    """All of them."""

    def cap(of: CapSettings) -> Cap:
        return Cap(tokens=of.tokens, cost_usd=of.cost_usd, tool_calls=of.tool_calls)

    return Caps(
        session=cap(limits.session),
        run=cap(limits.run),
        issue=cap(limits.issue),
        project_day=cap(limits.project_day),
        day=cap(limits.day),
    )
