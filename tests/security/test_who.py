"""Who may start work and with what text (SECURITY T1, T2, T3; cases 6 to 10). The pipeline's own
door and the real daemon before a town of strangers; a start is where a model would be called."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from harness.core.errors import Forbidden, HarnessError, NotFound, Unavailable
from harness.core.types import Actor, Issue, IssuePage, Permission
from tests.fake_forge import AT
from tests.security.town import OWNER, SECOND, STRANGER, Door, TownForge, visit

KINDS = ("label", "assign", "comment", "author")
LISTED, LISTED_BOT = 501, 502
PEOPLE: dict[str, tuple[Actor, Permission, bool]] = {
    "admin": (Actor(id=301, login="a"), Permission.ADMIN, True),
    "maintainer": (Actor(id=302, login="b"), Permission.MAINTAIN, True),
    "writer": (Actor(id=303, login="c"), Permission.WRITE, True),
    "triager": (Actor(id=304, login="d"), Permission.TRIAGE, False),
    "reader": (Actor(id=305, login="e"), Permission.READ, False),
    "stranger": (Actor(id=306, login="f"), Permission.NONE, False),
    "listed person": (Actor(id=LISTED, login="g"), Permission.NONE, True),
    "bot that may write": (Actor(id=307, login="ci[bot]", kind="bot"), Permission.WRITE, False),
    "listed bot": (Actor(id=LISTED_BOT, login="dep[bot]", kind="bot"), Permission.NONE, True),
    "lookalike of the bot": (Actor(id=308, login="dep[bot]"), Permission.READ, False),
    "owner's old login": (Actor(id=309, login=OWNER.login), Permission.NONE, False),
    "deleted account": (Actor(id=10137, login="ghost"), Permission.READ, False),
}
ANSWERS: dict[int, HarnessError | None] = {
    200: None,
    403: Forbidden("forge.not_holder", number=1),
    404: NotFound("forge.no_user", login="x"),
    500: Unavailable("forge.down"),
}
TRUST = {"people": (LISTED, LISTED_BOT), "trigger": KINDS}


def asked_for(town: TownForge) -> dict[int, tuple[str, str]]:
    """An issue for each person and kind of trigger: number -> (person, kind)."""
    cases = {}
    number = 0
    for name, (actor, permission, _) in PEOPLE.items():
        town.permissions[actor.id] = permission
        for kind in KINDS:
            number += 1
            cases[number] = (name, kind)
            town.put(number, author=actor if kind == "author" else STRANGER)
            if kind == "label":
                town.label(number, actor)
            elif kind == "assign":
                town.assign(number, actor)
            elif kind == "comment":
                town.say(number, actor, "Please.\n\n/harness go")
    return cases


@pytest.mark.parametrize("answer", ANSWERS)
async def test_no_model_is_called_unless_the_one_who_asked_is_trusted(
    tmp_path: Path, answer: int
) -> None:
    """T1: 12 kinds of people x 4 triggers, for one answer of the permission's endpoint."""
    town = TownForge()
    cases = asked_for(town)
    trusted = {n for n, (name, _) in cases.items() if PEOPLE[name][2]}
    assert (len(cases), len(trusted)) == (48, 20)

    async def scene(door: Door) -> None:
        error = ANSWERS[answer]
        if error is not None:
            town.fail["permission"] = error
        await door.look()
        assert set(door.started) == (trusted if error is None else set())
        held = await door.held()
        assert set(held) == set(cases) - set(door.started)
        assert all(held.values())
        told = {n for n in cases if town.ours(n)}
        if error is None:
            assert told == {n for n in held if cases[n][1] != "author"}, "only where one asked"
        else:
            assert told == set(), "nothing is known yet that could be told"
        # asked again when the forge answers; and nothing twice
        town.fail.clear()
        for _ in range(6):
            await door.look(minutes=61)
        assert set(door.started) == trusted
        assert len(door.started) == len(trusted), door.told
        assert all(len(town.ours(n)) == (cases[n][1] != "author") for n in held if n not in trusted)

    await visit(tmp_path, scene, town, **TRUST)


@pytest.mark.parametrize(("method", "fine"), [("timeline", {3}), ("comments", set())])
async def test_an_act_that_cannot_be_read_is_no_act(
    tmp_path: Path, method: str, fine: set[int]
) -> None:
    town = TownForge()
    for number in (1, 2, 3):
        town.put(number)
    town.label(1, OWNER)
    town.assign(2, OWNER)
    town.say(3, OWNER, "/harness go")

    async def scene(door: Door) -> None:
        for error in (e for e in ANSWERS.values() if e is not None):
            town.fail[method] = error
            await door.look(minutes=61)
            assert set(door.started) <= fine
        town.fail.clear()
        for _ in range(3):
            await door.look(minutes=61)
        assert sorted(door.started) == [1, 2, 3]

    await visit(tmp_path, scene, town)


async def test_by_default_opening_an_issue_asks_for_nothing_on_github(tmp_path: Path) -> None:
    async def scene(door: Door) -> None:
        door.town.put(1, author=OWNER)
        door.town.put(2, author=OWNER)
        door.town.label(2, STRANGER)
        await door.look()
        assert door.started == []
        assert await door.held() == {1: "guard.held_waiting", 2: "guard.held_permission"}
        assert door.town.ours(1) == []
        assert "mallory" in door.town.ours(2)[0]

    await visit(tmp_path, scene)


WHEN = [
    (-SECOND, True),
    (-timedelta(milliseconds=1), True),
    (timedelta(0), False),
    (timedelta(milliseconds=1), False),
    (SECOND, False),
    (None, True),
]


@pytest.mark.parametrize("kind", ["label", "assign", "comment"])
async def test_a_text_edited_since_it_was_asked_for_is_held(tmp_path: Path, kind: str) -> None:
    """T2: seconds are all that forges tell, and the same one counts as after. None: never edited.
    The last two: the forge cannot tell when, and does not answer the question."""
    town = TownForge()
    for number, (offset, _) in enumerate(WHEN, 1):
        edited = None if offset is None else AT + offset
        town.put(number, edited_at=edited, body=f"text {number}")
    unknown, silent = len(WHEN) + 1, len(WHEN) + 2
    town.put(unknown, edited_at=AT + timedelta(minutes=1), updated_at=AT + timedelta(minutes=1))
    town.put(silent, edited_at=AT + SECOND)
    numbers = range(1, silent + 1)
    for number in numbers:
        if kind == "label":
            town.label(number, OWNER)
        elif kind == "assign":
            town.assign(number, OWNER)
        else:
            town.say(number, OWNER, "/harness go")

    async def scene(door: Door) -> None:
        await door.look()
        fine = [number for number, (_, ok) in enumerate(WHEN, 1) if ok]
        assert sorted(door.started) == fine
        held = await door.held()
        assert {held[n] for n in numbers if n not in fine} == {"guard.held_edited"}
        assert "edited after ann asked" in town.ours(silent)[0]
        # who may reads it and asks again
        town.say(silent, OWNER, "/harness go", at=AT + timedelta(minutes=5))
        await door.look()
        assert sorted(door.started) == sorted([*fine, silent])
        assert len(town.ours(silent)) == 1

    await visit(tmp_path, scene, town)


async def test_a_list_that_cannot_tell_when_a_text_was_edited_is_not_believed(
    tmp_path: Path,
) -> None:
    class Coarse(TownForge):
        async def issues(self, cursor: str = "") -> IssuePage:
            page = await super().issues(cursor)
            vague = [i.model_copy(update={"edited_at": i.updated_at}) for i in page.issues]
            return page.model_copy(update={"issues": tuple(vague)})

    town = Coarse()
    town.put(1)
    town.label(1, OWNER)

    async def scene(door: Door) -> None:
        town.fail["issue"] = Unavailable("forge.down")
        await door.look()
        assert door.started == []
        town.fail.clear()
        await door.look()
        assert door.started == [1]

    await visit(tmp_path, scene, town)


async def test_an_edit_between_the_look_and_the_start_is_seen(tmp_path: Path) -> None:
    """The text that was admitted is the text that is taken."""

    class Racing(TownForge):
        async def issue(self, number: int) -> Issue:
            if self._issue(number).body != "PAYLOAD":
                self.put(number, body="PAYLOAD", edited_at=AT + SECOND)
            return await super().issue(number)

    town = Racing()
    town.put(1)
    town.label(1, OWNER)

    async def scene(door: Door) -> None:
        for _ in range(3):
            await door.look()
        assert door.started == []
        assert await door.held() == {1: "guard.held_edited"}

    await visit(tmp_path, scene, town)


async def test_a_label_nobody_put_on_and_an_act_long_undone(tmp_path: Path) -> None:
    async def scene(door: Door) -> None:
        town = door.town
        town.put(1, labels=("harness",))
        town.put(2)
        town.label(2, OWNER)
        town.label(2, STRANGER, at=AT + SECOND)
        town.put(3)
        town.label(3, OWNER)
        town.put(3, labels=())
        await door.look()
        held = await door.held()
        assert door.started == []
        assert held[1] == "guard.held_unknown"
        assert held[2] == "guard.held_permission", "the last one who put it on is who asks"
        assert held[3] == "guard.held_waiting"

    await visit(tmp_path, scene)


async def test_of_twenty_comments_an_agent_reads_the_one_of_somebody_trusted(
    tmp_path: Path,
) -> None:
    """T3 and case 8; those written after the trigger too. What was edited since is not theirs."""
    town = TownForge()
    town.put(1)
    for number in range(19):
        at = AT + timedelta(seconds=number - 9)
        town.say(1, Actor(id=900 + number, login=f"s{number}"), f"CANARY {number}", at)
    town.say(1, OWNER, "Look at the second line.", AT - SECOND)
    town.say(1, OWNER, "And mind the tests.", AT + SECOND)
    town.say(1, OWNER, "CANARY of an editor", AT - SECOND, edited_at=AT)
    town.label(1, OWNER)

    async def scene(door: Door) -> None:
        await door.look()
        prompt = door.prompts[1]
        assert "CANARY" not in prompt
        assert "second line" in prompt
        assert "mind the tests" in prompt
        run = (await door.store.runs())[0]
        assert run.snapshot.others == 19
        assert run.snapshot.trigger == OWNER
        events = [e.kind for e in await door.store.events(run.id)]
        assert events == ["run_opened", "left_out"]

    await visit(tmp_path, scene, town)


async def test_a_crowd_of_strangers_costs_a_bounded_number_of_questions(tmp_path: Path) -> None:
    async def scene(door: Door) -> None:
        town = door.town
        town.put(1)
        for number in range(400):
            town.say(
                1, Actor(id=1000 + number, login=f"s{number}"), "CANARY /harness go", AT - SECOND
            )
        town.say(1, OWNER, "Mind the tests.", AT - SECOND)
        town.label(1, OWNER)
        await door.look()
        assert door.started == [1]
        assert "CANARY" not in door.prompts[1]
        assert "Mind the tests." in door.prompts[1]
        assert (await door.store.runs())[0].snapshot.others == 400
        assert town.calls["permission"] <= 110

    await visit(tmp_path, scene)
