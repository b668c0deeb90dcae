"""Issues, their comments, labels and timelines; pull requests are issues here too."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import func, select

from harness.core.forge_types import Actor, Comment, Issue, Permission
from harness.forge.embedded import issues as items
from harness.forge.embedded.access import Transaction
from harness.forge.embedded.tables import COMMENTS, ITEMS, PULLS
from tests.github.http import Answer, Refusal
from tests.github.hub import Waits
from tests.github.payloads import stamp
from tests.github.routes import Call, route

READ, WRITE = "issues:read|pull_requests:read", "issues:write|pull_requests:write"
HERE = "/repos/{owner}/{repo}/issues"


def issue_of(desk: Transaction, number: int) -> Issue:
    """An issue, or a pull request as one."""
    return items.issue_of(desk, desk.item(number))


def issue_body(call: Call, desk: Transaction, rows: Sequence[Any]) -> list[dict[str, Any]]:
    """Rows of issues and pull requests as payloads."""
    counts = _counts(desk)
    drafts = _drafts(desk)
    bodies = []
    for row in rows:
        issue = items.issue_of(desk, row)
        people = [desk.by_login(login) for login in issue.assignees]
        body = call.view.issue(call.repo, desk.repo, issue, people, counts.get(issue.number, 0))
        body["author_association"] = _association(desk, issue.author)
        waits = call.hub.waits.get((call.repo, issue.number), Waits())
        if row["kind"] == "pr":
            url = f"{call.hub.url}/repos/{call.repo}/pulls/{issue.number}"
            web = f"{call.hub.url}/{call.repo}/pull/{issue.number}"
            merged = stamp(issue.updated_at) if row["state"] == "merged" else None
            body |= {
                "draft": drafts.get(issue.number, False),
                "html_url": web,
                "node_id": f"PR_{desk.repo}_{issue.number}",
                "pull_request": {"url": url, "html_url": web, "diff_url": f"{web}.diff",
                                 "patch_url": f"{web}.patch", "merged_at": merged},
            }  # fmt: skip
        else:
            parts, by = len(waits.sub_issues), len(waits.blocked_by)
            body["sub_issues_summary"] = {"total": parts, "completed": 0, "percent_completed": 0}
            body["issue_dependencies_summary"] = {"blocked_by": by, "blocking": 0,
                                                  "total_blocked_by": by,
                                                  "total_blocking": 0}  # fmt: skip
        bodies.append(body)
    return bodies


def _association(desk: Transaction, author: Actor) -> str:
    return "OWNER" if author.login == desk.name.split("/")[0] else "CONTRIBUTOR"


def _counts(desk: Transaction) -> dict[int, int]:
    asked = (
        select(COMMENTS.c.number, func.count())
        .where(COMMENTS.c.repo == desk.repo, COMMENTS.c.thread.is_(None))
        .group_by(COMMENTS.c.number)
    )
    return {row[0]: row[1] for row in desk.conn.execute(asked)}


def _drafts(desk: Transaction) -> dict[int, bool]:
    asked = select(PULLS.c.number, PULLS.c.draft).where(PULLS.c.repo == desk.repo)
    return {row[0]: row[1] for row in desk.conn.execute(asked)}


def one_issue(call: Call, desk: Transaction, number: int) -> dict[str, Any]:
    return issue_body(call, desk, [desk.item(number)])[0]


@route("GET", HERE, READ)
def list_issues(call: Call) -> Answer:
    asked = call.query
    with call.read() as desk:
        rows = desk.conn.execute(select(ITEMS).where(ITEMS.c.repo == desk.repo)).mappings().all()
        state = asked.get("state", "open")
        found = [r for r in rows if state == "all" or (r["state"] == "open") == (state == "open")]
        if since := asked.get("since"):
            after = datetime.fromisoformat(since)
            found = [r for r in found if r["updated_at"].replace(microsecond=0) >= after]
        for label in filter(None, asked.get("labels", "").split(",")):
            found = [r for r in found if label.casefold() in map(str.casefold, r["labels"])]
        if creator := asked.get("creator"):
            found = [r for r in found if desk.actor(r["author"]).login == creator]
        key = "updated_at" if asked.get("sort") == "updated" else "created_at"
        ascending = asked.get("direction") == "asc"
        found.sort(key=lambda r: (r[key].replace(microsecond=0), r["number"]),
                   reverse=not ascending)  # fmt: skip
        page = call.paged(list(found))
        return Answer(200, issue_body(call, desk, page.body), page.headers)


@route("POST", HERE, "issues:write")
def make_issue(call: Call) -> Answer:
    title = str(call.given("title", needed=True))
    wanted = [str(label) for label in call.given("labels") or ()]
    with call.write() as desk:
        # labels of somebody who may not put them are dropped without a word
        may = desk.permission.covers(Permission.TRIAGE)
        made = items.create(desk, title, str(call.given("body") or ""), wanted if may else (), "")
        call.hub.labels.setdefault(call.repo, set()).update(wanted if may else ())
        return Answer(201, one_issue(call, desk, made.number))


@route("GET", HERE + "/{number}", READ)
def get_issue(call: Call) -> Answer:
    with call.read() as desk:
        return Answer(200, one_issue(call, desk, call.number))


@route("PATCH", HERE + "/{number}", WRITE)
def edit_issue(call: Call) -> Answer:
    title, body, state = (call.given(name) for name in ("title", "body", "state"))
    with call.write() as desk:
        row = desk.item(call.number)
        if title is not None or body is not None:
            items.edit_item(desk, row["kind"], call.number, title, body)
        if state is not None and row["kind"] == "pr":
            raise Refusal(422, "Validation Failed", [])
        if state == "closed":
            items.close(desk, call.number, call.given("state_reason") or "completed")
        elif state == "open":
            items.reopen(desk, call.number)
        return Answer(200, one_issue(call, desk, call.number))


# -- labels


@route("GET", HERE + "/{number}/labels", READ)
def issue_labels(call: Call) -> Answer:
    with call.read() as desk:
        return call.paged(_labels(call, desk))


@route("POST", HERE + "/{number}/labels", WRITE)
def add_labels(call: Call) -> Answer:
    given = call.body if isinstance(call.body, list) else call.given("labels") or ()
    names = [label["name"] if isinstance(label, dict) else str(label) for label in given]
    with call.write() as desk:
        items.relabel(desk, call.number, names, ())
        call.hub.labels.setdefault(call.repo, set()).update(names)
        return Answer(200, _labels(call, desk))


@route("DELETE", HERE + "/{number}/labels/{name}", WRITE)
def remove_label(call: Call) -> Answer:
    name = call.params["name"]
    with call.write() as desk:
        has = [label.casefold() for label in issue_of(desk, call.number).labels]
        desk.need(Permission.TRIAGE)
        if name.casefold() not in has:
            raise Refusal(404, "Label does not exist")
        items.relabel(desk, call.number, (), (name,))
        return Answer(200, _labels(call, desk))


def _labels(call: Call, desk: Transaction) -> list[dict[str, Any]]:
    names = issue_of(desk, call.number).labels
    return [call.view.label(call.repo, name) for name in names]


# -- comments


def comment_body(call: Call, number: int, comment: Comment) -> dict[str, Any]:
    """A comment on an issue or a pull request."""
    url = f"{call.hub.url}/repos/{call.repo}/issues"
    web = f"{call.hub.url}/{call.repo}/issues/{number}#issuecomment-{comment.id}"
    return {
        "id": comment.id,
        "node_id": f"IC_{comment.id}",
        "url": f"{url}/comments/{comment.id}",
        "html_url": web,
        "issue_url": f"{url}/{number}",
        "body": comment.body,
        "user": call.view.user(comment.author),
        "created_at": stamp(comment.created_at),
        "updated_at": stamp(comment.edited_at or comment.created_at),
        "author_association": "CONTRIBUTOR",
        "performed_via_github_app": None,
    }


@route("GET", HERE + "/{number}/comments", READ)
def list_comments(call: Call) -> Answer:
    with call.read() as desk:
        said = items.comments(desk, call.number)
        if since := call.query.get("since"):
            after = datetime.fromisoformat(since)
            said = tuple(c for c in said if (c.edited_at or c.created_at) >= after)
        return call.paged([comment_body(call, call.number, comment) for comment in said])


@route("POST", HERE + "/{number}/comments", WRITE)
def make_comment(call: Call) -> Answer:
    body = str(call.given("body", needed=True))
    with call.write() as desk:
        made = items.comment(desk, call.number, body)
    return Answer(201, comment_body(call, call.number, made))


@route("GET", HERE + "/comments/{id}", READ)
def get_comment(call: Call) -> Answer:
    with call.read() as desk:
        number = _item_of(desk, call.id)
        (found,) = (c for c in items.comments(desk, number) if c.id == call.id)
    return Answer(200, comment_body(call, number, found))


@route("PATCH", HERE + "/comments/{id}", WRITE)
def edit_comment(call: Call) -> Answer:
    body = str(call.given("body", needed=True))
    with call.write() as desk:
        number = _item_of(desk, call.id)
        made = items.edit_comment(desk, number, call.id, body)
    return Answer(200, comment_body(call, number, made))


def _item_of(desk: Transaction, comment: int) -> int:
    asked = select(COMMENTS.c.number).where(
        COMMENTS.c.repo == desk.repo, COMMENTS.c.id == comment, COMMENTS.c.thread.is_(None)
    )
    number = desk.conn.execute(asked).scalar_one_or_none()
    if number is None:
        raise Refusal(404, "Not Found")
    return int(number)


# -- timeline, what it waits for


@route("GET", HERE + "/{number}/timeline", READ)
def timeline(call: Call) -> Answer:
    with call.read() as desk:
        told: list[tuple[datetime, dict[str, Any]]] = []
        title = issue_of(desk, call.number).title
        for event in items.timeline(desk, call.number):
            body = call.view.event(call.repo, event)
            told.append((event.at, body | _details(call, desk, event.kind, event.subject, title)))
        for comment in items.comments(desk, call.number):
            body = comment_body(call, call.number, comment)
            told.append((comment.created_at, body | {"event": "commented", "actor": body["user"]}))
    told.sort(key=lambda row: row[0])
    return call.paged([body for _, body in told])


def _details(call: Call, desk: Transaction, kind: str, subject: str, title: str) -> dict[str, Any]:
    if kind in ("labeled", "unlabeled"):
        return {"label": {"name": subject, "color": "ededed"}}
    if kind in ("assigned", "unassigned"):
        person = call.view.user(desk.by_login(subject))
        return {"assignee": person}
    if kind in ("milestoned", "demilestoned"):
        return {"milestone": {"title": subject}}
    if kind == "renamed":
        return {"rename": {"from": title, "to": subject}}
    if kind == "closed":
        return {"commit_id": subject or None, "state_reason": "completed"}
    if kind == "merged":
        return {"commit_id": subject or None}
    if kind == "review_requested":
        person = call.view.user(desk.by_login(subject))
        return {"review_requester": person, "requested_reviewer": person}
    return {}


@route("GET", HERE + "/{number}/dependencies/blocked_by", "issues:read")
def blocked_by(call: Call) -> Answer:
    return _others(call, call.hub.waits.get((call.repo, call.number), Waits()).blocked_by)


@route("GET", HERE + "/{number}/sub_issues", "issues:read")
def sub_issues(call: Call) -> Answer:
    return _others(call, call.hub.waits.get((call.repo, call.number), Waits()).sub_issues)


def _others(call: Call, numbers: Sequence[int]) -> Answer:
    with call.read() as desk:
        desk.item(call.number)
        return call.paged([one_issue(call, desk, number) for number in numbers])
