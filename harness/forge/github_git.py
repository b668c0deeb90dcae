"""git's credentials for GitHub: a script that git asks, and a file that the script reads. The token
stands in no URL, argument or variable, and is told for one host only. Blocking."""

from __future__ import annotations

import contextlib
import os
import secrets
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from harness.system.files import atomic_write, private_dir, told

USER: Final = "x-access-token"
_SCRIPT: Final = """\
#!/bin/sh
# Answers git's question for the forge; a server that git was led to elsewhere gets nothing.
case "$1" in
"Username for '$HARNESS_FORGE': ") echo "$HARNESS_FORGE_USER" ;;
"Password for '$HARNESS_FORGE_AS': ") exec cat -- "$HARNESS_FORGE_FILE" ;;
*) exit 1 ;;
esac
"""


class GitCredentials:
    """Below `folder`, which is made for us alone. The token's file is this object's own: another
    process, or another project with the same token, ends without taking it away."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._script = folder / "askpass"
        self._file = folder / f"token-{os.getpid()}-{secrets.token_hex(8)}"
        self._written = ""

    def env(self, web_url: str, token: str) -> dict[str, str]:
        """What git needs beside the URL of a repository below `web_url`. GitError when the disk
        refuses."""
        with told():
            if token != self._written or not self._file.exists():
                private_dir(self._folder)
                self._sweep()
                atomic_write(self._file, f"{token}\n", mode=0o600)
                self._written = token
            if not self._script.exists() or self._script.read_text() != _SCRIPT:
                atomic_write(self._script, _SCRIPT, mode=0o700)
        parts = urlsplit(web_url)
        return {
            "GIT_ASKPASS": str(self._script),
            "HARNESS_FORGE": f"{parts.scheme}://{parts.netloc}",
            "HARNESS_FORGE_USER": USER,
            "HARNESS_FORGE_AS": f"{parts.scheme}://{USER}@{parts.netloc}",
            "HARNESS_FORGE_FILE": str(self._file),
        }

    def _sweep(self) -> None:
        """Takes away what processes left that were killed."""
        for left in self._folder.glob("token-*-*"):
            number = left.name.split("-")[1]
            if number.isdecimal() and not Path("/proc", number).exists():
                left.unlink(missing_ok=True)

    def forget(self) -> None:
        """The token's file is gone."""
        with contextlib.suppress(OSError):
            self._file.unlink()
