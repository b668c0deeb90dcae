"""Holds a Box from outside: measures it, freezes it, ends what is in it. Nothing here trusts
what the runner says."""

from __future__ import annotations

import asyncio
import contextlib
import signal
from collections.abc import AsyncIterator, Callable

from harness.core.egress_types import REFUSED
from harness.core.types import BoxLimits
from harness.sandbox import processes
from harness.sandbox.limits import Cgroup, DiskWatch

_EVERY_S = 0.1


class Supervisor:
    """`top` is the process that we started; what is below it now is the Box's own and is spared
    when a command is ended. `mark` finds orphans where no namespace holds them."""

    def __init__(
        self, top: int, limits: BoxLimits, group: Cgroup | None, disk: DiskWatch, mark: str = ""
    ) -> None:
        self.top, self.limits, self.group, self.disk, self.mark = top, limits, group, disk, mark
        self.own = frozenset((top, *processes.descendants(top)))
        processes.spare(self.own)
        if group is not None:
            group.add(self.own)
        self._kills, self._refused = self._count_kills()

    def _count_kills(self) -> tuple[int, int]:
        if self.group is None:
            return 0, 0
        return self.group.memory_kills(), self.group.refused_forks()

    def over(self, disk: bool = True) -> str:
        """Which limit is crossed since the last call, or "". Blocks: call it in a thread."""
        kills, refused = self._count_kills()
        reason = ""
        if kills > self._kills:
            reason = "memory"
        elif refused > self._refused:
            reason = "processes"
        elif self.group is None:
            reason = self._exceeded_limit()
        self._kills, self._refused = kills, refused
        if not reason and disk and self.disk.over():
            reason = "disk"
        return reason

    def _exceeded_limit(self) -> str:
        below = [p for p in processes.descendants(self.top) if p not in self.own]
        if self.limits.processes and len(below) > self.limits.processes:
            return "processes"
        return "memory" if processes.memory_of(below) > self.limits.memory_bytes else ""

    def end_commands(self) -> None:
        """Blocks until every process but the Box's own is gone."""
        processes.end(self.top, self.own)

    async def watch(
        self, crossed: Callable[[str], None], stop: asyncio.Event, is_stuck: Callable[[], bool]
    ) -> None:
        """Until told to stop: ends the commands that cross a limit, and says which."""
        while True:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(_EVERY_S):
                    await stop.wait()
            if stop.is_set():
                return
            if reason := REFUSED if is_stuck() else await asyncio.to_thread(self.over):
                crossed(reason)
                await asyncio.to_thread(self.end_commands)

    def freeze(self) -> bool:
        if self.group is not None and self.group.freeze():
            return True
        return processes.stop(self.top)

    def thaw(self) -> None:
        if self.group is not None:
            self.group.thaw()
        processes.resume(self.top)

    def end(self) -> None:
        """Ends everything below `top`, and what got away from it. Blocks. May be called twice."""
        if self.group is not None:
            self.group.thaw()  # a frozen process does not die
        processes.end(self.top)
        processes.send(self.top, signal.SIGKILL)
        if self.mark:
            for pid in processes.find_marked(self.mark):
                processes.send(pid, signal.SIGKILL)
        if self.group is not None:
            self.group.remove()


@contextlib.asynccontextmanager
async def enforce_limits(
    cage: Supervisor, is_stuck: Callable[[], bool] = bool
) -> AsyncIterator[list[str]]:
    """While inside, limits are held; the list gets the reasons. `is_stuck`: whether a command can
    only be refused again."""
    reasons: list[str] = []
    stop = asyncio.Event()
    task = asyncio.create_task(cage.watch(reasons.append, stop, is_stuck))
    try:
        yield reasons
    finally:
        stop.set()  # not cancelled: a thread that ends commands would meet the next one
        await task
