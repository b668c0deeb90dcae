"""`harness doctor`: every requirement, whether it is met, and how to meet it."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.text import Text

from harness.cli.common import (
    CliError,
    Context,
    JsonFlag,
    context,
    emit,
    load,
    one_line,
    open_app,
    run_async,
)
from harness.cli.snapshot_reader import stored_sentence
from harness.cli.trying import failed_probe, offer, probe_of, try_out
from harness.config.environ import registered_projects

if TYPE_CHECKING:
    from harness.config.settings import Settings
    from harness.core.base import LocalizedText
    from harness.core.view_types import Probe

PYTHON = (3, 11)
LEAST_FREE = 1 << 30
LONGEST_LINE = 400
GOOD_FREE = 5 << 30
Fix = tuple[str, Mapping[str, str | int | float]]
"""A catalogue key and its facts."""


def doctor(
    ctx: typer.Context,
    mend: Annotated[bool, typer.Option("--mend", help="cli.opt.mend")] = False,
    as_json: JsonFlag = False,
) -> None:
    cli = context(ctx, as_json)
    if mend and not cli.project:
        raise CliError(2, "cli.try.which")
    make = _Maker()
    with _Desk(cli) as desk:
        for probe in (_python(make), _git(make), state := _state(cli, make), _disk(cli, make)):
            desk.ends(None, probe)
        settings = _settings(cli, make, desk)
        found = list(desk.found)
        if settings is not None and (state.ok or not state.needed):
            found = [*found, *run_async(_app_probes(cli, settings, desk))]
    if cli.project and settings is not None and _may_try(found):
        found.append(_tried(cli, settings, mend=mend))
    broken = [p for p in found if not p.ok and p.needed]
    if as_json:
        emit({"ok": not broken, "checks": found})
    elif broken:
        cli.say("cli.doctor.broken", count=len(broken))
    else:
        cli.say("cli.doctor.fine")
    if broken:
        raise typer.Exit(4)


def _may_try(found: Sequence[Probe]) -> bool:
    """Whether there is a sandbox to try the project in and a forge to have it from."""
    ok = {probe.name.key: probe.ok for probe in found}
    return ok.get("pipeline.probe_sandbox", False) and ok.get("pipeline.probe_forge", False)


def _tried(cli: Context, settings: Settings, *, mend: bool) -> Probe:
    """The project set up and its suite run; what works is written when the person says so."""
    fault = load("harness.core.errors:HarnessError")
    try:
        found = try_out(cli, settings)
    except fault as error:
        probe = failed_probe(settings, error)
    else:
        probe = probe_of(cli, settings, found)
        offer(cli, settings, found, mend=mend)
    if not cli.as_json:
        _show(cli, probe)
    return probe


class _Desk:
    """Shows each check when it ends, and on a terminal what is being looked at meanwhile."""

    def __init__(self, cli: Context) -> None:
        self._cli = cli
        self._console = cli.err if cli.as_json else cli.out
        self._open: dict[str, None] = {}
        self._status = self._console.status("") if self._console.is_terminal else None
        self.found: list[Probe] = []
        """As they ended."""

    def __enter__(self) -> _Desk:
        return self

    def __exit__(self, *_: object) -> None:
        if self._status is not None:
            self._status.stop()

    def begins(self, title: LocalizedText) -> None:
        self._open[stored_sentence(self._cli, title.model_dump())] = None
        self._draw()

    def ends(self, title: LocalizedText | None, probe: Probe | None) -> None:
        if title is not None:
            self._open.pop(stored_sentence(self._cli, title.model_dump()), None)
        if probe is not None:
            self.found.append(probe)
            if not self._cli.as_json:
                _show(self._cli, probe)
        self._draw()

    def _draw(self) -> None:
        if self._status is None:
            return
        if self._open:
            said = self._cli.words("cli.doctor.looking", what=", ".join(self._open))
            self._status.update(Text(said, no_wrap=True, overflow="ellipsis"))
            self._status.start()
        else:
            self._status.stop()


class _Maker:
    """Makes probes: the value's module is loaded only by this command."""

    def __init__(self) -> None:
        self._probe: Any = load("harness.core.view_types:Probe")
        self._say: Any = load("harness.core.base:LocalizedText")

    def __call__(
        self,
        name: str,
        ok: bool,
        detail: str = "",
        fix: Fix = ("", {}),
        *,
        needed: bool = True,
    ) -> Probe:
        made: Probe = self._probe(
            name=self._say(key=f"cli.doctor.{name}"),
            ok=ok,
            needed=needed,
            detail=detail,
            fix=self._say(key=fix[0], facts=fix[1]) if fix[0] and not ok else None,
        )
        return made


async def _app_probes(cli: Context, settings: Settings, desk: _Desk) -> tuple[Probe, ...]:
    """Of the project that --project names, else of all."""
    async with open_app(cli, settings) as app:
        return await app.probes(cli.project, desk.begins, desk.ends)


def _python(make: _Maker) -> Probe:
    version = ".".join(map(str, sys.version_info[:3]))
    return make("python", sys.version_info[:2] >= PYTHON, version, ("cli.doctor.python_fix", {}))


def _git(make: _Maker) -> Probe:
    fault = load("harness.core.errors:HarnessError")
    try:
        version = run_async(load("harness.system.git:git_version")())
    except fault as error:
        return make("git", False, "", (error.key, error.facts))
    return make("git", True, ".".join(map(str, version)))


def _state(cli: Context, make: _Maker) -> Probe:
    folder = cli.place.state_dir
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    except OSError as error:
        why = error.strerror or type(error).__name__
        return make("state", False, str(folder), _unusable(folder, why))
    if not os.access(folder, os.R_OK | os.W_OK | os.X_OK):
        return make("state", False, str(folder), _unusable(folder, "EACCES"))
    mode = folder.stat().st_mode & 0o077
    return make(
        "state",
        mode == 0,
        str(folder),
        ("cli.doctor.state_open", {"folder": str(folder)}),
        needed=False,
    )


def _unusable(folder: Path, why: str) -> Fix:
    return "cli.doctor.state_fix", {"folder": str(folder), "why": why}


def _disk(cli: Context, make: _Maker) -> Probe:
    folder = _existing(cli.place.state_dir)
    free = shutil.disk_usage(folder).free
    return make(
        "disk",
        free >= GOOD_FREE,
        f"{free / (1 << 30):.1f} GiB",
        ("cli.doctor.disk_fix", {"folder": str(folder), "good": GOOD_FREE >> 30}),
        needed=free < LEAST_FREE,
    )


def _existing(folder: Path) -> Path:
    while not folder.exists():
        folder = folder.parent
    return folder


def _settings(cli: Context, make: _Maker, desk: _Desk) -> Settings | None:
    """The settings meant here; what is wrong with them, or with the choice of a project, becomes
    a check that failed."""
    fault = load("harness.core.errors:HarnessError")
    try:
        name = (
            cli.project_name() if cli.project or registered_projects(cli.place.projects_dir) else ""
        )
        settings = cli.work_settings(name)
    except (CliError, fault) as error:
        desk.ends(None, make("settings", False, "", (error.key, error.facts)))
        return None
    desk.ends(None, make("settings", bool(name), name, ("cli.project_none", {}), needed=False))
    return settings


def _show(cli: Context, probe: Probe) -> None:
    mark = "ok" if probe.ok else "fail" if probe.needed else "warn"
    name = stored_sentence(cli, probe.name.model_dump())
    detail = f": {probe.detail}" if probe.detail else ""
    cli.say(f"cli.doctor.{mark}", name=name, detail=detail)
    if probe.fix is not None and not probe.ok:
        fix = probe.fix.model_dump()
        log = str(fix["facts"].pop("log", ""))
        said = stored_sentence(cli, {**fix, "facts": {**fix["facts"], "log": ""}})
        cli.say("cli.doctor.fix", fix=said.rstrip())
        for line in log.splitlines():
            cli.say("cli.doctor.fix", fix=one_line(line, LONGEST_LINE))
