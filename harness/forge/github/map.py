"""GitHub's payloads as people, repositories, issues and events. Pure; nothing in a payload is
trusted: an unknown word becomes the careful one, and a payload without what makes it a thing is
an error. What REST answers is read through PyGithub's models, what GraphQL answers is not."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime
from typing import Final

from github.Issue import Issue as IssueModel
from github.IssueComment import IssueComment
from github.IssueEvent import IssueEvent
from github.NamedUser import NamedUser
from github.Organization import Organization
from github.Repository import Repository as RepositoryModel
from github.TimelineEvent import TimelineEvent as Crossing

from harness.core.forge_types import Actor, Comment, Issue, Permission, Repository, TimelineEvent
from harness.forge.github.models import model, optional, reads, require
from harness.forge.github.payload import Data, odd, part, parts, text, when

NOBODY: Final = Actor(id=0, login="ghost")
"""A deleted account. Its id is nobody's, so nothing can be allowed to it."""

MEMBERS: Final = ("OWNER", "MEMBER", "COLLABORATOR")
"""What GitHub calls those who belong to the project, `author_association`."""


# -- people


def actor(data: object) -> Actor:
    """A REST account; a deleted one is NOBODY."""
    return account(model(NamedUser, data)) if isinstance(data, dict) else NOBODY


def account(user: NamedUser | Organization | None) -> Actor:
    """An account within another model; NOBODY for none, and for one without an id."""
    number = optional(lambda: user.id) if user is not None else None
    if user is None or type(number) is not int:
        return NOBODY
    login = optional(lambda: user.login) or ""
    bot = optional(lambda: user.type) == "Bot" or login.endswith("[bot]")
    return Actor(id=number, login=login, kind="bot" if bot else "user")


def graphql_actor(data: object) -> Actor:
    """A GraphQL account. Bots go there without the "[bot]" that REST gives them."""
    if not isinstance(data, dict) or type(data.get("databaseId")) is not int:
        return NOBODY
    login, bot = text(data, "login"), data.get("__typename") == "Bot"
    if bot and not login.endswith("[bot]"):
        login += "[bot]"
    return Actor(id=data["databaseId"], login=login, kind="bot" if bot else "user")


@reads
def permission(data: Data, asked: Actor) -> Permission:
    """What `asked` may do by the answer about its login; nothing when the login has changed hands
    or its owner is suspended. A role of one's own counts as the plain permission it is built on."""
    user = model(NamedUser, part(data, "user"))
    if not asked.id or user.id != asked.id or user.suspended_at is not None:
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


@reads
def repository(data: Data) -> Repository:
    """What it is called now, and the id it keeps."""
    found = model(RepositoryModel, data)
    if not found.full_name or not found.default_branch:
        raise odd("no repository")
    return Repository(
        id=require(found.id, "id"),
        name=found.full_name,
        default_branch=found.default_branch,
        private=found.private is not False,
    )


def is_pull(data: Data) -> bool:
    """Whether an item of a list of issues is a pull request."""
    return data.get("pull_request") is not None


def waits(data: Data) -> bool:
    """Whether the summaries tell of open blockers or open sub-issues."""
    return _waits(model(IssueModel, data))


def _waits(found: IssueModel) -> bool:
    blocked = optional(lambda: found.issue_dependencies_summary.blocked_by) or 0
    total = optional(lambda: found.sub_issues_summary.total) or 0
    done = optional(lambda: found.sub_issues_summary.completed) or 0
    return blocked > 0 or total > done


@reads
def issue(data: Data, edited_at: datetime | None) -> Issue:
    """A REST issue; when its text was edited comes from elsewhere."""
    found = model(IssueModel, data)
    reason = found.state_reason
    known = reason if reason in ("completed", "not_planned", "reopened") else None
    if reason == "duplicate":
        known = "not_planned"
    return Issue(
        number=require(found.number, "number"),
        title=found.title or "",
        body=found.body or "",
        author=account(found.user),
        state="open" if found.state == "open" else "closed",
        state_reason=known,
        labels=tuple(labels(data)),
        assignees=tuple(actor(one).login for one in parts(data, "assignees")),
        milestone=optional(lambda: found.milestone.title) or None,
        created_at=require(found.created_at, "created_at"),
        updated_at=require(found.updated_at, "updated_at"),
        edited_at=edited_at,
        locked=found.locked is True,
        waits=_waits(found),
    )


def labels(data: Data) -> Iterator[str]:
    """The names of an issue's labels. Some are bare names, which the library's list refuses."""
    given = data.get("labels")
    for one in given if isinstance(given, list) else ():
        name = one.get("name") if isinstance(one, dict) else one
        if isinstance(name, str) and name:
            yield name


@reads
def comment(data: Data, edited_at: datetime | None) -> Comment:
    """A REST comment; when it was edited comes from elsewhere."""
    found = model(IssueComment, data)
    return Comment(
        id=require(found.id, "id"),
        author=account(found.user),
        body=found.body or "",
        created_at=require(found.created_at, "created_at"),
        edited_at=edited_at,
        member=data.get("author_association") in MEMBERS,
    )


def edit_times(nodes: object) -> dict[str, datetime | None]:
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
    return tuple(_event(item) for item in items if isinstance(item, dict) and _is_known_event(item))


def _is_known_event(data: Data) -> bool:
    return text(data, "event") in _SUBJECTS and when(data.get("created_at")) is not None


@reads
def _event(data: Data) -> TimelineEvent:
    found = model(IssueEvent, data)
    number, subject = optional(lambda: found.id), optional(lambda: _SUBJECTS[found.event](found))
    if found.event == "cross-referenced":
        number, subject = _crossing(model(Crossing, data))
    return TimelineEvent(
        id=number or 0,
        kind=found.event,
        actor=account(found.actor),
        at=require(found.created_at, "created_at"),
        subject=subject or "",
    )


def _crossing(event: Crossing) -> tuple[int | None, str]:
    """The issue that names this one. Only a timeline's model has it, which lacks all else."""
    source = event.source
    there = optional(lambda: source.issue) if source is not None else None
    if there is None:
        return None, "#"
    return optional(lambda: there.id), f"#{optional(lambda: there.number) or ''}"


def _nothing(_: IssueEvent) -> str:
    return ""


_SUBJECTS: Final[Mapping[str, Callable[[IssueEvent], str]]] = {
    "labeled": lambda event: event.label.name,
    "unlabeled": lambda event: event.label.name,
    "assigned": lambda event: event.assignee.login,
    "unassigned": lambda event: event.assignee.login,
    "milestoned": lambda event: event.milestone.title,
    "demilestoned": lambda event: event.milestone.title,
    "closed": lambda event: event.commit_id,
    "reopened": _nothing,
    "merged": lambda event: event.commit_id,
    "renamed": lambda event: text(event.rename or {}, "to"),
    "ready_for_review": _nothing,
    "convert_to_draft": _nothing,
    "review_requested": lambda event: event.requested_reviewer.login,
    "review_request_removed": lambda event: event.requested_reviewer.login,
    "head_ref_deleted": _nothing,
    "head_ref_force_pushed": _nothing,
    "transferred": _nothing,
    "locked": lambda event: event.lock_reason,
    "unlocked": _nothing,
    "cross-referenced": _nothing,
}
