"""Whose words count, and the fixed text that a run starts with. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from harness.core.base import Value
from harness.core.types import Actor, Comment, Issue, IssueSnapshot, Permission, Say
from harness.guard.hidden import seen
from harness.guard.visible import MOST_BYTES, visible

COMMENT_BYTES = 16 * 1024
TITLE = 300


class TrustPolicy(Value):
    """Who may start work and speak to it. Everybody else may not."""

    permission: Permission = Permission.WRITE
    people: tuple[int, ...] = ()
    """Ids of further people."""
    bots: bool = False
    labels: tuple[str, ...] = ()
    """Only issues with one of these; empty: all."""
    skip_labels: tuple[str, ...] = ()


def allowed(actor: Actor, permission: Permission, policy: TrustPolicy) -> Say | None:
    """None: this actor's words count. Else the rule and the fact that say no. By id, never by
    login; a bot only when it is listed or bots are let in with the permission."""
    if actor.id in policy.people:
        return None
    if actor.kind == "bot" and not policy.bots:
        return Say(key="guard.held_bot", facts={"login": actor.login})
    if permission is Permission.NONE or not permission.covers(policy.permission):
        facts: dict[str, str | int | float] = {
            "login": actor.login,
            "permission": permission.value,
            "needed": policy.permission.value,
        }
        return Say(key="guard.held_permission", facts=facts)
    return None


def may_start(
    issue: Issue, trigger: Actor, permission: Permission, policy: TrustPolicy
) -> Say | None:
    """None: work on this issue may start. `permission` is the trigger's, as asked just now."""
    if issue.state != "open":
        return Say(key="guard.held_closed", facts={"issue": issue.number})
    labels = {label.casefold(): label for label in issue.labels}
    for name in policy.skip_labels:
        if name.casefold() in labels:
            return Say(key="guard.held_skip", facts={"label": name})
    if policy.labels and not labels.keys() & {name.casefold() for name in policy.labels}:
        return Say(key="guard.held_label", facts={"labels": ", ".join(policy.labels)})
    return allowed(trigger, permission, policy)


def snapshot(
    issue: Issue, comments: Sequence[Comment], trigger: Actor, taken_at: datetime
) -> IssueSnapshot:
    """The text a run starts with: visible, capped, fixed (A7). `comments` are trusted people's;
    what was written or edited after `taken_at` is left out; of many the newest stay."""
    title = visible(issue.title, TITLE * 4)
    body = visible(issue.body)
    shown: list[str] = []
    removed = title.removed + body.removed
    room = MOST_BYTES
    for comment in reversed(comments):
        if max(comment.created_at, comment.edited_at or comment.created_at) > taken_at:
            continue
        one = visible(comment.body, COMMENT_BYTES)
        size = len(one.text.encode())
        if size > room:
            break
        room -= size
        removed += one.removed
        shown.append(one.text)
    return IssueSnapshot(
        number=issue.number,
        title=" ".join(title.text.split())[:TITLE],
        body=body.text,
        author=issue.author,
        labels=tuple(" ".join(seen(label)[0].split()) for label in issue.labels),
        comments=tuple(reversed(shown)),
        hidden_removed=removed,
        taken_at=taken_at,
        trigger=trigger,
    )
