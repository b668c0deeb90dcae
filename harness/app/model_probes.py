"""What `doctor` asks of each model: its server, once."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final, get_args

from harness.app import adapters
from harness.app.app_context import AppContext
from harness.app.probing import Desk
from harness.config.settings import Role
from harness.core.errors import HarnessError, ModelError
from harness.core.types import LocalizedText, Usage
from harness.core.view_types import Probe

if TYPE_CHECKING:
    from harness.llm.look import Sight

_LONGEST_S: Final = 60.0
"""Of silence: a server may have to load its model first."""


async def model_probes(app: AppContext, desk: Desk, *, only_used: bool) -> None:
    """One for each model that has a server, all at once. A model that no role uses is only
    warned of, and not asked where one project is meant. Nothing is raised for what is merely
    missing."""
    used = _used(app)
    names = [
        name
        for name, model in app.settings.models.items()
        if model.dialect != "scripted" and (name in used or not only_used)
    ]
    async with asyncio.TaskGroup() as group:
        for name in names:
            title = LocalizedText(key="pipeline.probe_model_server", facts={"model": name})
            asking = _ask(app, title, name, needed=name in used)
            group.create_task(desk.check(title, asking))


def _used(app: AppContext) -> set[str]:
    """The models of all roles; none when roles cannot be told, which has a check of its own."""
    try:
        return {app.settings.model_for(role) for role in get_args(Role)}
    except HarnessError:
        return set()


async def _ask(app: AppContext, title: LocalizedText, name: str, *, needed: bool) -> list[Probe]:
    try:
        model = adapters.model(app.settings, app.sources, name, longest_s=_LONGEST_S)
        try:
            sight: Sight = await adapters.load("harness.llm.look:look")(model)
        finally:
            await model.close()
    except HarnessError as error:
        # a busy server is there
        busy = isinstance(error, ModelError) and error.sort in ("rate", "overloaded")
        spent = error.spent if isinstance(error, ModelError) else None
        took = _took(app, name, spent) if spent is not None else ""
        needed = needed and not busy
        return [Probe(name=title, ok=False, needed=needed, detail=took, fix=error.say)]
    return [_told(app, title, name, sight)]


def _told(app: AppContext, title: LocalizedText, name: str, sight: Sight) -> Probe:
    room, wanted = sight.context_tokens, app.settings.model(name).context_tokens
    facts: dict[str, str | int | float] = {"model": name, "tokens": room, "wanted": wanted}
    key = "pipeline.probe_context" if room else "pipeline.probe_no_context"
    detail = f"{app.words(key, **facts)}; {_took(app, name, sight.usage)}"
    if not sight.calls:
        why = LocalizedText(key="pipeline.probe_no_call", facts={"model": name})
        return Probe(name=title, ok=False, needed=False, detail=detail, fix=why)
    if 0 < room < wanted:
        why = LocalizedText(key="pipeline.probe_small_context", facts=facts)
        return Probe(name=title, ok=False, needed=False, detail=detail, fix=why)
    return Probe(name=title, ok=True, detail=detail)


def _took(app: AppContext, name: str, usage: Usage) -> str:
    """What asking took. It is no run's, so no run's books have it: it is said here."""
    cost = adapters.Purse(app.settings)(name, usage)
    return app.words("pipeline.probe_took", tokens=usage.total, cost=f"{cost:.4f}")
