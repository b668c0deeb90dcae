from __future__ import annotations

from pathlib import Path

import pytest

from harness.core.errors import NotFound
from harness.core.forge_types import Permission
from harness.forge.embedded.admin import EmbeddedAdmin
from harness.forge.embedded.forge import EmbeddedForge
from tests.forge.world import git


async def test_a_repository_is_made_once_and_its_first_user_administers_it(tmp_path: Path) -> None:
    host = EmbeddedAdmin(tmp_path)
    first = await host.create_repository("o/p", "trunk", "ada")
    again = await host.create_repository("o/p", "other", "bob")
    assert first == again
    (member,) = await host.users("o/p")
    assert (member.actor.login, member.permission) == ("ada", Permission.ADMIN)
    assert git(tmp_path / "o" / "p.git", "symbolic-ref", "HEAD") == "refs/heads/trunk"


async def test_people_are_shared_and_their_permission_is_a_repositorys(tmp_path: Path) -> None:
    host = EmbeddedAdmin(tmp_path)
    await host.create_repository("o/p", admin="ada")
    await host.create_repository("o/q", admin="bob")
    bob = await host.add_user("o/p", "Bob", Permission.WRITE)
    assert bob.login == "bob"
    assert await EmbeddedForge(tmp_path, "o/p", "ada").permission(bob) == Permission.WRITE
    assert await EmbeddedForge(tmp_path, "o/q", "ada").permission(bob) == Permission.ADMIN
    await host.add_user("o/p", "bob", Permission.NONE)
    assert await EmbeddedForge(tmp_path, "o/p", "ada").permission(bob) == Permission.NONE
    bot = await host.add_user("o/p", "robot", Permission.WRITE, "bot")
    assert bot.kind == "bot"
    assert {m.actor.login for m in await host.users("o/p")} == {"ada", "bob", "robot"}


async def test_what_is_not_there_is_said(tmp_path: Path) -> None:
    host = EmbeddedAdmin(tmp_path)
    with pytest.raises(NotFound) as caught:
        await EmbeddedForge(tmp_path, "o/p", "ada").issues()
    assert caught.value.key == "forge.no_repository"
    await host.create_repository("o/p", admin="ada")
    with pytest.raises(NotFound) as caught:
        await host.users("o/other")
    assert caught.value.key == "forge.no_repository"
    with pytest.raises(NotFound) as caught:
        await EmbeddedForge(tmp_path, "o/p", "nobody").me()
    assert caught.value.key == "forge.no_user"
    assert "ada" in str(caught.value.facts["known"])


async def test_what_is_made_again_is_another_one_and_counts_on(tmp_path: Path) -> None:
    host = EmbeddedAdmin(tmp_path)
    for count in (0, 1, 1, 2):
        first = await host.create_repository("o/p", admin="ada")
        forge = EmbeddedForge(tmp_path, "o/p", "ada")
        assert (await forge.issues()).issues == ()
        for number in range(count):
            await forge.create_issue(f"issue {number}", "")
        numbers = [issue.number for issue in (await forge.issues()).issues]
        await host.remove_repository("o/p")
        await host.remove_repository("o/p")
        assert not await host.knows("o/p")
        assert (await host.create_repository("o/p", admin="ada")).id != first.id
        await host.remove_repository("o/p")
    assert sorted(numbers) == [3, 4]
    await host.create_repository("o/p2", admin="ada")
    assert (await EmbeddedForge(tmp_path, "o/p2", "ada").create_issue("first", "")).number == 1
