from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from harness.core.errors import NotFound
from harness.core.forge_types import Permission
from harness.forge.local import LocalForge
from harness.forge.local_host import LocalHost
from tests.forge.world import git


def test_a_repository_is_made_once_and_its_first_user_administers_it(tmp_path: Path) -> None:
    async def scenario() -> None:
        host = LocalHost(tmp_path)
        assert await host.repositories() == ()
        first = await host.create_repository("o/p", "trunk", "ada")
        again = await host.create_repository("o/p", "other", "bob")
        assert first == again
        assert [r.name for r in await host.repositories()] == ["o/p"]
        (member,) = await host.users("o/p")
        assert (member.actor.login, member.permission) == ("ada", Permission.ADMIN)
        assert git(tmp_path / "o" / "p.git", "symbolic-ref", "HEAD") == "refs/heads/trunk"

    asyncio.run(scenario())


def test_people_are_shared_and_their_permission_is_a_repositorys(tmp_path: Path) -> None:
    async def scenario() -> None:
        host = LocalHost(tmp_path)
        await host.create_repository("o/p", admin="ada")
        await host.create_repository("o/q", admin="bob")
        bob = await host.add_user("o/p", "Bob", Permission.WRITE)
        assert bob.login == "bob"
        assert await LocalForge(tmp_path, "o/p", "ada").permission(bob) == Permission.WRITE
        assert await LocalForge(tmp_path, "o/q", "ada").permission(bob) == Permission.ADMIN
        await host.set_permission("o/p", "bob", Permission.NONE)
        assert await LocalForge(tmp_path, "o/p", "ada").permission(bob) == Permission.NONE
        bot = await host.add_user("o/p", "robot", Permission.WRITE, "bot")
        assert bot.kind == "bot"
        assert {m.actor.login for m in await host.users("o/p")} == {"ada", "bob", "robot"}

    asyncio.run(scenario())


def test_what_is_not_there_is_said(tmp_path: Path) -> None:
    async def scenario() -> None:
        host = LocalHost(tmp_path)
        with pytest.raises(NotFound) as caught:
            await LocalForge(tmp_path, "o/p", "ada").issues()
        assert caught.value.key == "forge.no_repository"
        await host.create_repository("o/p", admin="ada")
        with pytest.raises(NotFound) as caught:
            await host.users("o/other")
        assert caught.value.key == "forge.no_repository"
        with pytest.raises(NotFound) as caught:
            await LocalForge(tmp_path, "o/p", "nobody").me()
        assert caught.value.key == "forge.no_user"
        assert "ada" in str(caught.value.facts["known"])
        with pytest.raises(NotFound):
            await host.set_permission("o/p", "nobody", Permission.READ)

    asyncio.run(scenario())
