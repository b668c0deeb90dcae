"""GraphQL by GitHub's own schema: what it does not have is refused by it, what we cannot answer is
an error of ours, never null."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from graphql import (
    ExecutionResult,
    GraphQLError,
    GraphQLResolveInfo,
    GraphQLSchema,
    build_schema,
    execute_sync,
    parse,
    validate,
)
from sqlalchemy import RowMapping, select

from harness.core.errors import Conflict, Forbidden, HarnessError
from harness.core.forge_types import Actor, Comment, Permission, Thread
from harness.forge.embedded import issues as items
from harness.forge.embedded import reviews as talk
from harness.forge.embedded.access import Transaction
from harness.forge.embedded.tables import COMMENTS, REPOSITORIES, THREADS
from tests.github.http import Answer, Refusal
from tests.github.hub import Hub, Rules, Token
from tests.github.oracle import SCHEMA
from tests.github.payloads import stamp
from tests.github.rest_pulls import unsettled
from tests.github.routes import Call, route, seen


@lru_cache(maxsize=1)
def schema() -> GraphQLSchema:
    """GitHub's, read once: a second."""
    assert SCHEMA.is_file(), f"{SCHEMA} is missing: run `make test-parts`"
    return build_schema(SCHEMA.read_text(), assume_valid=True)


@route("POST", "/graphql", "")
def graphql(call: Call) -> Answer:
    """One document. Errors are in the body; the status is 200 all the same."""
    text, given = str(call.given("query", needed=True)), call.given("variables") or {}
    document = parse(text)
    told: list[GraphQLError] = validate(schema(), document)
    result = ExecutionResult(None, told)
    if not told:
        result = execute_sync(
            schema(), document, root_value=_Root(call).values(), variable_values=given,
            field_resolver=_field, type_resolver=lambda value, info, kind: value["__typename"],
        )  # fmt: skip
    body: dict[str, Any] = {"data": result.data}
    if result.errors:
        body["errors"] = [_error(error) for error in result.errors]
    return Answer(200, body, {"X-RateLimit-Resource": "graphql"})


def _error(error: GraphQLError) -> dict[str, Any]:
    kind = (error.extensions or {}).get("type", "")
    told: dict[str, Any] = {"message": error.message, "path": error.path or []}
    return {"type": kind, **told} if kind else told


def refused(kind: str, message: str) -> GraphQLError:
    """An error with GitHub's type: NOT_FOUND, FORBIDDEN, UNPROCESSABLE."""
    return GraphQLError(message, extensions={"type": kind})


def _field(source: Mapping[str, Any], info: GraphQLResolveInfo[Any], **arguments: Any) -> Any:
    if info.field_name not in source:
        raise GraphQLError(f"our GitHub does not know {info.parent_type.name}.{info.field_name}")
    found = source[info.field_name]
    return found(**arguments) if callable(found) else found


def connection(whole: list[dict[str, Any]], first: int | None = None, after: str | None = None,
               last: int | None = None, **ignored: Any) -> dict[str, Any]:  # fmt: skip
    """A page of nodes."""
    del ignored
    start = int(after) if after else 0
    end = len(whole) if first is None else start + first
    part = whole[start:end] if last is None else whole[-last:]
    info = {"hasNextPage": last is None and end < len(whole), "endCursor": str(end)}
    return {"nodes": part, "pageInfo": info, "totalCount": len(whole)}


class _Root:
    """The roots of queries and mutations for one request."""

    def __init__(self, call: Call) -> None:
        self.call = call

    def values(self) -> dict[str, Any]:
        return {
            "viewer": self.viewer,
            "repository": self.repository,
            "node": self.node,
            "nodes": lambda ids: [self.node(one) for one in ids],
            "markPullRequestReadyForReview": self.ready,
            "resolveReviewThread": self.resolve,
            "enqueuePullRequest": self.enqueue,
            "enablePullRequestAutoMerge": self.auto_merge,
        }

    # -- queries

    def viewer(self) -> dict[str, Any]:
        with self.call.hub.books(self.call.token.login).read() as desk:
            return {"login": desk.me.login, "databaseId": desk.me.id, "__typename": "User"}

    def repository(self, owner: str, name: str, **ignored: Any) -> dict[str, Any]:
        del ignored
        repo = f"{owner}/{name}"
        with self._desk(repo):
            pass
        return {
            "pullRequest": lambda number: self.pull(repo, number),
            "issue": lambda number: self.issue(repo, number),
        }

    def _desk(self, repo: str) -> Any:
        self.call.params = dict(zip(("owner", "repo"), repo.split("/"), strict=True))
        if not (self.call.hub.local.root / f"{repo}.git").exists():
            said = f"Could not resolve to a Repository with the name '{repo}'."
            raise refused("NOT_FOUND", said)
        try:
            with self.call.books.read() as desk:
                seen(desk)
        except Refusal:
            raise refused("NOT_FOUND", "Could not resolve to a Repository.") from None
        return self.call.books.read()

    def node(self, id: str) -> dict[str, Any]:
        """A thing by its node id."""
        kind, _, rest = id.partition("_")
        if kind in ("I", "PR"):
            repo, number = self._named(*map(int, rest.split("_")))
            return self.issue(repo, number) if kind == "I" else self.pull(repo, number)
        table = {"IC": COMMENTS, "PRRT": THREADS}.get(kind)
        if table is None:
            raise refused("NOT_FOUND", f"Could not resolve to a node with the global id of '{id}'")
        with self.call.hub.books(self.call.token.login).read() as desk:
            row = desk.conn.execute(select(table).where(table.c.id == int(rest))).mappings().first()
        if row is None:
            raise refused("NOT_FOUND", f"Could not resolve to a node with the global id of '{id}'")
        repo, number = self._named(row["repo"], row["number"])
        with self._desk(repo) as desk:
            if kind == "IC":
                (said,) = (c for c in items.comments(desk, number) if c.id == row["id"])
                return self.comment(said) | {"__typename": "IssueComment"}
            (thread,) = (t for t in talk.threads(desk, number) if t.id == str(row["id"]))
        return self.thread(repo, number, thread)

    def _named(self, repo: int, number: int) -> tuple[str, int]:
        with self.call.hub.books(self.call.token.login).read() as desk:
            asked = select(REPOSITORIES.c.name).where(REPOSITORIES.c.id == repo)
            return str(desk.conn.execute(asked).scalar_one()), number

    def issue(self, repo: str, number: int) -> dict[str, Any]:
        with self._desk(repo) as desk:
            row = self._item(desk, number, "issue")
            renamed = [
                {"createdAt": stamp(e.at), "__typename": "RenamedTitleEvent"}
                for e in items.timeline(desk, number)
                if e.kind == "renamed"
            ]
        return {
            "__typename": "Issue",
            "id": f"I_{row['repo']}_{number}",
            "number": number,
            "title": row["title"],
            "body": row["body"],
            # a new title is no edit of the text: it is an event
            "lastEditedAt": None if self._only_renamed(row, renamed) else stamp(row["edited_at"]),
            "timelineItems": lambda **given: connection(
                renamed if given.get("itemTypes") == ["RENAMED_TITLE_EVENT"] else [], **given
            ),
        }

    @staticmethod
    def _only_renamed(row: RowMapping, renamed: list[dict[str, Any]]) -> bool:
        last = renamed[-1]["createdAt"] if renamed else None
        return last is not None and last == stamp(row["edited_at"])

    @staticmethod
    def _item(desk: Transaction, number: int, kind: str) -> RowMapping:
        try:
            return desk.item(number, kind)
        except HarnessError:
            said = f"Could not resolve to an issue or pull request with the number of {number}."
            raise refused("NOT_FOUND", said) from None

    def pull(self, repo: str, number: int) -> dict[str, Any]:
        with self._desk(repo) as desk:
            row = self._item(desk, number, "pr")
            threads = talk.threads(desk, number)
        pull = self.call.pulls.one(number)
        auto = self.call.hub.auto.get((repo, number))
        queue = self.call.hub.rules.get((repo, pull.base), Rules()).queue
        waiting = bool(auto) and pull.state == "open"
        return {
            "__typename": "PullRequest",
            "id": f"PR_{row['repo']}_{number}",
            "number": number,
            "isDraft": pull.draft,
            "state": pull.state.upper(),
            "headRefOid": pull.head_sha,
            "isInMergeQueue": waiting and queue,
            "mergeQueueEntry": {"id": f"MQE_{number}"} if waiting and queue else None,
            "autoMergeRequest": {"mergeMethod": auto} if waiting and not queue else None,
            "lastEditedAt": stamp(row["edited_at"]),
            "reviewThreads": lambda **given: connection(
                [self.thread(repo, number, thread) for thread in threads], **given
            ),
        }

    def thread(self, repo: str, number: int, thread: Thread) -> dict[str, Any]:
        said = [self.comment(comment) for comment in thread.comments]
        return {
            "__typename": "PullRequestReviewThread",
            "id": f"PRRT_{thread.id}",
            "path": thread.path,
            "line": thread.line or None,
            "originalLine": thread.line or None,
            "subjectType": "LINE" if thread.line else "FILE",
            "isResolved": thread.resolved,
            "isOutdated": False,
            "viewerCanResolve": True,
            "resolvedBy": None,
            "comments": lambda **given: connection(said, **given),
        }

    def comment(self, comment: Comment) -> dict[str, Any]:
        return {
            "id": f"IC_{comment.id}",
            "databaseId": comment.id,
            "fullDatabaseId": str(comment.id),
            "body": comment.body,
            "createdAt": stamp(comment.created_at),
            "updatedAt": stamp(comment.edited_at or comment.created_at),
            "lastEditedAt": stamp(comment.edited_at),
            "author": self.actor(comment.author),
        }

    @staticmethod
    def actor(actor: Actor) -> dict[str, Any]:
        """A bot goes without its suffix here, as at GitHub."""
        bot = actor.kind == "bot"
        login = actor.login.removesuffix("[bot]")
        return {"__typename": "Bot" if bot else "User", "login": login, "databaseId": actor.id}

    # -- mutations

    def _pull_of(self, id: str) -> tuple[str, int]:
        self._may()
        kind, _, rest = id.partition("_")
        if kind != "PR":
            raise refused("NOT_FOUND", f"Could not resolve to a node with the global id of '{id}'")
        repo, number = self._named(*map(int, rest.split("_")))
        with self._desk(repo) as desk:
            if not desk.permission.covers(Permission.WRITE):
                said = f"{desk.me.login} does not have the correct permissions to execute this"
                raise refused("FORBIDDEN", said)
        return repo, number

    def _may(self) -> None:
        has = self.call.token.permissions
        if has is not None and has.get("pull_requests") != "write":
            who = "integration" if self.call.token.app else "personal access token"
            raise refused("FORBIDDEN", f"Resource not accessible by {who}")

    def ready(self, input: dict[str, Any]) -> dict[str, Any]:
        repo, number = self._pull_of(input["pullRequestId"])
        self.call.pulls.ready(number)
        return {"pullRequest": self.pull(repo, number)}

    def resolve(self, input: dict[str, Any]) -> dict[str, Any]:
        self._may()
        before = self.node(input["threadId"])
        thread = before["id"].removeprefix("PRRT_")
        with self.call.write() as desk:
            asked = select(THREADS.c.number).where(THREADS.c.id == int(thread))
            number = desk.conn.execute(asked).scalar_one()
            try:
                talk.resolve(desk, number, thread)
            except Forbidden:
                raise refused("FORBIDDEN", "Viewer can not resolve this thread") from None
        self.call.hub.resolvers[thread] = self.call.token.login
        return {"thread": self.node(input["threadId"])}

    def _open(self, input: dict[str, Any]) -> tuple[str, int, Rules]:
        repo, number = self._pull_of(input["pullRequestId"])
        pull = self.call.pulls.one(number)
        if pull.state != "open":
            raise refused("UNPROCESSABLE", "Pull request is closed")
        if pull.draft:
            raise refused("UNPROCESSABLE", "Pull request is in draft state")
        wanted = input.get("expectedHeadOid")
        if wanted is not None and wanted != pull.head_sha:
            raise refused("UNPROCESSABLE", "Head sha didn't match expected head sha")
        return repo, number, self.call.hub.rules.get((repo, pull.base), Rules())

    def enqueue(self, input: dict[str, Any]) -> dict[str, Any]:
        repo, number, rules = self._open(input)
        if not rules.queue:
            raise refused("UNPROCESSABLE", "Merge queue is not enabled on this branch")
        self.call.hub.auto.setdefault((repo, number), "merge")
        return {"mergeQueueEntry": {"id": f"MQE_{number}"}}

    def auto_merge(self, input: dict[str, Any]) -> dict[str, Any]:
        repo, number, rules = self._open(input)
        if not rules.auto_merge:
            said = "Pull request Auto merge is not allowed for this repository"
            raise refused("UNPROCESSABLE", said)
        pull = self.call.pulls.one(number)
        if pull.mergeable and not unsettled(self.call, pull, rules):
            raise refused("UNPROCESSABLE", "Pull request Pull request is in clean status")
        method = str(input.get("mergeMethod") or "MERGE").lower()
        self.call.hub.auto[repo, number] = method
        return {"pullRequest": self.pull(repo, number)}


def settle(hub: Hub) -> list[int]:
    """What a queue or auto-merge does when nobody looks: the pull requests it merged."""
    call = Call(hub, "PUT", "/", {}, {}, None, Token("ada"), "")
    done = []
    for (repo, number), method in list(call.hub.auto.items()):
        call.params = dict(zip(("owner", "repo"), repo.split("/"), strict=True))
        pull = call.pulls.one(number)
        rules = call.hub.rules.get((repo, pull.base), Rules())
        if pull.state != "open" or not pull.mergeable or unsettled(call, pull, rules):
            continue
        how: Any = method
        try:
            call.pulls.merge(number, pull.head_sha, how, "")
        except Conflict:
            continue  # the base moved meanwhile: next time
        done.append(number)
    return done
