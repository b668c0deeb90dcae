"""What `init` needs to know of GitHub: which repository is meant, and what harness must be allowed
there. Asks GitHub nothing."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from harness.cli.checkout import Checkout
from harness.cli.common import Context, Told, load, table

if TYPE_CHECKING:
    from harness.config.settings import Settings

ORIGIN = "origin"
PUBLIC = "github.com"
_NAME = r"(?P<name>[A-Za-z0-9_][A-Za-z0-9._-]*/[A-Za-z0-9_.][A-Za-z0-9._-]*?)"
_FORMS = (
    re.compile(rf"https://(?:[^@/]*@)?(?P<host>[A-Za-z0-9.-]+(?::\d+)?)/{_NAME}(?:\.git)?/?"),
    re.compile(rf"ssh://(?:[^@/]*@)?(?P<host>[A-Za-z0-9.-]+)(?::\d+)?/{_NAME}(?:\.git)?/?"),
    re.compile(rf"(?:[^@/:]*@)?(?P<host>[A-Za-z0-9.-]+):/?{_NAME}(?:\.git)?/?"),
)
_PLAIN = re.compile(_NAME)
_OTHERS = ("gitlab.", "bitbucket.", "codeberg.", "dev.azure.", "git.sr.ht")
HEADINGS = ("cli.init.permission", "cli.init.permission_needed", "cli.init.permission_use")


@dataclass(frozen=True)
class AtGithub:
    """A repository "owner/name" and the host it is on."""

    host: str
    name: str

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
        values: dict[str, object] = {"kind": "github", "repository": self.name}
        if self.base_url:
            values["base_url"] = self.base_url
        if app_id:
            values |= {"app_id": app_id, "app_key_file": key_file}
        return values


def meant(checkout: Checkout, said: str) -> AtGithub:
    """From "owner/name", an address, or `origin`: where the checkout came from. Told(2)."""
    text = said
    if said == ORIGIN:
        text = checkout.ask("remote", "get-url", ORIGIN, ok=(0, 2, 128))
        if not text:
            raise Told(2, "cli.init.no_origin")
    found = at_github(text)
    if found is None:
        raise Told(2, "cli.init.not_github", said=_without_user(text))
    return found


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


def hint(checkout: Checkout) -> str:
    """The repository that a checkout of the public GitHub came from; "" for others."""
    found = at_github(checkout.ask("remote", "get-url", ORIGIN, ok=(0, 2, 128)))
    return found.name if found is not None and found.host == PUBLIC else ""


def tell(cli: Context, settings: Settings) -> None:
    """What is to be given to harness, and every permission with what it is for."""
    forge, app = settings.forge, bool(settings.forge.app_id)
    cli.say("cli.init.github", repository=forge.repository)
    if app:
        cli.say("cli.init.github_app", app=forge.app_id, file=str(forge.app_key_file or "-"))
    else:
        cli.say("cli.init.github_token", variable=forge.token_env)
    asked = load("harness.forge.github_powers:ASKED")
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
