"""From the settings of one project to the embedded forge, acting as harness itself."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from harness.config.forge_settings import ForgeSettings
from harness.config.paths import Paths
from harness.forge.embedded.forge import EmbeddedForge
from harness.ports.clock import Clock
from harness.system.redact import Redactor


@dataclass(frozen=True)
class OpenedEmbedded:
    """One project's."""

    forge: EmbeddedForge

    async def close(self) -> None:
        """It keeps no connection."""


class EmbeddedOpener:
    """All projects of one state folder share its database."""

    def __init__(self, paths: Paths, clock: Clock, _redactor: Redactor, /) -> None:
        self._root = paths.forge
        self._clock = clock

    def open(
        self,
        chosen: ForgeSettings,
        _read_token: Callable[[], str],
        _read_key: Callable[[], str],
        /,
    ) -> OpenedEmbedded:
        """UsageError for a name that no repository can have."""
        return OpenedEmbedded(EmbeddedForge(self._root, chosen.repository, chosen.bot, self._clock))
