"""What a project's agents look things up with, by its settings."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from harness.app.adapters import load
from harness.config.load import Sources
from harness.config.reference_settings import ReferenceSettings
from harness.config.settings import Settings
from harness.core.addresses import plain_address
from harness.core.host_rules import read_hosts
from harness.core.hosts import targets
from harness.core.types import Event, Run
from harness.pipeline.deps import Guard
from harness.pipeline.lookup.library import Library
from harness.pipeline.lookup.lookup import Lookup, LookupDeps
from harness.pipeline.lookup.packages import PackageShelf
from harness.pipeline.lookup.rules import LookupRules, may_follow
from harness.ports.clock import Clock
from harness.ports.references import PageFetcher, SearchProvider
from harness.ports.store import Store
from harness.ports.workspace import Workspace
from harness.prompting.templates import Prompts
from harness.system.upstream import upstream_of
from harness.tools.reference import Look, look_nowhere

PACKAGES = ("lib/python*/site-packages", "venv/lib/python*/site-packages")
"""Below a folder that is shown in a sandbox."""
PROVIDERS = {
    "searxng": "harness.knowledge.references.providers:SearXNG",
    "brave": "harness.knowledge.references.providers:Brave",
}


def lookup_rules(chosen: ReferenceSettings) -> LookupRules:
    """The settings as the pipeline's own value."""
    return LookupRules(
        hosts=read_hosts(chosen.hosts)[0],
        addresses=frozenset(filter(None, map(plain_address, chosen.addresses))),
        private=targets(chosen.private)[0],
        queries=chosen.queries,
        pages=chosen.pages,
        fresh_s=chosen.fresh_s,
        local_paths=chosen.local_paths,
        local_labels=chosen.local_labels,
    )


def library_of(settings: Settings, clock: Clock) -> Library:
    """What is kept on this machine, for all projects."""
    store = load("harness.knowledge.references.store:KeptReferences")
    extractor = load("harness.knowledge.references.extracting:Extracting")
    kept = store(settings.state_dir, settings.references.max_mb << 20)
    return Library(kept, extractor(), clock)


def fetcher_of(settings: Settings, sources: Sources) -> PageFetcher:
    """Asks servers within what these settings allow."""
    rules = lookup_rules(settings.references)
    made: PageFetcher = load("harness.knowledge.references.fetching:Fetching")(
        settings.paths.visits,
        follows=partial(may_follow, rules=rules),
        inside=rules.private,
        upstream=upstream_of(sources.place.env),
    )
    return made


def provider_of(settings: Settings, sources: Sources) -> SearchProvider | None:
    """None: the web is not searched."""
    chosen = settings.references
    if not chosen.provider:
        return None
    make: Any = load(PROVIDERS[chosen.provider])
    way_out = upstream_of(sources.place.env)
    made: SearchProvider = make(chosen.search_url, sources.search_key(settings), way_out)
    return made


def look_of(
    settings: Settings,
    sources: Sources,
    library: Callable[[], Library],
    *,
    store: Store,
    guard: Guard,
    prompts: Prompts,
    workspace: Workspace,
    on_event: Callable[[Run, Event], None],
) -> Look:
    """What stands behind the tool; where nothing is looked up, a refusal."""
    if not settings.references.enabled:
        return look_nowhere
    kept = library()
    docs = load("harness.knowledge.references.packages:InstalledDocs")()
    return Lookup(
        LookupDeps(
            store=store,
            guard=guard,
            prompts=prompts,
            rules=lookup_rules(settings.references),
            library=kept,
            fetcher=fetcher_of(settings, sources),
            provider=provider_of(settings, sources),
            shelf=PackageShelf(docs, kept.store),
            folders=partial(package_folders, workspace),
            on_event=on_event,
        )
    )


async def package_folders(workspace: Workspace, run: Run) -> Sequence[Path]:
    """Where packages of the run's environment lie: shown to its agents, writable for none."""
    base = run.began_sha or run.base_sha
    environment = await workspace.environment(base)
    return await asyncio.to_thread(_package_folders, tuple(environment.read_only))


def _package_folders(shown: Sequence[str]) -> tuple[Path, ...]:
    found: list[Path] = []
    for folder in map(Path, shown):
        if folder.name in ("node_modules", "site-packages"):
            found.append(folder)
        for pattern in PACKAGES:
            found += sorted(folder.glob(pattern))
    return tuple(found)
