"""Reviews, threads and checks."""

from __future__ import annotations

from pathlib import Path

import pytest

from harness.core.errors import Conflict, NotFound, UsageError
from tests.forge.world import Local, make_local, opened


@pytest.fixture
async def local(tmp_path: Path) -> Local:
    return await make_local(tmp_path)


async def test_an_author_does_not_review_their_own(local: Local) -> None:
    pull = await opened(local)
    ours, ada = local.forge("harness"), local.forge("ada")
    with pytest.raises(Conflict):
        await ours.add_review(pull.number, "approved", "")
    with pytest.raises(Conflict):
        await ours.request_review(pull.number, ["harness"])
    with pytest.raises(NotFound):
        await ours.request_review(pull.number, ["nobody"])
    await ours.add_review(pull.number, "commented", "A note")
    await ada.add_review(pull.number, "approved", "")
    moved = local.push("fix", {"more.txt": "x"}, "fix")
    states = [(r.state, r.commit == moved) for r in await ada.reviews(pull.number)]
    assert states == [("commented", False), ("approved", False)]
    with pytest.raises(Conflict):
        await ada.add_review(pull.number, "changes_requested", " ")


@pytest.mark.parametrize(("path", "line"), [("missing.txt", 1), ("fix.txt", 2), ("fix.txt", -1)])
async def test_a_thread_stands_on_a_line_that_exists(local: Local, path: str, line: int) -> None:
    pull = await opened(local)
    with pytest.raises(NotFound):
        await local.forge("ada").add_thread(pull.number, path, line, "Here")
    assert await local.forge("ada").threads(pull.number) == ()


async def test_a_thread_of_another_pull_request_is_not_found(local: Local) -> None:
    one, two = await opened(local, branch="one"), await opened(local, branch="two")
    ada = local.forge("ada")
    thread = await ada.add_thread(one.number, "one.txt", 0, "Hm")
    for act in (
        lambda: ada.reply(two.number, thread.id, "", "x"),
        lambda: ada.resolve(two.number, thread.id),
        lambda: ada.resolve(one.number, "nonsense"),
    ):
        with pytest.raises(NotFound):
            await act()


async def test_a_check_needs_a_commit_and_a_state_that_fits(local: Local) -> None:
    pull = await opened(local)
    ada = local.forge("ada")
    with pytest.raises(NotFound):
        await ada.put_check("0" * 40, "ci", "success", "")
    with pytest.raises(UsageError):
        await ada.set_check(pull.head_sha, "ci", "completed")
    made = await ada.set_check(pull.head_sha, "ci", "completed", "failure", "1 failed", "the log")
    again = await ada.set_check("fix", "ci", "in_progress")
    assert (again.id, again.commit) == (made.id, pull.head_sha)
    assert await ada.check_log(made.id) == "the log"
