"""The settings of one project, whole and frozen."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field

from harness.config.agent_settings import AgentFileSettings, SkillSettings
from harness.config.fields import OPERATOR, LanguageName, Operator, Section
from harness.config.forge_settings import ForgeSettings
from harness.config.paths import Paths
from harness.config.reference_settings import ReferenceSettings
from harness.config.sandbox_settings import EgressSettings, EnvironmentSettings, SandboxSettings
from harness.config.sections import (
    CommitSettings,
    GuardSettings,
    LimitSettings,
    ModelSettings,
    PolicySettings,
    ProjectSettings,
    ProjectTests,
    ReportSettings,
    RoleSettings,
    ScheduleSettings,
    TrustSettings,
)
from harness.config.upkeep import HousekeepingSettings, WebhookSettings
from harness.core.errors import ConfigError
from harness.core.run_types import SessionKind
from harness.i18n.catalogue import ENGLISH

Role = SessionKind


class Settings(Section):
    """Everything that can be set. Made by `load.Sources`; nothing else builds one from files."""

    language: Operator[Annotated[str, LanguageName()]] = ENGLISH
    """Language of what harness says: en, ko or another with a catalogue. Default: from LANG."""
    state_dir: Operator[Path] = Path()
    """Folder of everything that harness keeps. Default: harness below XDG_STATE_HOME."""
    project: ProjectSettings = ProjectSettings()
    forge: ForgeSettings = ForgeSettings()
    test: ProjectTests = ProjectTests()
    environment: EnvironmentSettings = EnvironmentSettings()
    egress: EgressSettings = EgressSettings()
    sandbox: SandboxSettings = SandboxSettings()
    models: Annotated[dict[str, ModelSettings], OPERATOR] = Field(default_factory=dict)
    """Language models by a name of your own."""
    roles: RoleSettings = RoleSettings()
    limits: LimitSettings = LimitSettings()
    policy: PolicySettings = PolicySettings()
    trust: TrustSettings = TrustSettings()
    guard: GuardSettings = GuardSettings()
    skills: SkillSettings = SkillSettings()
    agents: AgentFileSettings = AgentFileSettings()
    references: ReferenceSettings = ReferenceSettings()
    schedule: ScheduleSettings = ScheduleSettings()
    commit: CommitSettings = CommitSettings()
    report: ReportSettings = ReportSettings()
    housekeeping: HousekeepingSettings = HousekeepingSettings()
    webhook: WebhookSettings = WebhookSettings()

    @property
    def paths(self) -> Paths:
        """The layout of the state folder."""
        return Paths(self.state_dir)

    @property
    def merge(self) -> Literal["auto", "ask", "never"]:
        """policy.merge with its default filled in."""
        return self.policy.merge or self.forge.descriptor.merge

    @property
    def quiet_s(self) -> float:
        """policy.quiet_s with its default filled in."""
        chosen = self.policy.quiet_s
        return self.forge.descriptor.quiet_s if chosen is None else chosen

    def model_for(self, role: Role) -> str:
        """Name of the model in [models] for a kind of session. ConfigError when there is none."""
        if not self.models:
            raise ConfigError("config.no_model")
        name = getattr(self.roles, role) or self.roles.worker
        if name:
            return str(name)
        if len(self.models) > 1:
            raise ConfigError("config.which_model", known=", ".join(sorted(self.models)))
        return next(iter(self.models))

    def model(self, name: str) -> ModelSettings:
        """Settings of a model by its name in [models]. ConfigError."""
        if name not in self.models:
            known = ", ".join(sorted(self.models)) or "-"
            raise ConfigError("config.model_unknown", model=name, known=known)
        return self.models[name]
