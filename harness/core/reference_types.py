"""What is looked up outside of a project and kept: pages, documents, files, the documentation of
installed packages. Pure values."""

from __future__ import annotations

from typing import Literal

from harness.core.base import LocalizedText, Value

ReferenceKind = Literal["page", "document", "file", "package"]
"""A page of the web; a PDF or the like; a file of the operator's; docs of an installed package."""
Freshness = Literal["fresh", "checked", "fetched", "stale", "gone"]
"""As it was served: young enough to be believed; its server said "not changed"; it was downloaded
now; its server could not be asked; its server says that it is no more."""


class Validators(Value):
    """What a server wants to be asked with, to say that nothing changed. "": it gave none."""

    etag: str = ""
    last_modified: str = ""


class Reference(Value):
    """One source as it is kept. `source`: an address without fragment, a path as the operator named
    it, or `python:NAME==VERSION#MODULE`. `text`: clean Markdown. `sha256`: of the text. Times are
    seconds since the epoch: when this text came, when its server was last asked. `links`: whole
    addresses that stand in it."""

    source: str
    kind: ReferenceKind
    title: str = ""
    text: str = ""
    sha256: str = ""
    published: str = ""
    """The date that the page gives itself, YYYY-MM-DD; "" when it gives none."""
    fetched_at: float = 0.0
    checked_at: float = 0.0
    max_age_s: float = 0.0
    validators: Validators = Validators()
    links: tuple[str, ...] = ()
    gone: bool = False
    """Its server says that it is no more; `text` is what it was, "" where it never was any."""


class ReferenceHit(Value):
    """One answer to a search: `excerpt` is text of that source, on one line."""

    source: str
    title: str = ""
    excerpt: str = ""
    kind: ReferenceKind = "page"
    fetched_at: float = 0.0
    """0: it is not kept, a search provider named it."""


class Download(Value):
    """What came of asking a server. `body` None: not changed (304). `source`: where it came from in
    the end, after redirects that were each checked. `refused`: nothing was asked or taken, and why;
    then the rest is empty. `gone`: 404 or 410."""

    source: str
    media_type: str = ""
    charset: str = ""
    body: bytes | None = None
    validators: Validators = Validators()
    max_age_s: float = 0.0
    gone: bool = False
    refused: LocalizedText | None = None


class Looked(Value):
    """What one look gave, as a session is told and the report records. `text` is for the model, and
    comes from outside: it is data."""

    source: str
    title: str = ""
    text: str = ""
    kind: ReferenceKind = "page"
    sha256: str = ""
    fetched_at: float = 0.0
    freshness: Freshness = "fresh"
    downloaded_bytes: int = 0
    refused: LocalizedText | None = None
