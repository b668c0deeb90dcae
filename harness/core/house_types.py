"""What a repository's own people do and ask for, as code read it: values of an allow-list, never
their sentences."""

from __future__ import annotations

from typing import Literal

from harness.core.base import Value


class CommitStyle(Value):
    """How subjects look. Empty: nothing was seen, and ours stay as they are."""

    conventional: bool = False
    types: tuple[str, ...] = ()
    """The only ones that are allowed; empty: those everybody has."""
    scopes: tuple[str, ...] = ()
    """Those in use; empty: subjects have none."""
    case: Literal["", "lower", "sentence"] = ""
    """Of a subject's first letter."""
    numbered: bool | None = None
    """Whether a merged subject ends with its pull request's number; None: too few were seen."""
    longest: int = 72
