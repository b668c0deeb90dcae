"""Where commands of agents and of projects run.

Every method that waits is a coroutine on one event loop. An adapter raises the errors of
core.errors and nothing else for what can be expected to happen."""

from __future__ import annotations

from contextlib import AbstractAsyncContextManager
from typing import Protocol

from harness.core.box_types import (
    BoxLimits,
    CommandResult,
    Layout,
    SearchHit,
)
from harness.core.egress_types import Refusal


class Box(Protocol):
    """One running sandbox. Answers are a claim of something inside: advice, never evidence.
    Paths are relative to the tree or absolute inside. Raises SandboxError when the Box is gone,
    FileNotFoundError / IsADirectoryError / PermissionError for files."""

    async def exec(
        self, command: str, *, cwd: str = "", timeout_s: float | None = None
    ) -> CommandResult:
        """`/bin/bash -c command`; returns when the command's own process ends, whatever its
        children hold. `cwd` "" is where the last command of this Box ended."""
        ...

    async def read(self, path: str, *, limit: int = 4 << 20) -> bytes: ...
    async def write(self, path: str, data: bytes) -> None: ...
    async def search(
        self, pattern: str, *, glob: str = "", limit: int = 200
    ) -> tuple[SearchHit, ...]:
        """Lines matching a Python regular expression; glob limits file names. With an empty
        pattern: the file names themselves (line 0)."""
        ...

    def frozen(self) -> AbstractAsyncContextManager[None]:
        """While inside, no process of the Box runs: the tree may be read from outside."""
        ...

    @property
    def refusals(self) -> tuple[Refusal, ...]:
        """What it was not let out to so far; kept after `close`."""
        ...

    async def close(self) -> None:
        """Ends every process of the Box. May be called twice."""
        ...


class Sandbox(Protocol):
    """Opens Boxes."""

    @property
    def name(self) -> str: ...
    async def check(self) -> None:
        """MissingError with the way to mend it when Boxes cannot be opened here."""
        ...

    async def open(self, layout: Layout, limits: BoxLimits) -> Box: ...
