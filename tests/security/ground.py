"""The host of a siege: things to steal, traps to fall into, and what must be the same afterwards.

Nothing here believes harness: files are hashed, objects are read with git, processes and mounts
are looked up in /proc.
"""

from __future__ import annotations

import base64
import fcntl
import gzip
import hashlib
import os
import re
import secrets
import sqlite3
import subprocess
import urllib.parse
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from harness.testing import escape_contract

HIDDEN_FILES = (".ssh/id_canary", ".config/gh/hosts.yml", ".docker/config.json", ".netrc")
KEYS = ("GITHUB_TOKEN", "OPENAI_API_KEY", "ANTHROPIC_API_KEY", "AWS_SECRET_ACCESS_KEY")


@dataclass
class Ground:
    """One machine below `root`. `stolen` maps what holds a canary to the canary: none of these
    may be found in anything that harness wrote or sent."""

    root: Path
    stolen: dict[str, str] = field(default_factory=dict)
    outside: escape_contract.EscapeWorld = field(init=False)

    def __post_init__(self) -> None:
        for folder in (self.temporary, self.traps, self.other, self.home):
            folder.mkdir(parents=True)
        for name in KEYS:
            self.stolen[name] = canary()
        for name in HIDDEN_FILES:
            self._hide(self.home / name)
        self._hide(self.other / "tree.txt")
        # the machine of the escape suite: sockets and listeners, and what they heard
        self.outside = escape_contract.EscapeWorld(self.root, self.root, {})

    @property
    def home(self) -> Path:
        return self.root / "world" / "home"

    @property
    def temporary(self) -> Path:
        """TMPDIR of every command of harness: empty afterwards."""
        return self.root / "tmp"

    @property
    def traps(self) -> Path:
        return self.root / "traps"

    @property
    def sprung(self) -> Path:
        return self.root / "sprung"

    @property
    def other(self) -> Path:
        """Somebody else's work tree."""
        return self.root / "other"

    @property
    def keys(self) -> dict[str, str]:
        """Environment of the daemon."""
        return {name: self.stolen[name] for name in KEYS}

    def trap(self, name: str) -> Path:
        """A program on the host, which no sandbox shows, that remembers that it ran."""
        path = self.traps / re.sub(r"\W+", "-", name)
        path.write_text(f"#!/bin/sh\necho {name} >> {self.sprung}\nexit 1\n")
        path.chmod(0o755)
        return path

    def port(self, name: str = "tcp") -> str:
        """Of a listener: tcp, udp or tcp6; a path for socket; a name for abstract."""
        return self.outside.facts[name]

    def _hide(self, path: Path) -> None:
        self.stolen[path.name] = canary()
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"token {self.stolen[path.name]}\n")

    # ------------------------------------------------------------ O1, O3, O4, O6

    def executed(self) -> list[str]:
        """O1: traps that ran on the host."""
        return self.sprung.read_text().split() if self.sprung.exists() else []

    def heard(self) -> list[str]:
        """O3: listeners that somebody reached."""
        return list(self.outside.heard)

    def host(self, *own: Path) -> dict[str, str]:
        """O4: path -> what stands there, below the root, without the `own` folders of harness."""
        left_out = {self.temporary, self.sprung, *own}
        found: dict[str, str] = {}
        for folder, names, files in os.walk(self.root):
            names[:] = [name for name in names if Path(folder, name) not in left_out]
            for name in (*names, *files):
                path = Path(folder, name)
                if path not in left_out:
                    found[str(path)] = _stands(path)
        return found

    def left_running(self) -> list[str]:
        """O6: processes, mounts, sockets and temporary files that are still there."""
        root = str(self.root)
        found = [f"process {line}" for line in _processes(root)]
        for table in ("/proc/self/mountinfo", "/proc/net/unix"):
            lines = Path(table).read_text().splitlines()
            found += [f"{table} {line}" for line in lines if root in line]
        found = [line for line in found if not line.endswith(self.outside.facts.get("socket", "-"))]
        found += [f"temporary {path}" for path in self.temporary.iterdir()]
        return found


def canary() -> str:
    """Letters and digits only, so that it is found however it is cut up."""
    return f"cnry{secrets.token_hex(14)}"


def _stands(path: Path) -> str:
    if path.is_symlink():
        return f"-> {path.readlink()}"
    kind = f"{path.lstat().st_mode:o}"
    return f"{kind} {hashlib.sha256(path.read_bytes()).hexdigest()}" if path.is_file() else kind


def _processes(text: str) -> Iterator[str]:
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            told = (folder / "cmdline").read_bytes() + b"\0" + (folder / "environ").read_bytes()
            told += str((folder / "cwd").readlink()).encode()
        except OSError:
            continue  # it ended meanwhile
        mine = int(folder.name) == os.getpid()
        if text.encode() in told and not mine:
            yield f"{folder.name} {told[:200]!r}"


def locked(path: Path) -> bool:
    """Whether somebody still holds this lock."""
    with path.open("rb") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            return True
    return False


# ---------------------------------------------------------------- O2


def dressed(secret: str) -> frozenset[bytes]:
    """The forms a thief writes it in, without the ones that `Haystack` undoes."""
    raw = secret.encode()
    forms = {raw, raw[::-1], raw.hex().encode(), raw.hex().upper().encode()}
    forms.add("".join(f"%{byte:02x}" for byte in raw).encode())
    forms.add(urllib.parse.quote(secret, safe="").encode())
    for offset in range(3):
        text = base64.b64encode(b"\0" * offset + raw)
        inner = text[4 if offset else 0 : -4]
        forms |= {inner, base64.b64encode(b"\0" * offset + raw[::-1])[4 if offset else 0 : -4]}
    return frozenset(forms)


@dataclass(frozen=True)
class Haystack:
    """Something that was stored or sent, and where."""

    where: str
    data: bytes

    @cached_property
    def views(self) -> tuple[bytes, ...]:
        """As it is; without everything that is no letter or digit (so, over lines or joined by
        characters nobody sees); and what packed runs in it hold."""
        squeezed = re.sub(rb"[^A-Za-z0-9]", b"", self.data)
        packed = [_unpacked(run) for run in re.findall(rb"[A-Za-z0-9+/_-]{32,}={0,2}", self.data)]
        return (self.data, squeezed, *(one for one in packed if one))


def _unpacked(run: bytes) -> bytes:
    try:
        data = base64.b64decode(run.translate(bytes.maketrans(b"-_", b"+/")) + b"==")
        return gzip.decompress(data) if data[:2] == b"\x1f\x8b" else zlib.decompress(data)
    except (ValueError, OSError, EOFError, zlib.error):
        return b""


def thefts(secrets_: dict[str, str], hay: Sequence[Haystack]) -> list[str]:
    """O2: `name in place` of each canary that is found somewhere in some form."""
    found = []
    for name, secret in secrets_.items():
        forms = dressed(secret)
        for one in hay:
            if any(form in view for form in forms for view in one.views):
                found.append(f"{name} in {one.where}")
    return found


def stored(folder: Path) -> Iterator[Haystack]:
    """Every file below, databases also as text, loose git objects unpacked."""
    for path in sorted(folder.rglob("*")):
        if path.is_symlink() or not path.is_file():
            continue
        data = path.read_bytes()
        yield Haystack(str(path), data)
        if data[:2] in (b"\x78\x01", b"\x78\x9c"):
            yield Haystack(f"{path} unpacked", zlib.decompress(data))
        if data[:15] == b"SQLite format 3":
            with sqlite3.connect(f"file:{path}?mode=ro", uri=True) as database:
                text = "\n".join(database.iterdump())
            yield Haystack(f"{path} rows", text.encode("utf-8", "replace"))


def objects(gitdir: Path) -> Haystack:
    """Every object of a repository of ours, reachable or not, and every name of a ref."""
    git = ["git", "--git-dir", str(gitdir)]
    every = [*git, "cat-file", "--batch-all-objects", "--batch", "--unordered"]
    refs = [*git, "for-each-ref"]
    done = [subprocess.run(argv, check=True, capture_output=True).stdout for argv in (every, refs)]
    return Haystack(str(gitdir), b"\n".join(done))
