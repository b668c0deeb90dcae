"""What GitHub says about things: whole payloads, every field its description asks for."""

from __future__ import annotations

import zlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from harness.core.forge_types import Actor, Issue, Permission, TimelineEvent

_USER_LINKS = (
    "followers", "following", "gists", "starred", "subscriptions", "organizations", "repos",
    "events", "received_events",
)  # fmt: skip
_REPO_LINKS = {
    "archive": "{archive_format}{/ref}", "assignees": "{/user}", "blobs": "", "branches": "",
    "collaborators": "", "comments": "", "commits": "", "compare": "", "contents": "",
    "contributors": "", "deployments": "", "downloads": "", "events": "", "forks": "",
    "git_commits": "", "git_refs": "", "git_tags": "", "hooks": "", "issue_comment": "",
    "issue_events": "", "issues": "", "keys": "", "labels": "", "languages": "", "merges": "",
    "milestones": "", "notifications": "", "pulls": "", "releases": "", "stargazers": "",
    "statuses": "", "subscribers": "", "subscription": "", "tags": "", "teams": "", "trees": "",
}  # fmt: skip
ROLE = {Permission.NONE: "", Permission.READ: "read", Permission.TRIAGE: "triage",
        Permission.WRITE: "write", Permission.MAINTAIN: "maintain",
        Permission.ADMIN: "admin"}  # fmt: skip
OLD = {Permission.NONE: "none", Permission.READ: "read", Permission.TRIAGE: "read",
       Permission.WRITE: "write", Permission.MAINTAIN: "write",
       Permission.ADMIN: "admin"}  # fmt: skip


def stamp(when: datetime | None) -> str | None:
    """Whole seconds, as GitHub has them."""
    return None if when is None else when.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def number_of(text: str) -> int:
    """A steady number for something that has none here."""
    return zlib.crc32(text.encode()) or 1


@dataclass(frozen=True)
class View:
    """Payloads as one server at `api` shows them; `web` is where people look."""

    api: str
    web: str

    def user(self, actor: Actor) -> dict[str, Any]:
        url = f"{self.api}/users/{actor.login}"
        links = {f"{name}_url": f"{url}/{name}" for name in _USER_LINKS}
        return {
            "login": actor.login,
            "id": actor.id,
            "node_id": f"U_{actor.id}",
            "avatar_url": f"{self.web}/avatars/{actor.id}",
            "gravatar_id": "",
            "url": url,
            "html_url": f"{self.web}/{actor.login}",
            **links,
            "type": "Bot" if actor.kind == "bot" else "User",
            "user_view_type": "public",
            "site_admin": False,
        }

    def account(self, actor: Actor) -> dict[str, Any]:
        """A user on its own page."""
        empty = dict.fromkeys(("name", "company", "location", "email", "hireable", "bio"))
        return {
            **self.user(actor),
            **empty,
            "blog": "",
            "public_repos": 1,
            "public_gists": 0,
            "followers": 0,
            "following": 0,
            "created_at": "2020-01-01T00:00:00Z",
            "updated_at": "2020-01-01T00:00:00Z",
        }

    def owner(self, repo: str) -> dict[str, Any]:
        login = repo.split("/")[0]
        return self.user(Actor(id=number_of(login), login=login))

    def repository(self, repo: str, number: int, branch: str, at: datetime) -> dict[str, Any]:
        url, web = f"{self.api}/repos/{repo}", f"{self.web}/{repo}"
        links = {f"{name}_url": f"{url}/{name}{tail}" for name, tail in _REPO_LINKS.items()}
        counts = ("forks", "forks_count", "open_issues", "open_issues_count", "size", "watchers",
                  "stargazers_count", "watchers_count")  # fmt: skip
        has = ("issues", "projects", "wiki", "downloads", "pages", "discussions")
        return {
            "id": number,
            "node_id": f"R_{number}",
            "name": repo.split("/")[1],
            "full_name": repo,
            "owner": self.owner(repo),
            "private": True,
            "visibility": "private",
            "html_url": web,
            "description": None,
            "fork": False,
            "url": url,
            **links,
            "git_url": f"git://{web.partition('://')[2]}.git",
            "ssh_url": f"git@github.test:{repo}.git",
            "clone_url": f"{web}.git",
            "svn_url": web,
            **dict.fromkeys(("homepage", "language", "mirror_url", "license")),
            **dict.fromkeys(counts, 0),
            **{f"has_{name}": name == "issues" for name in has},
            "archived": False,
            "disabled": False,
            "default_branch": branch,
            "topics": [],
            "created_at": stamp(at),
            "updated_at": stamp(at),
            "pushed_at": stamp(at),
        }

    def label(self, repo: str, name: str) -> dict[str, Any]:
        number = number_of(f"{repo}/{name}")
        return {
            "id": number,
            "node_id": f"LA_{number}",
            "url": f"{self.api}/repos/{repo}/labels/{name}",
            "name": name,
            "description": None,
            "color": "ededed",
            "default": False,
        }

    def milestone(self, repo: str, title: str) -> dict[str, Any]:
        number = number_of(title) % 100 + 1
        url = f"{self.api}/repos/{repo}/milestones/{number}"
        return {
            "url": url,
            "html_url": f"{self.web}/{repo}/milestone/{number}",
            "labels_url": f"{url}/labels",
            "id": number,
            "node_id": f"MI_{number}",
            "number": number,
            "state": "open",
            "title": title,
            "description": None,
            "creator": None,
            "open_issues": 1,
            "closed_issues": 0,
            "created_at": "2020-01-01T00:00:00Z",
            "updated_at": "2020-01-01T00:00:00Z",
            "closed_at": None,
            "due_on": None,
        }

    def issue(self, repo: str, number: int, issue: Issue, people: Iterable[Actor],
              comments: int = 0) -> dict[str, Any]:  # fmt: skip
        """`number` is the repository's, `people` who is assigned."""
        url = f"{self.api}/repos/{repo}/issues/{issue.number}"
        assigned = [self.user(person) for person in people]
        return {
            "id": number * 1_000_000 + issue.number,
            "node_id": f"I_{number}_{issue.number}",
            "url": url,
            "repository_url": f"{self.api}/repos/{repo}",
            "labels_url": f"{url}/labels{{/name}}",
            "comments_url": f"{url}/comments",
            "events_url": f"{url}/events",
            "html_url": f"{self.web}/{repo}/issues/{issue.number}",
            "number": issue.number,
            "state": issue.state,
            "state_reason": issue.state_reason,
            "title": issue.title,
            "body": issue.body or None,
            "user": self.user(issue.author),
            "labels": [self.label(repo, name) for name in issue.labels],
            "assignee": assigned[0] if assigned else None,
            "assignees": assigned,
            "milestone": self.milestone(repo, issue.milestone) if issue.milestone else None,
            "locked": issue.locked,
            "active_lock_reason": None,
            "comments": comments,
            "closed_at": stamp(issue.updated_at) if issue.state == "closed" else None,
            "created_at": stamp(issue.created_at),
            "updated_at": stamp(issue.updated_at),
            "closed_by": None,
            "author_association": "NONE",
        }

    def event(self, repo: str, event: TimelineEvent) -> dict[str, Any]:
        """An entry of a timeline, without what its kind adds."""
        return {
            "id": event.id,
            "node_id": f"EV_{event.id}",
            "url": f"{self.api}/repos/{repo}/issues/events/{event.id}",
            "actor": self.user(event.actor),
            "event": event.kind,
            "commit_id": None,
            "commit_url": None,
            "created_at": stamp(event.at),
            "performed_via_github_app": None,
        }
