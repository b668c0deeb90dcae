"""One project, composed: its forge, workspace, environment, backend and pipeline."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeVar, cast

from harness.agent.backends.native import Native
from harness.agent.parts import LoopLimits
from harness.agent.parts import Parts as LoopParts
from harness.app import adapters, egress
from harness.app.environment import Prepared
from harness.app.gating import Gating
from harness.app.guarding import Guarding, own_secrets
from harness.app.instructing import Instructing
from harness.app.pages import Transcripts
from harness.app.veiled import VeiledModel, VeiledSandbox
from harness.config.load import Sources
from harness.config.settings import Settings
from harness.core.ports import (
    Clock,
    Durable,
    Forge,
    Journal,
    Ledger,
    Model,
    Sandbox,
    Store,
    Workspace,
)
from harness.core.trust_types import Ordering
from harness.core.types import Event, Run, Say, Session
from harness.core.words import Catalogue
from harness.knowledge.skills import read_skills, skills_root
from harness.pipeline.leases import Holder, Leases, Spans
from harness.pipeline.parts import Parts
from harness.pipeline.project import Project
from harness.pipeline.rules import Rules
from harness.prompting.templates import Prompts, prompts_root
from harness.system.redact import Redactor
from harness.tools.bench import NoteKind
from harness.workspace.project import Author, ProjectWorkspace

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
    models: dict[tuple[str, str], Model] = field(default_factory=dict)

    def model(self, settings: Settings, name: str) -> Model:
        """A model by name, made once a process and project."""
        key = (settings.project.name, name)
        if key not in self.models:
            made = self.wrapped("model", adapters.model(settings, self.sources, name))
            self.models[key] = VeiledModel(made, self.redactor)
        return self.models[key]

    def wrapped(self, port: str, thing: T) -> T:
        """The thing with what `decorate` puts around it."""
        return cast(T, self.decorate(port, thing))


def compose(settings: Settings, shared: Shared) -> Project:
    """The pipeline of one registered project."""
    shared.redactor.add(*own_secrets(settings, shared.sources))
    box = VeiledSandbox(adapters.sandbox(settings), shared.redactor)
    forge: Forge = shared.wrapped("forge", shared.forges.of(settings))
    workspace: Workspace = shared.wrapped("workspace", _workspace(settings, shared, forge, box))
    prompts = Prompts(prompts_root())
    spans = Spans(work_s=settings.schedule.lease_s)
    leases = Leases(forge, shared.holder, shared.clock, spans)
    loop = loop_parts(settings, shared, workspace, box, prompts, leases)
    language = settings.report.language or settings.language
    guard = Guarding(
        settings, shared.sources, shared.clock, shared.forges.secrets, shared.redactor.sure
    )
    parts = Parts(
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
        rules=rules(settings, box, guard.protected),
        instructions=Instructing(workspace),
        skills={name: skill.body for name, skill in read_skills(skills_root()).items()},
        models={kind: settings.model_for(kind) for kind in ("worker", "subagent", "reviewer")},
        folder=lambda run: settings.paths.run(run.project, run.issue, run.number),
        on_event=shared.on_event,
        leases=leases,
    )
    return Project(parts)


def _workspace(settings: Settings, shared: Shared, forge: Forge, box: Sandbox) -> ProjectWorkspace:
    author = Author(settings.commit.name, settings.commit.email, settings.commit.sign_off)
    return ProjectWorkspace(
        settings.paths.workspaces,
        settings.project.name,
        forge.remote,
        author,
        Prepared(settings, shared.sources.place, box),
        redact=shared.redactor,
    )


def loop_parts(
    settings: Settings,
    shared: Shared,
    workspace: Workspace,
    box: Sandbox,
    prompts: Prompts,
    leases: Leases | None = None,
) -> LoopParts:
    """What our own loop works with in one project."""
    store = shared.store
    worker = settings.model(settings.model_for("worker"))

    async def interrupted(run_id: str) -> Say | None:
        run = await store.run(run_id)
        if run.state.over:
            return run.outcome or Say(key="pipeline.over")
        if leases is not None and (lost := leases.lost(run.issue)) is not None:
            return lost.say
        return Say(key="pipeline.paused") if run.paused else None

    async def note(session: Session, kind: NoteKind, text: str) -> None:
        scope = settings.project.name if kind == "lesson" else session.run
        slot = "lessons" if kind == "lesson" else "notes"
        kept = await store.kept(scope, slot)
        known = [*kept] if isinstance(kept, list) else []
        if text not in known:
            await store.keep(scope, slot, [*known, text][-LESSONS:])

    return LoopParts(
        model=lambda name: shared.model(settings, name),
        store=store,
        journal=shared.journal,
        ledger=shared.ledger,
        workspace=workspace,
        sandbox=egress.LetOut(box, egress.of_agent(settings)),
        clock=shared.clock,
        cost=adapters.Purse(settings),
        on_refused=egress.Recorder(store, shared.clock, shared.on_event),
        prompts=prompts,
        limits=LoopLimits(
            turns=settings.limits.turns,
            wall_s=settings.limits.session_wall_s,
            max_tokens=worker.max_tokens,
            context_tokens=worker.context_tokens,
            box=adapters.box_limits(settings),
        ),
        interrupted=interrupted,
        gate=_gate(settings, shared, workspace),
        note=note,
        redact=shared.redactor.sure,
        on_turn=Transcripts(settings.paths, store).write,
    )


def _gate(settings: Settings, shared: Shared, workspace: Workspace) -> Gating:
    home = shared.sources.place.home
    return Gating(shared.store, workspace, settings.guard.settings, home)


def rules(settings: Settings, box: Sandbox, protected: tuple[str, ...]) -> Rules:
    """What the settings allow a run, as the pipeline's own value."""
    policy, commit = settings.policy, settings.commit
    limits = adapters.box_limits(settings)
    return Rules(
        project=settings.project.name,
        default_branch=settings.project.default_branch,
        language=settings.report.language or settings.language,
        merge=settings.merge,
        merge_method=policy.merge_method,
        approval=policy.plan_approval,
        protected=protected,
        test_command=_test_command(settings),
        reporter=settings.test.reporter,
        stage_s=settings.limits.stage_wall_s,
        attempts=settings.limits.attempts,
        reviewers=policy.reviewers if policy.review else 0,
        quiet_s=settings.quiet_s,
        checks_s=policy.checks_s,
        queue_s=policy.queue_s,
        ci_fixes=policy.ci_fixes,
        people_rounds=policy.review_rounds,
        resolve_threads=policy.resolve_threads,
        open_prs=policy.open_prs,
        open_prs_per_reviewer=policy.open_prs_per_reviewer,
        people=policy.reviewers_people,
        commit_style=commit.style,
        box=limits.model_copy(update={"command_s": settings.test.timeout_s}),
        sandbox_warning=box.name == "none",
        ordering=Ordering(
            high=settings.schedule.high_labels,
            low=settings.schedule.low_labels,
            milestones=settings.trust.milestones,
        ),
    )


def _test_command(settings: Settings) -> str:
    """The configured command; a monorepo's directories one after the other, all of them run."""
    test = settings.test
    if test.command or not test.directories:
        return test.command
    parts = [f"(cd {path} && {one.command})" for path, one in sorted(test.directories.items())]
    return "status=0; " + "; ".join(f"{part} || status=1" for part in parts) + "; exit $status"
