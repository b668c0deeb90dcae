"""The first message of each kind of session: the issue as fenced data, and what code knows."""

from __future__ import annotations

from harness.core.types import Evidence, Plan, Task
from harness.pipeline.evidence import suite
from harness.pipeline.job import Job
from harness.prompting.templates import new_fence

TOP_FILES = 40
DIFF_CHARS = 60_000
VIEWS = {
    "correctness": "correctness: does it settle the issue, for every input?",
    "simplicity": "simplicity: is there less code that does it, in the project's own way?",
    "safety": "safety: what can a hostile input or a failure do to it?",
    "tests": "tests: do the tests fail without the change, and for the right reason?",
    "compatibility": "compatibility: who calls this, and does it still work for them?",
}


def issue_text(job: Job) -> str:
    """The snapshot as one text."""
    snapshot = job.run.snapshot
    parts = [snapshot.title, snapshot.body or "(no text)"]
    parts += [f"Comment:\n{comment}" for comment in snapshot.comments]
    return "\n\n".join(parts)


async def opening_worker(job: Job) -> str:
    """What the worker starts from."""
    text = issue_text(job)
    return job.parts.prompts.text(
        "opening_worker",
        number=str(job.run.issue),
        repository=job.run.project,
        fence=new_fence(text),
        issue=text,
        files=await _top(job),
        test_command=await _test_command(job),
        notes=await _notes(job),
    )


async def opening_restart(job: Job) -> str:
    """What a worker starts from when the one before it became too long."""
    text = issue_text(job)
    workspace = job.parts.workspace
    base = await workspace.tree_of(job.run.base_sha)
    diff = await workspace.diff(base, job.run.tree, limit=DIFF_CHARS) if job.run.tree else ""
    proof = job.run.reproduction
    wait = job.run.wait
    return job.parts.prompts.text(
        "opening_restart",
        number=str(job.run.issue),
        repository=job.run.project,
        fence=new_fence(text, diff),
        issue=text,
        plan=plan_text(await job.plan()),
        reproduction=f"{proof.command} ({', '.join(proof.files)})" if proof else "none yet",
        evidence=evidence_text(await job.parts.store.evidence(job.run.id)),
        diff=diff or "(none yet)",
        open=job.english(wait.reason) if wait else f"the stage {job.run.stage.value}",
        test_command=await _test_command(job),
    )


async def opening_subagent(job: Job, task: Task) -> str:
    """What one sub-agent starts from."""
    return await _subagent(job, task, task.title, task.detail or task.title)


async def opening_repair(job: Job, task: Task, conflicts: tuple[str, ...]) -> str:
    """What the agent that resolves conflict marks starts from."""
    detail = (
        f"The change of the task {task.title!r} was merged with the others' and left conflict "
        f"marks in: {', '.join(conflicts)}. Resolve them so that both changes do what they were "
        "meant to, and leave no mark."
    )
    fixing = task.model_copy(update={"files": conflicts})
    return await _subagent(job, fixing, f"resolve conflicts of {task.title}", detail)


async def _subagent(job: Job, task: Task, title: str, detail: str) -> str:
    text = issue_text(job)
    return job.parts.prompts.text(
        "opening_subagent",
        title=title,
        detail=detail,
        files=", ".join(task.files),
        plan=plan_text(await job.plan()),
        fence=new_fence(text),
        issue=text,
        test_command=await _test_command(job),
        notes=await _notes(job),
    )


async def opening_reviewer(job: Job, view: str) -> str:
    """What a reviewer starts from: the diff and what harness itself ran."""
    text = issue_text(job)
    workspace = job.parts.workspace
    base = await workspace.tree_of(job.run.base_sha)
    diff = await workspace.diff(base, job.run.tree, limit=DIFF_CHARS)
    return job.parts.prompts.text(
        "opening_reviewer",
        number=str(job.run.issue),
        repository=job.run.project,
        view=VIEWS[view],
        fence=new_fence(text, diff),
        issue=text,
        plan=plan_text(await job.plan()),
        evidence=evidence_text(await job.parts.store.evidence(job.run.id)),
        diff=diff,
        test_command=await _test_command(job),
    )


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
    workspace = job.parts.workspace
    files = await workspace.files(await workspace.tree_of(job.run.base_sha))
    names = sorted({f.split("/", 1)[0] + ("/" if "/" in f else "") for f in files})
    more = f", and {len(names) - TOP_FILES} more" if len(names) > TOP_FILES else ""
    return ", ".join(names[:TOP_FILES]) + more


async def _test_command(job: Job) -> str:
    return (await suite(job)).command or "none found"


async def _notes(job: Job) -> str:
    """What earlier runs of this project noted down."""
    kept = await job.parts.store.kept(job.run.project, "lessons")
    lessons = [str(item) for item in kept][-5:] if isinstance(kept, list) else []
    return "Noted in earlier runs: " + "; ".join(lessons) if lessons else ""
