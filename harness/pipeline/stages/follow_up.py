"""follow up: what people and checks say of the pull request; each is a signal (F5, F6)."""

from __future__ import annotations

from harness.core.outcome import Advance, Done, Outcome, Return, Wait
from harness.core.types import PullRequest, Say, Stage
from harness.core.types import Wait as Resting
from harness.pipeline.evidence import suite
from harness.pipeline.job import Job
from harness.pipeline.stages.publish import has_tests
from harness.pipeline.talk import ask_person

WATCH = ("review", "comment", "ci", "merged", "closed", "approve", "retry", "cancel")


async def follow_up(job: Job) -> Outcome:
    """Back to work on a trusted person's request or a failing check; on to the merge when policy
    lets it; else wait."""
    pr = await job.parts.forge.pr(job.run.pr)
    over = await _ended(job, pr)
    if over is not None:
        return over
    asked = await requests(job)
    if asked:
        await job.parts.store.keep(job.run.id, "answered_requests", [*sorted(asked)])
        attempts = {**job.run.attempts, Stage.IMPLEMENT.value: min(1, job.rules.attempts - 1)}
        await job.change(attempts=attempts)
        what = "\n".join(asked.values())
        await job.tell("review_requests", ",".join(sorted(asked)), what=what)
        return Return(
            stage=Stage.IMPLEMENT,
            why=Say(key="pipeline.people_ask", facts={"what": what}),
            told=f"People ask for changes:\n{what}",
        )
    waiting = await _unsettled(job, pr)
    if waiting is not None:
        return Wait(wait=Resting(reason=waiting, signals=WATCH))
    return await _by_policy(job, pr)


async def _ended(job: Job, pr: PullRequest) -> Outcome | None:
    if pr.state == "merged":
        await job.change(merged_sha=pr.merged_sha or pr.head_sha)
        return Advance(to=Stage.REPORT)
    if pr.state == "closed":
        return Done(why=Say(key="pipeline.pr_closed", facts={"pr": pr.number}))
    if pr.head_sha != job.run.head_sha:
        return ask_person(Say(key="pipeline.foreign_push", facts={"pr": pr.number}))
    return None


async def requests(job: Job) -> dict[str, str]:
    """What trusted people ask for that was not answered yet: key -> text for the worker."""
    forge, parts = job.parts.forge, job.parts
    done = await parts.store.kept(job.run.id, "answered_requests")
    known = set(done) if isinstance(done, list) else set()
    me = await forge.me()
    found: dict[str, str] = {}
    for review in await forge.reviews(job.run.pr):
        asks = review.state == "changes_requested" and f"r{review.id}" not in known
        if asks and review.author.id != me.id and await trusted(job, review.author.login):
            found[f"r{review.id}"] = f"{review.author.login}: {parts.guard.visible(review.body)}"
    for thread in await forge.threads(job.run.pr):
        last = thread.comments[-1] if thread.comments else None
        if thread.resolved or last is None or last.author.id == me.id:
            continue
        if f"t{last.id}" not in known and await trusted(job, last.author.login):
            place = f"{thread.path}:{thread.line}"
            found[f"t{last.id}"] = f"{place} {last.author.login}: {parts.guard.visible(last.body)}"
    return found


async def trusted(job: Job, login: str) -> bool:
    """True when that author's words may steer the run."""
    forge = job.parts.forge
    for source in (await forge.reviews(job.run.pr), await forge.comments(job.run.issue)):
        for item in source:
            if item.author.login == login:
                permission = await forge.permission(item.author)
                return job.parts.guard.may_speak(item.author, permission)
    for thread in await forge.threads(job.run.pr):
        for comment in thread.comments:
            if comment.author.login == login:
                permission = await forge.permission(comment.author)
                return job.parts.guard.may_speak(comment.author, permission)
    return False


async def _unsettled(job: Job, pr: PullRequest) -> Say | None:
    """Why the pull request is not ready to merge yet."""
    checks = await job.parts.forge.checks(pr.head_sha)
    failing = [c.name for c in checks if c.conclusion in ("failure", "timed_out", "cancelled")]
    if failing:
        return Say(key="pipeline.checks_fail", facts={"checks": ", ".join(failing)})
    pending = [c.name for c in checks if c.status != "completed"]
    if pending:
        return Say(key="pipeline.checks_run", facts={"checks": ", ".join(pending)})
    return None


async def _by_policy(job: Job, pr: PullRequest) -> Outcome:
    policy = job.rules.merge
    if f"merge:{pr.head_sha}" in job.run.approvals:
        return Advance()
    if policy == "never":
        why = Say(key="pipeline.merge_never", facts={"pr": pr.number})
        return Wait(wait=Resting(reason=why, signals=WATCH))
    no_tests = not await has_tests(job)
    if policy == "ask" or no_tests:
        key = "pipeline.merge_ask"
        if no_tests:
            broken = (await suite(job)).command
            key = "pipeline.merge_tests_broken" if broken else "pipeline.merge_no_tests"
        return Wait(
            wait=Resting(
                reason=Say(key=key, facts={"pr": pr.number}),
                signals=("approve", "reject", *WATCH),
                subject=f"merge:{pr.head_sha}",
                person=True,
            )
        )
    return Advance()
