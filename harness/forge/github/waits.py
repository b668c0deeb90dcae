"""What a token was told to wait, kept for the next process. Blocking."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

from harness.system.files import atomic_write, private_dir


class Waits:
    """One file. What cannot be read or written is as if it were not there: GitHub says it again."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def read(self) -> Mapping[str, datetime]:
        """Resource -> when it may be asked again."""
        try:
            data = json.loads(self._path.read_bytes())
            found = {str(name): datetime.fromisoformat(at) for name, at in data.items()}
        except (OSError, ValueError, TypeError, AttributeError):
            return {}
        return {name: at for name, at in found.items() if at.tzinfo}

    def write(self, waits: Mapping[str, datetime]) -> None:
        """In place of what was there."""
        try:
            private_dir(self._path.parent)
            atomic_write(self._path, json.dumps({n: at.isoformat() for n, at in waits.items()}))
        except OSError:
            return
