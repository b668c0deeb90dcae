"""Reports on request, from the rows."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Literal

from harness.core.types import Run
from harness.pipeline.job import Job
from harness.pipeline.page_facts import facts_of
from harness.pipeline.project import Project
from harness.ports.words import Words
from harness.report.facts import ReportFacts
from harness.report.html import render as html_page
from harness.report.html import render_weekly as weekly_html
from harness.report.markdown import render as markdown_page
from harness.report.weekly import render as weekly_markdown

MOST_DIFF = 64 << 20


async def report_of(project: Project, run: Run, sort: Literal["markdown", "html"]) -> str:
    """One run's report as it stands now."""
    job = Job(project.deps, run)
    facts = await facts_of(job)
    return html_page(facts, job.words) if sort == "html" else markdown_page(facts, job.words)


async def diff_of(project: Project, run: Run) -> str:
    """The run's change against its base, whole; "" while there is none."""
    if not run.tree or not run.base_sha:
        return ""
    workspace = project.deps.workspace
    base = await workspace.tree_of(run.base_sha)
    return await workspace.diff(base, run.tree, limit=MOST_DIFF)


async def weekly_of(
    projects: Sequence[Project],
    words: Words,
    now: datetime,
    since_days: float,
    sort: Literal["markdown", "html"],
) -> str:
    """Every run that moved in these days."""
    since = now - timedelta(days=since_days)
    found: list[ReportFacts] = []
    for project in projects:
        for run in await project.deps.store.runs(project.name):
            if run.updated_at >= since:
                found.append(await facts_of(Job(project.deps, run)))
    page = weekly_html if sort == "html" else weekly_markdown
    return page(tuple(found), since, now, words)
