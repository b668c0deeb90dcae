"""PLAN.md, PROGRESS.md, REPORT.md, REPORT.html: views of the rows, for people and agents."""

from __future__ import annotations

import asyncio
from pathlib import Path

from harness.pipeline.job import Job
from harness.pipeline.page_facts import facts_of
from harness.report.facts import ReportFacts
from harness.report.html import render as html_page
from harness.report.markdown import render as markdown_page
from harness.report.plan_page import render as plan_page
from harness.report.progress import render as progress_page


async def write_pages(job: Job) -> None:
    """Write all of them anew. A view that cannot be written stops nothing: the rows are the
    truth, and the next activation writes it again."""
    facts = await facts_of(job)
    pages = pages_of(job, facts)
    await asyncio.to_thread(_write, job.deps.folder(job.run), pages)


def pages_of(job: Job, facts: ReportFacts) -> dict[str, str]:
    """File name -> text."""
    words = job.words
    pages = {
        "PROGRESS.md": progress_page(facts, words),
        "REPORT.md": markdown_page(facts, words),
    }
    if job.policy.report_html:
        pages["REPORT.html"] = html_page(facts, words)
    if facts.plan is not None:
        pages["PLAN.md"] = plan_page(facts.plan, facts.run.snapshot.title, words)
    return pages


def _write(folder: Path, pages: dict[str, str]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in pages.items():
        part = folder / f".{name}.part"
        part.write_text(text, encoding="utf-8")
        part.replace(folder / name)
