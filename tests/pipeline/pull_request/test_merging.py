"""Places in line, the forge's own queue, the gates before a merge: real store, fake forge."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, cast

from harness.core.outcome import Advance, Done, Outcome, Wait
from harness.core.types import (
    Actor,
    Comment,
    IssueSnapshot,
    Permission,
    Protection,
    PullRequest,
    Review,
    Run,
    RunState,
    Thread,
)
from harness.engine.database import Database
from harness.engine.store import SqlStore
from harness.pipeline.deps import PipelineDeps
from harness.pipeline.job import Job
from harness.pipeline.pull_request.gates import gates
from harness.pipeline.pull_request.merge_queue import in_queue, leave
from harness.pipeline.pull_request.pr_slots import QUEUED, full, take_place
from harness.pipeline.run_policy import RunPolicy
from harness.pipeline.slots import REVIEWER
from harness.pipeline.stages.follow_up import follow_up
from harness.pipeline.verification.held import hold
from tests.fake_forge import ME, FakeForge

AT = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
ANN, BEN, EVE = (Actor(id=n, login=login) for n, login in ((7, "ann"), (8, "ben"), (66, "eve")))
HEAD = "a" * 40


def pull(number: int = 2, **more: Any) -> PullRequest:
    fields = {
        "number": number,
        "title": "t",
        "body": "b",
        "author": ME,
        "head": f"agent/issue-{number}",
        "head_sha": HEAD,
        "base": "main",
        "base_sha": "b" * 40,
        "mergeable": True,
        "created_at": AT,
        "updated_at": AT,
    }
    return PullRequest.model_validate(fields | more)


class Trusting:
    def may_speak(self, actor: Actor, permission: Permission) -> bool:
        return permission.covers(Permission.WRITE)


class Clock:
    at = AT

    def now(self) -> datetime:
        return self.at


class Desk:
    """One project over a real store."""

    def __init__(self, store: SqlStore, rules: RunPolicy) -> None:
        nothing: Any = None
        self.forge = FakeForge()
        self.forge.others_may = Permission.WRITE
        self.forge.permissions[EVE.id] = Permission.READ
        self.clock = Clock()
        self.store = store
        self.deps = PipelineDeps(
            forge=self.forge,
            store=store,
            clock=cast(Any, self.clock),
            guard=cast(Any, Trusting()),
            policy=rules,
            on_event=lambda run, event: None,
            **dict.fromkeys(
                (
                    *("journal", "ledger", "workspace", "sandbox", "backend", "durable"),
                    *("prompts", "words", "folder"),
                ),
                nothing,
            ),
        )

    async def job(self, issue: int, **changes: Any) -> Job:
        snapshot = IssueSnapshot(
            number=issue, title="t", body="", author=ANN, taken_at=AT, trigger=ANN
        )
        at = AT + timedelta(minutes=issue)
        run, _ = await self.store.open_run(self.deps.policy.project, snapshot, at)
        job = Job(self.deps, run)
        if changes:
            await job.change(**changes)
        return job


async def play(path: Path, work: Callable[[Desk], Awaitable[None]], **rules: Any) -> None:
    database = Database(path / "state.db")
    await database.open()
    try:
        await work(Desk(SqlStore(database), RunPolicy(project="p", **rules)))
    finally:
        await database.close()


def reason(outcome: Outcome | None) -> str:
    return outcome.wait.reason.key if isinstance(outcome, Wait) else str(outcome)


async def test_reviewers_take_turns_the_idlest_first_and_the_rest_wait_in_order(
    tmp_path: Path,
) -> None:
    async def scene(desk: Desk) -> None:
        chosen: list[str | None] = []
        for number in (1, 2, 3):
            job = await desk.job(number)
            assert await take_place(job) is None
            name = await desk.store.get(REVIEWER, job.run.id)
            chosen.append(name)
            desk.forge.pull_requests.append(pull(10 + number))
            await job.change(pr=10 + number)
        assert chosen == ["ann", "ben", "ann"]
        last = await desk.job(4)
        assert await take_place(last) is None
        assert await desk.store.get(REVIEWER, last.run.id) == "ben"
        waiting: list[Run] = []
        for number in (5, 6):
            job = await desk.job(number)
            line = await take_place(job)
            assert isinstance(line, Wait)
            assert line.wait.reason.facts["place"] == number - 4
            waiting.append(await job.change(state=RunState.WAITING, wait=line.wait))
        first, second = (Job(desk.deps, run) for run in waiting)
        desk.forge.pull_requests.pop(0)
        assert await full(first) is None
        assert (await full(second)) is not None
        assert await take_place(first) is None
        assert await desk.store.get(REVIEWER, first.run.id) == "ann"

    rules = {"people": ("ann", "ben", ME.login), "open_prs_per_reviewer": 2}
    await play(tmp_path, scene, **rules)


async def test_the_whole_project_has_a_limit_of_its_own(tmp_path: Path) -> None:
    async def scene(desk: Desk) -> None:
        desk.forge.pull_requests += [pull(11), pull(12, author=ANN), pull(13, head="mine")]
        assert await take_place(await desk.job(1)) is None
        desk.forge.pull_requests.append(pull(14))
        assert reason(await take_place(await desk.job(2))) == QUEUED

    await play(tmp_path, scene, open_prs=2)


async def test_the_forges_own_queue_is_watched_with_patience_that_ends(tmp_path: Path) -> None:
    async def scene(desk: Desk) -> None:
        job = await desk.job(1, pr=2, head_sha=HEAD)
        assert await in_queue(job, pull()) is None
        assert await leave(job) == Advance(to=cast(Any, "follow_up"))
        # what it shows may be a moment behind
        assert reason(await in_queue(job, pull())) == "follow.in_queue"
        desk.clock.at += timedelta(minutes=5)
        assert reason(await in_queue(job, pull(queued=True))) == "follow.in_queue"
        assert await in_queue(job, pull()) is None
        assert isinstance(await leave(job), Advance)
        assert reason(await leave(job)) == "follow.queue_drops"
        assert [given["head_sha"] for _, given in desk.forge.written] == [HEAD, HEAD]
        desk.clock.at += timedelta(hours=7)
        assert reason(await in_queue(job, pull(queued=True))) == "follow.queue_late"
        desk.forge.has_queue = False
        other = await desk.job(2, pr=3, head_sha="c" * 40)
        assert await leave(other) is None

    await play(tmp_path, scene)


def review(number: int, author: Actor, state: str) -> Review:
    fields = {"id": number, "author": author, "state": state, "body": "", "commit": HEAD, "at": AT}
    return Review.model_validate(fields)


async def test_what_the_branch_asks_for_is_settled_before_a_merge(tmp_path: Path) -> None:
    async def scene(desk: Desk) -> None:
        job = await desk.job(1, pr=2, head_sha=HEAD, approvals={f"merge:{HEAD}": "ann"})
        asked = Protection(approvals=1, conversations=True)
        desk.forge.reviews_of[2].append(review(1, EVE, "approved"))
        assert reason(await gates(job, pull(), asked)) == "follow.approvals_missing"
        desk.forge.reviews_of[2] += [
            review(2, BEN, "changes_requested"),
            review(3, BEN, "approved"),
        ]
        said = Comment(id=1, author=BEN, body="?", created_at=AT)
        desk.forge.threads_of[2].append(
            Thread(id="1", path="a", line=1, resolved=False, comments=(said,))
        )
        assert reason(await gates(job, pull(), asked)) == "follow.threads_open"
        desk.forge.threads_of[2].clear()
        assert await gates(job, pull(), asked) is None
        # an approval of another head counts for nothing
        other = pull(head_sha="c" * 40)
        assert reason(await gates(job, other, asked)) == "pipeline.merge_never"

    await play(tmp_path, scene, merge="never")


async def test_automatic_merges_wait_for_objections_and_quiet(tmp_path: Path) -> None:
    async def scene(desk: Desk) -> None:
        job = await desk.job(1, pr=2, head_sha=HEAD)
        # what nobody looked at is held, whatever the policy
        assert reason(await gates(job, pull(), Protection())) == "pipeline.merge_held"
        await hold(job, (), product=False)
        desk.forge.reviews_of[2].append(review(1, BEN, "changes_requested"))
        assert reason(await gates(job, pull(), Protection())) == "follow.objections"
        desk.forge.reviews_of[2].append(review(2, BEN, "approved"))
        quiet = await gates(job, pull(), Protection())
        assert reason(quiet) == "follow.quiet"
        assert isinstance(quiet, Wait)
        assert quiet.wait.until == AT + timedelta(seconds=120)
        desk.clock.at += timedelta(seconds=120)
        assert await gates(job, pull(), Protection()) is None

    await play(tmp_path, scene, merge="auto", quiet_s=120, test_command="true", reporter="none")


async def test_closed_by_a_person_is_the_end_after_a_day(tmp_path: Path) -> None:
    async def scene(desk: Desk) -> None:
        job = await desk.job(1, pr=2, head_sha=HEAD)
        desk.forge.pull_requests.append(pull(state="closed"))
        for hours in (0, 23):
            desk.clock.at = AT + timedelta(hours=hours)
            found = await follow_up(job)
            assert reason(found) == "follow.pr_closed"
            assert isinstance(found, Wait)
            assert found.wait.until == AT + timedelta(days=1)
        desk.clock.at = AT + timedelta(days=1)
        found = await follow_up(job)
        assert isinstance(found, Done)
        assert found.why.key == "pipeline.pr_closed"

    await play(tmp_path, scene)
