"""The adapter of the third kind of forge: the embedded one in another folder, and what it tells."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from harness.app.app_context import AppContext
from harness.app.guarding import Guarding, own_secrets
from harness.cli.common import Context
from harness.cli.user_checkout import own_file
from harness.config.forge_settings import ForgeSettings
from harness.config.paths import Paths
from harness.config.settings import Settings
from harness.core.types import Actor, Issue, LocalizedText
from harness.core.view_types import Probe
from harness.forge.embedded.forge import EmbeddedForge
from harness.git.own_repository import OwnRepository
from harness.ports.clock import Clock
from harness.ports.forge import Forge
from harness.system.clock import SystemClock
from harness.system.redact import Redactor

ME = Actor(id=1, login="me")
NOW = datetime(2026, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class OpenedTown:
    forge: EmbeddedForge

    async def close(self) -> None:
        sys.stderr.write("town closed\n")


class TownOpener:
    def __init__(self, paths: Paths, clock: Clock, _redactor: Redactor, /) -> None:
        self._root = paths.root / "town"
        self._clock = clock

    def open(
        self,
        chosen: ForgeSettings,
        read_token: Callable[[], str],
        _read_key: Callable[[], str],
        /,
    ) -> OpenedTown:
        sys.stderr.write(f"town opened with {len(read_token())} letters\n")
        forge = EmbeddedForge(self._root, chosen.repository, chosen.bot, self._clock)
        return OpenedTown(forge)


async def town_probes(_app: AppContext, settings: Settings, _forge: Forge) -> list[Probe]:
    name = LocalizedText(key="forge.probe_login", facts={"project": settings.project.name})
    return [Probe(name=name, ok=True, detail="asked by the town")]


class TownRegistration:
    """Prints what settings and guard make of the town, too: `init` is where a test can look."""

    def __init__(self, cli: Context, _checkout: OwnRepository, _there: object, /) -> None:
        self._cli = cli

    def register(self, settings: Settings, _file: Path) -> tuple[Settings, str]:
        forge = settings.forge.model_copy(update={"repository": "town/known"})
        return settings.model_copy(update={"forge": forge}), "cli.init.elsewhere"

    def say_next(self, settings: Settings) -> None:
        sources = self._cli.sources
        guard = Guarding(settings, sources, SystemClock())
        seen = Issue(
            number=1,
            title="t",
            body="",
            author=ME,
            labels=(settings.trust.label,),
            assignees=(ME.login,),
            created_at=NOW,
            updated_at=NOW,
        )
        told = {
            "repository": settings.forge.repository,
            "merge": settings.merge,
            "quiet_s": settings.quiet_s,
            "triggers": sorted(guard.trigger_kinds(seen, ME)),
            "secret": "a-token-of-the-town" in own_secrets(settings, sources),
            "own_file": own_file(settings),
        }
        sys.stdout.write(json.dumps(told) + "\n")
