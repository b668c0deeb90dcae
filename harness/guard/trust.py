"""Whose words count, and the fixed text that a run starts with. Pure."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime

from harness.core.base import Value
from harness.core.naming import fold_name
from harness.core.trust_types import Trigger
from harness.core.types import Actor, Comment, Issue, IssueSnapshot, LocalizedText, Permission
from harness.guard.echoes import only_agrees
from harness.guard.hidden import strip_invisible
from harness.guard.triggers import is_unknown, second
from harness.guard.visible import MOST_BYTES, VisibleText, visible

COMMENT_BYTES = 16 * 1024
OTHERS_BYTES = 16 * 1024
"""Of all comments by those who are neither the author nor maintainers."""
TITLE = 300


class TrustPolicy(Value):
    """Who may start work and speak to it. Everybody else may not."""

    permission: Permission = Permission.WRITE
    people: tuple[int, ...] = ()
    """Ids of further people, and of the bots that may."""
    bots: bool = False
    labels: tuple[str, ...] = ()
    """Only issues with one of these; empty: all."""
    skip_labels: tuple[str, ...] = ()
    milestones: tuple[str, ...] = ()
    """Only issues of one of these; empty: all."""
    authors: tuple[str, ...] = ()
    """Only issues opened by one of these logins; empty: all. A filter: it gives no right."""


def why_untrusted(
    actor: Actor, permission: Permission, policy: TrustPolicy
) -> LocalizedText | None:
    """None: this actor's words count. Else the rule and the fact that say no. By id, never by
    login; a bot only when it is listed or bots are let in with the permission."""
    if is_unknown(actor):
        return LocalizedText(key="guard.held_unknown")
    if actor.id in policy.people:
        return None
    if actor.kind == "bot" and not policy.bots:
        return LocalizedText(key="guard.held_bot", facts={"login": actor.login})
    if permission is Permission.NONE or not permission.covers(policy.permission):
        facts: dict[str, str | int | float] = {
            "login": actor.login,
            "permission": permission.value,
            "needed": policy.permission.value,
        }
        return LocalizedText(key="guard.held_permission", facts=facts)
    return None


def why_excluded(issue: Issue, policy: TrustPolicy) -> LocalizedText | None:
    """None: harness looks at it, whoever asks. Else the first rule that leaves it out."""
    if issue.state != "open":
        return LocalizedText(key="guard.held_closed", facts={"issue": issue.number})
    labels = {fold_name(label): label for label in issue.labels}
    for name in policy.skip_labels:
        if fold_name(name) in labels:
            return LocalizedText(key="guard.held_skip", facts={"label": name})
    if policy.labels and not labels.keys() & _bare(policy.labels):
        return LocalizedText(key="guard.held_label", facts={"labels": ", ".join(policy.labels)})
    if policy.milestones and fold_name(issue.milestone or "") not in _bare(policy.milestones):
        return LocalizedText(
            key="guard.held_milestone", facts={"milestones": ", ".join(policy.milestones)}
        )
    if policy.authors and fold_name(issue.author.login) not in _bare(policy.authors):
        return LocalizedText(key="guard.held_author", facts={"login": issue.author.login})
    return None


def snapshot(
    issue: Issue,
    comments: Sequence[Comment],
    trigger: Trigger,
    taken_at: datetime,
    others: int = 0,
    maintainers: Collection[int] = (),
) -> IssueSnapshot:
    """The text a run starts with: visible, capped, fixed (A7). `comments` are trusted people's,
    `others` the number of all others, `maintainers` the ids of those whose comments are taken
    first, as the author's are. What was written after `taken_at`, or edited since the trigger, is
    left out, and so is what only agrees; of many the newest stay."""
    title = visible(issue.title, TITLE * 4)
    body = visible(issue.body)
    talk = [one for one in comments if _stands(one, trigger, taken_at)]
    said = [one for one in talk if not only_agrees(visible(one.body, COMMENT_BYTES).text)]
    deciding = {issue.author.id, *maintainers}
    first = _newest([one for one in said if one.author.id in deciding], MOST_BYTES)
    room = min(OTHERS_BYTES, MOST_BYTES - sum(len(one.text.encode()) for one in first))
    rest = _newest([one for one in said if one.author.id not in deciding], room)
    shown = (*first, *rest)
    return IssueSnapshot(
        number=issue.number,
        title=" ".join(title.text.split())[:TITLE],
        body=body.text,
        author=issue.author,
        labels=tuple(" ".join(strip_invisible(label)[0].split()) for label in issue.labels),
        comments=tuple(one.text for one in shown),
        hidden_removed=sum(one.removed for one in (title, body, *shown)),
        left_chars=sum(one.left_out for one in (body, *shown)),
        left_comments=len(said) - len(shown),
        echoes=len(talk) - len(said),
        others=others,
        taken_at=taken_at,
        trigger=trigger.actor,
        trigger_kind=trigger.kind,
    )


def _newest(comments: Sequence[Comment], room: int) -> list[VisibleText]:
    """Those that fit, oldest first."""
    shown: list[VisibleText] = []
    for comment in reversed(comments):
        one = visible(comment.body, COMMENT_BYTES)
        room -= len(one.text.encode())
        if room < 0:
            break
        shown.append(one)
    return shown[::-1]


def _stands(comment: Comment, trigger: Trigger, taken_at: datetime) -> bool:
    """Who edited a comment is not told: an edit counts as the author's own only when whoever
    asked for work has seen it."""
    if max(comment.created_at, comment.edited_at or comment.created_at) > taken_at:
        return False
    if comment.edited_at is None or trigger.kind == "author" or comment.id == trigger.comment:
        return True
    return comment.edited_at < second(trigger.at)


def _bare(names: Sequence[str]) -> set[str]:
    return {fold_name(name) for name in names}
