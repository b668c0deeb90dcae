"""What `init` does on GitHub: which repository is meant, which id it has, and what harness must be
allowed there."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from harness.cli.common import CliError, Context, load, table
from harness.cli.registration import RepositoryLookup, ask, note, same
from harness.core.forge_kinds import GITHUB
from harness.core.naming import fold_name

if TYPE_CHECKING:
    from harness.config.forge_settings import ForgeSettings
    from harness.config.settings import Settings
    from harness.core.forge_types import Repository
    from harness.git.own_repository import OwnRepository

ORIGIN = "origin"
PUBLIC = "github.com"
_NAME = r"(?P<name>[A-Za-z0-9_][A-Za-z0-9._-]*/[A-Za-z0-9_.][A-Za-z0-9._-]*?)"
_FORMS = (
    re.compile(rf"https://(?:[^@/]*@)?(?P<host>[A-Za-z0-9.-]+(?::\d+)?)/{_NAME}(?:\.git)?/?"),
    re.compile(rf"ssh://(?:[^@/]*@)?(?P<host>[A-Za-z0-9.-]+)(?::\d+)?/{_NAME}(?:\.git)?/?"),
    re.compile(rf"(?:[^@/:]*@)?(?P<host>[A-Za-z0-9.-]+):/?{_NAME}(?:\.git)?/?"),
)
_BRANCH = re.compile(r"(?!-)[^\x00-\x20\x7f~^:?*\[\\]{1,250}")
_PLAIN = re.compile(_NAME)
_OTHERS = ("gitlab.", "bitbucket.", "codeberg.", "dev.azure.", "git.sr.ht")
HEADINGS = ("cli.init.permission", "cli.init.permission_needed", "cli.init.permission_use")


@dataclass(frozen=True)
class AtGithub:
    """A repository "owner/name" and the host it is on."""

    kind: ClassVar[str] = GITHUB.name
    host: str
    name: str
    told: RepositoryLookup | None = None
    """What it said of itself, when it was asked before."""

    @property
    def base_url(self) -> str:
        """The API's address; "" for the public GitHub."""
        if self.host == PUBLIC:
            return ""
        if self.host.endswith(".ghe.com"):
            return f"https://api.{self.host}"
        return f"https://{self.host}/api/v3"

    def table(self, app_id: int, key_file: str) -> dict[str, object]:
        """[forge] of the operator's file of the project."""
        values: dict[str, object] = {"kind": self.kind, "repository": self.name}
        if self.base_url:
            values["base_url"] = self.base_url
        if app_id:
            values |= {"app_id": app_id, "app_key_file": key_file}
        return values


def resolve_repository(checkout: OwnRepository, said: str) -> AtGithub:
    """From "owner/name", an address, or `origin`: where the checkout came from. CliError(2)."""
    text = said
    if said == ORIGIN:
        text = checkout.url(ORIGIN)
        if not text:
            raise CliError(2, "cli.init.no_origin")
    found = at_github(text)
    if found is None:
        raise CliError(2, "cli.init.not_github", said=_without_user(text))
    return found


def ask_github(cli: Context, there: AtGithub, app_id: int, key_file: str) -> AtGithub:
    """The same with what it says of itself, asked before there is a project."""
    operator = cli.settings("")
    table = {**operator.forge.model_dump(mode="json"), **there.table(app_id, key_file)}
    forge = type(operator.forge).model_validate(table)
    return replace(there, told=ask(cli, operator.model_copy(update={"forge": forge})))


def default_branch_of(cli: Context, there: AtGithub | None, here: str) -> str:
    """The forge's word, told when the checkout stands elsewhere; "" when it did not say."""
    found = there.told.found if there is not None and there.told is not None else None
    if found is None or not _BRANCH.fullmatch(found.default_branch):
        return ""
    if here and found.default_branch != here:
        facts = {"repository": found.name, "branch": found.default_branch, "here": here}
        cli.say("cli.init.forge_branch", **facts)
    return found.default_branch


def _say_default(cli: Context, settings: Settings, found: Repository, file: Path) -> None:
    branch, default = settings.project.default_branch, found.default_branch
    if branch != default:
        facts = {"repository": found.name, "branch": branch, "default": default}
        cli.say("cli.init.other_default", **facts, file=str(file))


def at_github(text: str) -> AtGithub | None:
    """None for what is no repository of GitHub, as far as an address can tell."""
    text = text.strip()
    if _PLAIN.fullmatch(text):
        return AtGithub(PUBLIC, text.removesuffix(".git"))
    for form in _FORMS:
        found = form.fullmatch(text)
        if found is not None:
            host = found["host"].lower().removeprefix("www.").removeprefix("ssh.")
            if any(other in host for other in _OTHERS):
                return None
            return AtGithub(host, found["name"])
    return None


def same_place(there: AtGithub, forge: ForgeSettings, said: str) -> bool:
    """Whether the project's issues are on that GitHub: a bare name is one on the GitHub it has."""
    plain = _PLAIN.fullmatch(said.strip()) is not None
    return forge.kind == there.kind and (plain or forge.base_url == there.base_url)


def hint(checkout: OwnRepository) -> str:
    """The repository that a checkout of the public GitHub came from; "" for others."""
    found = at_github(checkout.url(ORIGIN))
    return found.name if found is not None and found.host == PUBLIC else ""


class GithubRegistration:
    """Implements ForgeRegistration."""

    def __init__(self, cli: Context, _checkout: OwnRepository, there: AtGithub | None, /) -> None:
        self._cli = cli
        self._there = there

    def register(self, settings: Settings, file: Path) -> tuple[Settings, str]:
        """The repository's present name and its id, written down as far as GitHub tells them now.
        A new name counts only when it is known whose it is."""
        cli, there, forge = self._cli, self._there, settings.forge
        wanted = there.name if there is not None else forge.repository
        meant_now = forge.model_copy(update={"repository": wanted})
        asked = there.told if there is not None else None
        if asked is None:
            asked = ask(cli, settings.model_copy(update={"forge": meant_now}))
        name, number = forge.repository, forge.repository_id
        if asked.found is not None:
            same(settings, asked.found)
            if there is not None or fold_name(asked.found.name) == fold_name(name):
                name, number = asked.found.name, asked.found.id
        elif wanted != name:
            raise CliError(1, "cli.init.not_asked", repository=wanted, why=asked.why)
        if not number:
            cli.say("cli.init.id_later", repository=name, why=asked.why)
        elif not note(file, name, number):
            raise CliError(1, "cli.init.edit_forge", file=str(file), repository=name, id=number)
        if asked.found is not None:
            _say_default(cli, settings, asked.found, file)
        chosen = forge.model_copy(update={"repository": name, "repository_id": number})
        return settings.model_copy(update={"forge": chosen}), "cli.init.elsewhere"

    def take_back(self) -> None:
        """It only asks there."""

    def say_next(self, settings: Settings) -> None:
        """What is to be given to harness, and every permission with what it is for."""
        _tell(self._cli, settings)


def _tell(cli: Context, settings: Settings) -> None:
    forge, app = settings.forge, bool(settings.forge.app_id)
    cli.say("cli.init.github", repository=forge.repository)
    if app:
        cli.say("cli.init.github_app", app=forge.app_id, file=str(forge.app_key_file or "-"))
    else:
        cli.say("cli.init.github_token", variable=forge.token_env)
    asked = load("harness.forge.github.powers:ASKED")
    rows = []
    for row in asked:
        if row.app_only and not app:
            continue
        need = "cli.init.needed" if row.needed else "cli.init.not_needed"
        rows.append((row.name, cli.words(need), cli.words(row.use)))
    table(cli, HEADINGS, rows)
    cli.say("cli.init.github_next", label=settings.trust.label)


def _without_user(text: str) -> str:
    return re.sub(r"//[^@/]*@", "//", text)[:200]
