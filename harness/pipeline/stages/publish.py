"""publish: tree -> policy -> one commit -> one branch -> one pull request (F4).

Every effect is looked up by its key before it is made: the branch by name and commit, the pull
request by head, the check by name. A kill between any two is repaired by running this again.
"""

from __future__ import annotations

from collections.abc import Sequence

from harness.core.errors import Conflict, NotFound
from harness.core.outcome import Advance, Outcome
from harness.core.types import Finding, LocalizedText, PullRequest, Stage
from harness.pipeline import slots
from harness.pipeline.agents.sessions import ask_person, suspend_all
from harness.pipeline.job import Job
from harness.pipeline.outbound.house import ask_the_house, template_of
from harness.pipeline.outbound.leak_scan import is_approved, of_text, of_tree
from harness.pipeline.outbound.wording import commit_message, title_of
from harness.pipeline.people.authors import by_people
from harness.pipeline.people.drift import check_drift
from harness.pipeline.people.notes import progress, pull_request_text
from harness.pipeline.pull_request.ci import OWN
from harness.pipeline.pull_request.not_shown import look_again
from harness.pipeline.pull_request.pr_slots import take_place
from harness.pipeline.pull_request.threads import answer
from harness.pipeline.scan import scan
from harness.pipeline.verification.findings import sentences
from harness.pipeline.verification.held import unseen

CHECK = OWN
SLOW = 5


async def publish(job: Job) -> Outcome:
    """One pull request whose head is exactly the verified tree."""
    if job.run.verified != f"{job.run.tree}@{job.run.base_sha}":
        return Advance(to=Stage.VERIFY)
    asked = await ask_the_house(job)
    if asked is not None:
        return asked
    # nothing leaves while an agent's sandbox is open
    await suspend_all(job)
    title, body = await title_of(job), await pull_request_text(job)
    held = await policy(job, title, body)
    if held:
        return await _hold(job, held)
    template = await template_of(job)
    wrong = await scan(job.deps.guard.lint, title, body, job.run.issue, template)
    if wrong:
        what = sentences(wrong, 5)
        return ask_person(LocalizedText(key="pipeline.text_lint", facts={"what": what}))
    if job.run.pr:
        return await _publish(job, title, body)
    edited = await check_drift(job)
    if edited is not None:
        return edited
    async with job.deps.live.opening:
        line = await take_place(job)
        return line if line is not None else await _publish(job, title, body)


async def _publish(job: Job, title: str, body: str) -> Outcome:
    try:
        commit = await _push(job)
    except Conflict as conflict:
        if job.run.pr:
            # somebody else pushed: the next stage asks whose the branch is
            return Advance(to=Stage.FOLLOW_UP)
        return ask_person(LocalizedText(key="pipeline.branch_moved", facts={"why": str(conflict)}))
    await job.change(branch=job.branch, head_sha=commit)
    pr = await _pull_request(job, title, body)
    await job.change(pr=pr.number)
    await job.tell(
        "published", f"{commit}:{pr.number}", pr=pr.number, commit=commit[:12], branch=job.branch
    )
    for _ in range(SLOW):
        if pr.head_sha == commit:
            break
        # a forge may show a push a moment later
        await job.deps.clock.sleep(1)
        pr = await job.deps.forge.pr(pr.number)
    if pr.head_sha != commit:
        return await look_again(
            job, LocalizedText(key="pipeline.head_differs", facts={"pr": pr.number})
        )
    await _check(job, commit)
    await answer(job, commit)
    await progress(job)
    return Advance()


async def _push(job: Job) -> str:
    """The commit that is the branch's head now. Conflict when somebody else moved it."""
    commit = await commit_of(job)
    try:
        await job.deps.workspace.push(commit, job.branch, job.run.head_sha or None)
    except Conflict:
        if job.run.pr or not job.run.head_sha or not await branch_gone(job):
            raise
        # deleted before there was a pull request: nobody's work is on it
        await job.change(head_sha="")
        return await _push(job)
    return commit


async def branch_gone(job: Job) -> bool:
    """Whether the forge has no branch of that name."""
    await job.deps.workspace.sync()
    try:
        await job.deps.workspace.resolve(job.branch)
    except NotFound:
        return True
    return False


async def _check(job: Job, commit: str) -> None:
    """Our own check of the head, once: passed only when everything was seen."""
    if any(c.name == CHECK for c in await job.deps.forge.checks(commit)):
        return
    found = await unseen(job)
    if found == ():
        summary = job.deps.words("pipeline.check_summary", tree=job.run.tree)
        await job.deps.forge.put_check(commit, CHECK, "success", summary)
        return
    what = sentences(found or (), 20)
    summary = job.deps.words("pipeline.check_held", what=what)
    await job.deps.forge.put_check(commit, CHECK, "action_required", summary)


async def _hold(job: Job, held: Sequence[Finding]) -> Outcome:
    """For a person; what no approval lifts goes back to the agent at their word."""
    why = LocalizedText(key="pipeline.policy_holds", facts={"what": sentences(held, 5)})
    never = job.deps.guard.lasting(held)
    if never:
        told = "\n".join(job.english(finding.say) for finding in never[:20])
        await job.put(slots.RETURN.at(job.attempt(Stage.IMPLEMENT)), told)
        return ask_person(why)
    return ask_person(why, ("approve", "retry", "cancel"), subject=f"policy:{job.run.tree}")


async def policy(job: Job, title: str, body: str) -> tuple[Finding, ...]:
    """What of the change, or of the texts that go with it, may not leave without a person."""
    plan = await job.plan()
    by_person = job.run.approvals.get(plan.hash, "policy") != "policy"
    named = [f for t in plan.tasks for f in t.files] if by_person else []
    found = list(await of_tree(job.deps, job.run.base_sha, job.run.tree, named))
    texts = {"title": title, "text": body, "branch": job.branch}
    texts["commit message"] = await commit_message(job)
    for what, text in texts.items():
        found += await of_text(job.deps, job.run, what, text)
    return job.deps.guard.lasting(found) if is_approved(job.run) else tuple(found)


async def commit_of(job: Job) -> str:
    """The daemon's own commit of the verified tree. A later version stands on the branch's head;
    when the base moved it begins anew there, or merges it in where people's commits are to stay.
    The same inputs give the same id, so a repeat makes nothing new."""
    workspace, run = job.deps.workspace, job.run
    parents = [run.base_sha]
    if run.head_sha:
        if not await workspace.commits_between(run.head_sha, run.base_sha):
            if await workspace.tree_of(run.head_sha) == run.tree:
                return run.head_sha
            parents = [run.head_sha]
        elif await by_people(job):
            parents = [run.head_sha, run.base_sha]
    return await workspace.commit(run.tree, parents, await commit_message(job), run.created_at)


async def _pull_request(job: Job, title: str, body: str) -> PullRequest:
    forge = job.deps.forge
    pr = await forge.find_pr(job.branch)
    if pr is None and job.run.pr:
        # made already: a list that does not show it is no reason to make another
        pr = await forge.pr(job.run.pr)
    if pr is None or pr.state == "closed":
        return await forge.open_pr(job.branch, job.policy.default_branch, title, body, draft=True)
    if pr.body != body or pr.title != title:
        return await forge.edit_pr(pr.number, title=title, body=body)
    return pr
