"""Three days of one issue on a clock moved by hand: CI, colleagues, a base that moves, a person's
push, an outage, a model's limit. One pull request comes of it, merged."""

from __future__ import annotations

from collections.abc import Awaitable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from harness.core.types import Run, RunState
from harness.forge.embedded.forge import EmbeddedForge
from tests.e2e.scene import FILES, FIRST, SETTINGS, Scene, done, write
from tests.e2e.world import World, conversation, turn
from tests.faults.rig import HandClock, Life, Trouble, play

POLICY = "quiet_s = 3600\nreview_rounds = 5"
STEP = timedelta(minutes=40)
LIMIT = {"error": "rate", "after_s": 10_800, "times": 1}
"""The model's server asks for three hours of rest, once."""


class Colleagues(Scene):
    """People and CI whose acts carry the hand clock's time."""

    def __init__(self, life: Life) -> None:
        self.clock: HandClock = life.clock
        super().__init__(life.world, life.app)

    def person(self, login: str) -> EmbeddedForge:
        repository = self.app.settings.forge.repository
        return EmbeddedForge(self.world.state / "forge", repository, login, self.clock)


class Days:
    """Looks every forty minutes; what happens in between is told by `at`."""

    def __init__(self, life: Life, trouble: Trouble) -> None:
        self.life = life
        self.trouble = trouble
        self.scene = Colleagues(life)
        self.began = life.clock.at
        self.red = True
        """CI fails on the first head it sees."""
        self.pushed: dict[str, datetime] = {}
        self.signals = 0
        self.dispatches = 0
        self.unasked: list[str] = []
        """Activations that no signal explains."""
        self.seen: list[str] = []
        """Why the run rested, each time it changed."""

    async def look(self, *, due: bool = False) -> None:
        """What CI reports, then a round of work; activations are held against signals."""
        before = await self.life.run()
        told = await self._ci(before)
        passed = before is not None and _has_passed(before, self.life.clock.now())
        await self.life.app.daemon.run_once(due=due)
        after = await self.life.run()
        assert after is not None
        made = after.activation - (before.activation if before else 0)
        self.dispatches += made
        if made and not (told or self.signals or passed or before is None):
            self.unasked.append(f"{self.life.clock.now()} {after.wait and after.wait.reason.key}")
        self.signals = 0
        why = after.outcome or (after.wait.reason if after.wait is not None else None)
        if why is not None and (not self.seen or self.seen[-1] != why.key):
            self.seen.append(why.key)

    async def until(self, hour: float) -> None:
        """Looks until that hour of the three days."""
        while self.life.clock.at < self.began + timedelta(hours=hour):
            self.life.clock.at += STEP
            await self.look()

    async def act(self, what: Awaitable[object]) -> None:
        """Somebody does something: a signal."""
        await what
        self.signals += 1

    async def _ci(self, run: Run | None) -> bool:
        """The look after a push CI reports on it."""
        if run is None or not run.pr or run.state.over or self.trouble.down:
            return False
        head = (await self.scene.me.pr(run.pr)).head_sha
        since = self.pushed.setdefault(head, self.life.clock.now())
        checks = {c.name for c in await self.scene.me.checks(head)}
        if "build" in checks or self.life.clock.now() - since < STEP:
            return False
        conclusion: Any = "failure" if self.red else "success"
        self.red = False
        log = "spelling: first is wrong"
        await self.scene.me.set_check(head, "build", "completed", conclusion, "", log)
        return True


def _has_passed(run: Run, now: datetime) -> bool:
    until = run.wait.until if run.wait is not None else None
    return until is not None and until <= now


async def outage(days: Days, hours: int) -> None:
    """Looked at by the minute, as the schedule has it: nothing is started, little is said."""
    life, trouble = days.life, days.trouble
    lines, dispatches, asked = len(life.told), days.dispatches, trouble.asked
    trouble.down = True
    for _ in range(hours * 60):
        life.clock.pass_(minutes=1)
        await life.app.daemon.run_once(due=True)
    trouble.down = False
    assert 0 < len(life.told) - lines < 100
    assert days.dispatches == dispatches
    # at most every five minutes, but for the first few
    assert trouble.asked - asked < hours * 12 + 10
    await days.look()


async def three_days(days: Days) -> None:
    s, life = days.scene, days.life
    await days.until(6)
    run = await s.run()
    assert await s.stands() == ("held", "pipeline.merge_ask")
    first = run.head_sha
    number = run.pr
    # a review asks for a change; the model's server wants three hours of rest in the middle
    await days.act(s.person("ada").add_review(number, "changes_requested", "Say third."))
    await days.until(14)
    assert "llm.scripted_fault" in days.seen
    assert (await s.run()).head_sha != first
    await days.act(s.person("ben").add_review(number, "changes_requested", "Say fourth."))
    await days.until(24)
    assert await s.stands() == ("held", "pipeline.merge_ask")
    # the base moves; who approves now approves another head than the one that was shown
    s.push("README.md", "two\n", "main")
    await days.act(s.say("approve"))
    await days.until(30)
    assert await s.stands() == ("held", "pipeline.merge_ask")
    # a person pushes to the branch, and hands it back
    theirs = s.push("OTHER.md", "by hand\n", run.branch)
    days.signals += 1
    await days.until(34)
    assert await s.stands() == ("held", "pipeline.foreign_push")
    await outage(days, 6)
    assert (await s.pull()).head_sha == theirs
    await days.act(s.say("retry"))
    await days.until(50)
    assert await s.stands() == ("held", "pipeline.merge_ask")
    s.push("README.md", "three\n", "main")
    await days.act(s.say("approve"))
    await days.until(60)
    await days.act(s.say("approve"))
    await days.until(72)
    assert await s.stands() == ("done", "pipeline.merged")
    assert life.clock.at - days.began >= timedelta(hours=72)


def test_three_days_end_in_one_merged_pull_request(tmp_path: Path) -> None:
    settings = SETTINGS.format(merge="ask", policy=POLICY)
    world = World(tmp_path, settings, FILES)
    turns = [
        turn(write("second\n"), done()),
        {**turn(write("third\n"), done()), **LIMIT},
        turn(write("fourth\n"), done()),
    ]
    world.script(conversation(FIRST, *turns, session="/1/1-worker"))
    world.begin("Say what it is", "It is not said.")
    for login in ("ada", "ben"):
        world.run("issue", "user", login, "--permission", "write")
    trouble = Trouble()

    async def scene(life: Life) -> None:
        days = Days(life, trouble)
        await three_days(days)
        assert days.unasked == []
        assert days.dispatches < 40, days.seen
        assert (await days.scene.run()).state is RunState.DONE

    play(world, trouble, scene)
    (pull,) = world.pulls()
    assert pull.state == "merged"
    assert world.merged_file("NOTES.md") == "fourth\n"
    assert world.merged_file("OTHER.md") == "by hand\n"
    assert world.merged_file("README.md") == "three\n"
