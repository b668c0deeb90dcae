"""The adapter against a GitHub that others wrote: from a labelled issue to a merged pull request.

What emulate 0.12.2 has not, and these tests therefore leave to our own GitHub: ETags, git itself,
GraphQL (threads, drafts made ready, the time of an edit), commit statuses, mergeability, a head
that moves with its branch, tokens that are refused.
"""

from __future__ import annotations

import asyncio
import base64
from collections.abc import Awaitable, Callable, Iterator
from datetime import timedelta

import pytest

from harness.core.errors import Conflict, NotFound
from harness.core.forge_types import Permission
from harness.forge.github.forge import GithubForge
from tests.github.clock import JumpClock
from tests.github.emulate import Emulated, emulated
from tests.github.oracle import Allowed, held

REPO = "alice/demo"
HERE = f"/repos/{REPO}"
SEED = {
    "tokens": {
        "tok_alice": {"login": "alice", "scopes": ["repo"]},
        "tok_bot": {"login": "agent-bot", "scopes": ["repo"]},
    },
    "github": {
        "users": [{"login": "alice"}, {"login": "agent-bot"}],
        "repos": [{"owner": "alice", "name": "demo", "private": False, "auto_init": True}],
    },
}
FAULTS = (
    Allowed(
        r"^GET /repos/\{owner\}/\{repo\}$",
        r"'(network|subscribers)_count' is a required",
        "emulate leaves two counts out of a repository",
    ),
    Allowed(
        r"/collaborators/\{username\}/permission$",
        r"'role_name' is a required",
        "emulate gives the role beside the user only",
    ),
    Allowed(
        r"/requested_reviewers$", r"^status 200", "emulate answers 200 where GitHub answers 201"
    ),
    Allowed(r"/check-runs", r"'annotations_url' is a required", "emulate leaves it out"),
    Allowed(
        r"^GET .*/branches/\{branch\}$",
        r"is a required property$",
        "emulate gives the short form of a branch where GitHub gives the whole",
    ),
)
"""What emulate 0.12.2 gets wrong, seen by the oracle."""

Work = Callable[[GithubForge], Awaitable[None]]


@pytest.fixture(scope="module")
def hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Emulated]:
    with emulated(tmp_path_factory.mktemp("emulate"), SEED) as made:
        made.call("PUT", f"{HERE}/collaborators/agent-bot", {"permission": "push"})
        yield made
        assert held(made.exchanges, FAULTS)


def as_bot(hub: Emulated, work: Work, clock: JumpClock | None = None) -> None:
    async def scenario() -> None:
        forge = hub.forge("tok_bot", REPO, clock or JumpClock())
        try:
            await work(forge)
        finally:
            await forge.close_wire()

    asyncio.run(scenario())


def branch(hub: Emulated, name: str, path: str, text: str) -> str:
    """A branch with one commit of alice's; its tip."""
    main = hub.call("GET", f"{HERE}/git/ref/heads/main")["object"]["sha"]
    hub.call("POST", f"{HERE}/git/refs", {"ref": f"refs/heads/{name}", "sha": main})
    content = base64.b64encode(text.encode()).decode()
    change = {"message": "Change", "content": content, "branch": name}
    hub.call("PUT", f"{HERE}/contents/{path}", change)
    return str(hub.call("GET", f"{HERE}/git/ref/heads/{name}")["object"]["sha"])


def test_an_issue_is_read_labelled_answered_and_closed(hub: Emulated) -> None:
    number = hub.call("POST", f"{HERE}/issues", {"title": "Broken", "body": "b"})["number"]
    hub.call("POST", f"{HERE}/issues/{number}/labels", {"labels": ["harness"]})

    async def work(forge: GithubForge) -> None:
        issue = await forge.issue(number)
        assert (issue.title, issue.author.login, issue.labels) == ("Broken", "alice", ("harness",))
        page = await forge.issues()
        assert number in [found.number for found in page.issues]
        assert (await forge.issues(page.cursor)).issues == ()
        (labelled,) = [e for e in await forge.timeline(number) if e.kind == "labeled"]
        assert (labelled.actor.login, labelled.subject) == ("alice", "harness")
        assert await forge.permission(labelled.actor) == Permission.ADMIN
        first = await forge.put_comment(number, "run-1", "working")
        again = await forge.put_comment(number, "run-1", "done")
        (said,) = await forge.comments(number)
        assert first.id == again.id == said.id
        assert "done" in said.body
        await forge.labels(number, add=("seen",))
        assert (await forge.labels(number, remove=("seen",))).labels == ("harness",)
        assert (await forge.close(number)).state == "closed"

    as_bot(hub, work)


def test_a_branch_becomes_a_pull_request_is_reviewed_and_merged(hub: Emulated) -> None:
    head = branch(hub, "fix", "src/b.py", "x = 1\n")

    async def work(forge: GithubForge) -> None:
        assert await forge.file_at("main", "README.md") == b"# demo\n"
        assert await forge.file_at("main", "src/b.py") is None
        pull = await forge.open_pr("fix", "main", "Fix it", "text", draft=False)
        assert (pull.head_sha, pull.state) == (head, "open")
        found = await forge.find_pr("fix")
        assert found is not None
        assert found.number == pull.number
        assert [p.number for p in await forge.pulls()] == [pull.number]
        assert (await forge.edit_pr(pull.number, title="Fix it well")).title == "Fix it well"
        await forge.request_review(pull.number, ["alice"])
        hub.call("POST", f"{HERE}/pulls/{pull.number}/reviews", {"event": "APPROVE", "body": "ok"})
        (review,) = await forge.reviews(pull.number)
        assert (review.author.login, review.state, review.commit) == ("alice", "approved", head)
        check = await forge.put_check(head, "evidence", "success", "all of it")
        assert (check.kind, check.conclusion) == ("run", "success")
        with pytest.raises(Conflict):
            await forge.merge(pull.number, "0" * 40, "squash", "Fix it")
        done = await forge.merge(pull.number, head, "squash", "Fix it")
        assert (done.state, done.head_sha) == ("merged", head)
        assert (await forge.merge(pull.number, head, "squash", "Fix it")).state == "merged"
        assert await forge.file_at("main", "src/b.py") == b"x = 1\n"
        await forge.delete_branch("fix", head)
        await forge.delete_branch("fix", head)

    as_bot(hub, work)


def test_of_eight_daemons_one_gets_the_lease(hub: Emulated) -> None:
    number = hub.call("POST", f"{HERE}/issues", {"title": "Wanted", "body": "b"})["number"]
    clock = JumpClock()

    async def work(forge: GithubForge) -> None:
        daemons = [hub.forge("tok_bot", REPO, clock) for _ in range(8)]
        taken = await asyncio.gather(
            *(d.take_lease(number, f"daemon-{at}", 3600) for at, d in enumerate(daemons))
        )
        (lease,) = [lease for lease in taken if lease is not None]
        assert await forge.holds_lease(lease)
        clock.advance(timedelta(hours=2).total_seconds())
        assert not await forge.holds_lease(lease)
        other = await forge.take_lease(number, "late", 3600)
        assert other is not None
        assert other.token > lease.token
        for daemon in daemons:
            await daemon.close_wire()

    as_bot(hub, work, clock)


def test_what_only_graphql_does_is_said_to_be_missing(hub: Emulated) -> None:
    branch(hub, "draft", "src/c.py", "x = 1\n")

    async def work(forge: GithubForge) -> None:
        pull = await forge.open_pr("draft", "main", "Draft", "", draft=True)
        assert pull.draft
        with pytest.raises(Conflict):
            await forge.merge(pull.number, pull.head_sha, "squash", "")
        with pytest.raises(NotFound):
            await forge.ready(pull.number)

    as_bot(hub, work)
