"""Why each issue without an open run has none. Pure."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from harness.core.types import LocalizedText
from harness.daemon.backlog import Backlog
from harness.daemon.dispatch import Action, DispatchState, Hold, Start, in_line

MOST_PLACES: Final = 100


@dataclass(frozen=True)
class UnstartedIssue:
    """An issue without an open run, and why it has none."""

    project: str
    issue: int
    title: str
    why: LocalizedText


def explain_unstarted(
    backlogs: Mapping[str, Backlog],
    astray: Mapping[str, LocalizedText],
    away: Collection[UnstartedIssue],
    state: DispatchState,
    actions: Sequence[Action],
) -> tuple[UnstartedIssue, ...]:
    """Refused, of a repository that went astray, worked on elsewhere (`away`), depending, or in
    line."""
    has_run = {(s.run.project, s.run.issue) for s in state.standings}
    found = [
        UnstartedIssue(name, entry.number, entry.title, entry.held)
        for name, backlog in backlogs.items()
        for entry in backlog.refused_entries()
        if entry.held is not None and (name, entry.number) not in has_run
    ]
    found += [
        UnstartedIssue(candidate.project, candidate.issue, candidate.title, why)
        for name, why in astray.items()
        for candidate in backlogs[name].candidates(
            {issue for project, issue in has_run if project == name}
        )
    ]
    return (*found, *away, *_in_line(state, actions))


def _in_line(state: DispatchState, actions: Sequence[Action]) -> list[UnstartedIssue]:
    left = {(c.project, c.issue): c.title for c in in_line(state.candidates)}
    found = []
    for action in actions:
        if isinstance(action, Start):
            left.pop((action.project, action.issue), None)
        elif isinstance(action, Hold) and not action.run:
            title = left.pop((action.project, action.issue), "")
            found.append(UnstartedIssue(action.project, action.issue, title, action.why))
    later = LocalizedText(key="daemon.queued_later")
    for place, ((project, issue), title) in enumerate(left.items(), 1):
        soon = place <= MOST_PLACES
        why = LocalizedText(key="daemon.queued", facts={"place": place}) if soon else later
        found.append(UnstartedIssue(project, issue, title, why))
    return found
