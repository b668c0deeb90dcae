"""Pull requests, their reviews and threads, and the merge with its rules."""

from __future__ import annotations

from typing import Any

from sqlalchemy import RowMapping, select

from harness.core.errors import Conflict, Forbidden, NotFound
from harness.core.forge_types import Comment, Permission, PullRequest, Review
from harness.forge.embedded import issues as items
from harness.forge.embedded import reviews as talk
from harness.forge.embedded.access import Transaction
from harness.forge.embedded.tables import COMMENTS, PULLS, TIMELINE
from tests.github.http import Answer, Refusal
from tests.github.hub import Rules
from tests.github.payloads import stamp
from tests.github.rest_issues import one_issue
from tests.github.rest_repository import repository_of
from tests.github.routes import Call, route

HERE = "/repos/{owner}/{repo}/pulls"
READ, WRITE = "pull_requests:read", "pull_requests:write"


def pull_row(desk: Transaction, number: int) -> RowMapping:
    asked = select(PULLS).where(PULLS.c.repo == desk.repo, PULLS.c.number == number)
    row = desk.conn.execute(asked).mappings().first()
    if row is None:
        raise Refusal(404, "Not Found")
    return row


def requested(desk: Transaction, number: int) -> list[str]:
    """Whose review is asked for and still out: submitting one takes it off the list."""
    answered = {review.author.login for review in talk.reviews(desk, number)}
    return [login for login in pull_row(desk, number)["requested"] if login not in answered]


def simple_body(call: Call, desk: Transaction, pull: PullRequest) -> dict[str, Any]:
    """A pull request as lists show it."""
    issue = one_issue(call, desk, pull.number)
    url, web = issue["url"].replace("/issues/", "/pulls/"), issue["html_url"]
    repo = repository_of(call.view, desk)
    ends = {}
    for name, ref, sha in (("head", pull.head, pull.head_sha), ("base", pull.base, pull.base_sha)):
        owner = repo["owner"]
        label = f"{owner['login']}:{ref}"
        ends[name] = {"label": label, "ref": ref, "sha": sha, "repo": repo, "user": owner}
    links = {
        "self": url, "html": web, "issue": issue["url"], "comments": issue["comments_url"],
        "review_comments": f"{url}/comments", "review_comment": f"{url}/comments{{/number}}",
        "commits": f"{url}/commits", "statuses": f"{call.hub.url}/statuses/{pull.head_sha}",
    }  # fmt: skip
    same = ("number", "title", "body", "user", "labels", "assignee", "assignees", "milestone",
            "locked", "active_lock_reason", "author_association", "created_at",
            "updated_at", "closed_at", "id", "node_id", "html_url", "comments_url")  # fmt: skip
    method = call.hub.auto.get((call.repo, pull.number))
    auto = None
    if method and not call.hub.rules.get((call.repo, pull.base), Rules()).queue:
        auto = {"enabled_by": call.view.user(desk.me), "merge_method": method,
                "commit_title": "", "commit_message": ""}  # fmt: skip
    return {
        **{name: issue[name] for name in same},
        "id": issue["id"] + 500_000,
        "url": url,
        "diff_url": f"{web}.diff",
        "patch_url": f"{web}.patch",
        "issue_url": issue["url"],
        "commits_url": links["commits"],
        "review_comments_url": links["review_comments"],
        "review_comment_url": links["review_comment"],
        "statuses_url": links["statuses"],
        "_links": {name: {"href": href} for name, href in links.items()},
        **ends,
        "state": "open" if pull.state == "open" else "closed",
        "draft": pull.draft,
        "merged_at": stamp(pull.updated_at) if pull.state == "merged" else None,
        "merge_commit_sha": pull.merged_sha,
        "auto_merge": auto,
        "requested_reviewers": [
            call.view.user(desk.by_login(login)) for login in requested(desk, pull.number)
        ],
        "requested_teams": [],
    }


def pull_body(call: Call, desk: Transaction, pull: PullRequest) -> dict[str, Any]:
    """A pull request on its own."""
    simple = simple_body(call, desk, pull)
    for end in ("head", "base"):
        simple[end] = {**simple[end]}
    merger = None
    if pull.state == "merged":
        asked = select(TIMELINE.c.actor).where(
            TIMELINE.c.repo == desk.repo, TIMELINE.c.number == pull.number,
            TIMELINE.c.kind == "merged",
        )  # fmt: skip
        merger = call.view.user(desk.actor(desk.conn.execute(asked).scalar_one()))
    return {
        **simple,
        "merged": pull.state == "merged",
        "mergeable": pull.mergeable if pull.state == "open" else None,
        "rebaseable": pull.mergeable if pull.state == "open" else None,
        "mergeable_state": _mergeable_state(pull),
        "merged_by": merger,
        "comments": len(items.comments(desk, pull.number)),
        "review_comments": sum(len(t.comments) for t in talk.threads(desk, pull.number)),
        "maintainer_can_modify": False,
        "commits": len(call.bare.line(pull.base_sha, pull.head_sha)),
        "additions": 1,
        "deletions": 0,
        "changed_files": 1,
    }


def _mergeable_state(pull: PullRequest) -> str:
    if pull.state != "open":
        return "unknown"
    if not pull.mergeable:
        return "dirty"
    return "draft" if pull.draft else "clean"


def _whole(call: Call, number: int) -> Answer:
    pull = call.pulls.one(number)
    with call.read() as desk:
        return Answer(200, pull_body(call, desk, pull))


@route("GET", HERE, READ)
def list_pulls(call: Call) -> Answer:
    asked = call.query
    state = asked.get("state", "open")
    with call.read() as desk:
        wanted = select(PULLS.c.number).where(PULLS.c.repo == desk.repo)
        if head := asked.get("head"):
            owner, _, branch = head.partition(":")
            ours = owner == call.repo.split("/")[0]
            wanted = wanted.where(PULLS.c.head == (branch if ours else None))
        numbers = desk.conn.execute(wanted.order_by(PULLS.c.number.desc())).scalars().all()
    found = [call.pulls.one(number) for number in numbers]
    if state != "all":
        found = [pull for pull in found if (pull.state == "open") == (state == "open")]
    if base := asked.get("base"):
        found = [pull for pull in found if pull.base == base]
    if asked.get("direction") == "asc":
        found.reverse()
    page = call.paged(found)
    with call.read() as desk:
        return Answer(200, [simple_body(call, desk, pull) for pull in page.body], page.headers)


@route("POST", HERE, WRITE)
def open_pull(call: Call) -> Answer:
    head, base = str(call.given("head", needed=True)), str(call.given("base", needed=True))
    title = str(call.given("title", needed=True))
    with call.read() as desk:
        desk.need(Permission.WRITE)
    branch = head.partition(":")[2] or head
    kind = {"resource": "PullRequest"}
    for name, value in (("head", branch), ("base", base)):
        if call.bare.branch(value) is None:
            code = {"field": name, "code": "invalid"}
            raise Refusal(422, "Validation Failed", [kind | code])
    try:
        body = str(call.given("body") or "")
        made = call.pulls.open(branch, base, title, body, draft=bool(call.given("draft")))
    except Conflict as error:
        said = (
            f"A pull request already exists for {call.params['owner']}:{branch}."
            if error.key == "forge.pr_exists"
            else f"No commits between {base} and {branch}"
        )
        raise Refusal(
            422, "Validation Failed", [kind | {"code": "custom", "message": said}]
        ) from None
    with call.read() as desk:
        return Answer(201, pull_body(call, desk, made))


@route("GET", HERE + "/{number}", READ)
def get_pull(call: Call) -> Answer:
    with call.read():
        pass
    return _whole(call, call.number)


@route("PATCH", HERE + "/{number}", WRITE)
def edit_pull(call: Call) -> Answer:
    with call.read():
        pass
    title, body = call.given("title"), call.given("body")
    if title is not None or body is not None:
        call.pulls.edit(call.number, title, body)
    if call.given("state") == "closed":
        call.pulls.close(call.number)
    return _whole(call, call.number)


@route("PUT", HERE + "/{number}/merge", "contents:write")
def merge(call: Call) -> Answer:
    pull = call.pulls.one(call.number)
    with call.read() as desk:
        desk.need(Permission.WRITE)
    wanted = str(call.given("sha") or pull.head_sha)
    if pull.state != "open" or pull.draft:
        said = "Pull Request is still a draft" if pull.draft else "Pull Request is not mergeable"
        raise Refusal(405, said)
    if pull.head_sha != wanted:
        raise Refusal(409, "Head branch was modified. Review and try the merge again.")
    if not pull.mergeable:
        raise Refusal(405, "Pull Request is not mergeable")
    refuse_unsettled(call, pull)
    message = "\n\n".join(filter(None, (call.given("commit_title"), call.given("commit_message"))))
    method: Any = call.given("merge_method") or "merge"
    try:
        done = call.pulls.merge(call.number, wanted, method, message)
    except Conflict:
        raise Refusal(405, "Base branch was modified. Review and try the merge again.") from None
    said = "Pull Request successfully merged"
    return Answer(200, {"sha": done.merged_sha, "merged": True, "message": said})


def refuse_unsettled(call: Call, pull: PullRequest) -> None:
    """405 while the branch's rules are not met."""
    rules = call.hub.rules.get((call.repo, pull.base), Rules())
    if rules.queue:
        raise Refusal(405, "Changes must be made through the merge queue")
    for said in unsettled(call, pull, rules):
        raise Refusal(405, said)


def unsettled(call: Call, pull: PullRequest, rules: Rules) -> list[str]:
    """What is still in the way of a merge."""
    told = []
    with call.read() as desk:
        states = {r.author.id: r.state for r in talk.reviews(desk, pull.number)
                  if r.state != "commented"}  # fmt: skip
        approvals = sum(state == "approved" for state in states.values())
        open_threads = [t for t in talk.threads(desk, pull.number) if not t.resolved]
        runs = {c.name: c.conclusion for c in talk.checks(desk, pull.head_sha)}
    statuses = call.hub.statuses.get((call.repo, pull.head_sha), [])
    runs |= {s.context: "success" if s.state == "success" else None for s in statuses}
    if approvals < rules.approvals:
        told.append(f"At least {rules.approvals} approving review is required by reviewers "
                    "with write access.")  # fmt: skip
    fine = ("success", "neutral", "skipped")
    told += [f'Required status check "{name}" is expected.'
             for name in rules.checks if runs.get(name) not in fine]  # fmt: skip
    if rules.conversations and open_threads:
        told.append("A conversation must be resolved before this pull request can be merged.")
    return told


# -- reviews


def review_body(call: Call, number: int, review: Review) -> dict[str, Any]:
    url = f"{call.hub.url}/repos/{call.repo}/pulls/{number}"
    web = f"{call.hub.url}/{call.repo}/pull/{number}#pullrequestreview-{review.id}"
    return {
        "id": review.id,
        "node_id": f"PRR_{review.id}",
        "user": call.view.user(review.author),
        "body": review.body,
        "state": review.state.upper(),
        "html_url": web,
        "pull_request_url": url,
        "_links": {"html": {"href": web}, "pull_request": {"href": url}},
        "submitted_at": stamp(review.at),
        "commit_id": review.commit,
        "author_association": "CONTRIBUTOR",
    }


@route("GET", HERE + "/{number}/reviews", READ)
def list_reviews(call: Call) -> Answer:
    with call.read() as desk:
        found = talk.reviews(desk, call.number)
    return call.paged([review_body(call, call.number, review) for review in found])


@route("POST", HERE + "/{number}/requested_reviewers", WRITE)
def request_review(call: Call) -> Answer:
    logins = [str(login) for login in call.given("reviewers") or ()]
    pull = call.pulls.one(call.number)
    with call.read() as desk:
        for login in logins:
            if desk.by_login(login).id == pull.author.id:
                raise Refusal(422, "Review cannot be requested from pull request author.")
    try:
        call.pulls.request_review(call.number, logins)
    except NotFound:
        said = "Reviews may only be requested from collaborators."
        raise Refusal(422, said) from None
    except Forbidden:
        raise Refusal(403, "Must have push access to repository") from None
    with call.read() as desk:
        return Answer(201, simple_body(call, desk, pull))


def review_comment_body(
    call: Call, pull: PullRequest, comment: Comment, path: str, line: int, first: int
) -> dict[str, Any]:
    url = f"{call.hub.url}/repos/{call.repo}/pulls"
    web = f"{call.hub.url}/{call.repo}/pull/{pull.number}#discussion_r{comment.id}"
    links = {"self": f"{url}/comments/{comment.id}", "html": web,
             "pull_request": f"{url}/{pull.number}"}  # fmt: skip
    body: dict[str, Any] = {
        "id": comment.id,
        "node_id": f"PRRC_{comment.id}",
        "url": links["self"],
        "pull_request_review_id": None,
        "diff_hunk": "@@ -0,0 +1 @@",
        "path": path,
        "line": line or None,
        "original_line": line or None,
        "side": "RIGHT",
        "subject_type": "line" if line else "file",
        "commit_id": pull.head_sha,
        "original_commit_id": pull.head_sha,
        "user": call.view.user(comment.author),
        "body": comment.body,
        "created_at": stamp(comment.created_at),
        "updated_at": stamp(comment.edited_at or comment.created_at),
        "html_url": web,
        "pull_request_url": links["pull_request"],
        "author_association": "CONTRIBUTOR",
        "_links": {name: {"href": href} for name, href in links.items()},
    }
    return body if comment.id == first else body | {"in_reply_to_id": first}


@route("GET", HERE + "/{number}/comments", READ)
def list_review_comments(call: Call) -> Answer:
    pull = call.pulls.one(call.number)
    with call.read() as desk:
        found = [
            review_comment_body(call, pull, c, t.path, t.line, t.comments[0].id)
            for t in talk.threads(desk, call.number)
            for c in t.comments
        ]
    return call.paged(sorted(found, key=lambda body: int(body["id"])))


@route("POST", HERE + "/{number}/comments/{id}/replies", WRITE)
def reply(call: Call) -> Answer:
    body = str(call.given("body", needed=True))
    pull = call.pulls.one(call.number)
    with call.write() as desk:
        for thread in talk.threads(desk, call.number):
            # only the first comment of a thread can be replied to
            if thread.comments[0].id == call.id:
                made = talk.reply(desk, call.number, thread.id, "", body)
                told = review_comment_body(call, pull, made, thread.path, thread.line, call.id)
                return Answer(201, told)
    raise Refusal(404, "Not Found")


@route("PATCH", HERE + "/comments/{id}", WRITE)
def edit_review_comment(call: Call) -> Answer:
    body = str(call.given("body", needed=True))
    with call.write() as desk:
        asked = select(COMMENTS).where(COMMENTS.c.repo == desk.repo, COMMENTS.c.id == call.id)
        row = desk.conn.execute(asked).mappings().first()
        if row is None or row["thread"] is None:
            raise Refusal(404, "Not Found")
        made = items.edit_comment(desk, row["number"], call.id, body)
        thread = next(t for t in talk.threads(desk, row["number"]) if t.id == str(row["thread"]))
    pull = call.pulls.one(row["number"])
    first = thread.comments[0].id
    told = review_comment_body(call, pull, made, thread.path, thread.line, first)
    return Answer(200, told)
