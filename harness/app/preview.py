"""What one tick would do, told without doing it."""

from __future__ import annotations

from collections.abc import Sequence

from harness.app.app_context import AppContext
from harness.config.sections import LimitSettings
from harness.core.types import Issue, LocalizedText, Run, RunState
from harness.core.view_types import Preview
from harness.pipeline.project import Project
from harness.report.snapshot import why


async def previews(app: AppContext, issues: Sequence[int]) -> tuple[Preview, ...]:
    """One entry an open issue of every project, in the forge's order."""
    found = []
    for project in app.projects():
        page = await project.forge.issues()
        for issue in page.issues:
            if issue.state == "open" and (not issues or issue.number in issues):
                found.append(await _preview(app, project, issue))
    return tuple(found)


async def _preview(app: AppContext, project: Project, issue: Issue) -> Preview:
    run = await app.store.find_run(project.name, issue.number)
    if run is not None:
        return _preview_of(project.name, issue, run)
    held = (await project.admit(issue)).held
    if held is not None:
        return Preview(
            project=project.name, issue=issue.number, title=issue.title, action="hold", why=held
        )
    return Preview(
        project=project.name,
        issue=issue.number,
        title=issue.title,
        action="start",
        why=LocalizedText(key="pipeline.would_start"),
        most_cost_usd=_most(app.settings_of(project.name).limits),
        writes=_writes(project, issue),
    )


def _most(limits: LimitSettings) -> float:
    """The tightest cap that a whole run is under."""
    caps = (limits.run, limits.issue, limits.project_day, limits.day)
    return min((cap.cost_usd for cap in caps if cap.cost_usd), default=0.0)


def _preview_of(project: str, issue: Issue, run: Run) -> Preview:
    resting = "ignore" if run.state.over else "hold"
    action = "continue" if run.state is RunState.ACTIVE else resting
    return Preview.model_validate(
        {
            "project": project,
            "issue": issue.number,
            "title": issue.title,
            "action": action,
            "why": why(run),
        }
    )


def _writes(project: Project, issue: Issue) -> tuple[LocalizedText, ...]:
    rules = project.deps.policy
    branch = f"{rules.branch_prefix}{issue.number}"
    found = [
        LocalizedText(key="pipeline.would_comment"),
        LocalizedText(key="pipeline.would_branch", facts={"branch": branch}),
    ]
    if rules.merge == "auto":
        found.append(
            LocalizedText(key="pipeline.would_merge", facts={"branch": rules.default_branch})
        )
    return tuple(found)
