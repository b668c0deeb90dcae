"""Looking through what strangers wrote, beside the event loop and within a deadline."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TypeVar

from harness.core.errors import RefusedError

T = TypeVar("T")
LONGEST_S = 60.0
"""Every scan takes time in proportion to a text that is bounded: two seconds for the worst."""


async def scan(work: Callable[..., T], *texts: object, within_s: float = LONGEST_S) -> T:
    """What `work` makes of the texts, in a thread. RefusedError when it has not ended by then:
    nobody waits for it any longer, and nothing of it counts."""
    try:
        return await asyncio.wait_for(asyncio.to_thread(work, *texts), within_s)
    except TimeoutError:
        raise RefusedError("pipeline.scan_late") from None
