"""Both forges keep the Forge contract: the embedded one, and GitHub's adapter over the real wire
against a GitHub of ours, whose exchanges GitHub's own description judges."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Literal

import pytest

from harness.core.errors import NotFound
from harness.core.forge_types import Check, Review, Thread
from harness.testing.forge_contract import ForgeContract, ForgeWorld
from tests.forge.world import git, make_local
from tests.github.clock import JumpClock
from tests.github.hub import ALL, Hub
from tests.github.keys import key
from tests.github.oracle import held
from tests.github.server import github


class TestLocal(ForgeContract):
    """The embedded forge."""

    @pytest.fixture
    async def world(self, tmp_path: Path) -> ForgeWorld:
        return (await make_local(tmp_path)).world()


class TestGithubToken(ForgeContract):
    """GitHub by personal tokens."""

    @pytest.fixture
    def world(self, tmp_path: Path) -> Iterator[ForgeWorld]:
        with github(tmp_path, JumpClock()) as hub:
            yield github_world(hub, "tok_bot", "github-actions")
            assert held(hub.exchanges)

    async def test_checks_have_a_state_and_a_log_and_run_again(self, world: ForgeWorld) -> None:
        """A person may make no check run: ours is a commit status, which has no log and is not
        run again; the jobs of others have both."""
        pull = await world.pull()
        job = await world.queue(pull.head_sha, "unit")
        first = await world.forge.put_check(pull.head_sha, "lint", "failure", "1 failed")
        done = await world.forge.put_check(pull.head_sha, "lint", "success", "none")
        again = await world.forge.put_check(pull.head_sha, "lint", "success", "none")
        assert (first.kind, again.id) == ("status", done.id)
        checks = {c.name: c for c in await world.forge.checks(pull.head_sha)}
        assert (checks["unit"].kind, checks["unit"].status) == ("run", "queued")
        assert (checks["lint"].kind, checks["lint"].conclusion) == ("status", "success")
        assert isinstance(await world.forge.check_log(job.id), str)
        await world.forge.rerun(job.id)
        with pytest.raises(NotFound):
            await world.forge.check_log(10**9)


class TestGithubApp(ForgeContract):
    """GitHub by an App's installation, which may write check runs."""

    @pytest.fixture
    def world(self, tmp_path: Path) -> Iterator[ForgeWorld]:
        with github(tmp_path, JumpClock()) as hub:
            rights = dict.fromkeys(ALL, "write") | {"metadata": "read"}
            app = hub.app("harness-app", key().public_key(), rights)
            yield github_world(hub, hub.installation_token(app, rights), app.slug)
            assert held(hub.exchanges)


def github_world(hub: Hub, token: str, ci: str) -> ForgeWorld:
    """As the contract wants it: people by the web pages, us by the adapter."""
    push = hub.local.push

    async def pushed(branch: str, files: Mapping[str, str | None], start: str) -> str:
        return await asyncio.to_thread(push, branch, files, start)

    async def drop(branch: str) -> None:
        await asyncio.to_thread(git, hub.local.clone, "push", "-q", "origin", f":{branch}")

    async def review(pr: int, state: Literal["approved", "changes_requested"], body: str) -> Review:
        return await asyncio.to_thread(hub.review, "ada", pr, state, body)

    async def thread(pr: int, path: str, line: int, body: str) -> Thread:
        return await asyncio.to_thread(hub.thread, "ada", pr, path, line, body)

    async def queue(commit: str, name: str) -> Check:
        return await asyncio.to_thread(lambda: hub.check(commit, name, "queued", app=ci))

    async def lock(issue: int, locked: bool) -> object:
        return await asyncio.to_thread(lambda: hub.shut("ada", issue, locked=locked))

    return ForgeWorld(
        forge=hub.forge(token),
        colleague=hub.forge("tok_ada"),
        stranger=hub.forge("tok_eve"),
        push=pushed,
        drop=drop,
        review=review,
        thread=thread,
        queue=queue,
        lock=lock,
    )
