"""The set-up of a project, with the host's toolchains found when they are first needed."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path

from harness.app import adapters, refusals
from harness.config.environ import Locations
from harness.config.settings import Settings
from harness.core.errors import ConfigError, RefusedError, SandboxError
from harness.core.services import read_services
from harness.core.types import Environment
from harness.environment.given import Given, places_inside
from harness.environment.host_tools import toolchains
from harness.environment.images import ServiceImages
from harness.environment.registries.logins import registry_logins
from harness.environment.setup import Environments
from harness.environment.toolchains import Toolchains
from harness.ports.sandbox import Sandbox
from harness.system.files import read_beneath, walk
from harness.testruns.recipes.candidates import likeliest
from harness.testruns.recipes.package_versions import wanted_by_all

DEPTH = 3
MOST = 20_000
LARGEST = 1 << 20


class Prepared:
    """An EnvironmentMaker: the configured set-up; without one, what each tree asks for, where it
    may be fetched. With no host to reach the usual set-up cannot work: then pytest is lent and
    nothing is fetched. `owner`: which repository's trees it is asked for."""

    def __init__(self, settings: Settings, place: Locations, box: Sandbox, owner: str) -> None:
        self._owner = owner
        self._settings = settings
        self._place = place
        self._box = box
        self._tools: dict[str, Toolchains] = {}
        self._finding = asyncio.Lock()
        self._known: dict[tuple[tuple[str, ...], str], Environments] = {}

    async def make(self, key: str, tree: Path) -> Environment:
        """`tree` is a plain folder with the base's files."""
        chosen = self._settings.environment
        setup = chosen.setup
        policy = refusals.of_setup(self._settings)
        files = await asyncio.to_thread(_files, tree)
        if not setup and policy is not None and policy.allow:
            setup = await asyncio.to_thread(_setup, tree, files)
        reader = partial(_text, tree)
        asked, _ = await asyncio.to_thread(wanted_by_all, files, reader, chosen.versions)
        try:
            tools = await self._toolchains(asked)
            services = tuple(
                wish.model_copy(update={"version": asked.get(wish.name, "")})
                for wish in read_services(chosen.services)
            )
        except ConfigError as fault:  # a run waits for what is wrong with an environment
            raise SandboxError(fault.key, **fault.facts) from fault
        known = (setup, json.dumps(asked, sort_keys=True))
        if known not in self._known:
            limits = adapters.box_limits(self._settings)
            self._known[known] = Environments(
                self._settings.paths.environments,
                self._box,
                setup,
                egress=policy,
                given=_given(self._settings, self._place.home),
                limits=limits.model_copy(update={"command_s": chosen.timeout_s}),
                tools=tools.model_copy(update={"services": services}),
                owner=self._owner,
            )
        return await self._known[known].make(key, tree)

    async def _toolchains(self, asked: Mapping[str, str]) -> Toolchains:
        name = json.dumps(asked, sort_keys=True)
        async with self._finding:
            if name not in self._tools:
                self._tools[name] = await toolchains(self._settings, self._place, asked)
            return self._tools[name]


def _images(settings: Settings) -> ServiceImages:
    """With the engine of a container sandbox, or one that the operator names; else Podman, which
    needs no daemon, then Docker."""
    chosen = settings.sandbox
    usual = chosen.kind != "container" and chosen.engine == ("docker",)
    engines = (("podman",), ("docker",)) if usual else (chosen.engine,)
    return ServiceImages(allowed=chosen.service_images, engines=engines)


def _given(settings: Settings, home: Path) -> Given:
    chosen = settings.environment
    return Given(
        env=chosen.env,
        files=places_inside(chosen.files, home),
        logins=registry_logins(chosen.env, chosen.files),
        images=_images(settings),
    )


def _files(tree: Path) -> tuple[str, ...]:
    """The paths of a tree, not too deep."""
    files: list[str] = []
    for folder, names, found in walk(tree):
        below = folder.relative_to(tree)
        names[:] = [n for n in names if n != ".git" and len(below.parts) < DEPTH]
        files += [(below / name).as_posix() for name in found]
        if len(files) > MOST:
            break
    return tuple(sorted(files))


def _setup(tree: Path, files: Sequence[str]) -> tuple[str, ...]:
    seen = likeliest(files, partial(_text, tree))
    for lost in seen.unsourced[:1]:
        raise SandboxError("workspace.unsourced", name=lost.name, source=lost.source)
    return seen.setup


def _text(tree: Path, path: str) -> str | None:
    """A manifest's text; None for what is not there, is a link, or is too large to be one."""
    try:
        return read_beneath(tree, path, limit=LARGEST).decode("utf-8", "replace")
    except (OSError, RefusedError):
        return None
