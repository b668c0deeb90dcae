"""Findings as people read them."""

from __future__ import annotations

from collections.abc import Sequence

from harness.core.types import Finding, LocalizedText


def sentences(findings: Sequence[Finding], most: int = 10) -> tuple[LocalizedText, ...]:
    """What each says, with its place: for a fact, so that every reader hears their own language."""
    return tuple(_placed(finding) for finding in findings[:most])


def _placed(finding: Finding) -> LocalizedText:
    if not finding.line:
        return finding.say
    return LocalizedText(
        key="page.placed", facts={"place": place(finding).rstrip(), "what": finding.say}
    )


def place(finding: Finding) -> str:
    """ "path:line ", or nothing."""
    return f"{finding.path}:{finding.line} " if finding.line else ""
