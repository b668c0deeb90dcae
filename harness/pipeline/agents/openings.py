"""The first message of each kind of session: the issue as fenced data, and what code knows."""

from __future__ import annotations

from collections.abc import Sequence

from harness.core.types import Evidence, Instructions, Plan, Reproduction, Task
from harness.pipeline import slots
from harness.pipeline.agents.verdicts import WANTED
from harness.pipeline.job import Job
from harness.pipeline.people.answers import cut
from harness.pipeline.verification.evidence import detect_base, suite
from harness.prompting.templates import Prompts, new_fence
from harness.weakening.sides import side_of

TOP_FILES = 40
TEST_SIDES = ("test", "both")
DIFF_CHARS = 60_000
MOST_CHARS = 12_000
"""Of one text in an opening, but for these: they were bounded when they were taken."""
MOST = {"issue": 200_000, "diff": 4 * DIFF_CHARS}
VIEWS = {
    "correctness": "reviews/view_correctness",
    "simplicity": "reviews/view_simplicity",
    "safety": "reviews/view_safety",
    "tests": "reviews/view_tests",
    "compatibility": "reviews/view_compatibility",
}


def issue_text(job: Job) -> str:
    """The snapshot as one text, as people wrote it."""
    snapshot = job.run.snapshot
    parts = [snapshot.title, snapshot.body or "(no text)"]
    parts += [f"Comment:\n{comment}" for comment in snapshot.comments]
    return "\n\n".join(parts)


def shown_issue(job: Job) -> str:
    """The same for an agent: what was left out of it is told."""
    snapshot = job.run.snapshot
    counts = {
        "messages/left_characters": snapshot.left_chars,
        "messages/left_comments": snapshot.left_comments,
        "messages/left_echoes": snapshot.echoes,
        "messages/left_others": snapshot.others,
    }
    left = "; ".join(job.prompt(name, count=f"{n:,}") for name, n in counts.items() if n)
    told = [job.prompt("messages/left_out", what=left)] if left else []
    return "\n\n".join([issue_text(job), *told])


async def opening_worker(job: Job) -> str:
    """What the worker starts from."""
    return await _fill(
        job,
        "opening_worker",
        issue=shown_issue(job),
        files=await _top(job),
        test_command=await _test_command(job),
        notes=await _notes(job),
        order=_order(job),
    )


async def opening_restart(job: Job) -> str:
    """What a worker starts from when the one before it became too long."""
    proof = job.run.reproduction
    wait = job.run.wait
    plan = await job.plan()
    return await _fill(
        job,
        "opening_restart",
        _files(plan),
        issue=shown_issue(job),
        plan=plan_text(plan),
        reproduction=_frozen(proof) if proof else "none yet",
        evidence=evidence_text(await job.deps.store.evidence(job.run.id)),
        diff=await _diff(job) or "(none yet)",
        open=job.english(wait.reason) if wait else f"the stage {job.run.stage.value}",
        test_command=await _test_command(job),
    )


def _order(job: Job) -> str:
    """The verdicts that take the work on, as each is asked for when it is due."""
    wanted = map(job.deps.prompts.fill, WANTED.values())
    return ", ".join(one.partition(" (")[0] for one in wanted)


def _frozen(proof: Reproduction) -> str:
    what = ", ".join((*proof.tests, *proof.support))
    return f"{proof.command}; frozen: {what}"


async def opening_subagent(job: Job, task: Task) -> str:
    """What one sub-agent starts from."""
    return await _subagent(job, task, task.title, task.detail or task.title)


async def opening_repair(job: Job, task: Task, conflicts: tuple[str, ...]) -> str:
    """What the agent that resolves conflict marks starts from."""
    title = job.prompt("subagents/repair_title", title=task.title)
    detail = job.prompt(
        "subagents/repair_detail", title=repr(task.title), files=", ".join(conflicts)
    )
    fixing = task.model_copy(update={"files": conflicts})
    return await _subagent(job, fixing, title, detail)


async def _subagent(job: Job, task: Task, title: str, detail: str) -> str:
    return await _fill(
        job,
        "opening_subagent",
        task.files,
        title=title,
        detail=detail,
        files=", ".join(task.files),
        plan=plan_text(await job.plan()),
        issue=shown_issue(job),
        test_command=await _test_command(job),
        notes=await _notes(job),
    )


async def opening_independent(job: Job) -> str:
    """What a session starts from that writes a test from the issue alone: nothing of the change,
    its plan or its tests, and no notes, which may tell of them."""
    return await _fill(
        job,
        "opening_independent",
        issue=shown_issue(job),
        files=await _top(job),
        test_command=await _test_command(job),
    )


async def opening_kind(job: Job) -> str:
    """What a reviewer starts from who is to say first what kind of issue it is."""
    return await _fill(job, "opening_kind", issue=shown_issue(job))


async def opening_reviewer(job: Job, view: str) -> str:
    """What a reviewer starts from: the issue, the diff and what harness itself ran."""
    seen = await _reviewer_texts(job)
    paths = _files(await job.plan())
    return await _fill(
        job,
        "opening_reviewer",
        paths,
        view=job.prompt(VIEWS[view]),
        issue=shown_issue(job),
        **seen,
    )


async def change_text(job: Job, view: str) -> str:
    """The same without the issue, for one who has read that."""
    seen = await _reviewer_texts(job)
    return await _fill(job, "opening_change", view=job.prompt(VIEWS[view]), **seen)


async def _reviewer_texts(job: Job) -> dict[str, str]:
    proof = job.run.reproduction
    return {
        "plan": plan_text(await job.plan()),
        "evidence": evidence_text(await job.deps.store.evidence(job.run.id)),
        "failure": proof.failure or "not kept" if proof else job.prompt("reviews/no_reproduction"),
        "tests": await _test_side(job),
        "approvals": await approvals_text(job),
        "diff": await _diff(job),
        "test_command": await _test_command(job),
    }


async def _test_side(job: Job) -> str:
    """Every changed file that is not the product's alone."""
    if not job.run.tree:
        return "none"
    workspace = job.deps.workspace
    base = await workspace.tree_of(job.run.base_sha)
    globs = (await detect_base(job)).test_globs
    changes = await workspace.changes(base, job.run.tree)
    found = [f"{c.path} ({c.status})" for c in changes if side_of(c.path, globs) in TEST_SIDES]
    return ", ".join(found) or "none"


async def approvals_text(job: Job) -> str:
    """Who allowed what, one after the other."""
    lines = [f"{one.by}: {one.what}" for one in await job.get(slots.APPROVED) or ()]
    return "; ".join(lines) or "nothing"


async def _fill(job: Job, template: str, paths: Sequence[str] = (), /, **texts: str) -> str:
    """The template with these texts of others between marks that none of them holds, each
    bounded and without what nobody sees."""
    prompts, legible = job.deps.prompts, job.deps.guard.legible
    given = {name: cut(legible(text), MOST.get(name, MOST_CHARS)) for name, text in texts.items()}
    given["instructions"] = await _instructions(job, paths)
    if "language" in prompts.variables(template):
        given["language"] = _language(job)
    if "number" in prompts.variables(template):
        given |= {"number": str(job.run.issue), "repository": job.run.project}
    return prompts.text(template, fence=new_fence(*given.values()), **given)


def _language(job: Job) -> str:
    """What people read is written in their language, what is kept with the code in the code's."""
    if job.policy.spoken:
        return job.prompt("messages/language_set", language=job.policy.spoken)
    return job.prompt("messages/language_of_issue")


async def _instructions(job: Job, paths: Sequence[str]) -> str:
    """What the project tells agents, as it was when the run began; "" when it tells nothing."""
    run = job.run
    found = await job.deps.instructions(run.began_sha or run.base_sha, paths)
    if not found.text:
        return ""
    files = ", ".join(found.files)
    await job.tell("instructions", files, files=files)
    if found.hidden:
        await job.tell("instructions_hidden", files, files=files, count=found.hidden)
    return f"{instructions_text(job.deps.prompts, found)}\n\n"


def instructions_text(prompts: Prompts, found: Instructions) -> str:
    """A project's own instructions as part of what a session is opened with."""
    return prompts.text("instructions", fence=new_fence(found.text), instructions=found.text)


async def _diff(job: Job) -> str:
    """The change so far; what nobody sees in it is written as numbers."""
    if not job.run.tree:
        return ""
    workspace = job.deps.workspace
    base = await workspace.tree_of(job.run.base_sha)
    diff = await workspace.diff(base, job.run.tree, limit=DIFF_CHARS)
    return job.deps.guard.reveal(diff)


def _files(plan: Plan) -> tuple[str, ...]:
    return tuple(path for task in plan.tasks for path in task.files)


def plan_text(plan: Plan) -> str:
    """A plan in few lines."""
    tasks = "; ".join(f"{t.title} ({', '.join(t.files)})" for t in plan.tasks)
    return f"{plan.summary} Tasks: {tasks}"


def evidence_text(evidence: tuple[Evidence, ...]) -> str:
    """One line a run of a command."""
    lines = []
    for item in evidence:
        counted = ""
        if item.tests is not None:
            passed, failed = len(item.tests.having("passed")), len(item.tests.having("failed"))
            counted = f" ({passed} passed, {failed} failed)"
        lines.append(
            f"{item.kind} on {item.side}: `{item.command}` -> exit {item.exit_code}{counted}"
        )
    return "; ".join(dict.fromkeys(lines)) or "nothing yet"


async def _top(job: Job) -> str:
    workspace = job.deps.workspace
    files = await workspace.files(await workspace.tree_of(job.run.base_sha))
    names = sorted({f.split("/", 1)[0] + ("/" if "/" in f else "") for f in files})
    more = f", and {len(names) - TOP_FILES} more" if len(names) > TOP_FILES else ""
    return ", ".join(names[:TOP_FILES]) + more


async def _test_command(job: Job) -> str:
    return (await suite(job)).command or "none found"


async def _notes(job: Job) -> str:
    """What earlier runs of this project noted down."""
    lessons = (await job.deps.store.get(slots.LESSONS, job.run.project) or ())[-5:]
    notes = "; ".join(lessons)
    return "\n" + job.prompt("messages/earlier_notes", notes=notes) if lessons else ""
