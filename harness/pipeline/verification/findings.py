"""Findings as people read them."""

from __future__ import annotations

from collections.abc import Sequence

from harness.core.types import Finding
from harness.pipeline.job import Job


def sentences(job: Job, findings: Sequence[Finding]) -> list[str]:
    """In the language of reports, each with its place."""
    return [place(f) + job.deps.words(f.say.key, **f.say.facts) for f in findings]


def place(finding: Finding) -> str:
    """ "path:line ", or nothing."""
    return f"{finding.path}:{finding.line} " if finding.line else ""
