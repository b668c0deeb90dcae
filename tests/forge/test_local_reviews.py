"""Reviews, threads and checks."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from harness.core.errors import Conflict, NotFound, UsageError
from tests.forge.world import Local, make_local, opened


@pytest.fixture
def local(tmp_path: Path) -> Local:
    return make_local(tmp_path)


def test_an_author_does_not_review_their_own(local: Local) -> None:
    pull = opened(local)
    ours, ada = local.forge("harness"), local.forge("ada")
    with pytest.raises(Conflict):
        asyncio.run(ours.add_review(pull.number, "approved", ""))
    with pytest.raises(Conflict):
        asyncio.run(ours.request_review(pull.number, ["harness"]))
    with pytest.raises(NotFound):
        asyncio.run(ours.request_review(pull.number, ["nobody"]))
    asyncio.run(ours.add_review(pull.number, "commented", "A note"))
    asyncio.run(ada.add_review(pull.number, "approved", ""))
    moved = local.push("fix", {"more.txt": "x"}, "fix")
    states = [(r.state, r.commit == moved) for r in asyncio.run(ada.reviews(pull.number))]
    assert states == [("commented", False), ("approved", False)]
    with pytest.raises(Conflict):
        asyncio.run(ada.add_review(pull.number, "changes_requested", " "))


@pytest.mark.parametrize(("path", "line"), [("missing.txt", 1), ("fix.txt", 2), ("fix.txt", -1)])
def test_a_thread_stands_on_a_line_that_exists(local: Local, path: str, line: int) -> None:
    pull = opened(local)
    with pytest.raises(NotFound):
        asyncio.run(local.forge("ada").add_thread(pull.number, path, line, "Here"))
    assert asyncio.run(local.forge("ada").threads(pull.number)) == ()


def test_a_thread_of_another_pull_request_is_not_found(local: Local) -> None:
    one, two = opened(local, branch="one"), opened(local, branch="two")
    ada = local.forge("ada")
    thread = asyncio.run(ada.add_thread(one.number, "one.txt", 0, "Hm"))
    for act in (
        lambda: ada.reply(two.number, thread.id, "", "x"),
        lambda: ada.resolve(two.number, thread.id),
        lambda: ada.resolve(one.number, "nonsense"),
    ):
        with pytest.raises(NotFound):
            asyncio.run(act())


def test_a_check_needs_a_commit_and_a_state_that_fits(local: Local) -> None:
    pull = opened(local)
    ada = local.forge("ada")
    with pytest.raises(NotFound):
        asyncio.run(ada.put_check("0" * 40, "ci", "success", ""))
    with pytest.raises(UsageError):
        asyncio.run(ada.set_check(pull.head_sha, "ci", "completed"))
    made = asyncio.run(
        ada.set_check(pull.head_sha, "ci", "completed", "failure", "1 failed", "the log")
    )
    again = asyncio.run(ada.set_check("fix", "ci", "in_progress"))
    assert (again.id, again.commit) == (made.id, pull.head_sha)
    assert asyncio.run(ada.check_log(made.id)) == "the log"
