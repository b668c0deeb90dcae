"""What a recipe needs that a set-up does not bring, in sentences with the way on."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from harness.config.environ import Locations
from harness.config.settings import Settings
from harness.core.types import LocalizedText
from harness.environment.host_tools import MOST, say_needs
from harness.git.submodules import FILE, host_of
from harness.testruns.detect.part import Read
from harness.testruns.recipes.recipe import Recipe


async def needs_of(
    settings: Settings, place: Locations, recipe: Recipe, files: Sequence[str], read: Read
) -> tuple[LocalizedText, ...]:
    """Submodules whose hosts are not allowed, packages of the operating system and tools that are
    not here: one sentence each."""
    submodules = _submodules(settings, recipe, read(FILE) or "")
    return (*submodules, *await say_needs(settings, place, recipe, files, read))


def _submodules(settings: Settings, recipe: Recipe, text: str) -> Iterable[LocalizedText]:
    urls = re.findall(r"(?m)^\s*url\s*=\s*(\S+)", text)
    hosts = dict.fromkeys(host for url in urls if (host := host_of(url)))
    asked = [host for host in hosts if host not in settings.environment.submodules]
    if recipe.submodules and asked:
        facts = {"hosts": ", ".join(f'"{host}"' for host in asked[:MOST])}
        yield LocalizedText(key="trying.submodules", facts=facts)
