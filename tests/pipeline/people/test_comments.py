"""Words in comments, from the forge to the run's row: by whom, once, and what is answered."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from harness.core.errors import Forbidden, Unavailable
from harness.core.types import (
    IssueSnapshot,
    LocalizedText,
    Permission,
    Plan,
    Run,
    RunState,
    Stage,
    Task,
    Waiting,
)
from harness.i18n.catalogue import Catalogue
from harness.pipeline.slots import HEARD
from harness.report.plan_page import render
from tests.fake_forge import AT, ME
from tests.security.town import OWNER, SECOND, STRANGER, Door, visit

SIGNALS = ("approve", "reject", "plan", "answer", "cancel", "retry", "comment")
LATER = AT + timedelta(hours=1)


def resting(stage: Stage = Stage.PLAN, subject: str = "abcdef12") -> Run:
    """A row that waits for a person."""
    why = LocalizedText(key="pipeline.merge_ask", facts={"pr": 5})
    snapshot = IssueSnapshot(
        number=1, title="t", body="b", author=STRANGER, taken_at=AT, trigger=OWNER
    )
    return Run(
        id="-",
        project="p",
        issue=1,
        number=1,
        state=RunState.HELD,
        stage=stage,
        snapshot=snapshot,
        wait=Waiting(reason=why, signals=SIGNALS, subject=subject, person=True),
        created_at=AT,
        updated_at=AT,
    )


async def held_run(door: Door) -> Run:
    """Issue 1 has a run that waits for a person; it is over after its next activation."""
    door.town.put(1)
    door.town.label(1, OWNER)
    door.rests[1] = resting()
    await door.look()
    door.rests.clear()
    run = (await door.store.runs())[0]
    assert run.state is RunState.HELD
    return run


async def row(door: Door) -> Run:
    return (await door.store.runs())[-1]


async def test_a_word_of_somebody_who_may_ends_the_wait_once(tmp_path: Path) -> None:
    async def scene(door: Door) -> None:
        run = await held_run(door)
        door.rests[1] = resting()
        said = door.town.say(1, OWNER, "Fine by me.\n\n/harness approve\nThanks", LATER)
        await door.look()
        assert door.told == []
        assert (await row(door)).approvals == {"abcdef12": "ann"}
        assert (await row(door)).activation == run.activation + 1
        # an edit of it is no new word, nor is the next process a new ear
        place = door.town.comments_on[1].index(said)
        door.town.comments_on[1][place] = said.model_copy(
            update={"body": "/harness cancel", "edited_at": LATER + SECOND}
        )
        door.town.put(1)
        await door.look()
        await door.fresh().run_once()
        assert (await row(door)).state is RunState.HELD
        (shown,) = door.town.ours(1)
        assert "harness:progress-" in shown, "what was done shows in the progress comment alone"

    await visit(tmp_path, scene)


async def test_a_stranger_is_not_heard_and_not_answered(tmp_path: Path) -> None:
    async def scene(door: Door) -> None:
        run = await held_run(door)
        for word in ("approve", "cancel", "why", "nonsense", "answer PAYLOAD"):
            door.town.say(1, STRANGER, f"/harness {word}", LATER)
        for _ in range(2):
            await door.look()
        assert (await row(door)).state is RunState.HELD
        assert (await row(door)).approvals == {}
        assert door.town.ours(1) == []
        ignored = [e for e in await door.store.events(run.id) if e.kind == "word_ignored"]
        assert len(ignored) == 5
        assert Catalogue("ko")("event.word_ignored", **ignored[0].facts)

    await visit(tmp_path, scene)


@pytest.mark.parametrize(
    ("body", "reply"),
    [
        ("/harness deploy", "`/harness deploy` is not known here"),
        ("/harness", "is not known here"),
        ("/harness why", "the policy asks a person before merging"),
        ("/harness approve ffffffff", "Not approved: you named ffffffff"),
        ("/harness plan", "fenced block"),
        ("/harness plan\n\n```plan\nnonsense\n```", "line"),
    ],
)
async def test_what_cannot_be_followed_is_answered_once(
    tmp_path: Path, body: str, reply: str
) -> None:
    async def scene(door: Door) -> None:
        await held_run(door)
        door.rests[1] = resting()
        door.town.say(1, OWNER, body, LATER)
        for _ in range(3):
            door.town.put(1)
            await door.look()
        answers = door.town.ours(1)
        assert len(answers) == 1
        assert reply in answers[0].replace("\\", "")
        assert ((await row(door)).state, (await row(door)).approvals) == (RunState.HELD, {})

    await visit(tmp_path, scene)


async def test_a_plan_block_in_a_comment_is_a_new_version(tmp_path: Path) -> None:
    plan = Plan(summary="Mend it.", tasks=(Task(id="1", title="mend", files=("a.py",)),))
    page = render(plan, "t", Catalogue("en"))

    async def scene(door: Door) -> None:
        run = await held_run(door)
        door.town.say(1, STRANGER, f"```plan\n{page}```", LATER)
        await door.look()
        assert await door.store.plan(run.id) is None
        door.town.say(1, OWNER, f"Rather like this:\n\n```plan\n{page}```", LATER)
        await door.look()
        stored = await door.store.plan(run.id)
        assert stored is not None
        assert (stored.summary, stored.tasks[0].files) == ("Mend it.", ("a.py",))

    await visit(tmp_path, scene)


async def test_stop_and_go(tmp_path: Path) -> None:
    async def scene(door: Door) -> None:
        run = await held_run(door)
        door.town.say(1, OWNER, "/harness stop", LATER)
        await door.look()
        assert (await row(door)).paused
        door.town.say(1, OWNER, "/harness go", LATER + SECOND)
        await door.look()
        assert not (await row(door)).paused
        assert [r.id for r in await door.store.runs()] == [run.id], "it goes on, none is begun"

    await visit(tmp_path, scene)


async def test_words_on_the_pull_request_count_too(tmp_path: Path) -> None:
    async def scene(door: Door) -> None:
        run = await held_run(door)
        await door.store.save_run(run.model_copy(update={"pr": 5}))
        door.town.say(5, STRANGER, "/harness approve", LATER)
        door.town.say(5, OWNER, "/harness reject no", LATER)
        await door.project.listen(1, 5)
        await door.project.listen(1, 5)
        waiting = await door.store.inbox()
        assert [(c.verb, c.text, c.by) for c in waiting] == [("reject", "no", "ann")]

    await visit(tmp_path, scene)


async def test_a_kill_between_the_inbox_and_the_note_posts_nothing_twice(tmp_path: Path) -> None:
    async def scene(door: Door) -> None:
        await held_run(door)
        door.town.say(1, OWNER, "/harness approve", LATER)
        await door.project.listen(1)
        await door.store.drop(HEARD.at(1), "p")
        await door.project.listen(1)
        assert len(await door.store.inbox()) == 1

    await visit(tmp_path, scene)


async def test_a_forge_that_does_not_say_who_somebody_is_delays_the_word(tmp_path: Path) -> None:
    async def scene(door: Door) -> None:
        await held_run(door)
        door.town.say(1, OWNER, "/harness cancel", LATER)
        door.town.fail["permission"] = Unavailable("forge.down")
        await door.look()
        assert (await row(door)).state is RunState.HELD
        door.town.fail.clear()
        await door.look(minutes=61)
        assert (await row(door)).state is RunState.CANCELLED

    await visit(tmp_path, scene)


async def test_a_locked_conversation_keeps_nobody_waiting(tmp_path: Path) -> None:
    async def scene(door: Door) -> None:
        town = door.town
        town.fail["put_comment"] = Forbidden("forge.not_holder", number=1)
        town.put(1)
        town.say(1, OWNER, "/harness why")
        town.put(2)
        town.label(2, STRANGER)
        town.put(3)
        town.label(3, OWNER)
        for _ in range(2):
            await door.look()
        assert door.started == [3]
        assert town.calls["put_comment"] == 2

    await visit(tmp_path, scene)


async def test_with_a_persons_own_token_the_mark_tells_our_words_from_theirs(
    tmp_path: Path,
) -> None:
    async def scene(door: Door) -> None:
        town = door.town
        town.permissions[ME.id] = Permission.ADMIN
        human = ME.model_copy(update={"kind": "user"})
        town.put(1)
        town.say(1, human, "/harness go")
        await door.look()
        assert door.started == [1]

    await visit(tmp_path, scene)
