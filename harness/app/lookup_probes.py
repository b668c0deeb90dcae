"""What `doctor` says of looking things up: what would leave, and whether the provider answers."""

from __future__ import annotations

from harness.app.app_context import AppContext
from harness.app.looking import provider_of
from harness.app.probing import Desk
from harness.config.settings import Settings
from harness.core.errors import HarnessError
from harness.core.types import LocalizedText
from harness.core.view_types import Probe

PROBE_WORDS = "documentation"
"""All that is asked of a provider to see whether it is there."""


async def lookup_probes(app: AppContext, desk: Desk, settings: Settings) -> None:
    """Nothing is said where nothing is looked up."""
    chosen, project = settings.references, settings.project.name
    if not chosen.enabled:
        return
    name = LocalizedText(key="lookup.probe", facts={"project": project})
    desk.tell(Probe(name=name, ok=True, detail=_leaving(app, settings)))
    if chosen.provider:
        facts = {"project": project, "provider": chosen.provider}
        title = LocalizedText(key="lookup.probe_provider", facts=facts)
        await desk.check(title, _provider(app, settings, title))


def _leaving(app: AppContext, settings: Settings) -> str:
    chosen, words = settings.references, app.words
    kept = (*chosen.local_labels, *chosen.local_paths)
    return words(
        "lookup.probe_leaves",
        provider=chosen.provider or words("lookup.probe_nobody"),
        queries=chosen.queries if chosen.provider else 0,
        hosts=", ".join((words("lookup.probe_named"), *chosen.hosts)),
        local=", ".join(kept) or words("lookup.probe_none"),
    )


async def _provider(app: AppContext, settings: Settings, name: LocalizedText) -> list[Probe]:
    try:
        provider = provider_of(settings, app.sources)
        found = await provider.search(PROBE_WORDS, 1) if provider is not None else ()
    except HarnessError as error:
        return [Probe(name=name, ok=False, needed=False, fix=error.say)]
    return [Probe(name=name, ok=True, detail=found[0].source if found else "")]
