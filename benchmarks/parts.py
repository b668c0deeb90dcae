"""Real parts in a scratch folder, for benchmarks of one part at a time."""

from __future__ import annotations

import os
import subprocess
from datetime import UTC, datetime
from pathlib import Path

from harness.core.types import (
    Actor,
    BoxLimits,
    CallRecord,
    Environment,
    IssueSnapshot,
    Message,
    Remote,
    Run,
    Text,
    ToolCall,
    ToolResult,
    Turn,
    Usage,
)
from harness.git.workspace import Author, ProjectWorkspace

LIMITS = BoxLimits()
NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
ADA = Actor(id=1, login="ada")


class NoSetUp:
    """An EnvironmentMaker for trees that need nothing."""

    async def make(self, key: str, tree: Path) -> Environment:
        return Environment(id=key, env={"PATH": os.defpath})


def git(folder: Path, *words: str, data: bytes | None = None) -> str:
    """git in that folder, as somebody."""
    person = ("-c", "user.name=Ada", "-c", "user.email=ada@example.org")
    done = subprocess.run(
        ["git", *person, *words], cwd=folder, check=True, capture_output=True, input=data
    )
    return done.stdout.decode().strip()


def repository(folder: Path, files: int, bytes_each: int) -> Path:
    """A repository of `files` text files in folders of a hundred."""
    folder.mkdir(parents=True)
    git(folder, "init", "--quiet", "--initial-branch=main")
    for number in range(files):
        path = folder / f"part{number // 100}" / f"file{number}.txt"
        path.parent.mkdir(exist_ok=True)
        path.write_text(f"{number}\n" * max(1, bytes_each // len(f"{number}\n")))
    git(folder, "add", "--all")
    git(folder, "commit", "--quiet", "--message", "first")
    return folder


def workspace(root: Path, source: Path) -> ProjectWorkspace:
    """A project's workspace over a repository on this disk."""
    return ProjectWorkspace(
        root, "bench", lambda: Remote(url=str(source)), Author("Ada", "ada@example.org"), NoSetUp()
    )


def snapshot_of(number: int) -> IssueSnapshot:
    """An issue as it was read."""
    return IssueSnapshot(
        number=number, title=f"Issue {number}", body="", author=ADA, taken_at=NOW, trigger=ADA
    )


def turn_of(session: str, number: int, chars: int) -> Turn:
    """A turn with one answered call."""
    call = ToolCall(id=f"c{number}", name="bash", arguments={"command": f"echo {number}"})
    return Turn(
        session=session,
        number=number,
        reply=Message(role="assistant", parts=(Text(text="Next."), call)),
        results=(ToolResult(call_id=call.id, text="x" * chars),),
        tree_before="t",
    )


def record_of(run: Run, session: str, number: int) -> CallRecord:
    """A call as the journal keeps it."""
    return CallRecord(
        session=session,
        turn=number,
        run=run.id,
        stage="implement",
        model="bench",
        usage=Usage(fresh=10, output=10),
        cost_usd=0.0,
        input_bytes=100,
        latency_s=0.0,
        at=NOW,
    )
