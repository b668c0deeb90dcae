"""A Box with the servers that its project's tests talk to: started before its first command, and
again when a limit ended them with the command that crossed it. They live in the Box's own network
and go with it."""

from __future__ import annotations

from contextlib import AbstractAsyncContextManager

from harness.core.egress_types import Refusal
from harness.core.services import service_fault
from harness.core.types import BoxLimits, CommandResult, Layout, SearchHit, Service
from harness.ports.sandbox import Box, Sandbox


class Serving:
    """A Sandbox whose Boxes have the services of their layout. SandboxError when one does not
    start."""

    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox

    @property
    def name(self) -> str:
        return self._sandbox.name

    async def check(self) -> None:
        await self._sandbox.check()

    async def open(self, layout: Layout, limits: BoxLimits) -> Box:
        box = await self._sandbox.open(layout, limits)
        if not layout.services:
            return box
        served = _ServedBox(box, layout.services)
        try:
            await served.start()
        except BaseException:
            await box.close()
            raise
        return served


class _ServedBox:
    def __init__(self, box: Box, services: tuple[Service, ...]) -> None:
        self._box = box
        self._services = services
        self._running = False

    async def start(self) -> None:
        for service in self._services:
            ran = await self._box.exec(service.start)
            if ran.exit_code != 0:
                raise service_fault(service.name, service.programs, ran)
        self._running = True

    async def exec(
        self, command: str, *, cwd: str = "", timeout_s: float | None = None
    ) -> CommandResult:
        if not self._running:
            await self.start()
        ran = await self._box.exec(command, cwd=cwd, timeout_s=timeout_s)
        # what ends a command for its time spares them; a limit of the Box ends all that is in it
        self._running = ran.killed in ("", "time")
        return ran

    async def read(self, path: str, *, limit: int = 4 << 20) -> bytes:
        return await self._box.read(path, limit=limit)

    async def write(self, path: str, data: bytes) -> None:
        await self._box.write(path, data)

    async def search(
        self, pattern: str, *, glob: str = "", limit: int = 200
    ) -> tuple[SearchHit, ...]:
        return await self._box.search(pattern, glob=glob, limit=limit)

    def frozen(self) -> AbstractAsyncContextManager[None]:
        return self._box.frozen()

    @property
    def refusals(self) -> tuple[Refusal, ...]:
        return self._box.refusals

    async def close(self) -> None:
        await self._box.close()
