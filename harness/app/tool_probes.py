"""What `doctor` tells of a project's tools: which a Box shows, and which are not there as asked."""

from __future__ import annotations

from harness.app.environment import toolchains
from harness.config.environ import Locations
from harness.config.settings import Settings
from harness.core.errors import HarnessError
from harness.core.types import LocalizedText
from harness.core.view_types import Probe
from harness.environment.toolchains import Lacking, versions_of
from harness.ports.workspace import Workspace
from harness.testruns.recipes.versions import FILES, wanted

LARGEST = 1 << 20


async def tool_probes(
    workspace: Workspace, settings: Settings, place: Locations, name: LocalizedText
) -> list[Probe]:
    """One check with every tool and its version, and one for each that the project asks for in
    another version than there is."""
    try:
        commit = await workspace.tip(settings.project.default_branch)
        files = [file for file, _ in FILES]
        texts = await workspace.texts(await workspace.tree_of(commit), files, limit=LARGEST)
        asked = wanted(tuple(texts), texts.get) | settings.environment.versions
        tools = await toolchains(settings, place, asked)
    except HarnessError as error:
        return [Probe(name=name, ok=False, needed=False, fix=error.say)]
    found = await versions_of(tools, place.home)
    listed = ", ".join(f"{tool} {version}".strip() for tool, version in found.items())
    return [Probe(name=name, ok=True, detail=listed), *map(_lacking, tools.lacking)]


def _lacking(one: Lacking) -> Probe:
    """With a sentence of what is asked for, and of what is used instead."""
    facts: dict[str, str | int | float] = {"tool": one.program, "wanted": one.wanted}
    if one.found:
        why = LocalizedText(key="pipeline.probe_tool_other", facts={**facts, "found": one.found})
    else:
        why = LocalizedText(key="pipeline.probe_tool_none", facts=facts)
    name = LocalizedText(key="pipeline.probe_tool", facts=facts)
    return Probe(name=name, ok=False, needed=False, fix=why)
