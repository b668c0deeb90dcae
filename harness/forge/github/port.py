"""The narrow way to GitHub: what the adapter sends goes through a `Wire`, and nothing else does."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal, Protocol

from harness.core.forge_types import ForgeLimits


class ClientPort(Protocol):
    """One repository's token on one GitHub. Paths are like "/repos/{owner}/{name}/issues/5".

    Raises NotFound (404, 410, 451), Forbidden (401, 403), Conflict (405, 409, 422) and
    Unavailable (down, cut, limited), each with the facts `status` and `message` where GitHub
    answered. A write whose answer was lost is never repeated here: `Lost` says so, and the caller
    looks for the effect."""

    async def get(self, path: str, **params: str | int) -> Any:
        """Parsed JSON; asked conditionally."""
        ...

    async def pages(
        self, path: str, *, most: int = 10_000, key: str = "", **params: str | int
    ) -> list[Any]:
        """Every page, by the answers' own links. `key` is the list inside an object page."""
        ...

    async def send(
        self,
        verb: Literal["POST", "PATCH", "PUT", "DELETE"],
        path: str,
        body: Mapping[str, Any] | None = None,
    ) -> Any:
        """One write in its turn; parsed JSON or None."""
        ...

    async def graphql(
        self, query: str, variables: Mapping[str, Any], *, write: bool = False
    ) -> Any:
        """The answer's `data`; errors in it are raised."""
        ...

    async def text(self, path: str, *, limit: int = 2_000_000) -> str:
        """The tail of a text such as a job's log, wherever GitHub keeps it."""
        ...

    def limits(self) -> ForgeLimits: ...

    async def close(self) -> None: ...
