"""The repository of a registered project is who it is by its id: asked for at `init`, written down
in the operator's file beside its name."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from harness.cli.common import CliError, Context, load, run_async
from harness.core.errors import ConfigError, ForgeError, HarnessError, MissingError

if TYPE_CHECKING:
    from harness.config.settings import Settings
    from harness.core.forge_types import Repository

ASK_S = 20.0
_FORGE = re.compile(r"^\[forge\][ \t]*(?:#[^\n]*)?\n((?:(?!\[)[^\n]*\n?)*)", re.MULTILINE)
_OURS = re.compile(r"^[ \t]*(?:repository|repository_id)[ \t]*=[^\n]*\n?", re.MULTILINE)


@dataclass(frozen=True)
class RepositoryLookup:
    """What GitHub says of a repository; `why` is a sentence when it says nothing now."""

    found: Repository | None
    why: str = ""


def ask(cli: Context, settings: Settings) -> RepositoryLookup:
    """By one request, when there is something to ask with."""
    try:
        return RepositoryLookup(run_async(_ask(cli, settings)))
    except (ConfigError, ForgeError, MissingError) as error:
        return RepositoryLookup(None, _sentence(cli, error))
    except TimeoutError:
        return RepositoryLookup(None, cli.words("cli.init.no_answer"))


async def _ask(cli: Context, settings: Settings) -> Repository:
    timeout = load("asyncio:timeout")
    clock, redactor = (
        load("harness.system.clock:SystemClock"),
        load("harness.system.redact:Redactor"),
    )
    forges = load("harness.app.adapters:Forges")(cli.sources, clock(), redactor())
    try:
        async with timeout(ASK_S):
            found: Repository = await forges.of(settings).repository()
            return found
    finally:
        await forges.close()


def _sentence(cli: Context, error: HarnessError) -> str:
    return cli.words(error.key, **error.facts).rstrip(". ")


def same(settings: Settings, found: Repository) -> None:
    """CliError when the project was registered with another repository."""
    known = settings.forge.repository_id
    if known and known != found.id:
        raise CliError(
            1,
            "cli.init.other_repository",
            project=settings.project.name,
            repository=found.name,
            id=found.id,
            known=known,
        )


def other_branch(settings: Settings, file: Path, branch: str) -> CliError:
    """Says how a project goes on with a branch that it is not registered with."""
    project = settings.project
    return CliError(
        2,
        "cli.init.other_branch",
        project=project.name,
        known=project.default_branch,
        branch=branch or "NAME",
        file=str(file),
    )


def note(file: Path, repository: str, number: int) -> bool:
    """Writes both into the operator's file; False when its [forge] is written in a way that is
    left to its writer."""
    before = file.read_text(encoding="utf-8")
    lines = [f"repository = {_quote(repository)}\n"]
    lines += [f"repository_id = {number}\n"] if number else []
    table = _FORGE.search(before)
    if table is None:
        return False
    rest = _OURS.sub("", table[1])
    after = f"{before[: table.start(1)]}{''.join(lines)}{rest}{before[table.end(1) :]}"
    if after == before:
        return True
    if not _only_changed(before, after, repository, number):
        return False
    load("harness.system.files:atomic_write")(file, after)
    return True


def _only_changed(before: str, after: str, repository: str, number: int) -> bool:
    try:
        old, new = tomllib.loads(before), tomllib.loads(after)
    except tomllib.TOMLDecodeError:
        return False
    wanted = {**old["forge"], "repository": repository, "repository_id": number}
    if not number:
        wanted.pop("repository_id")
    return new == {**old, "forge": wanted}


def _quote(text: str) -> str:
    quoted: str = load("json:dumps")(text)
    return quoted
