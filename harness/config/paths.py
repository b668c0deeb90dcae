"""Where things lie in the state folder. Pure paths: nothing is made or read here."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Paths:
    """The layout below `root`, the state folder of one machine."""

    root: Path

    @property
    def state_db(self) -> Path:
        """Our tables: the truth."""
        return self.root / "state.db"

    @property
    def engine_db(self) -> Path:
        """The durable engine's own tables."""
        return self.root / "engine.db"

    @property
    def lock(self) -> Path:
        """Held by the one process that may change state."""
        return self.root / "lock"

    @property
    def snapshot(self) -> Path:
        """What `status`, `why` and `logs` read; replaced whole after each change."""
        return self.root / "snapshot.json"

    @property
    def forge(self) -> Path:
        """The embedded forge: bare repositories and its database."""
        return self.root / "forge"

    @property
    def nudge(self) -> Path:
        """Touched by whoever changed the embedded forge: the daemon looks at once."""
        return self.root / "nudge"

    @property
    def github(self) -> Path:
        """What GitHub answered, kept to ask for changes only, and git's credentials for it."""
        return self.root / "github"

    @property
    def workspaces(self) -> Path:
        """Mirrors, state.git and throw-away clones, a folder a project."""
        return self.root / "workspaces"

    @property
    def environments(self) -> Path:
        """Set-up results by key, mounted read-only."""
        return self.root / "environments"

    @property
    def visits(self) -> Path:
        """Locks of hosts that pages are fetched from."""
        return self.root / "visits"

    @property
    def logs(self) -> Path:
        """Our own log files."""
        return self.root / "logs"

    @property
    def log(self) -> Path:
        """The log of commands and of the daemon."""
        return self.logs / "harness.jsonl"

    @property
    def runs(self) -> Path:
        """Pages of every run, a folder a project, an issue, a run."""
        return self.root / "runs"

    @property
    def backups(self) -> Path:
        """Daily copies of our tables."""
        return self.root / "backups"

    @property
    def bundles(self) -> Path:
        """Git bundles of work that was never published, made before its run was cleared away."""
        return self.root / "saved"

    def run_folder(self, project: str, issue: int, number: int) -> Path:
        """PLAN.md, PROGRESS.md, REPORT.md, sessions/, evidence/ of one run."""
        return self.root / "runs" / project / str(issue) / str(number)

    def events(self, project: str, issue: int, number: int) -> Path:
        """The run's events as JSON lines, one sentence each, appended in order."""
        return self.run_folder(project, issue, number) / "events.jsonl"
