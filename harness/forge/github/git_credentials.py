"""git's credentials for GitHub: a script that git asks. The token stands in no URL, argument,
variable or file: one half is in a file, the other in git's environment, and only both together are
the token. It is told for one host only. Blocking."""

from __future__ import annotations

import contextlib
import os
import secrets
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from harness.system.files import as_git_error, atomic_write, private_dir

USER: Final = "x-access-token"
_SCRIPT: Final = """\
#!/bin/sh
# Answers git's question for the forge; a server that git was led to elsewhere gets nothing.
# Of the token a crash may leave the file's half behind, which alone says nothing.
case "$1" in
"Username for '$HARNESS_FORGE': ") echo "$HARNESS_FORGE_USER" ;;
"Password for '$HARNESS_FORGE_AS': ")
    read -r file <"$HARNESS_FORGE_FILE" || exit 1
    half=$HARNESS_FORGE_HALF said=
    [ "${#file}" -eq "${#half}" ] || exit 1
    while [ -n "$file" ]; do
        a=${file%"${file#??}"} b=${half%"${half#??}"}
        n=$((0x$a ^ 0x$b)) file=${file#??} half=${half#??}
        said="$said\\\\0$((n / 64))$((n / 8 % 8))$((n % 8))"
    done
    printf '%b\\n' "$said" ;;
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
        self._half = b""

    def env(self, web_url: str, token: str) -> dict[str, str]:
        """What git needs beside the URL of a repository below `web_url`. GitError when the disk
        refuses."""
        with as_git_error():
            if token != self._written or not self._file.exists():
                private_dir(self._folder)
                self._sweep()
                self._half = secrets.token_bytes(len(token))
                other = bytes(a ^ b for a, b in zip(token.encode("ascii"), self._half, strict=True))
                atomic_write(self._file, f"{other.hex()}\n", mode=0o600)
                self._written = token
            if not self._script.exists() or self._script.read_text(encoding="utf-8") != _SCRIPT:
                atomic_write(self._script, _SCRIPT, mode=0o700)
        parts = urlsplit(web_url)
        return {
            "GIT_ASKPASS": str(self._script),
            "HARNESS_FORGE": f"{parts.scheme}://{parts.netloc}",
            "HARNESS_FORGE_USER": USER,
            "HARNESS_FORGE_AS": f"{parts.scheme}://{USER}@{parts.netloc}",
            "HARNESS_FORGE_FILE": str(self._file),
            "HARNESS_FORGE_HALF": self._half.hex(),
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
