"""GitHub's side of a Wire, scripted: answers by verb and path, and what was sent. A request
outside the adapter's surface fails the test."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final, Literal

from harness.core.errors import Conflict, Forbidden, Lost, NotFound
from harness.core.forge_types import ForgeLimits
from harness.forge.github.forge import GithubForge

NAME: Final = "acme/app"
RENAMED: Final = "acme/renamed"
START: Final = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
EARLY: Final = "2026-01-01T00:00:00Z"
LATE: Final = "2026-01-01T00:05:00Z"
SHA: Final = "a" * 40
OTHER: Final = "b" * 40

READS: Final = frozenset({
    "",
    "/actions/jobs/{}",
    "/actions/jobs/{}/logs",
    "/actions/runs",
    "/actions/runs/{}/jobs",
    "/branches/{}",
    "/branches/{}/protection",
    "/check-runs/{}",
    "/check-runs/{}/annotations",
    "/collaborators/{}/permission",
    "/commits/{}",
    "/commits/{}/check-runs",
    "/commits/{}/statuses",
    "/contents/{}",
    "/git/blobs/{}",
    "/git/commits/{}",
    "/git/ref/harness/lease/{}",
    "/git/ref/heads/{}",
    "/issues",
    "/issues/comments/{}",
    "/issues/{}",
    "/issues/{}/comments",
    "/issues/{}/dependencies/blocked_by",
    "/issues/{}/sub_issues",
    "/issues/{}/timeline",
    "/pulls",
    "/pulls/{}",
    "/pulls/{}/comments",
    "/pulls/{}/reviews",
    "/rules/branches/{}",
})  # fmt: skip
"""What is read below /repos/{owner}/{name}."""
ABOUT_US: Final = frozenset({"/user", "/users/{}", "/app"})
WRITES: Final = frozenset({
    ("POST", "/actions/jobs/0/rerun"),
    ("POST", "/actions/jobs/{}/rerun"),
    ("POST", "/check-runs"),
    ("PATCH", "/check-runs/{}"),
    ("POST", "/check-runs/{}/rerequest"),
    ("POST", "/git/commits"),
    ("POST", "/git/refs"),
    ("PATCH", "/git/refs/harness/lease/{}"),
    ("DELETE", "/git/refs/harness/probe/{}"),
    ("DELETE", "/git/refs/heads/{}"),
    ("POST", "/issues"),
    ("PATCH", "/issues/{}"),
    ("POST", "/issues/{}/comments"),
    ("PATCH", "/issues/comments/{}"),
    ("POST", "/issues/{}/labels"),
    ("DELETE", "/issues/{}/labels/{}"),
    ("POST", "/labels"),
    ("DELETE", "/labels/{}"),
    ("POST", "/pulls"),
    ("PATCH", "/pulls/{}"),
    ("PATCH", "/pulls/comments/{}"),
    ("POST", "/pulls/{}/comments/{}/replies"),
    ("PUT", "/pulls/{}/merge"),
    ("POST", "/pulls/{}/requested_reviewers"),
    ("POST", "/statuses/{}"),
})  # fmt: skip
"""All that is written. No hook, key, secret, member, setting, workflow or release; no review; no
ref moved but a lease; nothing deleted but a branch of ours, a label on an issue, and probes."""
MUTATIONS: Final = frozenset({
    "markPullRequestReadyForReview",
    "resolveReviewThread",
    "enqueuePullRequest",
    "enablePullRequestAutoMerge",
})  # fmt: skip


def _pattern(template: str) -> re.Pattern[str]:
    # a branch and a file's path may hold slashes
    one = ".+" if "/heads/" in template or "/contents/" in template else "[^/]+"
    return re.compile(one.join(re.escape(part) for part in template.split("{}")))


_ALLOWED: Final = [
    *(("GET", _pattern(f"/repos/{NAME}{tail}")) for tail in READS),
    *(("GET", _pattern(path)) for path in ABOUT_US),
    *((verb, _pattern(f"/repos/{NAME}{tail}")) for verb, tail in WRITES),
]


class FakeWire:
    """Answers as scripted; a list of answers is given one by one, the last one for ever."""

    def __init__(self) -> None:
        self.answers: dict[tuple[str, str], Any] = {}
        self.sent: list[tuple[str, str, Any]] = []
        self.named: list[str] = []
        """The names the repository was called by."""
        self.on("GET", "/user", user(7, "worker"))
        self.on("GET", "", repository())

    def on(self, verb: str, path: str, *answers: Any) -> None:
        """`path` is below the repository's, but for /user, /users and /app."""
        self.answers[verb, path] = deque(answers)

    def writes(self) -> list[tuple[str, str, Any]]:
        """What was written, in order."""
        return [one for one in self.sent if one[0] not in ("GET", "QUERY")]

    def _answer(self, verb: str, path: str, body: Any) -> Any:
        plain = path.replace(f"/repos/{RENAMED}", f"/repos/{NAME}")
        assert any(verb == v and p.fullmatch(plain) for v, p in _ALLOWED), f"{verb} {path}"
        name = RENAMED if path.startswith(f"/repos/{RENAMED}") else NAME
        tail = path.removeprefix(f"/repos/{name}")
        self.named = list(dict.fromkeys([*self.named, name]))
        self.sent.append((verb, tail, body))
        return self._next(verb, tail, body)

    def _next(self, verb: str, tail: str, body: Any) -> Any:
        if (verb, tail) not in self.answers:
            raise NotFound("github.not_found", status=404, message=f"no {verb} {tail}")
        answers = self.answers[verb, tail]
        answer = answers.popleft() if len(answers) > 1 else answers[0]
        if isinstance(answer, Exception):
            raise answer
        return answer(body) if callable(answer) else answer

    async def get(self, path: str, **params: str | int) -> Any:
        return self._answer("GET", path, params)

    async def pages(
        self, path: str, *, most: int = 10_000, key: str = "", **params: str | int
    ) -> list[Any]:
        found = self._answer("GET", path, {"most": most, **params})
        return list(found[key] if key else found)[:most]

    async def send(
        self,
        verb: Literal["POST", "PATCH", "PUT", "DELETE"],
        path: str,
        body: Mapping[str, Any] | None = None,
    ) -> Any:
        return self._answer(verb, path, body)

    async def graphql(
        self, query: str, variables: Mapping[str, Any], *, write: bool = False
    ) -> Any:
        name = query.split()[1].split("(")[0]
        assert write == query.split()[0].startswith("mutation")
        self.sent.append(("MUTATION" if write else "QUERY", name, dict(variables)))
        return self._next("GRAPHQL", name, dict(variables))

    async def text(self, path: str, *, limit: int = 2_000_000) -> str:
        return str(self._answer("GET", path, {}))

    def limits(self) -> ForgeLimits:
        return ForgeLimits(remaining=4999, limit=5000)

    async def close(self) -> None:
        """Nothing is open."""


class StillClock:
    """The same moment until it is told otherwise."""

    def __init__(self, now: datetime = START) -> None:
        self.at = now

    def now(self) -> datetime:
        return self.at

    def monotonic(self) -> float:
        return self.at.timestamp()

    async def sleep(self, seconds: float) -> None:
        raise AssertionError("the adapter does not wait")


def forge_of(wire: FakeWire, clock: StillClock | None = None) -> GithubForge:
    return GithubForge(wire, NAME, clock or StillClock())


# -- refusals


def conflict(message: str = "Validation Failed", status: int = 422) -> Conflict:
    return Conflict("github.conflict", status=status, message=message, errors="[]")


def forbidden(accepted: str = "-") -> Forbidden:
    said = "Resource not accessible by personal access token"
    return Forbidden("github.forbidden", status=403, message=said, accepted=accepted)


def missing() -> NotFound:
    return NotFound("github.not_found", status=404, message="Not Found")


def lost() -> Lost:
    return Lost("github.lost", why="cut")


# -- payloads


def user(number: int, login: str, kind: str = "User") -> dict[str, Any]:
    return {"id": number, "login": login, "type": kind}


def repository(number: int = 1, name: str = NAME) -> dict[str, Any]:
    return {"id": number, "full_name": name, "default_branch": "main", "private": True}


def issue(number: int, *, at: str = EARLY, **changes: Any) -> dict[str, Any]:
    return {
        "number": number,
        "node_id": f"I_{number}",
        "title": f"Issue {number}",
        "body": "text",
        "user": user(3, "ada"),
        "state": "open",
        "labels": [],
        "repository_url": f"https://api.github.com/repos/{NAME}",
        "created_at": EARLY,
        "updated_at": at,
        **changes,
    }


def comment(number: int, body: str, author: int = 7, **changes: Any) -> dict[str, Any]:
    return {
        "id": number,
        "node_id": f"C_{number}",
        "body": body,
        "user": user(author, "worker"),
        "created_at": EARLY,
        "updated_at": EARLY,
        **changes,
    }


def pull(number: int, head: str = "fix", **changes: Any) -> dict[str, Any]:
    return {
        "number": number,
        "node_id": f"PR_{number}",
        "title": "Fix it",
        "body": "text",
        "user": user(7, "worker"),
        "state": "open",
        "draft": False,
        "head": {"ref": head, "sha": SHA, "repo": {"id": 1}},
        "base": {"ref": "main", "sha": OTHER, "repo": {"id": 1}},
        "mergeable": True,
        "merged_at": None,
        "merge_commit_sha": None,
        "created_at": EARLY,
        "updated_at": EARLY,
        **changes,
    }


def ref(name: str, sha: str) -> dict[str, Any]:
    return {"ref": f"refs/{name}", "object": {"sha": sha, "type": "commit"}}
