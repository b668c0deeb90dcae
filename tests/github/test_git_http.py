"""git over HTTP with a token, by nginx with git's own http-backend and by our GitHub: the
workspace fetches and pushes, a bad token and a hook's refusal are told apart, and the token stands
in no argument, variable, URL, file of ours or log."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from harness.core.errors import Conflict, Forbidden, GitError, HarnessError
from harness.core.forge_types import Remote
from harness.forge.github.auth import TokenAuth
from harness.forge.github.client import GithubClient
from harness.git.workspace import Author, ProjectWorkspace
from harness.system.redact import Redactor
from tests.environment.projects import Made
from tests.forge.world import NAME, Local, make_local
from tests.github.clock import JumpClock
from tests.github.nginx import git_server
from tests.github.server import github

TOKEN = "ghp_canary0123456789canary0123456789"
SPY = """#!/bin/sh
# what git is given, seen from outside
{ echo "$*"; env; } >> '%s'
exec git "$@"
"""


@dataclass(frozen=True)
class Served:
    """A forge that speaks HTTP."""

    url: str
    local: Local
    logs: Callable[[], str]


@contextmanager
def by_nginx(folder: Path) -> Iterator[Served]:
    local = asyncio.run(make_local(folder))
    with git_server(folder / "nginx", local.root, TOKEN) as server:
        yield Served(server.url, local, server.logs)


@contextmanager
def by_our_github(folder: Path) -> Iterator[Served]:
    with github(folder) as hub:
        hub.token(TOKEN, "harness")
        yield Served(hub.url, hub.local, lambda: repr(hub.exchanges))


@pytest.fixture(params=[by_nginx, by_our_github])
def served(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Served]:
    # the repositories lie below "a forge": a space in every path
    folder = tmp_path / "w"
    folder.mkdir()
    with request.param(folder) as made:
        yield made


def workspace(served: Served, folder: Path, token: str = TOKEN) -> ProjectWorkspace:
    """Ours, over git's own program with a spy before it."""
    spy = folder / "git"
    spy.write_text(SPY % (folder / "seen.txt"))
    spy.chmod(0o755)
    auth = TokenAuth(lambda: token, Redactor())
    wire = GithubClient(auth, base_url=served.url, clock=JumpClock(), state=folder / "credentials")

    def remote() -> Remote:
        return Remote(url=f"{served.url}/{NAME}.git", env=wire.git_env(served.url))

    author = Author("Harness", "harness@example.org")
    return ProjectWorkspace(folder / "ours", "own/project", remote, author, Made(), str(spy))


async def commit_on(space: ProjectWorkspace, base: str, text: str) -> str:
    """A commit of ours beside the work tree."""
    blob = await space.git.text("hash-object", "-w", "--stdin", input=text.encode())
    row = f"100644 blob {blob}\tnew.txt\n".encode()
    tree = await space.git.text("mktree", input=row)
    git = space.git.with_env({f"GIT_{role}_{part}": "x" for role in ("AUTHOR", "COMMITTER")
                           for part in ("NAME", "EMAIL")})  # fmt: skip
    return await git.text("commit-tree", tree, "-p", base, "-m", text)


def test_fetch_and_push_with_the_token_seen_by_nobody(served: Served, tmp_path: Path) -> None:
    space = workspace(served, tmp_path)

    async def scenario() -> None:
        await space.sync()
        main = await space.resolve("main")
        first = await commit_on(space, main, "one")
        await space.push(first, "harness/1", None)
        assert served.local.forge("ada").remote()
        second = await commit_on(space, first, "two")
        await space.push(second, "harness/1", first)
        await space.push(second, "harness/1", first)  # a lost answer: it is there already
        await space.sync()
        assert await space.resolve("harness/1") == second
        with pytest.raises(Conflict):
            await space.push(await commit_on(space, main, "three"), "harness/1", first)

    asyncio.run(scenario())
    seen = (tmp_path / "seen.txt").read_text()
    assert "push --quiet" in seen
    assert "GIT_ASKPASS=" in seen
    assert TOKEN not in seen
    assert TOKEN not in served.logs()
    ours = [tmp_path / "ours", tmp_path / "credentials"]
    files = [path for folder in ours for path in folder.rglob("*") if path.is_file()]
    holders = [path for path in files if TOKEN.encode() in path.read_bytes()]
    assert holders == []
    halves = list((tmp_path / "credentials").rglob("token-*"))
    assert [path.stat().st_mode & 0o777 for path in halves] == [0o600]


def test_a_bad_token_is_forbidden_and_not_told(served: Served, tmp_path: Path) -> None:
    wrong = TOKEN.replace("canary", "wrongs")
    space = workspace(served, tmp_path, wrong)
    with pytest.raises(Forbidden) as caught:
        asyncio.run(space.sync())
    assert wrong not in told(caught.value)


def test_a_hooks_refusal_is_told_in_its_words(served: Served, tmp_path: Path) -> None:
    hook = served.local.bare / "hooks" / "pre-receive"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text("#!/bin/sh\necho 'no pushes on Fridays' >&2\nexit 1\n")
    hook.chmod(0o755)
    space = workspace(served, tmp_path)

    async def scenario() -> None:
        await space.sync()
        made = await commit_on(space, await space.resolve("main"), "one")
        await space.push(made, "harness/1", None)

    with pytest.raises(GitError) as caught:
        asyncio.run(scenario())
    assert caught.value.key == "git.push_rejected"
    assert "pre-receive hook declined" in told(caught.value)
    assert TOKEN not in told(caught.value)


def told(error: HarnessError) -> str:
    return f"{error} {error.facts} {error.__cause__}"
