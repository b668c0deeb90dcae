"""What is told of a project's tools: which a Box shows, and which are not there as asked."""

from __future__ import annotations

from harness.config.environ import Locations
from harness.config.settings import Settings
from harness.core.errors import HarnessError
from harness.core.types import LocalizedText
from harness.core.view_types import Probe
from harness.environment.host_tools import say_lacking, toolchains
from harness.environment.toolchains import versions_of
from harness.ports.workspace import Workspace
from harness.testruns.recipes.package_versions import is_asking, wanted_by_all

LARGEST = 1 << 20


async def tool_probes(
    workspace: Workspace, settings: Settings, place: Locations, name: LocalizedText
) -> list[Probe]:
    """One check with every tool and its version, and one for each that the project, or a package of
    it, asks for in another version than there is."""
    try:
        commit = await workspace.tip(settings.project.default_branch)
        tree = await workspace.tree_of(commit)
        files = [path for path in await workspace.files(tree) if is_asking(path)]
        texts = await workspace.texts(tree, files, limit=LARGEST)
        asked, clashes = wanted_by_all(tuple(texts), texts.get, settings.environment.versions)
        tools = await toolchains(settings, place, asked)
    except HarnessError as error:
        return [Probe(name=name, ok=False, needed=False, fix=error.say)]
    found = await versions_of(tools, place.home)
    listed = ", ".join(f"{tool} {version}".strip() for tool, version in found.items())
    return [Probe(name=name, ok=True, detail=listed), *map(_probe, say_lacking(tools, clashes))]


def _probe(why: LocalizedText) -> Probe:
    facts = {"tool": why.facts["tool"], "wanted": why.facts["wanted"]}
    name = LocalizedText(key="pipeline.probe_tool", facts=facts)
    return Probe(name=name, ok=False, needed=False, fix=why)
