"""An answer lost after each write in turn: asked again, everything is there once."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from typing import Any

import pytest

from harness.core.errors import Lost, Unavailable
from harness.forge.github.forge import GithubForge
from tests.github.clock import JumpClock
from tests.github.http import Exchange, Fault
from tests.github.hub import Hub
from tests.github.oracle import held
from tests.github.server import github

Deed = Callable[[GithubForge, dict[str, Any]], Awaitable[object]]
WRITES = "POST|PATCH|PUT|DELETE"
CHANGES = r"(?s:(?!.*\\nquery ).*)"
"""A body that is not a GraphQL query, which is sent as a POST too."""


@pytest.fixture(scope="module")
def hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hub]:
    with github(tmp_path_factory.mktemp("lost"), JumpClock()) as made:
        yield made
        assert held(made.exchanges)


def facts_of(hub: Hub, at: int) -> dict[str, Any]:
    """An issue, a branch and a pull request with a thread, and one branch without; all new."""
    number = hub.issue("ada", f"Broken {at}").number
    hub.branches(**{f"fix-{at}": "one\ntwo\n", f"new-{at}": "other\n"})
    head = hub.bare().commit(f"new-{at}")

    async def opened() -> int:
        ada = hub.as_("ada")
        pull = await ada.open_pr(f"fix-{at}", "main", f"Fix {at}", "", draft=False)
        await ada.add_thread(pull.number, f"fix-{at}.txt", 1, "Why?")
        await ada.add_comment(pull.number, "one")
        return pull.number

    pr = asyncio.run(opened())
    sha = hub.bare().commit(f"fix-{at}")
    return {"number": number, "pr": pr, "sha": sha, "new": f"new-{at}", "head": head, "at": at}


def changes(exchange: Exchange) -> bool:
    asked = exchange.request if isinstance(exchange.request, dict) else {}
    return exchange.method != "GET" and "\nquery " not in str(asked.get("query", ""))


async def threaded(forge: GithubForge, f: dict[str, Any]) -> object:
    (thread,) = await forge.threads(f["pr"])
    return await forge.reply(f["pr"], thread.id, "r1", "Because")


async def resolved(forge: GithubForge, f: dict[str, Any]) -> object:
    (thread,) = await forge.threads(f["pr"])
    await forge.resolve(f["pr"], thread.id)
    return None


DEEDS: dict[str, Deed] = {
    "create_issue": lambda g, f: g.create_issue("Found", "text", ("bug",), key=f"key-{f['at']}"),
    "edit_issue": lambda g, f: g.edit_issue(f["number"], body="other"),
    "labels": lambda g, f: g.labels(f["number"], add=("a", "b")),
    "close": lambda g, f: g.close(f["number"]),
    "put_comment": lambda g, f: g.put_comment(f["number"], "run-1", "working"),
    "open_pr": lambda g, f: g.open_pr(f["new"], "main", "New", "", draft=True),
    "edit_pr": lambda g, f: g.edit_pr(f["pr"], title="Better"),
    "request_review": lambda g, f: g.request_review(f["pr"], ["eve"]),
    "put_check": lambda g, f: g.put_check(f["sha"], "evidence", "success", "all"),
    "reply": threaded,
    "resolve": resolved,
    "take_lease": lambda g, f: g.take_lease(f["number"], "here", 60),
    "close_pr": lambda g, f: g.close_pr(f["pr"]),
    "merge": lambda g, f: g.merge(f["pr"], f["sha"], "squash", "Fix"),
    "delete_branch": lambda g, f: g.delete_branch(f["new"], f["head"]),
}


def shape(hub: Hub, f: dict[str, Any]) -> dict[str, Any]:
    """What the web pages show of it in the end, numbers and times left out."""

    async def look() -> dict[str, Any]:
        ada = hub.as_("ada")
        issue, pull = await ada.issue(f["number"]), await ada.pr(f["pr"])
        page = await ada.issues()
        threads = await ada.threads(f["pr"])
        return {
            "issue": (issue.body, issue.labels, issue.state),
            "kinds": [e.kind for e in await ada.timeline(f["number"])],
            "comments": [c.body for c in await ada.comments(f["number"])],
            "made": sum(f"key-{f['at']} " in i.body for i in page.issues),
            "pull": (pull.title.replace(str(f["at"]), ""), pull.state),
            "pulls": hub.opened_from(f["new"]),
            "threads": [(t.resolved, [c.body for c in t.comments]) for t in threads],
            "branch": hub.bare().branch(f["new"]) is not None,
            "statuses": [s.state for s in hub.statuses.get(("owner/project", f["sha"]), [])],
            "asked": [e.kind for e in await ada.timeline(f["pr"])],
        }

    return asyncio.run(look())


def ending(hub: Hub, deed: Deed, at: int, lose: int) -> tuple[dict[str, Any], int]:
    """The deed done with its `lose`th write's answer lost (0: none), asked again while the forge
    says that it is away; how many writes it took."""
    facts = facts_of(hub, at)

    async def scenario() -> None:
        forge = hub.forge("tok_bot")
        await forge.me()
        if lose:
            hub.faults.add(Fault("drop_after", WRITES, body=CHANGES, nth=lose))
        before = len(hub.exchanges)
        for _ in range(4):
            try:
                await deed(forge, facts)
            except (Lost, Unavailable):
                continue
            break
        else:
            raise AssertionError("it never came to an end")
        facts["writes"] = sum(changes(e) for e in hub.exchanges[before:])
        await forge.close_wire()

    hub.faults.rules.clear()
    asyncio.run(scenario())
    hub.faults.rules.clear()
    return shape(hub, facts), facts["writes"]


@pytest.mark.parametrize("name", DEEDS)
def test_an_answer_lost_after_each_write_leaves_nothing_twice(hub: Hub, name: str) -> None:
    at = 100 * list(DEEDS).index(name)
    whole, writes = ending(hub, DEEDS[name], at, 0)
    assert writes > 0
    for lose in range(1, writes + 1):
        found, _ = ending(hub, DEEDS[name], at + lose, lose)
        assert found == whole, f"answer {lose} of {writes}"
