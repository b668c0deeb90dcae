"""The logins of package indexes that set-up is given: known, so that none is ever shown."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Final
from urllib.parse import unquote

SHORTEST: Final = 6
SHORTEST_ALONE: Final = 16
"""A name without a password is a token when it is this long."""
LARGEST: Final = 1 << 20
_IN_ADDRESS: Final = re.compile(r"//([^/\s:@\"']*)(?::([^/\s@\"']*))?@")
_NAMED: Final = re.compile(
    r"""(?ix) (?: _authToken | _password | _auth | npmAuthToken | npmAuthIdent | token | bearer
    | password ) ["']? \s* (?: [=:] | \s ) \s* ["']? ([^\s"'<>,;{}]+)"""
)
_XML: Final = re.compile(r"<(?:password|passphrase)>\s*([^<\s]+)")
_SETTINGS: Final = ("PIP_CONFIG_FILE", "NETRC")


def registry_logins(env: Mapping[str, str], files: Iterable[Path]) -> tuple[str, ...]:
    """Those in the variables, and in the settings files that variables or `files` name, as they
    are written and as they are used."""
    texts = list(env.values())
    named = [
        Path(text) for name, text in env.items() if text.startswith("/") and _is_settings(name)
    ]
    texts += [_text(file) for file in (*named, *files)]
    found: dict[str, None] = {}
    for text in texts:
        for secret in _secrets(text):
            found.update(dict.fromkeys(one for one in _forms(secret) if len(one) >= SHORTEST))
    return tuple(found)


def _is_settings(name: str) -> bool:
    return name in _SETTINGS or name.lower().startswith("npm_config_")


def _secrets(text: str) -> Iterator[str]:
    for user, password in _IN_ADDRESS.findall(text):
        if password or len(user) >= SHORTEST_ALONE:
            yield password or user
    for rule in (_NAMED, _XML):
        yield from (found for found in rule.findall(text) if not found.startswith("$"))


def _forms(secret: str) -> Iterator[str]:
    yield secret
    yield unquote(secret)
    try:
        # npm keeps a password, or a name and a password, this way
        plain = base64.b64decode(secret, validate=True).decode("ascii")
    except (binascii.Error, UnicodeDecodeError, ValueError):
        return
    yield from (plain, plain.partition(":")[2])


def _text(file: Path) -> str:
    try:
        if not file.is_file():
            return ""
        with file.open("rb") as opened:
            return opened.read(LARGEST).decode("utf-8", "replace")
    except OSError:
        return ""
