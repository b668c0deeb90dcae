from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from harness.core.errors import Conflict, Forbidden, HarnessError, NotFound
from harness.core.forge_types import Permission
from harness.forge.embedded import issues as ada_items
from harness.forge.embedded.admin import EmbeddedAdmin
from tests.forge.world import NAME, Local, make_local


class Hand:
    """A clock that a test turns."""

    def __init__(self) -> None:
        self.time = datetime(2026, 1, 2, tzinfo=UTC)

    def now(self) -> datetime:
        return self.time

    def monotonic(self) -> float:
        return self.time.timestamp()

    async def sleep(self, seconds: float) -> None:
        self.time += timedelta(seconds=seconds)


@pytest.fixture
def hand() -> Hand:
    return Hand()


@pytest.fixture
async def local(tmp_path: Path, hand: Hand) -> Local:
    return await make_local(tmp_path, hand)


async def test_an_author_may_change_and_close_what_is_theirs(local: Local) -> None:
    eve, ada = local.forge("eve"), local.forge("ada")
    mine = (await eve.create_issue("Mine", "text")).number
    theirs = (await ada.create_issue("Theirs", "text")).number
    assert (await eve.edit_issue(mine, title="Better")).title == "Better"
    assert (await eve.close(mine)).state == "closed"
    reopened = await eve.reopen(mine)
    assert (reopened.state, reopened.state_reason) == ("open", "reopened")
    for refused in (eve.close(theirs), eve.reopen(theirs), eve.assign(mine, ["eve"])):
        with pytest.raises(Forbidden):
            await refused
    with pytest.raises(Forbidden):
        await eve.create_issue("Labelled", "", ("harness",))
    kinds = [e.kind for e in await ada.timeline(mine)]
    assert kinds == ["renamed", "closed", "reopened"]


async def test_someone_without_a_permission_may_not_even_ask(local: Local) -> None:
    await EmbeddedAdmin(local.root).add_user(NAME, "mal", Permission.NONE)
    number = (await local.forge("ada").create_issue("A", "")).number
    with pytest.raises(Forbidden):
        await local.forge("mal").create_issue("B", "")
    with pytest.raises(Forbidden):
        await local.forge("mal").add_comment(number, "hello")


async def test_assignees_and_milestone(local: Local) -> None:
    ada = local.forge("ada")
    number = (await ada.create_issue("A", "")).number
    assert (await ada.assign(number, ["eve", "EVE", "ada"])).assignees == ("eve", "ada")
    assert (await ada.assign(number, ["ada"])).assignees == ("ada",)
    with pytest.raises(NotFound):
        await ada.assign(number, ["nobody"])
    assert (await ada.set_milestone(number, "v1")).milestone == "v1"
    assert (await ada.set_milestone(number, "")).milestone is None
    told = [(e.kind, e.subject) for e in await ada.timeline(number)]
    assert told == [
        ("assigned", "eve"),
        ("assigned", "ada"),
        ("unassigned", "eve"),
        ("milestoned", "v1"),
        ("demilestoned", "v1"),
    ]


async def test_an_edited_comment_says_when(local: Local, hand: Hand) -> None:
    ada, eve = local.forge("ada"), local.forge("eve")
    number = (await ada.create_issue("A", "")).number
    made = await eve.add_comment(number, "first")
    await hand.sleep(60)
    with pytest.raises(Forbidden):
        await eve.edit_comment(number, (await ada.add_comment(number, "x")).id, "mine now")
    changed = await eve.edit_comment(number, made.id, "second")
    assert (changed.body, changed.edited_at) == ("second", hand.now())
    assert changed.created_at == made.created_at
    with pytest.raises(Conflict):
        await eve.add_comment(number, " \n")
    with pytest.raises(NotFound):
        await eve.edit_comment(number, 999, "x")


async def test_times_come_back_as_they_were(local: Local, hand: Hand) -> None:
    ada = local.forge("ada")
    made = await ada.create_issue("A", "")
    assert made.created_at == made.updated_at == hand.now()
    await hand.sleep(1.5)
    changed = await ada.labels(made.number, add=("x",))
    assert changed.updated_at == hand.now()
    assert changed.edited_at is None


async def test_an_expired_lease_goes_to_the_next_with_a_higher_token(
    local: Local, hand: Hand
) -> None:
    ours = local.forge("harness")
    number = (await ours.create_issue("A", "")).number
    first = await ours.take_lease(number, "here", 60)
    await hand.sleep(59)
    assert await ours.take_lease(number, "there", 60) is None
    await hand.sleep(1)
    second = await ours.take_lease(number, "there", 60)
    assert first is not None
    assert second is not None
    assert (first.token, second.token) == (1, 2)
    await ours.drop_lease(first)
    assert await ours.take_lease(number, "here", 60) is None
    with pytest.raises(Forbidden):
        await local.forge("eve").take_lease(number, "eve", 60)


async def test_an_edit_keeps_the_marker_once(local: Local) -> None:
    ours, ada = local.forge("harness"), local.forge("ada")
    made = await ours.create_issue("Found", "text", key="run-1")
    await ada.edit_issue(made.number, body=made.body.replace("text", "more"))
    assert (await ours.issue(made.number)).body == made.body.replace("text", "more")
    await ada.edit_issue(made.number, body="all new")
    again = await ours.create_issue("Found", "text", key="run-1")
    assert again.number == made.number
    assert again.body == made.body.replace("text", "all new")


async def test_a_long_list_comes_in_pages(local: Local) -> None:
    ada = local.forge("ada")
    first = (await ada.create_issue("Zero", "")).number
    with ada._books.write() as desk:
        for i in range(600):
            ada_items.add_item(desk, "issue", f"Issue {i}", "")
    page = await ada.issues()
    assert len(page.issues) == 500
    rest = await ada.issues(page.cursor)
    assert len(rest.issues) == 101
    assert page.issues[0].number == first
    assert not {i.number for i in page.issues} & {i.number for i in rest.issues}
    assert (await ada.issues(rest.cursor)).issues == ()
    assert len((await ada.issues("nonsense")).issues) == 500


async def test_labels_are_one_whatever_their_case(local: Local) -> None:
    ada = local.forge("ada")
    number = (await ada.create_issue("A", "", ("Bug", "bug"))).number
    assert (await ada.issue(number)).labels == ("Bug",)
    assert (await ada.labels(number, remove=("BUG",))).labels == ()


async def test_a_marker_that_could_hide_text_is_refused(local: Local) -> None:
    ada = local.forge("ada")
    number = (await ada.create_issue("A", "")).number
    with pytest.raises(ValueError, match="marker"):
        await ada.put_comment(number, "x --> y", "text")
    for wrong in (0, -1, 99):
        with pytest.raises(HarnessError):
            await ada.issue(wrong)
