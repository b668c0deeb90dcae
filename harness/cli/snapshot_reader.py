"""Reads snapshot.json with the standard library. Its twin, which writes it, is
harness/report/snapshot.py: the shape is drawn there."""

from __future__ import annotations

import fcntl
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from harness.cli.common import CliError, Context, one_line
from harness.config.paths import Paths

VERSION = 1
OVER = ("done", "failed", "cancelled")


@dataclass(frozen=True)
class Snapshot:
    """The snapshot's data, as written."""

    data: Mapping[str, Any]
    acting: bool = False
    """Whether a harness is at work on this state now."""

    @property
    def at(self) -> str:
        """When it was written, ISO, UTC."""
        return str(self.data["at"])

    def runs(self, project: str = "") -> list[Mapping[str, Any]]:
        """Runs, those not over first; of one project when named."""
        return [r for r in self.data["runs"] if project in ("", r["project"])]

    def state(self, run: Mapping[str, Any]) -> str:
        """Name of the run's state as people see it: `ready` when it is its turn and nobody is at
        work, `paused` when a person said so."""
        if run["paused"] and run["state"] not in OVER:
            return "paused"
        return "ready" if run["state"] == "active" and not self.acting else str(run["state"])

    def why(self, run: Mapping[str, Any]) -> Mapping[str, Any]:
        """The sentence that explains the run, as key and facts."""
        found: Mapping[str, Any] = run["why"]
        return {"key": "cli.run_ready"} if self.state(run) == "ready" else found

    def held_issues(self, project: str = "") -> list[Mapping[str, Any]]:
        """Issues not started, each with its reason."""
        return [h for h in self.data["held"] if project in ("", h["project"])]

    def forges(self, project: str = "") -> list[tuple[str, Mapping[str, Any]]]:
        """(project, what its forge lets us still ask); nothing for a forge without limits."""
        found = self.data.get("forges") or {}
        return [(name, limits) for name, limits in found.items() if project in ("", name)]

    def newest(self, project: str, issue: int) -> Mapping[str, Any] | None:
        """The newest run of an issue."""
        mine = [r for r in self.runs(project) if r["issue"] == issue]
        return max(mine, key=lambda r: int(r["number"]), default=None)


def read(paths: Paths) -> Snapshot | None:
    """None when harness has never run here. CliError when the file is not what we wrote."""
    file = paths.snapshot
    try:
        data = json.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    except (OSError, ValueError) as error:
        raise CliError(1, "cli.snapshot_broken", file=str(file)) from error
    if not isinstance(data, dict) or not {"version", "at", "runs", "held"} <= data.keys():
        raise CliError(1, "cli.snapshot_broken", file=str(file))
    if data["version"] != VERSION:
        raise CliError(1, "cli.snapshot_version", file=str(file), version=str(data["version"]))
    return Snapshot(data, acting(paths.lock))


def acting(lock: Path) -> bool:
    """Whether a process holds the lock now: what a snapshot cannot know of one that was killed."""
    try:
        with lock.open("rb") as file:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except FileNotFoundError:
        return False
    except OSError:
        return True
    return False


def stored_sentence(cli: Context, say: Mapping[str, Any]) -> str:
    """A stored sentence in the reader's language; its bare key when this release lacks it."""
    facts = {name: _fact(cli, fact) for name, fact in _facts(say)}
    try:
        return cli.words(str(say["key"]), **facts)
    except (KeyError, IndexError):
        return f"{say.get('key')} {json.dumps(dict(_facts(say)), ensure_ascii=False)}"


def _fact(cli: Context, fact: object) -> object:
    """One fact, printable; a sentence among them in the reader's language too."""
    match fact:
        case int() | float():
            return fact
        case {"key": str(key), "facts": Mapping() as facts}:
            return one_line(stored_sentence(cli, {"key": key, "facts": facts}))
        case list():
            return one_line("; ".join(str(_fact(cli, one)) for one in fact))
    return one_line(str(fact))


def moment(text: str | None) -> str:
    """An ISO time in the reader's own time zone, to the minute; "" for none."""
    if not text:
        return ""
    try:
        return datetime.fromisoformat(text).astimezone().strftime("%Y-%m-%d %H:%M")
    except (ValueError, TypeError, OverflowError):
        return one_line(str(text))


def waits_until(limits: Mapping[str, Any]) -> str:
    """Until when a forge asked us to wait, if that is still to come; else ""."""
    until = limits.get("waiting_until")
    return moment(until) if until and age_s(until) < 0 else ""


def age_s(text: str) -> float:
    """Seconds since an ISO time; 0 for what is none."""
    try:
        return (datetime.now(UTC) - datetime.fromisoformat(text)).total_seconds()
    except (ValueError, TypeError, OverflowError):
        return 0.0


def money(cli: Context, spent: Mapping[str, Any]) -> str:
    """Spent money, else tokens, else nothing; marked when some of it is estimated."""
    if spent.get("cost_usd"):
        said = f"${spent['cost_usd']:.2f}"
    elif spent.get("tokens"):
        said = cli.words("cli.tokens", tokens=f"{spent['tokens']:,}")
    else:
        return ""
    return cli.words("cli.estimated", amount=said) if spent.get("estimated") else said


def _facts(say: Mapping[str, Any]) -> list[tuple[str, Any]]:
    return list((say.get("facts") or {}).items())
