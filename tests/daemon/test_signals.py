"""No new signal, no dispatch (E5): a thousand looks at nothing, then each single change once."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any, cast

from harness.core.types import (
    Actor,
    Check,
    Comment,
    Permission,
    PullRequest,
    Review,
    Run,
    RunState,
    Say,
    Thread,
    Wait,
)
from harness.pipeline.fingerprint import fingerprint
from harness.pipeline.job import Job
from harness.pipeline.own import MARK
from harness.pipeline.parts import Parts
from harness.pipeline.rules import Rules
from tests.daemon.fakes import ANN, AT, PaperForge, PaperProject, World, play

ME = Actor(id=1, login="harness-bot", kind="bot")
EVE = Actor(id=66, login="eve")
HEAD = "a" * 40
LOOKS = 1000
READS = ("issue", "pr", "checks", "comments", "reviews", "threads", "permission", "me")


class Paper(PaperForge):
    """One issue with one pull request; `reads` counts what was asked."""

    def __init__(self) -> None:
        super().__init__()
        self.reads: dict[str, int] = {}
        self.pull = PullRequest(
            number=2,
            title="t",
            body="b",
            author=ME,
            head="agent/issue-1",
            head_sha=HEAD,
            base="main",
            base_sha="b" * 40,
            mergeable=True,
            created_at=AT,
            updated_at=AT,
        )
        self.said: dict[int, list[Comment]] = {1: [], 2: []}
        self.opinions: list[Review] = []
        self.talks: list[Thread] = []
        self.reports: list[Check] = []

    def __getattribute__(self, name: str) -> Any:
        if name in READS:
            reads = object.__getattribute__(self, "reads")
            reads[name] = reads.get(name, 0) + 1
        return object.__getattribute__(self, name)

    async def me(self) -> Actor:
        return ME

    async def permission(self, actor: Actor) -> Permission:
        return Permission.WRITE if actor.id == ANN.id else Permission.READ

    async def pr(self, number: int) -> PullRequest:
        return self.pull

    async def checks(self, commit: str) -> tuple[Check, ...]:
        return tuple(self.reports)

    async def comments(self, number: int) -> tuple[Comment, ...]:
        return tuple(self.said[number])

    async def reviews(self, pr: int) -> tuple[Review, ...]:
        return tuple(self.opinions)

    async def threads(self, pr: int) -> tuple[Thread, ...]:
        return tuple(self.talks)


class Trusting:
    """Ann's words count."""

    def may_speak(self, actor: Actor, permission: Permission) -> bool:
        return permission.covers(Permission.WRITE)


class Live(PaperProject):
    """Its runs rest again at once, as a pipeline does that finds nothing to do."""

    def __init__(self, world: World) -> None:
        super().__init__("p", world.store, world.durable)
        self.paper: Paper = Paper()
        self.paper.put(1)
        self.world = world
        nothing: Any = None
        self.parts = Parts(
            forge=self.forge,
            store=world.store,
            clock=world.clock,
            guard=cast(Any, Trusting()),
            rules=Rules(project="p"),
            on_event=lambda run, event: None,
            **dict.fromkeys(
                (
                    *("journal", "ledger", "workspace", "sandbox", "backend", "durable"),
                    *("prompts", "words", "models", "folder"),
                ),
                nothing,
            ),
        )
        self.walks = cast(Any, Always(self._rest))

    async def fingerprint(self, run: Run) -> str:
        return await fingerprint(Job(self.parts, run), run.wait)

    async def _rest(self, run: Run) -> Run:
        run = run.model_copy(update={"pr": 2})
        wait = Wait(reason=Say(key="pipeline.merge_never", facts={"pr": 2}), signals=("retry",))
        seen = await fingerprint(Job(self.parts, run), wait)
        rests = {"state": RunState.WAITING, "wait": wait.model_copy(update={"fingerprint": seen})}
        return run.model_copy(update=rests)


class Always:
    """The same walk for every activation."""

    def __init__(self, walk: Any) -> None:
        self.walk = walk

    def get(self, key: object, default: object) -> Any:
        return self.walk


def comment(number: int, author: Actor = ANN, body: str = "hm") -> Comment:
    return Comment(id=number, author=author, body=body, created_at=AT)


def check(conclusion: str | None, name: str = "build") -> Check:
    status = "completed" if conclusion else "queued"
    fields = {"id": 1, "name": name, "commit": HEAD, "status": status, "conclusion": conclusion}
    return Check.model_validate(fields)


def review(number: int, author: Actor = ANN) -> Review:
    return Review(id=number, author=author, state="commented", body="", commit=HEAD, at=AT)


def thread(*said: Comment, resolved: bool = False) -> Thread:
    return Thread(id="1", path="a", line=1, resolved=resolved, comments=said)


def pull(**changes: object) -> Callable[[Paper], None]:
    def change(paper: Paper) -> None:
        paper.pull = paper.pull.model_copy(update=changes)

    return change


def issue(**changes: object) -> Callable[[Paper], None]:
    return lambda paper: paper.changes.append(paper.changes[-1].model_copy(update=changes))


SIGNALS: dict[str, Callable[[Paper], None]] = {
    "the issue's text": issue(body="more"),
    "a label": issue(labels=("urgent",)),
    "a trusted comment": lambda p: p.said[1].append(comment(1)),
    "a trusted comment on the pull request": lambda p: p.said[2].append(comment(2)),
    "an edited comment": lambda p: p.said[1].__setitem__(
        0, comment(1).model_copy(update={"edited_at": AT})
    ),
    "a review": lambda p: p.opinions.append(review(3)),
    "a thread": lambda p: p.talks.append(thread(comment(4))),
    "a thread resolved": lambda p: p.talks.__setitem__(0, thread(comment(4), resolved=True)),
    "a check begins": lambda p: p.reports.append(check(None)),
    "a check fails": lambda p: p.reports.__setitem__(0, check("failure")),
    "a check passes": lambda p: p.reports.__setitem__(0, check("success")),
    "a conflict": pull(mergeable=False),
    "a draft": pull(draft=True),
    "a queue": pull(queued=True),
    "another head": pull(head_sha="c" * 40),
    "closed": pull(state="closed"),
}
NOISE: dict[str, Callable[[Paper], None]] = {
    "our own comment": lambda p: p.said[1].append(comment(11, ME, f"{MARK}progress-1 -->\nx")),
    "our own answer": lambda p: p.talks.append(thread(comment(12, ME, f"{MARK}answer -->\nx"))),
    "a stranger's comment": lambda p: p.said[2].append(comment(13, EVE)),
    "a stranger's review": lambda p: p.opinions.append(review(14, EVE)),
    "the forge thinks about conflicts": pull(mergeable=None),
    "the title of the pull request": pull(title="other"),
    "our own check": lambda p: p.reports.append(check("success", "harness/evidence")),
}


async def looked(world: World, project: Live, change: Callable[[Paper], None]) -> int:
    """Activations by three looks after a change that moved the times, as a forge does."""
    before = len(project.log)
    change(project.paper)
    world.clock.at += timedelta(minutes=1)
    stamp = {"updated_at": world.clock.at}
    issue(**stamp)(project.paper)
    pull(**stamp)(project.paper)
    for _ in range(3):
        world.clock.at += timedelta(minutes=1)
        await world.daemon().run_once()
    return len(project.log) - before


def test_a_thousand_looks_at_nothing_and_each_change_once(tmp_path: Path) -> None:
    async def scene(world: World) -> None:
        project = Live(world)
        world.projects["p"] = project
        daemon = world.daemon()
        await daemon.run_once()
        assert project.log == ["begin 1", "activate 1.1"]
        project.paper.reads.clear()
        for _ in range(LOOKS):
            world.clock.at += timedelta(minutes=1)
            await daemon.tick()
        assert project.log == ["begin 1", "activate 1.1"]
        reads = project.paper.reads
        asked = {name: reads.pop(name) for name in ("issue", "pr", "checks")}
        assert set(asked.values()) == {LOOKS}
        assert all(count <= 2 for count in reads.values()), reads
        for name, change in NOISE.items():
            assert await looked(world, project, change) == 0, name
        project.paper.reports.clear()
        project.paper.talks.clear()
        for name, change in SIGNALS.items():
            assert await looked(world, project, change) == 1, name

    play(tmp_path, scene)
