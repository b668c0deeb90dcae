"""A start that is cancelled at any of its steps ends, and leaves no process."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path

import pytest

from harness.system.spawn import close_pipes, end, spawn
from tests.patience import PATIENCE_S

PIPE = asyncio.subprocess.PIPE
STEPS = 12


def running(mark: str) -> bool:
    """Whether a process with this word in its command is alive."""
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                words = (entry / "cmdline").read_bytes().split(b"\0")
                dead = (entry / "stat").read_text().rpartition(")")[2].split()[0] == "Z"
            except OSError:
                continue
            if mark.encode() in words and not dead:
                return True
    return False


@pytest.mark.parametrize("step", range(STEPS))
@pytest.mark.parametrize("blows", [1, 2])
async def test_cancelled_at_any_step(step: int, blows: int) -> None:
    mark = f"7{step}{blows}1.{os.getpid()}"
    task = asyncio.ensure_future(spawn("sleep", mark, stdout=PIPE, stderr=PIPE))
    for _ in range(step):
        await asyncio.sleep(0)
    for _ in range(blows):
        task.cancel()
        await asyncio.sleep(0)
    done, _ = await asyncio.wait({task}, timeout=PATIENCE_S)
    assert done, "it waits for ever"
    if not task.cancelled():
        await end(task.result())
        await close_pipes(task.result())
    assert not running(mark)


async def test_no_such_program() -> None:
    with pytest.raises(FileNotFoundError):
        await spawn("no-such-program-of-ours")
