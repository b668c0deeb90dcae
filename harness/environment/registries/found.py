"""What is proposed to be let into set-up, and where each part of it was said. Pure values."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Literal
from urllib.parse import SplitResult, unquote, urlsplit

from harness.core.base import LocalizedText, Value
from harness.core.hosts import target
from harness.testruns.recipes.recipe import Origin

By = Literal["public", "machine", "repository", "person"]
"""Who vouches for a host: everybody, this machine's own settings, nobody but the repository, the
person."""
_SECRET = re.compile(r"//[^/\s@]*@")


class Host(Value):
    """A host as environment.allow writes it."""

    name: str
    origin: Origin
    by: By
    private: bool = False


class Carried(Value):
    """A variable for set-up, or a file that it sees: then `name` is the file's path."""

    name: str
    value: str = ""
    origin: Origin
    login: bool = False


class Findings(Value):
    """What one or all tools' settings come to. `replaced`: ecosystems whose public registry this
    machine does not ask. `untold`: what is not carried, and why."""

    hosts: tuple[Host, ...] = ()
    env: tuple[Carried, ...] = ()
    files: tuple[Carried, ...] = ()
    replaced: frozenset[str] = frozenset()
    untold: tuple[LocalizedText, ...] = ()

    def __add__(self, other: Findings) -> Findings:
        return Findings(
            hosts=self.hosts + other.hosts,
            env=self.env + other.env,
            files=self.files + other.files,
            replaced=self.replaced | other.replaced,
            untold=self.untold + other.untold,
        )


class Address(Value):
    """An index's address, taken apart. One of `host` and `folder` is there, or it is `plain` http.
    `text` holds no login."""

    text: str
    host: str = ""
    folder: str = ""
    login: bool = False
    plain: bool = False


def address(text: str) -> Address | None:
    """None for what is no address that a package manager could fetch from."""
    text = text.strip()
    if text.startswith("/"):
        return Address(text=text, folder=text)
    parts = _split(text.removeprefix("git+").removeprefix("sparse+").removeprefix("registry+"))
    if parts is None or parts.scheme not in ("https", "http", "file"):
        return None
    if parts.scheme == "file":
        return Address(text=text, folder=unquote(parts.path))
    login, _, place = parts.netloc.rpartition("@")
    found = target(place, port=443 if parts.scheme == "https" else 80)
    if found is None:
        return None
    name = str(found).removesuffix(":443") if parts.scheme == "https" else str(found)
    return Address(
        text=without_login(text), host=name, login=bool(login), plain=parts.scheme == "http"
    )


def without_login(text: str) -> str:
    """The text without the name and password of any address in it."""
    return _SECRET.sub("//", text)


def file_at(text: str, home: Path) -> str:
    """The absolute path of a file that a setting names; "" for none."""
    path = Path(text.strip().replace("${HOME}", str(home)).replace("$HOME", str(home)))
    if str(path).startswith("~/"):
        path = home / str(path)[2:]
    return str(path) if path.is_absolute() else ""


def _split(text: str) -> SplitResult | None:
    try:
        return urlsplit(text)
    except ValueError:
        return None
