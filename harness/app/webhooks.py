"""The receiver of webhooks, for the projects of one state folder whose forge sends them."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from harness.app.app_context import AppContext
from harness.core.errors import ConfigError
from harness.core.types import LocalizedText
from harness.pipeline.project import Project
from harness.web.receiver import Receiver

_ADDRESS = re.compile(r"(\[[0-9A-Fa-f:]+\]|[A-Za-z0-9.-]+):([0-9]{1,5})")


class Repositories:
    """Whose repository an id is. Each project's is asked once and remembered while we run."""

    def __init__(self, app: AppContext) -> None:
        self._app = app
        self._known: dict[str, tuple[Project, int]] = {}
        self._asking = asyncio.Lock()

    async def project_of(self, repository: int) -> str | None:
        """None: not ours. HarnessError when a forge had to be asked and did not answer."""
        async with self._asking:
            for project in self._app.composed():
                if not self._app.settings_of(project.name).forge.descriptor.webhooks:
                    continue
                known, number = self._known.get(project.name, (None, 0))
                if known is not project:
                    number = (await project.forge.repository()).id
                    self._known[project.name] = project, number
                if number == repository:
                    return project.name
        return None


@asynccontextmanager
async def listening(
    app: AppContext, wake: Callable[[str], None]
) -> AsyncIterator[LocalizedText | None]:
    """Receives while inside, where the settings ask for it; gives what to tell about it."""
    if not app.settings.webhook.listen:
        yield None
        return
    host, port = address(app.settings.webhook.listen)
    secret = app.sources.webhook_secret(app.settings)
    receiver = Receiver(secret, Repositories(app).project_of, app.store, wake)
    async with receiver.serve(host, port) as bound:
        yield LocalizedText(key="web.listening", facts={"host": host, "port": bound})


def address(text: str) -> tuple[str, int]:
    """ "host:port" taken apart. ConfigError."""
    found = _ADDRESS.fullmatch(text)
    if found is None or int(found[2]) > 65535:
        raise ConfigError("web.bad_address", got=text)
    return found[1].strip("[]"), int(found[2])
