"""Which of the project's agents a plan may name for a task: those of the commit that the run began
at, and where the operator named one for sub-agents, that one alone."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from harness.core.types import Task
from harness.pipeline.job import Job

NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
MOST_NAMED: Final = 20


async def agents_for_tasks(job: Job) -> tuple[str, ...]:
    """Their names, a bounded number; what is no plain name is none."""
    chosen = job.policy.agents.get("subagent", "")
    if chosen:
        return (chosen,)
    run = job.run
    names = await job.deps.agent_names(run.began_sha or run.base_sha)
    return tuple(name for name in names if NAME.fullmatch(name))[:MOST_NAMED]


async def unknown_agents(job: Job, tasks: Sequence[Task]) -> tuple[str, ...]:
    """What tasks name and may not."""
    named = {task.agent for task in tasks} - {""}
    if not named:
        return ()
    return tuple(sorted(named - {*await agents_for_tasks(job)}))


async def told_agents(job: Job) -> str:
    """What a planner is told of them; "" where there is none to choose."""
    if job.policy.agents.get("subagent"):
        return ""
    names = await agents_for_tasks(job)
    return " " + job.prompt("verdicts/plan_agents", names=", ".join(names)) if names else ""
