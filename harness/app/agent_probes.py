"""What `doctor` says of a project's `.claude/agents`: files that cannot be used, keys in them that
do not hold here, and a file that the settings name and that is not there."""

from __future__ import annotations

from harness.app.agent_files import AgentFiles, FoundAgent
from harness.config.settings import Settings
from harness.core.errors import HarnessError
from harness.core.types import LocalizedText
from harness.core.view_types import Probe
from harness.ports.workspace import Workspace

MOST_TOLD = 20


async def agent_probes(
    workspace: Workspace, settings: Settings, name: LocalizedText
) -> list[Probe]:
    """Said only when something is wrong, of the default branch as it is now."""
    files = AgentFiles(workspace, settings.models)
    try:
        commit = await workspace.tip(settings.project.default_branch)
        found = await files.found(commit)
    except HarnessError as error:
        return [Probe(name=name, ok=False, needed=False, fix=error.say)]
    told = [*_odd(found), *_unused(files, found)][:MOST_TOLD]
    probes = [Probe(name=name, ok=False, needed=False, fix=why) for why in told]
    return [*await _missing(files, settings, commit, name), *probes]


async def _missing(
    files: AgentFiles, settings: Settings, commit: str, name: LocalizedText
) -> list[Probe]:
    """What the settings name: without it such sessions stop."""
    probes = []
    for agent in sorted({settings.agents.reviewer, settings.agents.subagent} - {""}):
        try:
            await files.file(commit, agent)
        except HarnessError as error:
            probes.append(Probe(name=name, ok=False, fix=error.say))
    return probes


def _odd(found: tuple[FoundAgent, ...]) -> list[LocalizedText]:
    told, first = [], dict[str, str]()
    for one in found:
        if one.file is None:
            facts = {"file": one.path, "why": one.why}
            told.append(LocalizedText(key="pipeline.probe_agent_unread", facts=facts))
        elif first.setdefault(one.name, one.path) != one.path:
            facts = {"file": one.path, "other": first[one.name], "name": one.name}
            told.append(LocalizedText(key="pipeline.probe_agent_twice", facts=facts))
    return told


def _unused(files: AgentFiles, found: tuple[FoundAgent, ...]) -> list[LocalizedText]:
    return [
        LocalizedText(key="pipeline.probe_agent_unused", facts={"file": one.path, "what": what})
        for one in found
        if one.file is not None
        for what in files.unused(one.file)
    ]
