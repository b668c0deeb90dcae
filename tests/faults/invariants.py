"""What holds after every fault (V1 to V8 of the reliability table), looked up and not believed."""

from __future__ import annotations

import asyncio
import itertools
from collections import Counter
from pathlib import Path
from typing import TypeVar

from harness.agent.context_window import messages
from harness.app.root import Composed
from harness.core.forge_types import PullRequest
from harness.core.types import Message, Run, Session, ToolCall, ToolResult
from harness.ports.store import Store
from tests.e2e.test_faults import alive
from tests.e2e.world import World

CANARY = "canary-5b1f0c77"
"""In the daemon's environment under every name of a key that it knows."""
SECRETS = {"ANTHROPIC_API_KEY": CANARY, "OPENAI_API_KEY": CANARY, "GITHUB_TOKEN": CANARY}
PLENTY = 10_000_000
ONE_CALL = 200_000
T = TypeVar("T")


async def hold(app: Composed, world: World) -> None:
    """V1, V2, V3, V5, V6, V7, while the store is open."""
    runs = await app.store.runs(world.name)
    forge = await asyncio.to_thread(world.forge)
    pulls = list(await forge.pulls("all"))
    one_pull(pulls)
    for run in runs:
        recorded(run, pulls)
        assert run.state.over or (run.wait is not None and run.wait.reason.key), run
        rests = run.wait
        if not run.state.over and rests is not None:
            assert rests.person or rests.until or rests.signals or rests.fingerprint, run
        spent = await app.shared.ledger.spend_of("run", run.id)
        assert spent.tokens <= app.settings.limits.run.tokens + ONE_CALL
        for session in await app.store.sessions(run.id):
            await valid(app.store, session)
        said = await forge.comments(run.issue)
        ours = Counter(c.body.partition("\n")[0] for c in said if c.body.startswith("<!-- harness"))
        assert set(ours.values()) <= {1}, ours


def one_pull(pulls: list[PullRequest]) -> None:
    """V1: at most one open pull request a branch."""
    heads = Counter(pull.head for pull in pulls if pull.state == "open")
    assert all(count == 1 for count in heads.values()), heads


def recorded(run: Run, pulls: list[PullRequest]) -> None:
    """V2: what stands on the forge is in the row."""
    for pull in pulls:
        if run.branch and pull.head == run.branch:
            assert run.pr == pull.number
            if pull.state == "merged" and run.state.over:
                assert run.merged_sha == (pull.merged_sha or pull.head_sha)


async def valid(store: Store, session: Session) -> None:
    """V7: the transcript as it would be sent is one that a vendor's API takes: roles in turn, and
    each call answered right after, once."""
    turns = await store.turns(session.id)
    sent = messages(session, turns, PLENTY)
    roles = [message.role for message in sent]
    assert roles == [("user", "assistant")[place % 2] for place in range(len(roles))]
    for asked, said in itertools.pairwise(sent):
        calls = [part.id for part in _parts(asked, ToolCall)]
        answers = [part.call_id for part in _parts(said, ToolResult)]
        assert sorted(calls) == sorted(answers), session.id


def clean(world: World) -> None:
    """V4 and V8, when the process is through: nothing runs on, no secret is in any file."""
    assert not alive(str(world.state))
    for path in world.home.rglob("*"):
        if path.is_file() and not path.is_symlink():
            assert CANARY.encode() not in _bytes(path), path


def _parts(message: Message, kind: type[T]) -> list[T]:
    return [part for part in message.parts if isinstance(part, kind)]


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except FileNotFoundError:  # a file of the moment
        return b""
