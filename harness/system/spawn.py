"""Starts a process so that being cancelled in the middle leaves neither it nor a waiter behind."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
from typing import Any

_PIPES_S = 1.0

Process = asyncio.subprocess.Process


async def spawn(*argv: str, **options: Any) -> Process:
    """`asyncio.create_subprocess_exec`, for a process in a session of its own. Cancelled while it
    starts, the group is killed and reaped first: asyncio itself then waits for pipes that were
    never connected, and does so for ever (seen with Python 3.11 to 3.13)."""
    starting = asyncio.ensure_future(
        asyncio.create_subprocess_exec(*argv, start_new_session=True, **options)
    )
    try:
        return await asyncio.shield(starting)
    except asyncio.CancelledError:
        undoing = asyncio.ensure_future(_undo(starting))
        while not undoing.done():  # told to stop again and again: it takes no more than a fork
            with contextlib.suppress(asyncio.CancelledError):
                await asyncio.shield(undoing)
        raise


async def _undo(starting: asyncio.Future[Process]) -> None:
    with contextlib.suppress(OSError):
        process = await starting
        await end(process)
        await close_pipes(process)


async def close_pipes(process: Process) -> None:
    """Its pipes are closed on our side too, unless something that left the group holds them."""
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(_PIPES_S):
            await process.communicate()


async def end(process: Process) -> None:
    """No process of the group is left."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
    await process.wait()
