"""How many pull requests may be open at once, whose review is asked for, and who waits (F8)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from harness.core.base import Value
from harness.core.errors import Conflict, Forbidden, NotFound
from harness.core.outcome import Outcome, Wait
from harness.core.types import LocalizedText, PullRequest, Run, RunState, Waiting
from harness.pipeline import slots
from harness.pipeline.job import Job

QUEUED = "follow.in_line"


class SlotQueue(Value):
    """Where a run stands. `why` None: there is a place."""

    why: LocalizedText | None
    free: tuple[str, ...]
    loads: dict[str, int]


async def take_place(job: Job) -> Outcome | None:
    """None: there is a place for one more pull request, and its reviewer is chosen for good.
    Call it with `live.opening` held."""
    if await _has_place(job):
        return None
    line = await _look(job)
    if line.why is not None:
        return Wait(wait=Waiting(reason=line.why, signals=("retry", "cancel")))
    await _choose(job, line)
    return None


async def full(job: Job) -> LocalizedText | None:
    """Why this run waits in line; None: it is next and there is a place. Only looks."""
    return None if await _has_place(job) else (await _look(job)).why


async def _has_place(job: Job) -> bool:
    """Its place is taken already, or nothing is limited and nobody is asked."""
    rules = job.policy
    if not (rules.open_prs or rules.open_prs_per_reviewer or rules.people):
        return True
    return await job.get(slots.REVIEWER) is not None


async def _look(job: Job) -> SlotQueue:
    rules, me = job.policy, await job.deps.forge.me()
    ours = [p for p in await job.deps.forge.pulls() if _is_ours(job, p, me.id)]
    runs = await job.deps.store.runs(job.policy.project)
    loads = await _loads(job, ours, runs)
    free = _free(job, loads, me.login)
    room = [rules.open_prs - len(ours)] if rules.open_prs else []
    if rules.open_prs_per_reviewer:
        room.append(sum(rules.open_prs_per_reviewer - loads[name] for name in free))
    place = sum(_before(other, job.run) for other in runs)
    facts: dict[str, str | int | float] = {"open": len(ours), "place": place + 1}
    why = LocalizedText(key=QUEUED, facts=facts) if room and place >= min(room) else None
    return SlotQueue(why=why, free=free, loads=dict(loads))


def _is_ours(job: Job, pull: PullRequest, me: int) -> bool:
    return pull.author.id == me and pull.head.startswith(job.policy.branch_prefix)


def _before(other: Run, mine: Run) -> bool:
    """True for a run that stands in line before this one: the older first."""
    waits = other.state is RunState.WAITING and other.wait is not None
    in_line = waits and other.wait is not None and other.wait.reason.key == QUEUED
    return in_line and other.id != mine.id and _age(other) < _age(mine)


def _age(run: Run) -> tuple[str, int]:
    return run.created_at.isoformat(), run.issue


async def _loads(job: Job, ours: list[PullRequest], runs: tuple[Run, ...]) -> Counter[str]:
    """Open pull requests of ours by reviewer. A run whose place is taken and whose pull request
    is not open yet counts too."""
    loads: Counter[str] = Counter()
    numbers = {p.number for p in ours}
    for run in runs:
        if run.pr in numbers or (not run.pr and not run.state.over):
            name = await job.deps.store.get(slots.REVIEWER, run.id) or ""
            loads[name] += bool(name)
    return loads


def _free(job: Job, loads: Counter[str], me: str) -> tuple[str, ...]:
    """Reviewers who may get one more; without a list: who asked for the work."""
    most = job.policy.open_prs_per_reviewer
    people = job.policy.people or (job.run.snapshot.trigger.login,)
    return tuple(name for name in people if name != me and not (most and loads[name] >= most))


async def _choose(job: Job, line: SlotQueue) -> None:
    """The one with the fewest open; among equals who was chosen least often."""
    turns = await job.deps.store.get(slots.REVIEWER_TURNS, job.policy.project) or {}
    counts = {name: turns.get(name, 0) for name in line.free}
    name = min(line.free, key=lambda n: (line.loads.get(n, 0), counts[n]), default="")
    if name:
        turns = {**turns, name: counts[name] + 1}
        await job.deps.store.put(slots.REVIEWER_TURNS, job.policy.project, turns)
    await job.put(slots.REVIEWER, name)


async def ask_review(job: Job, pr: PullRequest) -> None:
    """The reviewer of this run hears of it once, when it is ready; nobody when no list is set."""
    name = await job.get(slots.REVIEWER)
    if name in job.policy.people and name not in (pr.author.login, *pr.reviewers):
        await invite(job, [name], "ready")


async def invite(job: Job, people: Sequence[str], key: str) -> None:
    """Asks for their reviews, once a key. Somebody who cannot be asked stops no run."""
    slot, names = slots.INVITED.at(key), ", ".join(people)
    if await job.get(slot):
        return
    try:
        await job.deps.forge.request_review(job.run.pr, people)
        await job.tell("review_asked", key, by=names, pr=job.run.pr)
    except (Conflict, Forbidden, NotFound) as fault:
        await job.tell("review_not_asked", key, by=names, why=fault.say)
    await job.put(slot, True)
