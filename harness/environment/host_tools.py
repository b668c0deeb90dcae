"""What a tree asks of this machine: the tools that its Box shows, in which versions, and packages
of the operating system; and a sentence with the way on for each that is not here."""

from __future__ import annotations

import asyncio
import os
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

from harness.config.environ import Locations
from harness.config.settings import Settings
from harness.core.base import LocalizedText
from harness.core.errors import HarnessError
from harness.environment.toolchains import Lacking, Toolchains, resolve, shown_folder
from harness.testruns.detect.part import Read
from harness.testruns.recipes.package_versions import Clash, wanted_by_all
from harness.testruns.recipes.recipe import Recipe

MOST: Final = 20
DPKG: Final = Path("/var/lib/dpkg/info")


async def toolchains(settings: Settings, place: Locations, asked: Mapping[str, str]) -> Toolchains:
    """The host's, with what the operator shows beside. ConfigError for a folder that is not to be
    shown."""
    state = (place.state_dir, place.config_dir)
    folders = [
        await asyncio.to_thread(shown_folder, folder, place.home, state)
        for folder in settings.sandbox.tools
    ]
    path = place.env.get("PATH", os.defpath)
    return await resolve(path, place.home, env=place.env, wanted=asked, folders=folders)


async def say_needs(
    settings: Settings, place: Locations, recipe: Recipe, files: Sequence[str], read: Read
) -> tuple[LocalizedText, ...]:
    """One sentence each: packages of the operating system that a recipe installs, which a set-up
    cannot, and tools in versions that are not here."""
    said: list[LocalizedText] = []
    # what is installed here is not what an image holds
    known = None if settings.sandbox.kind == "container" else DPKG
    if lacking := not_installed(recipe.system, known):
        facts = {"names": ", ".join(lacking[:MOST]), "first": lacking[0]}
        said.append(LocalizedText(key="trying.system", facts=facts))
    try:
        asked, clashes = wanted_by_all(files, read, settings.environment.versions)
        tools = await toolchains(settings, place, {**recipe.wants, **asked})
        said += say_lacking(tools, clashes)
    except HarnessError as error:
        said.append(error.say)
    return tuple(said)


def say_lacking(tools: Toolchains, clashes: Sequence[Clash]) -> tuple[LocalizedText, ...]:
    """What is asked for, and what is used instead."""
    return (*map(_say_tool, tools.lacking), *map(_say_clash, clashes))


def _say_tool(one: Lacking) -> LocalizedText:
    facts: dict[str, str | int | float] = {"tool": one.program, "wanted": one.wanted}
    if one.found:
        return LocalizedText(key="pipeline.probe_tool_other", facts={**facts, "found": one.found})
    return LocalizedText(key="pipeline.probe_tool_none", facts=facts)


def _say_clash(clash: Clash) -> LocalizedText:
    file, program, wanted = clash.asking
    facts = {"tool": program, "wanted": wanted, "file": file, "used": clash.used}
    return LocalizedText(key="pipeline.probe_tool_package", facts=facts)


def not_installed(names: Sequence[str], folder: Path | None = DPKG) -> tuple[str, ...]:
    """Those that dpkg's `folder` does not list; all where there is no such folder to ask."""
    there = folder if folder is not None and folder.is_dir() else None
    return tuple(name for name in dict.fromkeys(names) if there is None or not _is_in(there, name))


def _is_in(folder: Path, name: str) -> bool:
    plain = re.fullmatch(r"([a-z0-9][a-z0-9.+-]*)(?::[a-z0-9]+)?", name)
    if plain is None:
        return False
    return (folder / f"{plain[1]}.list").is_file() or any(folder.glob(f"{plain[1]}:*.list"))
