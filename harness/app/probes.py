"""What `doctor` can only learn from the composed parts: that things really work here."""

from __future__ import annotations

import contextlib
from collections.abc import Awaitable, Callable
from functools import partial

from harness.app import adapters
from harness.app.app_context import AppContext
from harness.app.gating import find_unsupported
from harness.app.model_probes import model_probes
from harness.app.redacting import redact_value
from harness.config.keys import FoundSecret
from harness.config.load import Sources
from harness.config.settings import Settings
from harness.core.errors import HarnessError
from harness.core.types import LocalizedText
from harness.core.view_types import Probe
from harness.pipeline.project import Project
from harness.pipeline.verification.evidence import probe_tests
from harness.ports.forge import Forge

ForgeProbes = Callable[[AppContext, Settings, Forge], Awaitable[list[Probe]]]
"""What a kind of forge is asked beside the port. Nothing is raised for what is merely missing."""


MOST_TOLD = 20


async def probes(app: AppContext) -> tuple[Probe, ...]:
    """Sandbox and runner; for each project its forge, environment and test command inside;
    the models. Nothing is raised for what is merely missing."""
    found = [await _sandbox(app)]
    found += _keys(app)
    for name in app.sources.projects():
        found += await _project(app, name, boxed=found[0].ok)
    found.append(_model(app))
    found += await model_probes(app)
    found += _prices(app)
    return tuple(redact_value(probe, app.shared.redactor) for probe in found)


async def _project(app: AppContext, name: str, *, boxed: bool) -> list[Probe]:
    try:
        project = app.project(name)
    except HarnessError as error:
        # no token, no model, a wrong address: the other projects are looked at all the same
        return [_failure(LocalizedText(key="pipeline.probe_forge", facts={"project": name}), error)]
    found = []
    settings = app.settings_of(name)
    if settings.forge.descriptor.probes:
        asking: ForgeProbes = adapters.load(settings.forge.descriptor.probes)
        found += await asking(app, settings, app.forge(name))
    found.append(await _forge(project))
    found.append(_secret_rules(project))
    found += await _hooks(project, settings)
    if boxed:
        found.append(await _tests(project))
    return found


def _failure(name: LocalizedText, error: HarnessError, *, needed: bool = True) -> Probe:
    return Probe(name=name, ok=False, needed=needed, fix=error.say)


async def _sandbox(app: AppContext) -> Probe:
    name = LocalizedText(key="pipeline.probe_sandbox", facts={"kind": app.sandbox.name})
    try:
        await app.sandbox.check()
    except HarnessError as error:
        return _failure(name, error)
    return Probe(name=name, ok=True)


async def _forge(project: Project) -> Probe:
    name = LocalizedText(key="pipeline.probe_forge", facts={"project": project.name})
    try:
        repository = await project.forge.repository()
        await project.deps.workspace.sync()
        tip = await project.deps.workspace.tip(project.deps.policy.default_branch)
    except HarnessError as error:
        return _failure(name, error)
    return Probe(name=name, ok=True, detail=f"{repository.name} {tip[:12]}")


async def _hooks(project: Project, settings: Settings) -> list[Probe]:
    """Said only when something is wrong: rules and hooks that somebody relies on in vain."""
    name = LocalizedText(key="pipeline.probe_hooks", facts={"project": project.name})
    workspace = project.deps.workspace
    try:
        commit = await workspace.tip(project.deps.policy.default_branch)
        found = await find_unsupported(settings.guard.settings, workspace, commit)
    except HarnessError as error:
        return [_failure(name, error, needed=False)]
    told = [
        LocalizedText(key="pipeline.probe_hooks_unread", facts={"file": file, "what": what})
        for file, what in found[:MOST_TOLD]
    ]
    return [Probe(name=name, ok=False, needed=False, fix=why) for why in told]


def _secret_rules(project: Project) -> Probe:
    """The operator's gitleaks files: how many rules hold, and which cannot be used."""
    name = LocalizedText(key="guard.probe_rules")
    try:
        count, skipped = project.deps.guard.secret_rules()
    except HarnessError as error:
        return _failure(name, error)
    if skipped:
        facts: dict[str, str | int | float] = {"rules": ", ".join(skipped)}
        why = LocalizedText(key="guard.probe_rules_skipped", facts=facts)
        return Probe(name=name, ok=False, needed=False, detail=str(count), fix=why)
    return Probe(name=name, ok=True, detail=str(count))


async def _tests(project: Project) -> Probe:
    """The set-up and the test command start inside; whether tests pass is not asked here."""
    name = LocalizedText(key="pipeline.probe_tests", facts={"project": project.name})
    try:
        command, ran = await probe_tests(project.deps)
    except HarnessError as error:
        return _failure(name, error)
    if ran is None:
        why = LocalizedText(key="pipeline.probe_no_tests")
        return Probe(name=name, ok=False, needed=False, fix=why)
    if ran.exit_code in (126, 127):
        facts: dict[str, str | int | float] = {"command": command, "said": ran.output[-300:]}
        return Probe(
            name=name, ok=False, fix=LocalizedText(key="pipeline.probe_not_found", facts=facts)
        )
    if ran.exit_code != 0:
        facts = {"command": command, "code": ran.exit_code, "said": ran.output[-300:].strip()}
        why = LocalizedText(key="pipeline.probe_failing", facts=facts)
        return Probe(name=name, ok=False, needed=False, fix=why)
    return Probe(name=name, ok=True, detail=command)


def _keys(app: AppContext) -> list[Probe]:
    """Where each secret is that is needed and there; whoever misses one says so in its own
    check. Only what is told of a place, never a secret."""
    sources, all_settings = app.sources, [app.settings]
    for name in sources.projects():
        with contextlib.suppress(HarnessError):  # its own check tells it
            all_settings.append(app.settings_of(name))
    origins: dict[str, LocalizedText] = {}
    for read in (read for settings in all_settings for read in _secret_reads(settings, sources)):
        with contextlib.suppress(HarnessError):
            found = read()
            if found is not None:
                origins[found.origin.model_dump_json()] = found.origin
    return [_key_found(app, origin) for origin in origins.values()]


def _secret_reads(settings: Settings, sources: Sources) -> list[Callable[[], FoundSecret | None]]:
    forge = settings.forge
    reads: list[Callable[[], FoundSecret | None]] = [
        partial(sources.secret_found, settings, name) for name in settings.models
    ]
    if forge.descriptor.credential:
        reads.append(partial(sources.forge_found, settings, app=bool(forge.app_id)))
    if settings.webhook.listen:
        reads.append(partial(sources.webhook_found, settings))
    return reads


def _key_found(app: AppContext, origin: LocalizedText) -> Probe:
    variable = str(origin.facts["variable"]) or "GitHub App"
    name = LocalizedText(key="pipeline.probe_key", facts={"variable": variable})
    return Probe(name=name, ok=True, detail=app.words(origin.key, **origin.facts))


def _model(app: AppContext) -> Probe:
    name = LocalizedText(key="pipeline.probe_model")
    try:
        chosen = app.settings.model_for("worker")
        app.sources.secret(app.settings, chosen)
    except HarnessError as error:
        return _failure(name, error)
    return Probe(name=name, ok=True, detail=chosen)


def _prices(app: AppContext) -> list[Probe]:
    """Said only when something is wrong: caps in money do not hold what has no price."""
    unknown = adapters.Purse(app.settings).unpriced_models()
    if not unknown:
        return []
    name = LocalizedText(key="pipeline.probe_prices")
    why = LocalizedText(key="pipeline.probe_no_price", facts={"models": ", ".join(unknown)})
    return [Probe(name=name, ok=False, needed=False, fix=why)]
