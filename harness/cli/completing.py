"""What a shell offers at the Tab key: names of projects, numbers of issues. Reads the operator's
files and the snapshot, writes nothing, and says nothing of what it cannot read.

A shell evaluates what it is given: no text that a stranger wrote is among it, numbers and plain
names alone.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import typer

from harness.cli.common import CliError, project_of
from harness.cli.snapshot_reader import Snapshot, read
from harness.config.environ import Locations, environment, place, registered_projects
from harness.i18n.catalogue import Catalogue

_PLAIN = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")


@dataclass(frozen=True)
class Offer:
    """One word that may stand there, in the form that typer prints."""

    value: str
    help: str
    type: str = "plain"


def localize(params: Sequence[Any], words: Catalogue) -> None:
    """typer's two options, in the reader's words."""
    for param in params:
        if param.name in ("install_completion", "show_completion"):
            param.help = f"cli.opt.{param.name}"
        if param.name == "install_completion":
            param.callback = _Installing(words)


@dataclass(frozen=True)
class _Installing:
    words: Catalogue

    def __call__(self, ctx: typer.Context, param: Any, value: bool) -> bool:
        if value and not ctx.resilient_parsing:
            install = sys.modules["typer.completion"].install
            shell, file = install()
            typer.echo(self.words("cli.completion_installed", name=shell, file=str(file)))
            raise typer.Exit
        return value


def projects(incomplete: str) -> list[str]:
    """Names of registered projects."""
    known = registered_projects(_place().projects_dir)
    return [name for name in known if _PLAIN.fullmatch(name) and name.startswith(incomplete)]


def issues(ctx: typer.Context, incomplete: str) -> list[str]:
    """Numbers of the issues that the snapshot has of the project that is meant, newest first."""
    where = _place()
    snapshot = _snapshot(where)
    if snapshot is None:
        return []
    project = _project(where, ctx)
    found = [*snapshot.runs(project), *snapshot.held_issues(project)]
    numbers = {one["issue"] for one in found if isinstance(one.get("issue"), int)}
    return [str(one) for one in sorted(numbers, reverse=True) if str(one).startswith(incomplete)]


def _snapshot(where: Locations) -> Snapshot | None:
    try:
        return read(where.paths)
    except CliError:
        return None


def _project(where: Locations, ctx: typer.Context) -> str:
    """ "" for all of them when none is meant."""
    try:
        return project_of(where, str(ctx.find_root().params.get("project") or ""))
    except CliError:
        return ""


def _place() -> Locations:
    return place(environment(), Path.cwd())
