"""What is taken back while a run works, at each moment something would leave, before and after a
restart: nothing leaves, one sentence says what changed, and what is put back lets it go on."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
from sqlalchemy import delete

from harness.core.errors import Conflict, HarnessError, NotFound, Strayed, Unavailable
from harness.core.forge_types import Permission
from harness.core.types import Repository, Stage
from harness.forge.embedded.access import Access
from harness.forge.embedded.admin import EmbeddedAdmin
from harness.forge.embedded.forge import EmbeddedForge
from harness.forge.embedded.tables import COMMENTS
from harness.pipeline.fingerprint import fingerprint
from harness.pipeline.job import Job
from harness.pipeline.outbound.authority import rests
from harness.pipeline.outbound.authority_repository import is_astray
from harness.pipeline.outbound.leases import Spans
from harness.pipeline.outbound.write_gate import outward
from harness.system.clock import SystemClock
from tests.pipeline.outbound.doorway import HEAD, Doorway, stand
from tests.security.taken import ALLOWED, LIVE, MOMENTS, NAME, Peopled, Place

Act = Callable[[Place], Awaitable[object]]


async def edited(place_: Place) -> object:
    return await place_.town.as_("ada").edit_comment(1, place_.comment, "/harness go now")


async def deleted(place_: Place) -> object:
    desk = Access(place_.town.root, NAME, "ada", SystemClock())
    with desk.write() as writing:
        writing.conn.execute(delete(COMMENTS).where(COMMENTS.c.id == place_.comment))
    return None


def lead(place_: Place, where: Repository | HarnessError) -> Awaitable[object]:
    async def led() -> None:
        if isinstance(where, HarnessError):
            place_.town.fail["repository"] = where
        else:
            place_.town.fail.clear()
            place_.town.here = where

    return led()


def repository(name: str = NAME, number: int = 7) -> Repository:
    return Repository(id=number, name=name, default_branch="main")


def ada(place_: Place) -> EmbeddedForge:
    return place_.town.as_("ada")


ROWS: dict[str, tuple[str, Act, str, Act | None]] = {
    "permission": (
        "author", lambda p: p.town.may("ada", Permission.READ), "authority.starter",
        lambda p: p.town.may("ada", Permission.ADMIN)),
    "permission of who labelled": (
        "label", lambda p: p.town.may("ada", Permission.TRIAGE), "authority.starter",
        lambda p: p.town.may("ada", Permission.WRITE)),
    "label": (
        "label", lambda p: ada(p).labels(1, remove=("harness",)), "authority.label",
        lambda p: ada(p).labels(1, add=("harness",))),
    "assignment": (
        "assign", lambda p: ada(p).assign(1, []), "authority.assignment",
        lambda p: ada(p).assign(1, ["bot"])),
    "comment edited": (
        "comment", edited, "authority.comment", lambda p: ada(p).add_comment(1, "/harness go")),
    "comment deleted": (
        "comment", deleted, "authority.comment", lambda p: ada(p).add_comment(1, "/harness go")),
    "closed": ("label", lambda p: ada(p).close(1), "authority.closed", lambda p: ada(p).reopen(1)),
    "closed under a word": (
        "word", lambda p: ada(p).close(1), "authority.closed", lambda p: ada(p).reopen(1)),
    "locked": ("label", lambda p: ada(p).lock(1), "authority.locked",
               lambda p: ada(p).lock(1, locked=False)),
    "text": (
        "word", lambda p: ada(p).edit_issue(1, body="other"), "pipeline.text_drifted",
        lambda p: ada(p).edit_issue(1, body="b")),
    "renamed": ("word", lambda p: lead(p, repository("o/new")), "authority.moved",
                lambda p: lead(p, repository())),
    "transferred": ("word", lambda p: lead(p, repository("other/r")), "authority.moved",
                    lambda p: lead(p, repository())),
    "a stranger's": ("word", lambda p: lead(p, repository(number=8)), "authority.other",
                     lambda p: lead(p, repository())),
    "a stranger's, seen by the adapter": (
        "word", lambda p: lead(p, Conflict("forge.other_repository", repository=NAME, id=8,
                                           known=7)),
        "authority.other", lambda p: lead(p, repository())),
    "gone": ("word", lambda p: lead(p, NotFound("github.missing", status=404)), "authority.gone",
             lambda p: lead(p, repository())),
}  # fmt: skip
"""Row -> what started the run, what changes, the sentence, what puts it back."""


async def play(folder: Path, scene: Callable[[Place], Awaitable[None]]) -> None:
    async def at(door: Doorway) -> None:
        root = folder / "forge"
        await EmbeddedAdmin(root).create_repository(NAME, "main", "ada")
        await EmbeddedAdmin(root).add_user(NAME, "bot", Permission.WRITE, "bot")
        await scene(Place(door, Peopled(root), folder))

    await stand(folder, at)


@pytest.mark.parametrize("row", sorted(ROWS))
async def test_nothing_leaves_after_what_let_it_begin_was_taken(tmp_path: Path, row: str) -> None:
    kind, take, key, back = ROWS[row]

    async def scene(at: Place) -> None:
        await at.begin(kind)
        for moment in MOMENTS:
            assert await at.outcome(moment) is None, moment
        assert len(at.left) == len(MOMENTS)
        at.forget()
        await take(at)
        for _ in ("before", "after a restart"):
            for moment in MOMENTS:
                said = await at.outcome(moment)
                if row.startswith("closed") and moment == "close":
                    continue  # there is nothing to close
                assert said.wait.reason.key == key, moment
                assert not said.wait.person
                assert rests(said.wait.reason) or is_astray(said.wait.reason)
                words = at.door.deps.words(said.wait.reason.key, **said.wait.reason.facts)
                assert "{" not in words
            assert set(at.left) <= {"close"}, at.left
            at.forget()
            at.restart()
        assert back is not None
        await back(at)
        for moment in MOMENTS:
            assert await at.outcome(moment) is None, moment

    await play(tmp_path, scene)


@pytest.mark.parametrize("row", sorted(ROWS))
async def test_a_look_notices_what_was_put_back(tmp_path: Path, row: str) -> None:
    kind, take, _, back = ROWS[row]

    async def scene(at: Place) -> None:
        run = (await at.begin(kind)).model_copy(update={"pr": 0})
        assert await at.outcome("ready") is None
        await take(at)
        wait = (await at.outcome("merge")).wait

        async def seen() -> str:
            try:
                return await fingerprint(Job(at.door.deps, run), wait)
            except Strayed as error:
                return error.key

        before = await seen()
        assert await seen() == before
        assert back is not None
        await back(at)
        assert await seen() != before

    await play(tmp_path, scene)


@pytest.mark.parametrize(
    "row", ["permission", "label", "assignment", "comment edited", "comment deleted"]
)
async def test_a_persons_approval_is_a_start_of_its_own(tmp_path: Path, row: str) -> None:
    kind, take, _, _ = ROWS[row]

    async def scene(at: Place) -> None:
        await at.begin(kind)
        await take(at)
        for moment in ("publish", "merge"):
            wait = (await at.outcome(moment)).wait
            assert wait.signals == ("approve", "retry", "cancel")
            for who, goes in (("policy", False), ("ada", True)):
                job = Job(at.door.deps, await at.door.store.run(at.run.id))
                await job.change(approvals={wait.subject: who})
                assert (await at.outcome(moment) is None) is goes, (moment, who)
            await at.town.bot.lock(1)
            assert (await at.outcome(moment)).wait.reason.key == "authority.locked"
            await at.town.bot.lock(1, locked=False)
            await Job(at.door.deps, await at.door.store.run(at.run.id)).change(
                approvals=ALLOWED, stage=Stage.MERGE
            )

    await play(tmp_path, scene)


async def test_a_lease_that_another_daemon_took_lets_nothing_leave(tmp_path: Path) -> None:
    async def scene(at: Place) -> None:
        await at.begin("label")
        at.spans = Spans(fresh_s=0)
        at.restart()
        for moment in MOMENTS:
            assert await at.outcome(moment) is None, moment
        at.forget()
        mine = await at.town.bot.lease(1)
        assert mine is not None
        await at.town.bot.drop_lease(mine)
        other = await at.town.bot.take_lease(1, "elsewhere", 600)
        assert other is not None
        for _ in ("before", "after a restart"):
            for moment in MOMENTS:
                wait = (await at.outcome(moment)).wait
                assert (wait.reason.key, wait.person) == ("daemon.lease_other", False), moment
                assert wait.until is not None
            assert at.left == []
            at.restart()
        await at.town.bot.drop_lease(other)
        at.restart()
        for moment in MOMENTS:
            assert await at.outcome(moment) is None, moment

    await play(tmp_path, scene)


async def test_after_the_merge_the_rest_is_done_whatever_changed(tmp_path: Path) -> None:
    async def scene(at: Place) -> None:
        await at.begin("label")
        await Job(at.door.deps, at.run).change(merged_sha=HEAD)
        await ada(at).labels(1, remove=("harness",))
        assert await at.outcome("close") is None
        assert at.left == ["close"]

    await play(tmp_path, scene)


async def test_a_silent_forge_is_waited_for(tmp_path: Path) -> None:
    async def scene(at: Place) -> None:
        await at.begin("label")
        down = Unavailable("forge.database", path="p", detail="away")
        at.town.fail = dict.fromkeys(LIVE, down)
        for moment in MOMENTS:
            assert (await at.outcome(moment)).kind == "retry", moment
        assert at.left == []

    await play(tmp_path, scene)


async def test_an_act_that_came_later_counts_and_another_kind_from_before_does_not(
    tmp_path: Path,
) -> None:
    async def scene(at: Place) -> None:
        await at.begin("label")
        await ada(at).labels(1, remove=("harness",))
        await ada(at).add_comment(1, "/harness go")
        assert await at.outcome("merge") is None
        await at.town.may("ada", Permission.TRIAGE)
        assert (await at.outcome("merge")).wait.reason.key == "authority.starter"

    await play(tmp_path, scene)


async def test_what_takes_a_run_back_is_a_persons_own_word(tmp_path: Path) -> None:
    async def scene(at: Place) -> None:
        await at.begin("label")
        await ada(at).close(1)
        parts = outward(at.door.deps, at.run)
        await parts.workspace.push(HEAD, "agent/undo-1-1", None)
        await parts.forge.open_pr("agent/undo-1-1", "main", "t", "b", draft=False)
        assert at.left == ["open_pr", "agent/undo-1-1"]

    await play(tmp_path, scene)
