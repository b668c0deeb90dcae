"""Issues, comments, labels, leases of the embedded forge. Each function is one transaction's
work inside a Transaction."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Literal

from sqlalchemy import RowMapping, insert, select, update

from harness.core.errors import Forbidden, NotFound
from harness.core.forge_types import (
    Comment,
    Issue,
    IssuePage,
    Lease,
    Permission,
    TimelineEvent,
)
from harness.core.naming import fold_name
from harness.forge.embedded.access import (
    Transaction,
    clean_body,
    clean_label,
    clean_title,
    logins,
    newest_change,
    one_line,
    refuse,
)
from harness.forge.embedded.tables import COMMENTS, ITEMS, LEASES, TIMELINE
from harness.forge.marker import with_marker

PAGE = 500


def issue_of(desk: Transaction, row: RowMapping) -> Issue:
    """A row as a value."""
    return Issue(
        number=row["number"],
        title=row["title"],
        body=row["body"],
        author=desk.actor(row["author"]),
        state="open" if row["state"] == "open" else "closed",
        state_reason=row["state_reason"],
        labels=tuple(row["labels"]),
        assignees=tuple(row["assignees"]),
        milestone=row["milestone"],
        locked=row["locked"],
        created_at=row["created_at"],
        updated_at=row["updated_at"],
        edited_at=row["edited_at"],
    )


def page(desk: Transaction, cursor: str) -> IssuePage:
    """Issues changed after the cursor, at most PAGE, oldest change first."""
    after = int(cursor) if cursor.isascii() and cursor.isdigit() else 0
    asked = (
        select(ITEMS)
        .where(ITEMS.c.repo == desk.repo, ITEMS.c.kind == "issue", ITEMS.c.change > after)
        .order_by(ITEMS.c.change)
        .limit(PAGE)
    )
    rows = desk.conn.execute(asked).mappings().all()
    last = rows[-1]["change"] if len(rows) == PAGE else max(after, newest_change(desk))
    return IssuePage(issues=tuple(issue_of(desk, row) for row in rows), cursor=str(last))


def one(desk: Transaction, number: int) -> Issue:
    """An issue. NotFound."""
    return issue_of(desk, desk.item(number, "issue"))


def add_item(desk: Transaction, kind: str, title: str, body: str, key: str = "") -> int:
    """A new issue or pull request; its number."""
    number = desk.next_number()
    desk.conn.execute(
        insert(ITEMS).values(
            repo=desk.repo,
            number=number,
            kind=kind,
            title=clean_title(title),
            body=clean_body(body),
            key=key,
            author=desk.me.id,
            created_at=desk.now,
            updated_at=desk.now,
            change=desk.next_change(),
        )
    )
    return number


def create(desk: Transaction, title: str, body: str, labels: Sequence[str], key: str) -> Issue:
    """A new issue, or mine that has this key."""
    desk.need(Permission.READ)
    mine = (ITEMS.c.repo == desk.repo) & (ITEMS.c.author == desk.me.id) & (ITEMS.c.key == key)
    if key:
        row = desk.conn.execute(select(ITEMS).where(mine)).mappings().first()
        if row is not None:
            return issue_of(desk, row)
    number = add_item(desk, "issue", title, with_marker(key, body), key)
    return relabel(desk, number, labels, ()) if labels else one(desk, number)


def edit_item(
    desk: Transaction, kind: str, number: int, title: str | None, body: str | None
) -> None:
    """New text for an issue or a pull request. The same text again is no edit."""
    row = desk.item(number, kind)
    desk.need_over(row, Permission.WRITE)
    new = {}
    if title is not None and clean_title(title) != row["title"]:
        new["title"] = clean_title(title)
        desk.tell(number, "renamed", new["title"])
    if body is not None:
        text = clean_body(with_marker(row["key"], body))
        if text != row["body"]:
            new["body"] = text
    if new:
        desk.touch(number, edited_at=desk.now, **new)


def relabel(desk: Transaction, number: int, add: Sequence[str], remove: Sequence[str]) -> Issue:
    """Labels put on and taken off."""
    row = desk.item(number, "issue")
    desk.need(Permission.TRIAGE)
    before = list(row["labels"])
    gone = {fold_name(label) for label in map(clean_label, remove)}
    after = [label for label in before if fold_name(label) not in gone]
    for label in map(clean_label, add):
        if fold_name(label) not in {fold_name(known) for known in after}:
            after.append(label)
    if after != before:
        for label in (label for label in after if label not in before):
            desk.tell(number, "labeled", label)
        for label in (label for label in before if label not in after):
            desk.tell(number, "unlabeled", label)
        desk.touch(number, labels=after)
    return one(desk, number)


def assign(desk: Transaction, number: int, people: Sequence[str]) -> Issue:
    """The whole list of who is assigned."""
    row = desk.item(number, "issue")
    desk.need(Permission.TRIAGE)
    after = logins(desk, people)
    if after != row["assignees"]:
        for login in (login for login in after if login not in row["assignees"]):
            desk.tell(number, "assigned", login)
        for login in (login for login in row["assignees"] if login not in after):
            desk.tell(number, "unassigned", login)
        desk.touch(number, assignees=after)
    return one(desk, number)


def set_milestone(desk: Transaction, number: int, title: str) -> Issue:
    """The milestone; "" for none."""
    row = desk.item(number, "issue")
    desk.need(Permission.TRIAGE)
    after = one_line(title) or None
    if after != row["milestone"]:
        desk.tell(number, "milestoned" if after else "demilestoned", after or row["milestone"])
        desk.touch(number, milestone=after)
    return one(desk, number)


def close(
    desk: Transaction, number: int, reason: Literal["completed", "not_planned"], commit: str = ""
) -> Issue:
    """Closed already: as it is."""
    row = desk.item(number, "issue")
    desk.need_over(row, Permission.TRIAGE)
    shut(desk, row, reason, commit)
    return one(desk, number)


def shut(desk: Transaction, row: RowMapping, reason: str, commit: str, actor: int = 0) -> None:
    """Close an open issue without asking who may."""
    if row["state"] == "open":
        desk.tell(row["number"], "closed", commit, actor)
        desk.touch(row["number"], state="closed", state_reason=reason)


def reopen(desk: Transaction, number: int) -> Issue:
    """Open already: as it is."""
    row = desk.item(number, "issue")
    desk.need_over(row, Permission.TRIAGE)
    if row["state"] != "open":
        desk.tell(number, "reopened")
        desk.touch(number, state="open", state_reason="reopened")
    return one(desk, number)


def lock(desk: Transaction, number: int, *, locked: bool) -> Issue:
    """Locked: only people who may write can still comment. So already: as it is."""
    row = desk.item(number, "issue")
    desk.need(Permission.WRITE)
    if bool(row["locked"]) != locked:
        desk.tell(number, "locked" if locked else "unlocked")
        desk.touch(number, locked=locked)
    return one(desk, number)


def timeline(desk: Transaction, number: int) -> tuple[TimelineEvent, ...]:
    """What happened to an issue or a pull request, oldest first."""
    desk.item(number)
    asked = (
        select(TIMELINE)
        .where(TIMELINE.c.repo == desk.repo, TIMELINE.c.number == number)
        .order_by(TIMELINE.c.id)
    )
    return tuple(
        TimelineEvent(
            id=row["id"],
            kind=row["kind"],
            actor=desk.actor(row["actor"]),
            at=row["at"],
            subject=row["subject"],
        )
        for row in desk.conn.execute(asked).mappings().all()
    )


# -- comments


def comment_of(desk: Transaction, row: RowMapping) -> Comment:
    """A row as a value."""
    return Comment(
        id=row["id"],
        author=desk.actor(row["author"]),
        body=row["body"],
        created_at=row["created_at"],
        edited_at=row["edited_at"],
    )


def comments(desk: Transaction, number: int, thread: int | None = None) -> tuple[Comment, ...]:
    """Comments of an item, or of one review thread, oldest first."""
    desk.item(number)
    asked = (
        select(COMMENTS)
        .where(
            COMMENTS.c.repo == desk.repo, COMMENTS.c.number == number, COMMENTS.c.thread == thread
        )
        .order_by(COMMENTS.c.id)
    )
    return tuple(comment_of(desk, row) for row in desk.conn.execute(asked).mappings().all())


def comment(
    desk: Transaction, number: int, body: str, *, marker: str = "", thread: int | None = None
) -> Comment:
    """A comment; with a marker mine that has it is edited instead, if its text differs."""
    locked = desk.item(number)["locked"]
    desk.need(Permission.WRITE if locked else Permission.READ)
    refuse(not body.strip(), "forge.empty_comment")
    text = clean_body(with_marker(marker, body))
    here = (
        (COMMENTS.c.repo == desk.repo)
        & (COMMENTS.c.number == number)
        & (COMMENTS.c.thread == thread)
        & (COMMENTS.c.author == desk.me.id)
        & (COMMENTS.c.marker == marker)
    )
    row = desk.conn.execute(select(COMMENTS).where(here)).mappings().first() if marker else None
    if row is None:
        fresh = insert(COMMENTS).values(
            repo=desk.repo,
            number=number,
            thread=thread,
            marker=marker,
            author=desk.me.id,
            body=text,
            created_at=desk.now,
        )
        made = desk.conn.execute(fresh.returning(COMMENTS.c.id)).scalar_one()
    else:
        made = row["id"]
    if row is not None and row["body"] != text:
        changed = update(COMMENTS).where(COMMENTS.c.id == made)
        desk.conn.execute(changed.values(body=text, edited_at=desk.now))
    if row is None or row["body"] != text:
        desk.touch(number)
    return _comment(desk, made)


def edit_comment(desk: Transaction, number: int, comment: int, body: str) -> Comment:
    """New text for a comment: by who wrote it, or someone who may write."""
    asked = select(COMMENTS).where(
        COMMENTS.c.repo == desk.repo, COMMENTS.c.number == number, COMMENTS.c.id == comment
    )
    row = desk.conn.execute(asked).mappings().one_or_none()
    if row is None:
        raise NotFound("forge.no_comment", number=number, comment=comment)
    desk.need_over(row, Permission.WRITE)
    refuse(not body.strip(), "forge.empty_comment")
    text = clean_body(with_marker(row["marker"], body))
    if text != row["body"]:
        changed = update(COMMENTS).where(COMMENTS.c.id == comment)
        desk.conn.execute(changed.values(body=text, edited_at=desk.now))
        desk.touch(number)
    return _comment(desk, comment)


def _comment(desk: Transaction, number: int) -> Comment:
    asked = select(COMMENTS).where(COMMENTS.c.id == number)
    return comment_of(desk, desk.conn.execute(asked).mappings().one())


# -- leases


def take_lease(desk: Transaction, issue: int, holder: str, ttl_s: float) -> Lease | None:
    """The right to work on an issue, unless another has it. A new holder gets a higher token."""
    desk.need(Permission.WRITE)
    desk.item(issue, "issue")
    here = (LEASES.c.repo == desk.repo) & (LEASES.c.issue == issue)
    row = desk.conn.execute(select(LEASES).where(here)).mappings().one_or_none()
    until = desk.now + timedelta(seconds=ttl_s)
    if row is None:
        token = 1
        desk.conn.execute(
            insert(LEASES).values(
                repo=desk.repo, issue=issue, holder=holder, token=token, expires_at=until
            )
        )
    elif row["holder"] != holder and row["expires_at"] > desk.now:
        return None
    else:
        token = row["token"] + (row["holder"] != holder)
        taken = update(LEASES).where(here)
        desk.conn.execute(taken.values(holder=holder, token=token, expires_at=until))
    return Lease(issue=issue, holder=holder, token=token, expires_at=until)


def lease(desk: Transaction, issue: int) -> Lease | None:
    """The last lease of an issue, over or not; None when nobody took it or it was given back."""
    here = (LEASES.c.repo == desk.repo) & (LEASES.c.issue == issue)
    row = desk.conn.execute(select(LEASES).where(here)).mappings().one_or_none()
    if row is None or not row["holder"]:
        return None
    return Lease(
        issue=issue, holder=row["holder"], token=row["token"], expires_at=row["expires_at"]
    )


def holds_lease(desk: Transaction, lease: Lease) -> bool:
    """Whether that lease is the last word on its issue and not over."""
    here = (LEASES.c.repo == desk.repo) & (LEASES.c.issue == lease.issue)
    row = desk.conn.execute(select(LEASES).where(here)).mappings().one_or_none()
    if row is None or row["expires_at"] <= desk.now:
        return False
    return bool(row["holder"] == lease.holder and row["token"] == lease.token)


def drop_lease(desk: Transaction, lease: Lease) -> None:
    """Give it back; nothing happens when it is another's by now."""
    if not lease.holder:
        raise Forbidden("forge.not_holder", number=lease.issue)
    mine = (
        (LEASES.c.repo == desk.repo)
        & (LEASES.c.issue == lease.issue)
        & (LEASES.c.holder == lease.holder)
        & (LEASES.c.token == lease.token)
    )
    # the row stays, so that the next holder's token is higher than any given before
    desk.conn.execute(update(LEASES).where(mine).values(holder="", expires_at=desk.now))
