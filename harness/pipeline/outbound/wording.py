"""What a commit and a pull request say: built from parts, in the repository's habit."""

from __future__ import annotations

import re

from harness.core.house_types import CommitStyle
from harness.core.types import Finding
from harness.pipeline.agents.checkpoint import last_done
from harness.pipeline.job import Job
from harness.pipeline.outbound.house import rules_of
from harness.pipeline.scan import scan
from harness.report.facts import ReportFacts

MODEL = re.compile(r"[A-Za-z0-9][A-Za-z0-9._/-]{0,60}")
SUBJECTS = 50
"""So many of the last commits tell a habit."""


async def style_of(job: Job) -> CommitStyle:
    """The repository's habit as the run began; what a person set goes before it."""
    workspace, run, chosen = job.deps.workspace, job.run, job.policy.commit_style
    subjects = await workspace.subjects(run.began_sha or run.base_sha, limit=SUBJECTS)
    style = await scan(job.deps.guard.commit_style, subjects)
    rules = await rules_of(job)
    checked: dict[str, object] = {"longest": rules.longest}
    if chosen == "conventional" or (chosen == "auto" and rules.conventional):
        case = style.case or ("lower" if rules.conventional else "")
        checked |= {"conventional": True, "types": rules.types, "case": case}
        checked |= {"scopes": rules.scopes} if rules.scopes else {}
    elif chosen == "plain":
        checked |= {"conventional": False}
    return style.model_copy(update=checked)


async def title_of(job: Job) -> str:
    """One line: the agent's title, else the issue's, else its number."""
    said = await last_done(job)
    style = await style_of(job)
    paths = await _touched(job) if style.scopes else ()
    for text in (said.title if said is not None else "", job.run.snapshot.title):
        kind = job.run.kind or "bug"
        line = await scan(job.deps.guard.subject, text, job.run.issue, style, kind, paths)
        if line:
            return line
    return job.deps.words("page.title_of_issue", issue=job.run.issue)


async def _touched(job: Job) -> tuple[str, ...]:
    workspace, run = job.deps.workspace, job.run
    if not run.tree:
        return ()
    changes = await workspace.changes(await workspace.tree_of(run.base_sha), run.tree)
    return tuple(change.path for change in changes)


async def commit_message(job: Job) -> str:
    """Subject, what was done in plain paragraphs, the issue it closes. Trailers are the daemon's
    own: none of the model's is left."""
    return "\n\n".join([await title_of(job), *await _rest(job)]) + "\n"


async def merge_message(job: Job) -> str:
    """Of a merge: the same, with the pull request's number where the repository has them."""
    style = await style_of(job)
    title = await title_of(job)
    head = title if style.numbered is False else f"{title} (#{job.run.pr})"
    return "\n\n".join([head, *await _rest(job)]) + "\n"


async def _rest(job: Job) -> list[str]:
    said = await last_done(job)
    body = (said.commit or said.summary) if said is not None else (await job.plan()).summary
    shown = (await scan(job.deps.guard.visible, body)).strip()
    text = await scan(job.deps.guard.paragraphs, shown, job.run.issue)
    rules = await rules_of(job)
    told = [f"{rules.trailer}: {_maker(job)}"] if rules.trailer else []
    return [*([text] if text else []), f"Closes #{job.run.issue}", *told]


def _maker(job: Job) -> str:
    """Who made it, as such trailers have it: the program and what it thought with."""
    model = job.policy.models.get("worker", "")
    return f"harness:{model}" if MODEL.fullmatch(model) else "harness"


async def plainly(job: Job, facts: ReportFacts) -> ReportFacts:
    """The facts with what a model wrote of them as plain words: a heading, a table or a ticked box
    of its own would look like the daemon's."""
    paragraphs, issue, plan = job.deps.guard.paragraphs, job.run.issue, facts.plan
    events = list(facts.events)
    for place, event in enumerate(events):
        if event.kind == "implemented":
            said = await scan(paragraphs, str(event.facts.get("summary", "")), issue)
            events[place] = event.model_copy(update={"facts": {**event.facts, "summary": said}})
    if plan is not None:
        tasks = [
            task.model_copy(update={"title": await scan(job.deps.guard.line, task.title, issue)})
            for task in plan.tasks
        ]
        risks = [await scan(job.deps.guard.line, risk, issue) for risk in plan.risks]
        summary = await scan(paragraphs, plan.summary, issue)
        plan = plan.model_copy(
            update={"summary": summary, "tasks": tuple(tasks), "risks": tuple(risks)}
        )
    advice = [await _in_line(job, finding) for finding in facts.advice]
    commit = await scan(paragraphs, facts.commit, issue)
    changed = {"events": tuple(events), "plan": plan, "advice": tuple(advice), "commit": commit}
    return facts.model_copy(update=changed)


async def _in_line(job: Job, finding: Finding) -> Finding:
    """With every text in it as one line of plain words."""
    facts = dict(finding.say.facts)
    for name, value in facts.items():
        if isinstance(value, str):
            facts[name] = await scan(job.deps.guard.line, value, job.run.issue)
    return finding.model_copy(update={"say": finding.say.model_copy(update={"facts": facts})})
