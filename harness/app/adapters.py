"""Settings -> adapters. What is heavy is loaded when it is chosen, by its dotted name."""

from __future__ import annotations

import gc
from collections.abc import Callable, Mapping
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import Any, Final, Protocol

from harness.app.redacting import veiled_body
from harness.config.forge_settings import ForgeSettings
from harness.config.load import Sources
from harness.config.settings import Settings
from harness.core.errors import ConfigError, EngineError
from harness.core.types import BoxLimits, Json, Usage
from harness.engine.trouble import Told
from harness.ports.clock import Clock
from harness.ports.durable import Body, Durable
from harness.ports.forge import Forge
from harness.ports.model import Model
from harness.ports.sandbox import Sandbox
from harness.sandbox.serving import Serving
from harness.system.redact import Redactor
from harness.system.upstream import upstream_of

SANDBOXES: Final[Mapping[str, str]] = {
    "bubblewrap": "harness.sandbox.bubblewrap:Bubblewrap",
    "container": "harness.sandbox.container:Container",
    "none": "harness.sandbox.bare:BareSandbox",
}
MODELS: Final[Mapping[str, str]] = {
    "anthropic": "harness.llm.anthropic:Anthropic",
    "openai": "harness.llm.openai:OpenAI",
    "scripted": "harness.llm.scripted:Scripted",
}


def load(dotted: str) -> Any:
    """`package.module:name`."""
    module, name = dotted.split(":")
    return getattr(import_module(module), name)


def sandbox(settings: Settings, env: Mapping[str, str]) -> Sandbox:
    """The chosen sandbox. `env`: of this process, which may name a proxy that is the machine's way
    out. ConfigError for one that is not there yet."""
    chosen = settings.sandbox
    kind = chosen.kind
    if kind not in SANDBOXES:
        raise ConfigError("config.sandbox_later", kind=kind, known=", ".join(SANDBOXES))
    words = (chosen.engine, chosen.image, chosen.container_args) if kind == "container" else ()
    if kind == "none":
        return Serving(load(SANDBOXES[kind])())
    proxy = partial(load("harness.sandbox.egress:Egress"), upstream=upstream_of(env))
    return Serving(load(SANDBOXES[kind])(*words, proxy=proxy))


def model(
    settings: Settings, sources: Sources, name: str, *, longest_s: float | None = None
) -> Model:
    """A model by its name in [models]; `longest_s` bounds its silence further."""
    chosen = settings.model(name)
    kind = load(MODELS[chosen.dialect])
    if chosen.dialect == "scripted":
        if chosen.script is None:
            raise ConfigError("config.no_script", model=name)
        made: Model = kind(chosen.script, f"scripted:{name}")
        return made
    asked: Model = kind(
        name=name,
        model=chosen.model,
        api_key=sources.secret(settings, name),
        base_url=chosen.base_url or None,
        timeout_s=min(chosen.timeout_s, longest_s or chosen.timeout_s),
    )
    return asked


def preload(settings: Settings, name: str) -> None:
    """Imports what a model needs: seconds of a vendor's SDK, on a thread while git works. The
    collector looks at nothing meanwhile: all that is made there stays."""
    gc.disable()
    try:
        load(MODELS[settings.model(name).dialect])
    finally:
        gc.enable()


class Purse:
    """What calls cost: the operator's prices, else our own table by the vendor's model name."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    def __call__(self, name: str, usage: Usage) -> float:
        prices = import_module("harness.llm.prices")
        chosen = self._settings.models.get(name)
        if chosen is None or chosen.dialect == "scripted":
            return 0.0
        price = None
        if chosen.price_in is not None and chosen.price_out is not None:
            price = prices.Price(
                fresh=chosen.price_in,
                output=chosen.price_out,
                cache_write=chosen.price_cache_write,
                cache_read=chosen.price_cache_read,
            )
        cost: float = prices.cost_usd(chosen.model, usage, price)
        return cost

    def unpriced_models(self) -> tuple[str, ...]:
        """Models of which nobody knows what they cost."""
        prices = import_module("harness.llm.prices")
        return tuple(
            name
            for name, model in self._settings.models.items()
            if model.dialect != "scripted"
            and (model.price_in is None or model.price_out is None)
            and prices.price_of(model.model) is None
        )


class Late:
    """The durable engine, loaded when it is launched: importing it takes half a second that
    commands which only read should not pay."""

    def __init__(self, path: Path, redact: Redactor, told: Told) -> None:
        self._path = path
        self._redact = redact
        self._told = told
        self._bodies: dict[str, Body] = {}
        self._engine: Durable | None = None

    def define(self, workflow: str, body: Body) -> None:
        self._bodies[workflow] = veiled_body(body, self._redact)
        if self._engine is not None:
            self._engine.define(workflow, self._bodies[workflow])

    async def retire(self, *workflows: str, grace_s: float = 10.0) -> None:
        for name in workflows:
            self._bodies.pop(name, None)
        if self._engine is not None:
            await self._engine.retire(*workflows, grace_s=grace_s)

    async def launch(self) -> None:
        make = load("harness.engine.dbos_engine:DbosDurable")
        engine: Durable = make(self._path, told=self._told)
        for name, body in self._bodies.items():
            engine.define(name, body)
        self._engine = engine
        await engine.launch()

    async def start(self, workflow: str, workflow_id: str, argument: Json) -> None:
        await self._engine_or_raise.start(workflow, workflow_id, argument)

    async def join(self, workflow_id: str) -> Json:
        return await self._engine_or_raise.join(workflow_id)

    async def active(self) -> tuple[str, ...]:
        return await self._engine_or_raise.active()

    async def close(self, *, grace_s: float = 10.0) -> None:
        if self._engine is not None:
            await self._engine.close(grace_s=grace_s)

    @property
    def _engine_or_raise(self) -> Durable:
        if self._engine is None:
            raise EngineError("engine.closed", workflow="-")
        return self._engine


class OpenedForge(Protocol):
    """A forge with its connections."""

    @property
    def forge(self) -> Forge: ...
    async def close(self) -> None:
        """Ends the connections."""
        ...


class ForgeOpener(Protocol):
    """Made once a process and kind of forge, with the layout of the state folder, the clock and
    the redactor, which learns every token before its use."""

    def open(
        self,
        chosen: ForgeSettings,
        read_token: Callable[[], str],
        read_key: Callable[[], str],
        /,
    ) -> OpenedForge:
        """Asks nothing yet. ConfigError or MissingError when it cannot be: no token, a wrong
        address."""
        ...


class Forges:
    """The projects' forges, acting as harness itself. Each is made once a project."""

    def __init__(self, sources: Sources, clock: Clock, redactor: Redactor) -> None:
        self._sources = sources
        self._clock = clock
        self._redactor = redactor
        self._openers: dict[str, ForgeOpener] = {}
        self._opened: dict[str, OpenedForge] = {}

    def secrets(self) -> tuple[str, ...]:
        """Every secret known by now: tokens that were minted or read again, too."""
        return self._redactor.secrets

    def of(self, settings: Settings) -> Forge:
        """ConfigError or MissingError when it cannot be: no token, a wrong address."""
        return self.open(settings).forge

    def open(self, settings: Settings) -> OpenedForge:
        """The same, with what only its kind of forge can tell."""
        name, sources = settings.project.name, self._sources
        if name not in self._opened:
            self._opened[name] = self._opener(settings).open(
                settings.forge,
                lambda: sources.forge_token(settings),
                lambda: sources.forge_key(settings),
            )
        return self._opened[name]

    def _opener(self, settings: Settings) -> ForgeOpener:
        dotted = settings.forge.descriptor.opener
        if dotted not in self._openers:
            made: ForgeOpener = load(dotted)(settings.paths, self._clock, self._redactor)
            self._openers[dotted] = made
        return self._openers[dotted]

    async def drop(self, project: str) -> None:
        """Ends a project's."""
        opened = self._opened.pop(project, None)
        if opened is not None:
            await opened.close()

    async def close(self) -> None:
        """Ends the connections."""
        for opened in self._opened.values():
            await opened.close()


def box_limits(settings: Settings) -> BoxLimits:
    """Bounds of an agent's Box."""
    chosen = settings.sandbox
    return BoxLimits(
        memory_bytes=chosen.memory_mb << 20,
        disk_bytes=chosen.disk_mb << 20,
        processes=chosen.processes,
        command_s=chosen.command_s,
        output_bytes=chosen.output_kb << 10,
    )


def home(settings: Settings) -> Path:
    """The state folder, made when missing, closed to others."""
    settings.state_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
    return settings.state_dir
