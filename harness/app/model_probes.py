"""What `doctor` asks of each model: its server, once."""

from __future__ import annotations

import asyncio
from typing import Final, get_args

from harness.app import adapters
from harness.app.app_context import AppContext
from harness.config.settings import Role
from harness.core.errors import HarnessError, ModelError
from harness.core.types import LocalizedText
from harness.core.view_types import Probe

_LONGEST_S: Final = 60.0
"""Of silence: a server may have to load its model first."""


async def model_probes(app: AppContext) -> list[Probe]:
    """One for each model that has a server, all at once. A model that no role uses is only
    warned of. Nothing is raised for what is merely missing."""
    names = [name for name, model in app.settings.models.items() if model.dialect != "scripted"]
    used = _used(app)
    async with asyncio.TaskGroup() as group:
        asked = [group.create_task(_ask(app, name, needed=name in used)) for name in names]
    return [one.result() for one in asked]


def _used(app: AppContext) -> set[str]:
    """The models of all roles; none when roles cannot be told, which has a check of its own."""
    try:
        return {app.settings.model_for(role) for role in get_args(Role)}
    except HarnessError:
        return set()


async def _ask(app: AppContext, name: str, *, needed: bool) -> Probe:
    title = LocalizedText(key="pipeline.probe_model_server", facts={"model": name})
    try:
        model = adapters.model(app.settings, app.sources, name, longest_s=_LONGEST_S)
        try:
            sight = await adapters.load("harness.llm.look:look")(model)
        finally:
            await model.close()
    except HarnessError as error:
        # a busy server is there
        busy = isinstance(error, ModelError) and error.sort in ("rate", "overloaded")
        return Probe(name=title, ok=False, needed=needed and not busy, fix=error.say)
    room, wanted = sight.context_tokens, app.settings.model(name).context_tokens
    facts: dict[str, str | int | float] = {"model": name, "tokens": room, "wanted": wanted}
    key = "pipeline.probe_context" if room else "pipeline.probe_no_context"
    detail = app.words(key, **facts)
    if not sight.calls:
        why = LocalizedText(key="pipeline.probe_no_call", facts={"model": name})
        return Probe(name=title, ok=False, needed=False, detail=detail, fix=why)
    if 0 < room < wanted:
        why = LocalizedText(key="pipeline.probe_small_context", facts=facts)
        return Probe(name=title, ok=False, needed=False, detail=detail, fix=why)
    return Probe(name=title, ok=True, detail=detail)
