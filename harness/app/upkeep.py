"""Clearing up, with the settings and the parts of one state folder."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from harness.app.app_context import AppContext
from harness.daemon.housekeeping import Housekeeper, Keeper, RetentionRules
from harness.daemon.retention import Keep
from harness.git.saving import Saving
from harness.git.workspace import Author
from harness.pipeline.project import Project


def housekeeper(app: AppContext, projects: Sequence[Project]) -> Housekeeper:
    """Over these projects."""
    settings = app.settings
    chosen = settings.housekeeping
    keepers: dict[str, Keeper] = {}
    for project in projects:
        commit = app.settings_of(project.name).commit
        author = Author(commit.name, commit.email)
        keepers[project.name] = Saving(
            settings.paths.workspaces, project.name, project.deps.workspace, author
        )
    keep = Keep(
        disk_bytes=int(chosen.disk_gb * (1 << 30)),
        free_bytes=int(chosen.free_gb * (1 << 30)),
        runs=chosen.keep_runs,
        days=chosen.keep_days,
        environment_days=chosen.environment_days,
        backups=chosen.backups,
    )
    rules = RetentionRules(keep, timedelta(days=chosen.snapshot_days))
    return Housekeeper(settings.paths, app.store.runs, keepers, app.clock, rules)
