"""What `doctor` can only learn from the composed parts: that things really work here."""

from __future__ import annotations

import contextlib
from collections.abc import Awaitable, Callable, Sequence
from functools import partial

from harness.app import adapters
from harness.app.agent_probes import agent_probes
from harness.app.app_context import AppContext
from harness.app.gating import find_unsupported
from harness.app.guarding import own_secrets
from harness.app.lookup_probes import lookup_probes
from harness.app.model_probes import model_probes
from harness.app.probing import Desk
from harness.app.projects import compose
from harness.app.tool_probes import tool_probes
from harness.config.keys import FoundSecret
from harness.config.load import Sources
from harness.config.reference_settings import ReferenceSettings
from harness.config.sections import ModelSettings, RoleSettings
from harness.config.settings import Settings
from harness.core.errors import HarnessError
from harness.core.types import CommandResult, LocalizedText, Service
from harness.core.view_types import OnBegin, OnEnd, Probe
from harness.environment.servers import others
from harness.pipeline.project import Project
from harness.pipeline.verification.evidence import probe_tests
from harness.ports.forge import Forge
from harness.system.upstream import upstream_of

ForgeProbes = Callable[[AppContext, Settings, Forge], Awaitable[list[Probe]]]
"""What a kind of forge is asked beside the port. Nothing is raised for what is merely missing."""


MOST_TOLD = 20
STAND_IN = "none"


async def probes(
    app: AppContext, project: str, on_begin: OnBegin, on_end: OnEnd
) -> tuple[Probe, ...]:
    """Sandbox and runner; for each project, or for this one alone, its forge, environment and test
    command inside; the models. Nothing is raised for what is merely missing, and one that is
    missing fails no check of another. Who watches is told of each as it begins and ends."""
    desk = Desk(app.shared.redactor, on_begin, on_end)
    names = (project,) if project else app.sources.projects()
    kind = LocalizedText(key="pipeline.probe_sandbox", facts={"kind": app.sandbox.name})
    boxed = all(one.ok for one in await desk.check(kind, _sandbox(app, kind)))
    desk.tell(*_upstream(app))
    desk.tell(*_keys(app, names))
    for name in names:
        # what is meant alone is tried out, not only started
        await _project(app, desk, name, boxed=boxed and not project)
    desk.tell(_model(app))
    await model_probes(app, desk, only_used=bool(project))
    desk.tell(*_prices(app))
    return desk.found


async def _project(app: AppContext, desk: Desk, name: str, *, boxed: bool) -> None:
    facts: dict[str, str | int | float] = {"project": name}
    title = LocalizedText(key="pipeline.probe_forge", facts=facts)
    try:
        settings = app.settings_of(name)
        app.shared.redactor.add(*own_secrets(settings, app.sources))
        # models and searches have checks of their own: one that is missing says nothing of this
        project = compose(without_models(settings), app.shared)
    except HarnessError as error:
        # no token, a wrong address: the other projects are looked at all the same
        desk.tell(_failure(title, error))
        return
    if settings.forge.descriptor.probes:
        asking: ForgeProbes = adapters.load(settings.forge.descriptor.probes)
        login = LocalizedText(key="forge.probe_login", facts=facts)
        await desk.check(login, asking(app, settings, app.forge(name)))
    await desk.check(title, _forge(project, title))
    desk.tell(_secret_rules(project))
    await lookup_probes(app, desk, settings)
    hooks = LocalizedText(key="pipeline.probe_hooks", facts=facts)
    await desk.check(hooks, _hooks(project, settings, hooks))
    agents = LocalizedText(key="pipeline.probe_agents", facts=facts)
    workspace = project.deps.workspace
    await desk.check(agents, agent_probes(workspace, settings, agents))
    tools = LocalizedText(key="pipeline.probe_tools", facts=facts)
    await desk.check(tools, tool_probes(workspace, settings, app.sources.place, tools))
    if boxed:
        tests = LocalizedText(key="pipeline.probe_tests", facts=facts)
        await desk.check(tests, _tests(project, tests))


def without_models(settings: Settings) -> Settings:
    """With a stand-in that is never asked, and nothing that is looked up."""
    changes = {
        "models": {STAND_IN: ModelSettings(dialect="scripted")},
        "roles": RoleSettings(),
        "references": ReferenceSettings(),
    }
    return settings.model_copy(update=changes)


def _failure(name: LocalizedText, error: HarnessError, *, needed: bool = True) -> Probe:
    return Probe(name=name, ok=False, needed=needed, fix=error.say)


async def _sandbox(app: AppContext, name: LocalizedText) -> list[Probe]:
    try:
        await app.sandbox.check()
    except HarnessError as error:
        return [_failure(name, error)]
    return [Probe(name=name, ok=True)]


def _upstream(app: AppContext) -> list[Probe]:
    """Said only where there is one: without its login."""
    found = upstream_of(app.sources.place.env)
    if found is None:
        return []
    name = LocalizedText(key="pipeline.probe_upstream")
    if found.at is None:
        why = LocalizedText(key="pipeline.probe_upstream_none")
        return [Probe(name=name, ok=False, needed=False, fix=why)]
    return [Probe(name=name, ok=True, detail=str(found.at))]


async def _forge(project: Project, name: LocalizedText) -> list[Probe]:
    try:
        repository = await project.forge.repository()
        await project.deps.workspace.sync()
        tip = await project.deps.workspace.tip(project.deps.policy.default_branch)
    except HarnessError as error:
        return [_failure(name, error)]
    return [Probe(name=name, ok=True, detail=f"{repository.name} {tip[:12]}")]


async def _hooks(project: Project, settings: Settings, name: LocalizedText) -> list[Probe]:
    """Said only when something is wrong: rules and hooks that somebody relies on in vain."""
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


async def _tests(project: Project, name: LocalizedText) -> list[Probe]:
    try:
        command, ran = await probe_tests(project.deps)
    except HarnessError as error:
        return [_failure(name, error)]
    return [_tests_told(name, command, ran), *await _services(project)]


async def _services(project: Project) -> list[Probe]:
    """Said only of one that is of another version than the project asks for."""
    workspace = project.deps.workspace
    try:
        commit = await workspace.tip(project.deps.policy.default_branch)
        environment = await workspace.environment(commit)
    except HarnessError:
        return []  # the check before it told why
    return [_service_told(project.name, one) for one in others(environment.services)]


def _service_told(project: str, one: Service) -> Probe:
    facts: dict[str, str | int | float] = {
        "project": project,
        "service": one.name,
        "wanted": one.wanted,
        "found": one.found,
    }
    name = LocalizedText(key="pipeline.probe_service", facts=facts)
    why = LocalizedText(key="pipeline.probe_service_other", facts=facts)
    return Probe(name=name, ok=False, needed=False, fix=why)


def _tests_told(name: LocalizedText, command: str, ran: CommandResult | None) -> Probe:
    """The set-up and the test command start inside; whether tests pass is not asked here."""
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


def _keys(app: AppContext, names: Sequence[str]) -> list[Probe]:
    """Where each secret is that is needed and there; whoever misses one says so in its own
    check. Only what is told of a place, never a secret."""
    sources, all_settings = app.sources, [app.settings]
    for name in names:
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
    if settings.references.provider:
        reads.append(partial(sources.search_found, settings))
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
