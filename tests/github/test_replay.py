"""What GitHub really said, as PyGithub's authors recorded it: our mapping reads it, our wire takes
its 304, its redirects, its pages, its refusals."""

from __future__ import annotations

import random
import re
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from harness.core.errors import Forbidden, HarnessError, Unavailable
from harness.forge.github import map as mapped
from harness.forge.github import map_pulls as shaped
from harness.forge.github.auth import AppAuth, TokenAuth
from harness.forge.github.client import GithubClient
from harness.forge.github.graphql_queries import READY
from harness.system.redact import Redactor
from tests.github.clock import JumpClock
from tests.github.keys import pem
from tests.github.replay import everything, recorded, replaying

REPO = r"/(?:repos/[^/]+/[^/]+|repositories/\d+)"
SHA = "0" * 40
READERS: Mapping[str, tuple[Callable[[Any], object], int]] = {
    rf"{REPO}/issues(/\d+)?": (lambda d: mapped.issue(d, None), 600),
    rf"{REPO}/pulls(/\d+)?": (lambda d: shaped.pull(d), 60),
    rf"{REPO}/issues/(\d+/comments|comments/\d+)": (lambda d: mapped.comment(d, None), 36),
    rf"{REPO}/pulls/\d+/reviews(/\d+)?": (lambda d: shaped.review(d), 8),
    rf"{REPO}/commits/[^/]+/check-runs": (lambda d: shaped.check_run(d), 20),
    rf"{REPO}/check-runs/\d+": (lambda d: shaped.check_run(d), 8),
    rf"{REPO}/statuses/[0-9a-f]+": (lambda d: shaped.statuses([d], SHA), 4),
    rf"{REPO}/issues/\d+/(timeline|events)": (lambda d: mapped.timeline([d]), 20),
    rf"{REPO}/collaborators/[^/]+/permission": (lambda d: shown(d), 2),
    REPO: (lambda d: mapped.repository(d), 170),
    r"/user|/users/[^/]+": (lambda d: mapped.actor(d), 140),
}
"""Path -> how we read one payload of it, and how many there are at least."""


def shown(data: dict[str, Any]) -> object:
    return mapped.permission(data, mapped.actor(data["user"]))


def is_whole(data: object) -> bool:
    """Not cut to its id by a test that wanted no more, and not of a time (before 2013) when a
    repository had no `default_branch`."""
    if not isinstance(data, dict) or set(data) == {"id"}:
        return False
    return not ({"full_name", "watchers"} & set(data)) or "default_branch" in data


def payloads(data: object) -> list[Any]:
    if isinstance(data, dict) and "check_runs" in data:
        data = data["check_runs"]
    return [one for one in (data if isinstance(data, list) else [data]) if is_whole(one)]


def test_every_recorded_payload_of_a_kind_we_read_becomes_a_value() -> None:
    read: Counter[str] = Counter()
    for one in everything():
        if one.status not in (200, 201) or one.body.startswith("b'"):
            continue
        for pattern, (reader, _) in READERS.items():
            if re.fullmatch(pattern, one.path.partition("?")[0]):
                for data in payloads(one.json()):
                    envelope = "reviews" in pattern and not data["body"]
                    skipped = data.get("state") in ("DISMISSED", "PENDING") or envelope
                    assert skipped or reader(data) is not None
                    read[pattern] += 1
    few = {p: read[p] for p, (_, least) in READERS.items() if read[p] < least}
    assert not few, few


Work = Callable[[GithubClient], Awaitable[None]]


async def through(url: str, folder: Path, work: Work) -> JumpClock:
    """Some work over the real wire, on a clock that jumps."""
    clock = JumpClock()
    wire = GithubClient(
        TokenAuth(lambda: "recorded_token", Redactor()), base_url=url, clock=clock,
        state=folder, jitter=random.Random(1),
    )  # fmt: skip
    try:
        await work(wire)
    finally:
        await wire.close()
    return clock


async def test_a_recorded_304_is_taken_from_what_was_kept(tmp_path: Path) -> None:
    path = "/repos/akfish/PyGithub"

    async def work(wire: GithubClient) -> None:
        seen = [mapped.repository(await wire.get(path)) for _ in range(3)]
        assert seen[0] == seen[1]
        assert seen[0].name == "akfish/PyGithub"
        assert wire.limits().unchanged == 1

    names = [f"ConditionalRequestUpdate.{name}" for name in ("setUp", "testDidNotUpdate",
                                                            "testDidUpdate")]  # fmt: skip
    with replaying(*names) as replay:
        await through(replay.url, tmp_path, work)
        tags = [headers.get("if-none-match") for _, _, headers in replay.asked]
    assert tags[0] is None
    assert tags[1] == dict(recorded(names[0])[0].headers)["etag"]


async def test_recorded_pages_and_a_redirect_are_followed(tmp_path: Path) -> None:
    async def work(wire: GithubClient) -> None:
        found = await wire.pages("/repos/openframeworks/openFrameworks/issues")
        assert len({issue["id"] for issue in found}) == len(found) > 300

    with replaying("PaginatedList.setUp", "PaginatedList.testIteration") as replay:
        await through(replay.url, tmp_path, work)
        assert len(replay.asked) > 3

    async def moved(wire: GithubClient) -> None:
        assert len(await wire.get("/repos/twbs/bootstrap/contents/js/")) > 1

    with replaying("Issue174.testGetDirContentsWithHttpRedirect") as replay:
        await through(replay.url, tmp_path, moved)
        assert replay.asked[-1][1].startswith("/repositories/")


@pytest.mark.parametrize(
    ("name", "path", "error", "words"),
    [
        (
            "Repository.testCollaboratorPermissionNoPushAccess",
            "/repos/PyGithub/PyGithub/collaborators/lyloa/permission",
            Forbidden,
            "Must have push access",
        ),
        ("SpecificExceptions.testRateLimitExceeded", "/users/jacquev6", Unavailable, ""),
    ],
)
async def test_a_recorded_403_is_what_it_was(
    tmp_path: Path, name: str, path: str, error: type[HarnessError], words: str
) -> None:
    async def work(wire: GithubClient) -> None:
        for _ in range(20):
            await wire.get(path)

    with replaying(name) as replay, pytest.raises(error) as caught:
        await through(replay.url, tmp_path, work)
    assert words in str(caught.value)


async def test_recorded_server_errors_are_asked_again(tmp_path: Path) -> None:
    async def work(wire: GithubClient) -> None:
        assert mapped.repository(await wire.get("/repos/PyGithub/PyGithub")).id == 3544490

    with replaying("Retry.testReturnsRepoAfter1Retry") as replay:
        clock = await through(replay.url, tmp_path, work)
        assert len(replay.asked) == 2
    assert clock.waited


async def test_a_recorded_merge_and_a_draft_made_ready(tmp_path: Path) -> None:
    merges = recorded("PullRequest.testMerge")
    path = next(one.path for one in merges if one.method == "PUT")

    async def work(wire: GithubClient) -> None:
        done = await wire.send("PUT", path, {"sha": SHA})
        assert (done["merged"], len(done["sha"])) == (True, 40)
        data = await wire.graphql(READY, {"pull": "PR_x"}, write=True)
        assert data["markPullRequestReadyForReview"]["pullRequest"] == {"isDraft": False}

    with replaying("PullRequest.testMerge", "PullRequest.testMarkReadyForReview") as replay:
        await through(replay.url, tmp_path, work)


async def test_an_expired_signature_of_an_app_is_refused_in_githubs_words(tmp_path: Path) -> None:
    """The recorded answer, at the path where our own App asks."""
    (refusal,) = recorded("GithubIntegration.testGetInstallationWithExpiredJWT")
    clock = JumpClock()

    async def scenario(url: str) -> None:
        auth = AppAuth(1, pem, "GithubApp-Test-Org/x", clock=clock, redactor=Redactor())
        wire = GithubClient(auth, base_url=url, clock=clock, state=tmp_path)
        try:
            with pytest.raises(Forbidden) as caught:
                await wire.get("/repos/GithubApp-Test-Org/x")
            assert "'Expiration time' claim" in str(caught.value)
            assert "PRIVATE KEY" not in str(caught.value)
        finally:
            await wire.close()

    at = ("GET", "/repos/GithubApp-Test-Org/x/installation")
    with replaying(extra={at: refusal}) as replay:
        await scenario(replay.url)
        assert replay.asked[0][2]["authorization"].startswith("Bearer ey")
