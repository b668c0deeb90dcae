"""A Box's way out while it lives: the proxy, and the folder on the host that holds its socket."""

from __future__ import annotations

import asyncio
import contextlib
import shutil
import tempfile
from collections.abc import AsyncIterator, Callable
from pathlib import Path

from harness.core.egress_types import EgressPolicy, Refusal
from harness.core.types import Layout
from harness.sandbox.egress import Egress
from harness.sandbox.layout import PROXY, PROXY_FOLDER

Proxy = Callable[[EgressPolicy], Egress]


class ProxySession:
    """`folder` holds the socket and nothing else; `close` takes it away. May be closed twice."""

    def __init__(self, egress: Egress, folder: Path) -> None:
        self.folder = folder
        self._egress = egress

    @property
    def refusals(self) -> tuple[Refusal, ...]:
        return self._egress.refusals

    @property
    def is_stuck(self) -> bool:
        return self._egress.is_stuck

    async def serve(self) -> None:
        await self._egress.serve(self.folder / Path(PROXY).name)

    def with_socket(self, layout: Layout) -> Layout:
        """With the socket's folder, read-only."""
        more = {**layout.read_only, str(self.folder): PROXY_FOLDER}
        return layout.model_copy(update={"read_only": more})

    async def close(self) -> None:
        await self._egress.close()
        await asyncio.to_thread(shutil.rmtree, self.folder, ignore_errors=True)


@contextlib.asynccontextmanager
async def open_proxy(
    layout: Layout, proxy: Proxy
) -> AsyncIterator[tuple[Layout, ProxySession | None]]:
    """The layout with its way out, which is closed again when what is inside fails: whoever
    takes the Box over closes it. Without a policy there is none; an empty one refuses all, and
    tells of it."""
    if layout.egress is None:
        yield layout, None
        return
    way = ProxySession(proxy(layout.egress), Path(tempfile.mkdtemp(prefix="harness-egress-")))
    try:
        await way.serve()
        yield way.with_socket(layout), way
    except BaseException:
        await way.close()
        raise
