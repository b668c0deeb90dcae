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
    LocalizedText,
    Permission,
    PullRequest,
    Review,
    Run,
    RunState,
    Thread,
    Waiting,
)
from harness.pipeline.deps import PipelineDeps
from harness.pipeline.fingerprint import fingerprint
from harness.pipeline.job import Job
from harness.pipeline.people.authors import MARK
from harness.pipeline.run_policy import RunPolicy
from tests.daemon.fakes import FakeProject, World, play
from tests.fake_forge import ANN, AT, ME, FakeForge

EVE = Actor(id=66, login="eve")
HEAD, LATER = "a" * 40, "c" * 40
LOOKS = 1000
READS = ("issue", "pr", "checks", "comments", "reviews", "threads", "permission", "me")


def shown() -> FakeForge:
    """One issue with one pull request; ann may write, the others may read."""
    forge = FakeForge()
    forge.put(1)
    forge.permissions[ANN.id], forge.others_may = Permission.WRITE, Permission.READ
    times = {"created_at": AT, "updated_at": AT}
    shas = {"head": "agent/issue-1", "head_sha": HEAD, "base": "main", "base_sha": "b" * 40}
    facts = {"number": 2, "title": "t", "body": "b", "author": ME, "mergeable": True}
    forge.pull_requests.append(PullRequest.model_validate({**facts, **shas, **times}))
    return forge


class Trusting:
    """Ann's words count."""

    def may_speak(self, actor: Actor, permission: Permission) -> bool:
        return permission.covers(Permission.WRITE)


class Live(FakeProject):
    """Its runs rest again at once, as a pipeline does that finds nothing to do."""

    def __init__(self, world: World) -> None:
        super().__init__("p", world.store, world.durable)
        self.forge = shown()
        self.world = world
        nothing: Any = None
        self.deps = PipelineDeps(
            forge=self.forge,
            store=world.store,
            clock=world.clock,
            guard=cast(Any, Trusting()),
            policy=RunPolicy(project="p"),
            on_event=lambda run, event: None,
            **dict.fromkeys(
                (
                    *("journal", "ledger", "workspace", "sandbox", "backend", "durable"),
                    *("prompts", "words", "folder"),
                ),
                nothing,
            ),
        )
        self.walks = cast(Any, Always(self._rest))

    async def fingerprint(self, run: Run) -> str:
        return await fingerprint(Job(self.deps, run), run.wait)

    async def _rest(self, run: Run) -> Run:
        run = run.model_copy(update={"pr": 2})
        wait = Waiting(
            reason=LocalizedText(key="pipeline.merge_never", facts={"pr": 2}), signals=("retry",)
        )
        seen = await fingerprint(Job(self.deps, run), wait)
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


def pull(**changes: object) -> Callable[[FakeForge], None]:
    def change(forge: FakeForge) -> None:
        forge.pull_requests[0] = forge.pull_requests[0].model_copy(update=changes)

    return change


def issue(**changes: object) -> Callable[[FakeForge], None]:
    return lambda forge: forge.issue_changes.append(
        forge.issue_changes[-1].model_copy(update=changes)
    )


def another_head(forge: FakeForge) -> None:
    """With the same checks as the last one: nothing but the head is new."""
    pull(head_sha=LATER)(forge)
    forge.check_runs[:] = [c.model_copy(update={"commit": LATER}) for c in forge.check_runs]


SIGNALS: dict[str, Callable[[FakeForge], None]] = {
    "the issue's text": issue(body="more"),
    "a label": issue(labels=("urgent",)),
    "a trusted comment": lambda p: p.comments_on[1].append(comment(1)),
    "a trusted comment on the pull request": lambda p: p.comments_on[2].append(comment(2)),
    "an edited comment": lambda p: p.comments_on[1].__setitem__(
        0, comment(1).model_copy(update={"edited_at": AT})
    ),
    "a review": lambda p: p.reviews_of[2].append(review(3)),
    "a thread": lambda p: p.threads_of[2].append(thread(comment(4))),
    "a thread resolved": lambda p: p.threads_of[2].__setitem__(
        0, thread(comment(4), resolved=True)
    ),
    "a check begins": lambda p: p.check_runs.append(check(None)),
    "a check fails": lambda p: p.check_runs.__setitem__(0, check("failure")),
    "a check passes": lambda p: p.check_runs.__setitem__(0, check("success")),
    "a conflict": pull(mergeable=False),
    "a draft": pull(draft=True),
    "a queue": pull(queued=True),
    "another head": another_head,
    "closed": pull(state="closed"),
}
NOISE: dict[str, Callable[[FakeForge], None]] = {
    "our own comment": lambda p: p.comments_on[1].append(
        comment(11, ME, f"{MARK}progress-1 -->\nx")
    ),
    "our own answer": lambda p: p.threads_of[2].append(
        thread(comment(12, ME, f"{MARK}answer -->\nx"))
    ),
    "a stranger's comment": lambda p: p.comments_on[2].append(comment(13, EVE)),
    "a stranger's review": lambda p: p.reviews_of[2].append(review(14, EVE)),
    "the forge thinks about conflicts": pull(mergeable=None),
    "the title of the pull request": pull(title="other"),
    "our own check": lambda p: p.check_runs.append(check("success", "harness/evidence")),
}


async def look_three_times(world: World, project: Live, change: Callable[[FakeForge], None]) -> int:
    """Activations by three looks after a change that moved the times, as a forge does."""
    before = len(project.log)
    change(project.forge)
    world.clock.at += timedelta(minutes=1)
    stamp = {"updated_at": world.clock.at}
    issue(**stamp)(project.forge)
    pull(**stamp)(project.forge)
    for _ in range(3):
        world.clock.at += timedelta(minutes=1)
        await world.daemon().run_once()
    return len(project.log) - before


async def test_a_thousand_looks_at_nothing_and_each_change_once(tmp_path: Path) -> None:
    async def scene(world: World) -> None:
        project = Live(world)
        world.projects["p"] = project
        daemon = world.daemon()
        await daemon.run_once()
        assert project.log == ["begin 1", "activate 1.1"]
        project.forge.calls.clear()
        for _ in range(LOOKS):
            world.clock.at += timedelta(minutes=1)
            await daemon.tick()
        assert project.log == ["begin 1", "activate 1.1"]
        reads = {name: project.forge.calls[name] for name in READS}
        asked = {name: reads.pop(name) for name in ("issue", "pr", "checks")}
        assert set(asked.values()) == {LOOKS}
        assert all(count <= 2 for count in reads.values()), reads
        for name, change in NOISE.items():
            assert await look_three_times(world, project, change) == 0, name
        project.forge.check_runs.clear()
        project.forge.threads_of.clear()
        for name, change in SIGNALS.items():
            assert await look_three_times(world, project, change) == 1, name

    await play(tmp_path, scene)
