"""A reference as a Markdown file with front matter, for people and for git: how it is named,
written and read back. Pure."""

from __future__ import annotations

import hashlib
import re
from datetime import UTC, datetime
from typing import Final, cast, get_args
from urllib.parse import urlsplit

import yaml

from harness.core.addresses import addresses_in
from harness.core.base import Json
from harness.core.reference_types import Reference, ReferenceKind, Validators
from harness.knowledge.front_matter import front_matter

LONGEST_NAME: Final = 60
MOST_LINKS: Final = 2000
_ODD: Final = re.compile(r"[^\w.-]+")
_KEYS: Final = frozenset(
    ("source", "title", "kind", "published", "fetched", "checked", "sha256", "etag", "modified")
)


class PageFileError(ValueError):
    """The file is no reference: why, in a few words."""


def digest(text: str) -> str:
    """The hash that a reference has."""
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()


def file_of(source: str) -> str:
    """Where it stands below the folder: host, path in words, and a piece of a hash, so that two
    sources never share a file."""
    scheme, colon, rest = source.partition(":")
    if scheme in ("http", "https"):
        parts = urlsplit(source)
        folder, name = parts.netloc, f"{parts.path} {parts.query}"
    elif colon and scheme in ("python", "npm"):
        folder, name = scheme, rest
    else:
        folder, name = "files", source.rpartition("/")[2] or source
    return f"{_slug(folder) or 'other'}/{_slug(name) or 'index'}-{digest(source)[:8]}.md"


def written(reference: Reference) -> str:
    """The whole file."""
    head = {
        "source": _line(reference.source),
        "title": _line(reference.title),
        "kind": reference.kind,
        "published": reference.published,
        "fetched": _said(reference.fetched_at),
        "checked": _said(reference.checked_at),
        "sha256": reference.sha256,
        "etag": _line(reference.validators.etag),
        "modified": _line(reference.validators.last_modified),
    }
    told = {key: text for key, text in head.items() if text}
    yaml_text = yaml.safe_dump(told, allow_unicode=True, sort_keys=False, width=2000)
    return f"---\n{yaml_text}---\n\n{reference.text}\n"


def read_file(text: str) -> tuple[Reference, bool]:
    """The reference that a file holds, and whether its text was edited since it was written: then
    its validators are gone, so that the server's "not changed" is not said of other words.
    PageFileError."""
    try:
        said, body = front_matter(text)
    except ValueError as error:
        raise PageFileError(str(error)) from error
    if unknown := sorted(said.keys() - _KEYS):
        raise PageFileError(f"unknown key {unknown[0][:40]}")
    source, kind = _text(said, "source"), _text(said, "kind") or "page"
    if not source or kind not in get_args(ReferenceKind):
        raise PageFileError("no `source`" if not source else "`kind` is none that is known")
    if not body:
        raise PageFileError("no text")
    now = digest(body)
    edited = now != _text(said, "sha256")
    validators = Validators(etag=_text(said, "etag"), last_modified=_text(said, "modified"))
    found = Reference(
        source=source,
        kind=cast(ReferenceKind, kind),
        title=_text(said, "title"),
        text=body,
        sha256=now,
        published=_text(said, "published")[:10],
        fetched_at=_time(_text(said, "fetched")),
        checked_at=_time(_text(said, "checked")),
        validators=Validators() if edited else validators,
        links=tuple(addresses_in(body))[:MOST_LINKS],
    )
    return found, edited


def _text(said: dict[str, Json], key: str) -> str:
    value = said.get(key, "")
    if not isinstance(value, str):
        raise PageFileError(f"`{key}` is no line of text")
    return value


def _line(text: str) -> str:
    return "".join(c if c.isprintable() else " " for c in text)[:1000].strip()


def _slug(text: str) -> str:
    return _ODD.sub("-", text).strip("-.")[:LONGEST_NAME].strip("-.")


def _said(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).isoformat(timespec="seconds") if at > 0 else ""


def _time(text: str) -> float:
    if not text:
        return 0.0
    try:
        at = datetime.fromisoformat(text)
    except ValueError as error:
        raise PageFileError("a time that is none") from error
    return (at if at.tzinfo else at.replace(tzinfo=UTC)).timestamp()
