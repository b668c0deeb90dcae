"""GitHub's payloads as pull requests, reviews, checks and what a branch asks for. Pure. PyGithub
models no review thread and no rule set: those are read here."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, Literal

from github.CheckRun import CheckRun
from github.CommitStatus import CommitStatus
from github.PullRequest import PullRequest as PullModel
from github.PullRequestReview import PullRequestReview

from harness.core.forge_types import Check, Comment, Protection, PullRequest, Review, Thread
from harness.forge.github.map import account, graphql_actor
from harness.forge.github.models import model, optional, reads, require
from harness.forge.github.payload import Data, moment, odd, part, parts, text, when, whole

Status = Literal["queued", "in_progress", "completed"]


def head_repository(data: Data) -> int | None:
    """Where a pull request's branch lives; None when that repository is gone."""
    found = model(PullModel, data)
    return optional(lambda: found.head.repo.id)


@reads
def pull(data: Data, *, base_sha: str = "", queued: bool = False) -> PullRequest:
    """A REST pull request. `base_sha`: the base branch's tip where it was read."""
    found = model(PullModel, data)
    head, head_sha = optional(lambda: found.head.ref), optional(lambda: found.head.sha)
    if not head or not head_sha:
        raise odd("no head of a pull request")
    merged = found.merged_at is not None or found.merged is True
    is_open = found.state == "open" and not merged
    return PullRequest(
        number=require(found.number, "number"),
        title=found.title or "",
        body=found.body or "",
        author=account(found.user),
        state="merged" if merged else "open" if is_open else "closed",
        draft=found.draft is True,
        head=head,
        head_sha=head_sha,
        base=optional(lambda: found.base.ref) or "",
        base_sha=base_sha or optional(lambda: found.base.sha) or "",
        mergeable=found.mergeable if is_open else False,
        merged_sha=(found.merge_commit_sha or None) if merged else None,
        queued=is_open and (queued or bool(found.auto_merge)),
        reviewers=tuple(account(one).login for one in found.requested_reviewers or ()),
        created_at=require(found.created_at, "created_at"),
        updated_at=require(found.updated_at, "updated_at"),
    )


@reads
def review(data: Data) -> Review | None:
    """A submitted review; None for one that is dismissed, not submitted yet, or only the envelope
    of comments on lines."""
    states: dict[str, Literal["approved", "changes_requested", "commented"]] = {
        "approved": "approved",
        "changes_requested": "changes_requested",
        "commented": "commented",
    }
    found = model(PullRequestReview, data)
    body = found.body or ""
    state = states.get((found.state or "").lower())
    if state is None or (state == "commented" and not body.strip()):
        return None
    return Review(
        id=require(found.id, "id"),
        author=account(found.user),
        state=state,
        body=body,
        commit=found.commit_id or "",
        at=require(found.submitted_at, "submitted_at"),
    )


def thread(data: Data, further: Iterable[Data] = ()) -> Thread:
    """A GraphQL review thread; `further`: its comments after the first page."""
    line = data.get("line") or data.get("originalLine") or 0
    on_file = data.get("subjectType") == "FILE" or type(line) is not int
    told = [*parts(part(data, "comments"), "nodes"), *further]
    return Thread(
        id=text(data, "id"),
        path=text(data, "path"),
        line=0 if on_file else line,
        resolved=data.get("isResolved") is True,
        comments=tuple(thread_comment(one) for one in told),
    )


def thread_comment(data: Data) -> Comment:
    """A GraphQL comment of a review thread."""
    return Comment(
        id=whole(data, "databaseId"),
        author=graphql_actor(data.get("author")),
        body=text(data, "body"),
        created_at=moment(data, "createdAt"),
        edited_at=when(data.get("lastEditedAt")),
    )


# -- checks

Conclusion = Literal[
    "success", "failure", "neutral", "cancelled", "skipped", "timed_out", "action_required"
]
_CONCLUSIONS: Final[dict[str, Conclusion]] = {
    "success": "success",
    "failure": "failure",
    "neutral": "neutral",
    "cancelled": "cancelled",
    "skipped": "skipped",
    "timed_out": "timed_out",
    "action_required": "action_required",
    "stale": "cancelled",
}


@reads
def check_run(data: Data, commit: str = "", app: str = "") -> Check:
    """A check run, or a job of GitHub's Actions, whose number is its check run's. An ending that
    is not known counts as a failure."""
    found = model(CheckRun, data)
    status, conclusion = _status(found.status or ""), None
    if status == "completed":
        conclusion = _CONCLUSIONS.get(found.conclusion or "", "failure")
    told = [optional(lambda: found.output.title), optional(lambda: found.output.summary)]
    return Check(
        id=require(found.id, "id"),
        name=found.name or "",
        commit=found.head_sha or commit,
        status=status,
        conclusion=conclusion,
        summary="\n".join(dict.fromkeys(line for line in told if line)),
        app=optional(lambda: found.app.slug) or app,
    )


def _status(word: str) -> Status:
    if word in ("completed", "in_progress"):
        return "completed" if word == "completed" else "in_progress"
    return "queued"


def statuses(items: Iterable[object], commit: str) -> tuple[Check, ...]:
    """Commit statuses, newest first as GitHub lists them: the newest of each context."""
    found: dict[str, Check] = {}
    for data in items:
        if isinstance(data, dict):
            one = _commit_status(data, commit)
            found.setdefault(one.name, one)
    return tuple(found.values())


@reads
def _commit_status(data: Data, commit: str) -> Check:
    found = model(CommitStatus, data)
    ended = found.state != "pending"
    return Check(
        id=require(found.id, "id"),
        name=found.context or "",
        commit=commit,
        status="completed" if ended else "in_progress",
        conclusion=("success" if found.state == "success" else "failure") if ended else None,
        summary=found.description or "",
        kind="status",
        app=account(found.creator).login if found.creator else "",
    )


# -- what a branch asks for


def protection(
    rules: Iterable[object], branch: Data, classic: Data, *, auto_merge: bool
) -> Protection:
    """Of rule sets, of the branch's summary that every reader sees, and of its classic protection:
    the sum of what each asks for."""
    approvals, conversations, queue = 0, False, False
    names: list[str] = []
    for rule in rules:
        if not isinstance(rule, dict):
            continue
        asked = part(rule, "parameters")
        queue = queue or rule.get("type") == "merge_queue"
        if rule.get("type") == "pull_request":
            approvals = max(approvals, _count(asked, "required_approving_review_count"))
            conversations |= asked.get("required_review_thread_resolution") is True
        if rule.get("type") == "required_status_checks":
            names += [text(one, "context") for one in parts(asked, "required_status_checks")]
    summary = part(part(branch, "protection"), "required_status_checks")
    for known in (summary, part(classic, "required_status_checks")):
        names += [name for name in known.get("contexts") or () if isinstance(name, str)]
        names += [text(one, "context") for one in parts(known, "checks")]
    reviews = part(classic, "required_pull_request_reviews")
    resolved = part(classic, "required_conversation_resolution")
    return Protection(
        approvals=max(approvals, _count(reviews, "required_approving_review_count")),
        checks=tuple(dict.fromkeys(name for name in names if name)),
        conversations=conversations or resolved.get("enabled") is True,
        queue=queue,
        auto_merge=auto_merge,
    )


def _count(data: Data, name: str) -> int:
    value = data.get(name)
    return value if type(value) is int else 0
