"""Reviews, review threads and check runs of the embedded forge."""

from __future__ import annotations

from typing import Literal, get_args

from sqlalchemy import RowMapping, Table, insert, select, update

from harness.core.errors import NotFound, UsageError
from harness.core.forge_types import Check, Comment, Permission, PullRequest, Review, Thread
from harness.forge.embedded.access import Transaction, clean_body, one_line, refuse
from harness.forge.embedded.bare_repository import BareRepository
from harness.forge.embedded.issues import comment, comments
from harness.forge.embedded.tables import CHECKS, REVIEWS, THREADS

ReviewState = Literal["approved", "changes_requested", "commented"]
CheckStatus = Literal["queued", "in_progress", "completed"]
CONCLUSIONS = (
    "success", "failure", "neutral", "cancelled", "skipped", "timed_out", "action_required",
)  # fmt: skip


def reviews(desk: Transaction, pr: int) -> tuple[Review, ...]:
    """Oldest first."""
    desk.item(pr, "pr")
    return tuple(
        Review(
            id=row["id"],
            author=desk.actor(row["author"]),
            state=row["state"],
            body=row["body"],
            commit=row["commit"],
            at=row["at"],
        )
        for row in _rows(desk, REVIEWS, pr)
    )


def add_review(desk: Transaction, pull: PullRequest, state: ReviewState, body: str) -> Review:
    """Mine, of the head as it stands. Conflict: my own pull request, or not open."""
    desk.need(Permission.READ)
    number = pull.number
    if state != "commented":
        refuse(pull.author.id == desk.me.id, "forge.own_review", number=number)
        refuse(pull.state != "open", "forge.pr_not_open", number=number, state=pull.state)
    refuse(state != "approved" and not body.strip(), "forge.empty_comment")
    desk.conn.execute(
        insert(REVIEWS).values(
            repo=desk.repo,
            number=number,
            author=desk.me.id,
            state=state,
            body=clean_body(body),
            commit=pull.head_sha,
            at=desk.now,
        )
    )
    desk.tell(number, "reviewed", state)
    desk.touch(number)
    return reviews(desk, number)[-1]


def threads(desk: Transaction, pr: int) -> tuple[Thread, ...]:
    """Oldest first, each with its comments."""
    desk.item(pr, "pr")
    return tuple(_thread_of(desk, row) for row in _rows(desk, THREADS, pr))


def _thread_of(desk: Transaction, row: RowMapping) -> Thread:
    return Thread(
        id=str(row["id"]),
        path=row["path"],
        line=row["line"],
        resolved=row["resolved"],
        comments=comments(desk, row["number"], row["id"]),
    )


def add_thread(
    desk: Transaction, bare: BareRepository, pull: PullRequest, path: str, line: int, body: str
) -> Thread:
    """A conversation on a line of the head's file; line 0: on the file."""
    desk.need(Permission.READ)
    data = bare.file(pull.head_sha, path)
    gone = data is None and (line or bare.file(pull.base_sha, path) is None)
    if gone:
        raise NotFound("forge.no_file", path=one_line(path), number=pull.number)
    lines = len((data or b"").splitlines())
    if not 0 <= line <= lines:
        raise NotFound("forge.no_line", path=one_line(path), line=line, lines=lines)
    made = insert(THREADS).values(repo=desk.repo, number=pull.number, path=path, line=line)
    thread = desk.conn.execute(made.returning(THREADS.c.id)).scalar_one()
    comment(desk, pull.number, body, thread=thread)
    return _thread_of(desk, thread_row(desk, pull.number, str(thread)))


def thread_row(desk: Transaction, pr: int, thread: str) -> RowMapping:
    """A thread of that pull request. NotFound."""
    desk.item(pr, "pr")
    number = int(thread) if thread.isascii() and thread.isdigit() else 0
    found = [row for row in _rows(desk, THREADS, pr) if row["id"] == number]
    if not found:
        raise NotFound("forge.no_thread", thread=one_line(thread)[:40], number=pr)
    return found[0]


def reply(desk: Transaction, pr: int, thread: str, marker: str, body: str) -> Comment:
    """An answer in a thread; with a marker, mine that has it is edited instead."""
    row = thread_row(desk, pr, thread)
    return comment(desk, pr, body, marker=marker, thread=row["id"])


def resolve(desk: Transaction, pr: int, thread: str) -> None:
    """Resolved already: nothing happens."""
    row = thread_row(desk, pr, thread)
    desk.need_over(desk.item(pr, "pr"), Permission.WRITE)
    if not row["resolved"]:
        desk.conn.execute(update(THREADS).where(THREADS.c.id == row["id"]).values(resolved=True))
        desk.touch(pr)


def _rows(desk: Transaction, table: Table, pr: int) -> list[RowMapping]:
    here = (table.c.repo == desk.repo) & (table.c.number == pr)
    return list(desk.conn.execute(select(table).where(here).order_by(table.c.id)).mappings())


# -- checks


def _check_of(row: RowMapping) -> Check:
    return Check(
        id=row["id"],
        name=row["name"],
        commit=row["commit"],
        status=row["status"],
        conclusion=row["conclusion"],
        summary=row["summary"],
    )


def checks(desk: Transaction, commit: str) -> tuple[Check, ...]:
    """Of one commit, in the order they were first reported."""
    here = (CHECKS.c.repo == desk.repo) & (CHECKS.c.commit == commit)
    rows = desk.conn.execute(select(CHECKS).where(here).order_by(CHECKS.c.id)).mappings()
    return tuple(_check_of(row) for row in rows)


def set_check(
    desk: Transaction,
    commit: str,
    name: str,
    status: CheckStatus,
    conclusion: str | None,
    summary: str,
    log: str | None = None,
) -> Check:
    """The check of that name on that commit, made or brought up to date. `commit` is a whole id;
    log None keeps what was there."""
    desk.need(Permission.WRITE)
    known = status in get_args(CheckStatus) and conclusion in (None, *CONCLUSIONS)
    if not known or (status == "completed") != (conclusion is not None):
        raise UsageError("forge.bad_check", status=status, conclusion=conclusion or "-")
    values = {"status": status, "conclusion": conclusion, "summary": clean_body(summary)}
    if log is not None:
        values["log"] = log
    here = (
        (CHECKS.c.repo == desk.repo)
        & (CHECKS.c.commit == commit)
        & (CHECKS.c.name == one_line(name))
    )
    old = desk.conn.execute(select(CHECKS.c.id).where(here)).scalar_one_or_none()
    if old is None:
        fresh = insert(CHECKS).values(repo=desk.repo, commit=commit, name=one_line(name), **values)
        old = desk.conn.execute(fresh.returning(CHECKS.c.id)).scalar_one()
    else:
        desk.conn.execute(update(CHECKS).where(CHECKS.c.id == old).values(values))
    return _check_of(_check_row(desk, old))


def _check_row(desk: Transaction, check: int) -> RowMapping:
    here = (CHECKS.c.repo == desk.repo) & (CHECKS.c.id == check)
    row = desk.conn.execute(select(CHECKS).where(here)).mappings().one_or_none()
    if row is None:
        raise NotFound("forge.no_check", check=check)
    return row


def check_log(desk: Transaction, check: int) -> str:
    """What it printed. NotFound."""
    return str(_check_row(desk, check)["log"])


def rerun(desk: Transaction, check: int) -> None:
    """Queued again; whoever runs it reports anew. Not finished: nothing happens."""
    desk.need(Permission.WRITE)
    row = _check_row(desk, check)
    if row["status"] == "completed":
        queued = update(CHECKS).where(CHECKS.c.id == check)
        desk.conn.execute(queued.values(status="queued", conclusion=None))
