"""GitHub's payloads as people, repositories, issues and events. Pure; nothing in a payload is
trusted: an unknown word becomes the careful one, and a payload without what makes it a thing is
an error."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Final

from harness.core.forge_types import Actor, Comment, Issue, Permission, Repository, TimelineEvent
from harness.forge.github_payload import Data, moment, odd, part, parts, text, when, whole

NOBODY: Final = Actor(id=0, login="ghost")
"""A deleted account. Its id is nobody's, so nothing can be allowed to it."""


# -- people


def actor(data: object) -> Actor:
    """A REST account; a deleted one is NOBODY."""
    if not isinstance(data, dict) or not isinstance(data.get("id"), int):
        return NOBODY
    bot = data.get("type") == "Bot" or text(data, "login").endswith("[bot]")
    return Actor(id=data["id"], login=text(data, "login"), kind="bot" if bot else "user")


def graphql_actor(data: object) -> Actor:
    """A GraphQL account. Bots go there without the "[bot]" that REST gives them."""
    if not isinstance(data, dict) or not isinstance(data.get("databaseId"), int):
        return NOBODY
    login, bot = text(data, "login"), data.get("__typename") == "Bot"
    if bot and not login.endswith("[bot]"):
        login += "[bot]"
    return Actor(id=data["databaseId"], login=login, kind="bot" if bot else "user")


def permission(data: Data, asked: Actor) -> Permission:
    """What `asked` may do by the answer about its login; nothing when the login has changed hands
    or its owner is suspended. A role of one's own counts as the plain permission it is built on."""
    user = part(data, "user")
    if not asked.id or user.get("id") != asked.id or user.get("suspended_at"):
        return Permission.NONE
    said, role = text(data, "permission"), text(data, "role_name")
    plain = {"admin": Permission.ADMIN, "write": Permission.WRITE, "read": Permission.READ}
    found = plain.get(said, Permission.NONE)
    if found is Permission.WRITE and role == "maintain":
        return Permission.MAINTAIN
    if found is Permission.READ and role == "triage":
        return Permission.TRIAGE
    return found


# -- the repository and its issues


def repository(data: Data) -> Repository:
    """What it is called now, and the id it keeps."""
    name, branch = text(data, "full_name"), text(data, "default_branch")
    if not name or not branch:
        raise odd("no repository")
    return Repository(
        id=whole(data, "id"),
        name=name,
        default_branch=branch,
        private=data.get("private") is not False,
    )


def is_pull(data: Data) -> bool:
    """Whether an item of a list of issues is a pull request."""
    return data.get("pull_request") is not None


def waits(data: Data) -> bool:
    """Whether the summaries tell of open blockers or open sub-issues."""
    blocked = part(data, "issue_dependencies_summary").get("blocked_by")
    subs = part(data, "sub_issues_summary")
    total, done = subs.get("total"), subs.get("completed")
    is_open = isinstance(total, int) and (not isinstance(done, int) or total > done)
    return (isinstance(blocked, int) and blocked > 0) or is_open


def issue(data: Data, edited_at: datetime | None) -> Issue:
    """A REST issue; when its text was edited comes from elsewhere."""
    reason = data.get("state_reason")
    known = reason if reason in ("completed", "not_planned", "reopened") else None
    if reason == "duplicate":
        known = "not_planned"
    return Issue(
        number=whole(data, "number"),
        title=text(data, "title"),
        body=text(data, "body"),
        author=actor(data.get("user")),
        state="open" if data.get("state") == "open" else "closed",
        state_reason=known,
        labels=tuple(labels(data)),
        assignees=tuple(actor(one).login for one in parts(data, "assignees")),
        milestone=text(part(data, "milestone"), "title") or None,
        created_at=moment(data, "created_at"),
        updated_at=moment(data, "updated_at"),
        edited_at=edited_at,
        waits=waits(data),
    )


def labels(data: Data) -> Iterator[str]:
    """The names of an issue's labels."""
    given = data.get("labels")
    for one in given if isinstance(given, list) else ():
        name = one.get("name") if isinstance(one, dict) else one
        if isinstance(name, str) and name:
            yield name


def comment(data: Data, edited_at: datetime | None) -> Comment:
    """A REST comment; when it was edited comes from elsewhere."""
    return Comment(
        id=whole(data, "id"),
        author=actor(data.get("user")),
        body=text(data, "body"),
        created_at=moment(data, "created_at"),
        edited_at=edited_at,
    )


def edited(nodes: object) -> dict[str, datetime | None]:
    """The answer to the query EDITED: node id -> when its text last changed, None for never.
    A node that is not in the answer is not in the result."""
    found: dict[str, datetime | None] = {}
    for node in nodes if isinstance(nodes, list) else ():
        if isinstance(node, dict) and isinstance(node.get("id"), str) and "lastEditedAt" in node:
            renamed = parts(part(node, "timelineItems"), "nodes")
            times = [when(node["lastEditedAt"]), *(when(one.get("createdAt")) for one in renamed)]
            found[node["id"]] = max((t for t in times if t is not None), default=None)
    return found


# -- what happened


def timeline(items: Iterable[object]) -> tuple[TimelineEvent, ...]:
    """The events that say who did what to an issue; comments, commits, mentions are not."""
    return tuple(_event(item) for item in items if isinstance(item, dict) and _told(item))


def _told(data: Data) -> bool:
    return text(data, "event") in _SUBJECTS and when(data.get("created_at")) is not None


def _event(data: Data) -> TimelineEvent:
    kind = text(data, "event")
    where, name = _SUBJECTS[kind]
    subject = text(part(data, where) if where else data, name) if name else ""
    number = data.get("id")
    if kind == "cross-referenced":
        source = part(part(data, "source"), "issue")
        number, subject = source.get("id"), f"#{source.get('number', '')}"
    return TimelineEvent(
        id=number if isinstance(number, int) else 0,
        kind=kind,
        actor=actor(data.get("actor")),
        at=moment(data, "created_at"),
        subject=subject,
    )


_SUBJECTS: Final[dict[str, tuple[str, str]]] = {
    "labeled": ("label", "name"),
    "unlabeled": ("label", "name"),
    "assigned": ("assignee", "login"),
    "unassigned": ("assignee", "login"),
    "milestoned": ("milestone", "title"),
    "demilestoned": ("milestone", "title"),
    "closed": ("", "commit_id"),
    "reopened": ("", ""),
    "merged": ("", "commit_id"),
    "renamed": ("rename", "to"),
    "ready_for_review": ("", ""),
    "convert_to_draft": ("", ""),
    "review_requested": ("requested_reviewer", "login"),
    "review_request_removed": ("requested_reviewer", "login"),
    "head_ref_deleted": ("", ""),
    "head_ref_force_pushed": ("", ""),
    "transferred": ("", ""),
    "locked": ("", "lock_reason"),
    "unlocked": ("", ""),
    "cross-referenced": ("", ""),
}
