"""What SQLite says of the disk, as our errors, and who is told of it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from harness.core.errors import EngineError, StorageError
from harness.core.types import LocalizedText

Told = Callable[[LocalizedText], None]


def silently(said: LocalizedText) -> None:
    """Nobody listens."""


class Trouble:
    """Told at once, and once as long as it stays the same."""

    def __init__(self, told: Told) -> None:
        self._told = told
        self._key = ""

    def tell(self, fault: EngineError) -> None:
        """It is there."""
        if self._key != fault.key:
            self._key = fault.key
            self._told(fault.say)

    def over(self) -> None:
        """Something was stored."""
        self._key = ""


_SENTENCES = {
    "SQLITE_FULL": "engine.disk_full",
    "SQLITE_READONLY": "engine.read_only",
    "SQLITE_CANTOPEN": "engine.cannot_open",
    "SQLITE_CORRUPT": "engine.torn",
    "SQLITE_NOTADB": "engine.torn",
    "SQLITE_BUSY": "engine.busy",
    "SQLITE_IOERR": "engine.cannot_write",
}
_PASSING = {
    *("SQLITE_FULL", "SQLITE_READONLY", "SQLITE_CANTOPEN", "SQLITE_BUSY", "SQLITE_IOERR"),
}


def explain(error: BaseException | None, path: Path) -> EngineError:
    """SQLite's error as a sentence; the family is the name's first two words."""
    name = str(getattr(error, "sqlite_errorname", ""))
    family = "_".join(name.split("_")[:2])
    key = _SENTENCES.get(family, "engine.database")
    kind = StorageError if family in _PASSING else EngineError
    return kind(key, path=str(path), why=str(error))
