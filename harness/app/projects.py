"""One project, composed: its forge, workspace, environment, backend and pipeline."""

from __future__ import annotations

import asyncio
import json
import shlex
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import partial
from typing import TypeVar, cast
from urllib.parse import quote

from harness.agent.backends.native import Native
from harness.agent.deps import LoopDeps, LoopLimits
from harness.app import adapters, refusals
from harness.app.agent_files import AgentFiles
from harness.app.environment import Prepared
from harness.app.gating import Gating
from harness.app.guarding import Guarding, own_secrets
from harness.app.hook_running import RunPlaces
from harness.app.instructing import InstructionReader
from harness.app.looking import library_of, look_of
from harness.app.redacting import RedactedModel, RedactedSandbox
from harness.app.skill_shelf import ProjectShelf
from harness.app.spending import OwnCaps
from harness.app.transcript_pages import Transcripts
from harness.config.load import Sources
from harness.config.settings import Settings
from harness.core.trust_types import Ordering
from harness.core.types import Event, LocalizedText, Run, Session
from harness.git.submodules import SubmoduleSources
from harness.git.workspace import Author, ProjectWorkspace
from harness.i18n.catalogue import Catalogue
from harness.pipeline import slots
from harness.pipeline.deps import PipelineDeps
from harness.pipeline.live_state import LiveState
from harness.pipeline.lookup.library import Library
from harness.pipeline.outbound.authority_repository import belonging
from harness.pipeline.outbound.leases import Holder, Leases, Spans
from harness.pipeline.project import Project
from harness.pipeline.run_policy import RunPolicy
from harness.ports.clock import Clock
from harness.ports.durable import Durable
from harness.ports.forge import Forge
from harness.ports.journal import Journal
from harness.ports.ledger import Ledger
from harness.ports.model import Model
from harness.ports.sandbox import Sandbox
from harness.ports.store import Store
from harness.ports.workspace import Workspace
from harness.prompting.templates import Prompts, prompts_root
from harness.system.redact import Redactor
from harness.testruns.command import likely_runner
from harness.testruns.suite_command import together
from harness.tools.context import NoteKind
from harness.tools.reference import REFERENCE, reference_maker

LESSONS = 20
T = TypeVar("T")


@dataclass(frozen=True)
class Shared:
    """What all projects of one process share. `decorate(port, thing)` may wrap a port: tests put
    faults there, product code leaves it alone."""

    sources: Sources
    store: Store
    journal: Journal
    ledger: Ledger
    durable: Durable
    clock: Clock
    on_event: Callable[[Run, Event], None]
    decorate: Callable[[str, object], object]
    holder: Holder
    forges: adapters.Forges
    redactor: Redactor
    caps: OwnCaps
    agent_slots: asyncio.Semaphore
    """As many as agents may work at once, over all projects."""
    models: dict[tuple[str, str], Model] = field(default_factory=dict)
    libraries: list[Library] = field(default_factory=list)
    """What is kept of what was looked up, once it is asked for."""

    def library(self, settings: Settings) -> Library:
        """One for all projects: a page is asked for once."""
        if not self.libraries:
            self.libraries.append(library_of(settings, self.clock))
        return self.libraries[0]

    def model(self, settings: Settings, name: str) -> Model:
        """A model by name, made once a process and project."""
        key = (settings.project.name, name)
        if key not in self.models:
            made = self.wrap("model", adapters.model(settings, self.sources, name))
            self.models[key] = RedactedModel(made, self.redactor)
        return self.models[key]

    async def drop(self, project: str) -> None:
        """Forgets what was made for a project, and closes it."""
        self.caps.drop(project)
        for key in [key for key in self.models if key[0] == project]:
            await self.models.pop(key).close()
        await self.forges.drop(project)

    def wrap(self, port: str, thing: T) -> T:
        """The thing with what `decorate` puts around it."""
        return cast(T, self.decorate(port, thing))


def compose(settings: Settings, shared: Shared) -> Project:
    """The pipeline of one registered project."""
    shared.redactor.add(*own_secrets(settings, shared.sources))
    box = RedactedSandbox(adapters.sandbox(settings, shared.sources.place.env), shared.redactor)
    forge = _forge(settings, shared)
    workspace: Workspace = shared.wrap("workspace", workspace_of(settings, shared, forge, box))
    prompts = Prompts(prompts_root())
    spans = Spans(work_s=settings.schedule.lease_s)
    leases = Leases(forge, shared.holder, shared.clock, spans)
    guard = Guarding(
        settings, shared.sources, shared.clock, shared.forges.secrets, shared.redactor.sure
    )
    look = look_of(
        settings,
        shared.sources,
        partial(shared.library, settings),
        store=shared.store,
        guard=guard,
        prompts=prompts,
        workspace=workspace,
        on_event=shared.on_event,
    )
    parts = loop_parts(settings, shared, workspace, box, prompts, leases)
    loop = replace(parts, extra={REFERENCE: reference_maker(look)})
    language = settings.report.language or settings.language
    agents = AgentFiles(workspace, settings.models)
    deps = PipelineDeps(
        forge=forge,
        store=shared.store,
        journal=shared.journal,
        ledger=shared.ledger,
        workspace=workspace,
        sandbox=box,
        backend=Native(loop),
        durable=shared.durable,
        clock=shared.clock,
        guard=guard,
        prompts=prompts,
        words=Catalogue(language),
        policy=rules(settings, box, guard.protected_globs),
        instructions=InstructionReader(workspace),
        skill=loop.skills.text,
        agent_file=agents.role,
        agent_names=agents.names,
        folder=lambda run: settings.paths.run_folder(run.project, run.issue, run.number),
        on_event=shared.on_event,
        leases=leases,
        live=LiveState(agent_slots=shared.agent_slots),
    )
    return Project(deps)


def _forge(settings: Settings, shared: Shared) -> Forge:
    """The project's forge, which writes only to the repository that was registered."""
    forge: Forge = shared.wrap("forge", shared.forges.of(settings))
    chosen = settings.forge
    return belonging(
        forge,
        shared.store,
        settings.project.name,
        chosen.repository,
        chosen.repository_id,
    )


def workspace_of(
    settings: Settings, shared: Shared, forge: Forge, box: Sandbox
) -> ProjectWorkspace:
    """The project's git, with the set-up of these settings."""
    author = Author(settings.commit.name, settings.commit.email, settings.commit.sign_off)
    return ProjectWorkspace(
        settings.paths.workspaces,
        settings.project.name,
        forge.remote,
        author,
        Prepared(settings, shared.sources.place, box, _repository(settings)),
        redact=shared.redactor,
        submodules=SubmoduleSources(
            settings.environment.submodules,
            settings.project.path / ".git" if settings.project.path else None,
        ),
    )


def _repository(settings: Settings) -> str:
    """Which one it is: another that is registered under an old name is another."""
    project, forge = settings.project, settings.forge
    facts = [project.name, str(project.path), forge.kind, forge.base_url, forge.repository]
    return json.dumps([*facts, forge.repository_id])


def loop_parts(
    settings: Settings,
    shared: Shared,
    workspace: Workspace,
    box: Sandbox,
    prompts: Prompts,
    leases: Leases | None = None,
) -> LoopDeps:
    """What our own loop works with in one project."""
    store = shared.store
    worker = settings.model(settings.model_for("worker"))

    async def interruption(run_id: str) -> LocalizedText | None:
        run = await store.run(run_id)
        if run.state.over:
            return run.outcome or LocalizedText(key="pipeline.over")
        if leases is not None and (lost := leases.loss_of(run.issue)) is not None:
            return lost.say
        return LocalizedText(key="pipeline.paused") if run.paused else None

    async def note(session: Session, kind: NoteKind, text: str) -> None:
        owner = settings.project.name if kind == "lesson" else session.run
        slot = slots.LESSONS if kind == "lesson" else slots.NOTES
        known = await store.get(slot, owner) or ()
        if text not in known:
            await store.put(slot, owner, (*known, text)[-LESSONS:])

    return LoopDeps(
        model=lambda name: shared.model(settings, name),
        store=store,
        journal=shared.journal,
        ledger=shared.ledger,
        workspace=workspace,
        sandbox=refusals.LetOut(box, refusals.of_agent(settings)),
        clock=shared.clock,
        cost=adapters.Purse(settings),
        on_refused=refusals.Recorder(store, shared.clock, shared.on_event),
        prompts=prompts,
        limits=LoopLimits(
            turns=settings.limits.turns,
            idle_turns=settings.limits.idle_turns,
            wall_s=settings.limits.session_wall_s,
            max_tokens=worker.max_tokens,
            context_tokens=worker.context_tokens,
            box=adapters.box_limits(settings),
        ),
        interrupted=interruption,
        gate=_gate(settings, shared, workspace, prompts),
        note=note,
        redact=shared.redactor.sure,
        on_turn=Transcripts(settings.paths, store).write,
        skills=_shelf(settings, shared, workspace),
    )


def _shelf(settings: Settings, shared: Shared, workspace: Workspace) -> ProjectShelf:
    own = (shared.sources.place.skills_dir, *settings.skills.folders)
    # beside the project's clones: what is removed with those is removed with it
    root = settings.paths.workspaces / quote(settings.project.name or "-", safe="") / "skills"
    return ProjectShelf(
        root,
        own,
        workspace,
        shared.store,
        shared.clock,
        shared.on_event,
        settings.guard.settings,
    )


def _gate(settings: Settings, shared: Shared, workspace: Workspace, prompts: Prompts) -> Gating:
    home = shared.sources.place.home
    places = RunPlaces(home, shared.store, workspace, Transcripts(settings.paths, shared.store))
    agents = AgentFiles(workspace, settings.models)
    files = settings.guard.settings
    return Gating(shared.store, workspace, files, home, prompts, places, agents)


def rules(settings: Settings, box: Sandbox, protected: tuple[str, ...]) -> RunPolicy:
    """What the settings allow a run, as the pipeline's own value."""
    policy, commit = settings.policy, settings.commit
    limits = adapters.box_limits(settings)
    test_command, reporter = tests_of(settings)
    return RunPolicy(
        project=settings.project.name,
        repository=settings.forge.repository,
        repository_id=settings.forge.repository_id,
        default_branch=settings.project.default_branch,
        language=settings.report.language or settings.language,
        spoken=settings.report.language,
        merge=settings.merge,
        merge_method=policy.merge_method,
        approval=policy.plan_approval,
        protected=protected,
        models={kind: settings.model_for(kind) for kind in ("worker", "subagent", "reviewer")},
        agents={"reviewer": settings.agents.reviewer, "subagent": settings.agents.subagent},
        test_command=test_command,
        reporter=reporter,
        stage_s=settings.limits.stage_wall_s,
        attempts=settings.limits.attempts,
        reviewers=policy.reviewers if policy.review else 0,
        proof=policy.proof,
        independent=policy.independent,
        probes=policy.probes,
        lessons=policy.lessons,
        lessons_open=policy.lessons_open,
        lessons_week=policy.lessons_week,
        quiet_s=settings.quiet_s,
        checks_s=policy.checks_s,
        queue_s=policy.queue_s,
        ci_fixes=policy.ci_fixes,
        people_rounds=policy.review_rounds,
        resolve_threads=policy.resolve_threads,
        close_answered_days=policy.close_answered_days,
        open_prs=policy.open_prs,
        open_prs_per_reviewer=policy.open_prs_per_reviewer,
        people=policy.reviewers_people,
        commit_style=commit.style,
        sign_off=commit.sign_off,
        report_html=settings.report.html,
        box=limits.model_copy(update={"command_s": settings.test.timeout_s}),
        sandbox_warning=box.name == "none",
        references=settings.references.enabled,
        ordering=Ordering(
            high=settings.schedule.high_labels,
            low=settings.schedule.low_labels,
            milestones=settings.trust.milestones,
        ),
    )


def tests_of(settings: Settings) -> tuple[str, str]:
    """The configured command and how its results are read ("": as detected). A monorepo's
    directories run one after the other, each read as it says or as its command shows."""
    test = settings.test
    if test.command or not test.directories:
        return test.command, test.reporter
    parts = sorted(test.directories.items())
    command = together([f"cd {shlex.quote(path)} && {one.command}" for path, one in parts])
    kinds = [one.reporter or likely_runner(one.command) for _, one in parts]
    if test.reporter or not any(kinds):
        return command, test.reporter
    named = [kind or "none" for kind in kinds]
    return command, "+".join(named) if len(set(named)) > 1 else named[0]
