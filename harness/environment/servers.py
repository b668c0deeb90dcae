"""The services of a set-up: from which program each is started, its first data, and what a Box must
show for it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path

from harness.core.base import Value
from harness.core.services import NOT_HERE, ServiceWish, service_fault
from harness.core.types import BoxLimits, Layout, Service
from harness.environment import services
from harness.environment.images import ServiceImages
from harness.ports.sandbox import Box, Sandbox
from harness.testruns.recipes.versions import satisfies


class Servers(Value):
    """`shown`: host folder -> place inside. `started`: what each Box starts."""

    shown: dict[str, str] = {}
    started: tuple[Service, ...] = ()


class FoundImages(Value):
    """Service -> the place in a Box of the image that it is started from."""

    shown: dict[str, str] = {}
    places: dict[str, str] = {}


async def find_images(
    wishes: Sequence[ServiceWish],
    images: ServiceImages,
    root: Path,
    sandbox: Sandbox,
    layout: Layout,
) -> FoundImages:
    """Those that are needed, unpacked below `root`: which programs are there is asked in a Box
    of this layout, and only where the operator lists an image of the service."""
    mine = [one for one in wishes if images.image_for(one, "")]
    if not mine:
        return FoundImages()
    box = await sandbox.open(layout, BoxLimits())
    try:
        found = {one.name: await _version_there(box, one) for one in mine}
    finally:
        await box.close()
    shown, places = {}, {}
    for wish in mine:
        if image := images.image_for(wish, found[wish.name]):
            folder, place = await images.folder_of(image, root, sandbox)
            shown[str(folder)] = place
            places[wish.name] = place
    return FoundImages(shown=shown, places=places)


async def _version_there(box: Box, wish: ServiceWish) -> str:
    ran = await box.exec(services.probe(wish))
    return "" if ran.exit_code == NOT_HERE else version_in(ran.output) or "?"


async def prepare(
    box: Box, wishes: Sequence[ServiceWish], places: Mapping[str, str], cwd: str
) -> tuple[Service, ...]:
    """Makes the first data of each in this Box. SandboxError."""
    started = []
    for wish in wishes:
        place = places.get(wish.name, "")
        ran = await box.exec(services.prepare(wish, place), cwd=cwd)
        if ran.exit_code != 0:
            raise service_fault(wish.name, services.KINDS[wish.name].programs, ran)
        started.append(services.service(wish, place, version_in(ran.output)))
    return tuple(started)


def others(services: Sequence[Service]) -> tuple[Service, ...]:
    """Those that are of another version than the project asks for."""
    return tuple(
        one for one in services if one.wanted and satisfies(one.found, one.wanted) is False
    )


def version_in(said: str) -> str:
    """The number in what a server says of itself."""
    found = re.search(r"\d+(?:\.\d+)+", said) or re.search(r"\d+", said)
    return found.group() if found else ""
