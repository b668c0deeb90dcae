"""GitHub's people, permissions and files through a scripted wire."""

from __future__ import annotations

import base64
from typing import Any

import pytest

from harness.core.errors import Conflict, Forbidden, NotFound, Unavailable, UsageError
from harness.core.forge_types import Actor, Permission
from harness.forge.github.forge import GithubForge
from harness.forge.github.repository import checked_branch
from tests.forge.github.fake import (
    EARLY,
    NAME,
    RENAMED,
    SHA,
    FakeWire,
    StillClock,
    conflict,
    forbidden,
    forge_of,
    issue,
    missing,
    ref,
    repository,
    user,
)

BAD_BRANCHES = ["", "-x", "a..b", "a b", "a:b", "a^", "a~1", "x.lock", "a/.b", "a//b", "a/", "@{x"]


# -- who


async def test_a_person_and_an_app_know_who_they_are() -> None:
    wire = FakeWire()
    assert await forge_of(wire).me() == Actor(id=7, login="worker")
    wire.on("GET", "/user", forbidden())
    wire.on("GRAPHQL", "Viewer", {"viewer": {"login": "our-app[bot]"}})
    wire.on("GET", "/users/our-app%5Bbot%5D", user(9, "our-app[bot]", "Bot"))
    me = Actor(id=9, login="our-app[bot]", kind="bot")
    forge = forge_of(wire)
    assert await forge.me() == me
    asked = len(wire.sent)
    await forge.me()
    assert len(wire.sent) == asked
    wire.on(
        "GET", "/user", Forbidden("github.token_refused", status=401, message="Bad credentials")
    )
    with pytest.raises(Forbidden):
        await forge_of(wire).me()
    assert wire.sent[-1][1] == "/user"
    wire.on("GET", "/user", forbidden())
    wire.on("GRAPHQL", "Viewer", forbidden())
    wire.on("GET", "/app", {"slug": "our-app"})
    assert await forge_of(wire).me() == me


@pytest.mark.parametrize(
    ("answer", "found"),
    [
        ({"permission": "admin", "role_name": "admin", "user": user(3, "ada")}, "admin"),
        ({"permission": "write", "role_name": "maintain", "user": user(3, "ada")}, "maintain"),
        ({"permission": "write", "role_name": "release crew", "user": user(3, "ada")}, "write"),
        ({"permission": "read", "role_name": "triage", "user": user(3, "ada")}, "triage"),
        ({"permission": "read", "role_name": "admin", "user": user(3, "ada")}, "read"),
        ({"permission": "write", "user": user(4, "ada")}, "none"),
        ({"permission": "write", "user": None}, "none"),
        ({"permission": "owner", "user": user(3, "ada")}, "none"),
        ({"permission": "write", "user": {**user(3, "ada"), "suspended_at": EARLY}}, "none"),
        ([], "none"),
        (missing(), "none"),
    ],
)
async def test_a_permission_is_the_ids_not_the_logins(answer: Any, found: str) -> None:
    wire = FakeWire()
    wire.on("GET", "/collaborators/ada/permission", answer)
    told = await forge_of(wire).permission(Actor(id=3, login="ada"))
    assert told == Permission(found)


async def test_nobody_has_no_permission_and_an_error_is_no_answer() -> None:
    wire = FakeWire()
    ask = forge_of(wire).permission
    for login in ("", "../../user", "a/b", "a b", "x" * 200):
        assert await ask(Actor(id=3, login=login)) is Permission.NONE
    assert wire.sent == []
    everyone = {"permission": "admin", "user": user(0, "ghost")}
    wire.on("GET", "/collaborators/ghost/permission", everyone)
    assert await ask(Actor(id=0, login="ghost")) is Permission.NONE
    for fault in (forbidden(), Unavailable("github.unavailable", why="x")):
        wire.on("GET", "/collaborators/ada/permission", fault)
        with pytest.raises((Forbidden, Unavailable)):
            await ask(Actor(id=3, login="ada"))


async def test_a_repository_that_took_over_the_name_is_refused() -> None:
    wire = FakeWire()
    forge = forge_of(wire)
    await forge.repository()
    wire.on("GET", "", repository(name="acme/renamed"))
    assert (await forge.repository()).name == "acme/renamed"
    wire.on("GET", "", repository(number=2))
    with pytest.raises(Conflict, match="other_repository"):
        await forge.repository()
    for bad in ("acme", "../x/y", "acme/app.git", "acme/..", "a b/c"):
        with pytest.raises(UsageError):
            GithubForge(wire, bad, StillClock())


async def test_no_write_follows_a_repository_to_another_name() -> None:
    """Whether it is the one that was registered is for the door to say."""
    wire = FakeWire()
    moved = NotFound("github.moved", status=307, message="Moved Permanently")
    wire.on("GET", "/issues/1", issue(1), issue(1))
    wire.on("GRAPHQL", "Edited", {"nodes": []})
    wire.on("PATCH", "/issues/1", moved)
    forge = forge_of(wire)
    await forge.repository()
    wire.on("GET", "", repository(name=RENAMED))
    with pytest.raises(NotFound, match="moved"):
        await forge.close(1)
    assert [path for verb, path, _ in wire.sent if verb == "PATCH"] == ["/issues/1"]
    assert wire.named == [NAME]


def test_git_gets_its_address_and_what_it_needs_beside_it() -> None:
    forge = GithubForge(FakeWire(), NAME, StillClock(), lambda: {"A": "1"}, "https://ghe.test/")
    remote = forge.remote()
    assert (remote.url, remote.env) == (f"https://ghe.test/{NAME}.git", {"A": "1"})


# -- files


async def test_a_file_is_read_at_any_size_and_a_missing_ref_is_told_from_a_missing_file() -> None:
    wire = FakeWire()
    content = base64.b64encode(b"hello\n").decode()
    wire.on(
        "GET", "/contents/a%20dir/x.md", {"type": "file", "encoding": "base64", "content": content}
    )
    wire.on("GET", "/contents/big", {"type": "file", "encoding": "none", "content": "", "sha": SHA})
    wire.on("GET", f"/git/blobs/{SHA}", {"encoding": "base64", "content": content})
    wire.on("GET", "/contents/dir", [])
    wire.on("GET", "/contents/link", {"type": "symlink", "target": "/etc/passwd"})
    wire.on("GET", "/commits/main", {"sha": SHA})
    wire.on("GET", "/commits/no%2Fref", conflict("No commit found for SHA: no/ref"))
    file_at = forge_of(wire).file_at
    assert await file_at("main", "a dir/x.md") == b"hello\n"
    assert await file_at("main", "big") == b"hello\n"
    for nothing in ("dir", "link", "missing"):
        assert await file_at("main", nothing) is None
    with pytest.raises(NotFound, match="no_ref"):
        await file_at("no/ref", "x")


# -- permissions


def allowed(wire: FakeWire) -> None:
    """A token that may do all of it."""
    wire.on("GET", "/git/ref/heads/main", ref("heads/main", SHA))
    wire.on("POST", "/issues", conflict())
    wire.on("POST", "/labels", {})
    wire.on("POST", "/pulls", conflict("No commits between main and main"))
    wire.on("GET", "/commits/main/check-runs", {"check_runs": []})
    wire.on("POST", "/check-runs", conflict("No commit found for SHA"))
    wire.on("POST", f"/statuses/{'0' * 40}", conflict("No commit found for SHA"))
    wire.on("GET", "/actions/runs", {"workflow_runs": []})
    wire.on("POST", "/git/refs", {})


class Probed(FakeWire):
    """Probes have names of chance: any is deleted."""

    refuse = ""

    def _next(self, verb: str, tail: str, body: Any) -> Any:
        if self.refuse and (verb, tail) == tuple(self.refuse.split(" ")):
            raise forbidden("issues=write")
        if verb == "DELETE":
            return None
        return super()._next(verb, tail, body)


@pytest.mark.parametrize(
    ("asked", "name", "needed"),
    [
        ("", "", set[str]()),
        ("POST /git/refs", "Contents: write", {"Contents: write"}),
        ("POST /issues", "Issues: write", {"Issues: write"}),
        ("POST /labels", "Issues: write", {"Issues: write"}),
        ("POST /pulls", "Pull requests: write", {"Pull requests: write"}),
        ("GET /commits/main/check-runs", "Checks: read", set[str]()),
        ("POST /check-runs", "Checks: write", set[str]()),
        (f"POST /statuses/{'0' * 40}", "Commit statuses: write", set[str]()),
        ("GET /actions/runs", "Actions: read", set[str]()),
        ("POST /actions/jobs/0/rerun", "Actions: write", set[str]()),
    ],
)
async def test_each_permission_that_lacks_is_named(asked: str, name: str, needed: set[str]) -> None:
    wire = Probed()
    allowed(wire)
    wire.refuse = asked
    told = await forge_of(wire).powers()
    assert len(told) == 9
    lacking = [power for power in told if power.ok is not True]
    assert [power.name for power in lacking] == ([name] if name else [])
    assert all("issues=write" in power.why for power in lacking)
    assert {power.name for power in lacking if power.needed} == needed
    made = [(v, p) for v, p, b in wire.writes() if p == "/git/refs" or p == "/labels"]
    undone = [p for v, p, _ in wire.writes() if v == "DELETE"]
    if not asked:
        assert len(made) == len(undone) == 2


async def test_a_token_that_sees_no_repository_is_asked_nothing_more() -> None:
    wire = FakeWire()
    wire.on("GET", "", missing())
    (power,) = await forge_of(wire).powers()
    assert (power.name, power.ok, power.needed) == ("Metadata: read", False, True)
    assert wire.writes() == []


@pytest.mark.parametrize(
    "bad",
    ["", "-x", "a..b", "a b", "a:b", "a^", "a~1", "x.lock", "a/.b", "a//b", "a/", "@{x", "a\n"],
)
def test_a_branch_that_git_would_not_take_is_not_asked_for(bad: str) -> None:
    with pytest.raises(NotFound):
        checked_branch(bad)
    assert checked_branch("harness/17-fix_it.2") == "harness/17-fix_it.2"
