"""Hardened git over a gitdir that is ours: no hook, filter, helper or user's file takes part.

GitPython's command half copies the daemon's whole environment, secrets with it, into git, starts
git when it is imported, and blocks; so commands go through `process.run`, and GitPython's object
half (gitdb) serves objects.py. On the person's own repository GitPython works: `git/`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from urllib.parse import urlsplit

from harness.core.errors import GitError, MissingError, RefusedError, StorageError
from harness.system.process import SYSTEM_PATH, ProcessResult, run
from harness.system.redact import Redactor
from harness.system.text import clean_text, one_line

OLDEST = (2, 38, 0)
"""`git merge-tree --write-tree` came with it."""

_CONFIG = (
    "core.hooksPath=/dev/null",
    "core.fsmonitor=false",
    "core.attributesFile=/dev/null",
    "core.excludesFile=/dev/null",
    "core.autocrlf=false",
    "core.fileMode=true",
    "core.symlinks=true",
    "core.quotePath=false",
    "core.bigFileThreshold=16m",
    "core.compression=1",
    "core.fsync=committed",
    "core.fsyncMethod=batch",
    "fetch.unpackLimit=1",
    "credential.helper=",
    "gc.auto=0",
    "maintenance.auto=false",
    "commit.gpgSign=false",
    "push.gpgSign=false",
    "submodule.recurse=false",
    "fetch.recurseSubmodules=false",
    "push.recurseSubmodules=no",
    "protocol.allow=never",
)
_ENV = {
    "PATH": SYSTEM_PATH,
    "HOME": "/var/empty",
    "LC_ALL": "C",
    "LANGUAGE": "C",
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_CONFIG_GLOBAL": "/dev/null",
    "GIT_ATTR_NOSYSTEM": "1",
    "GIT_TERMINAL_PROMPT": "0",
    "GIT_NO_REPLACE_OBJECTS": "1",
    "GIT_LITERAL_PATHSPECS": "1",
    "GIT_LFS_SKIP_SMUDGE": "1",
}
_OF_DISK = {
    "no space left on device": "engine.disk_full",
    "disk quota exceeded": "engine.disk_full",
    "read-only file system": "engine.read_only",
    "input/output error": "engine.cannot_write",
}
_DISK = re.compile("|".join(_OF_DISK), re.IGNORECASE)
_ID = re.compile(r"[0-9a-f]{40}")
_USER_IN_URL = re.compile(r"(?<=://)[^/@\s]*@")
_ODD = re.compile("[\udc80-\udcff]")
_PRIVATE = re.compile("[\uef80-\uefff]")
_LOOPBACK = {"localhost", "127.0.0.1", "::1"}


def object_id(text: str) -> str:
    """`text` when it is a full object id; GitError otherwise. What passes can be no option."""
    if not _ID.fullmatch(text):
        raise GitError("git.bad_id", id=one_line(text, 80))
    return text


def protocol(url: str) -> str:
    """The one protocol that git may speak for `url`: `https`, `file` (a path or file://), or
    `http` on loopback. RefusedError for every other."""
    if url.startswith("/"):
        return "file"
    parts = urlsplit(url)
    loopback = parts.scheme == "http" and parts.hostname in _LOOPBACK
    known = parts.scheme in ("https", "file") or loopback
    # without `//` git reads `file:x` as a host called file
    if not (known and url.startswith(f"{parts.scheme}://")):
        raise RefusedError("git.protocol", url=one_line(_USER_IN_URL.sub("", url), 200))
    return parts.scheme


@dataclass(frozen=True)
class Git:
    """Commands on one gitdir. `work_tree` is where files are compared or written, `index` a file
    of ours, `extra` what one command needs beside (author, credentials); nothing else of the
    environment reaches git. Not for a gitdir that anybody else can write."""

    gitdir: Path
    work_tree: Path | None = None
    index: Path | None = None
    program: str = "git"
    extra: Mapping[str, str] = field(default_factory=dict)
    redact: Callable[[str], str] = str
    """Takes out of git's own words what a server may have quoted of its credentials."""

    def with_env(self, extra: Mapping[str, str]) -> Git:
        """The same with more environment."""
        return replace(self, extra={**self.extra, **extra})

    async def run(
        self,
        *args: str,
        input: bytes | None = None,
        ok: Collection[int] = (0,),
        speak: str = "",
        timeout_s: float = 600.0,
        limit: int = 256 << 20,
        umask: int = -1,
    ) -> ProcessResult:
        """`git args`. Exit codes outside `ok` are a GitError with git's own words; `speak` is
        the one protocol allowed. Output beyond `limit` is dropped and counted in `cut`. `umask`:
        of the files that git writes, -1 is our own."""
        argv = [self.program, f"--git-dir={self.gitdir}"]
        if self.work_tree:
            argv.append(f"--work-tree={self.work_tree}")
        for setting in _CONFIG:
            argv += ["-c", setting]
        if speak:
            argv += ["-c", f"protocol.{speak}.allow=always"]
        env = {**_ENV, **self.extra}
        if self.index:
            env["GIT_INDEX_FILE"] = str(self.index)
        cwd = self._cwd()
        try:
            done = await run(
                [*argv, *args],
                cwd=cwd,
                env=env,
                input=input,
                timeout_s=timeout_s,
                output_limit=limit,
                umask=umask,
            )
        except FileNotFoundError as fault:
            if str(fault.filename) == str(cwd):
                raise GitError("git.no_gitdir", path=str(self.gitdir)) from fault
            raise MissingError("git.missing", program=self.program) from fault
        if done.timed_out:
            raise GitError("git.timed_out", command=args[0], seconds=int(timeout_s))
        if done.exit_code not in ok and (broken := _storage(self.gitdir, done.stderr)):
            raise broken
        if done.exit_code not in ok:
            raise GitError(
                "git.failed",
                command=args[0],
                said=self.quote_output(done, done.stderr or done.stdout),
            )
        return done

    def _cwd(self) -> Path:
        """The work tree where there is one: a command that only writes the index looks from where
        it stands at files as young as the index, and keeps what it cannot find as unchanged."""
        if self.work_tree and self.work_tree.is_dir():
            return self.work_tree
        return self.gitdir if self.gitdir.is_dir() else self.gitdir.parent

    async def text(self, *args: str, input: bytes | None = None) -> str:
        """Standard output without the last line end; names that are not UTF-8 survive as
        surrogates, as `os.fsdecode` does it."""
        done = await self.run(*args, input=input)
        return done.stdout.decode("utf-8", "surrogateescape").removesuffix("\n")

    async def names(self, *args: str) -> tuple[str, ...]:
        """NUL-separated output (`-z`), split."""
        return split_names((await self.run(*args)).stdout)

    def quote_output(self, done: ProcessResult, words: bytes) -> str:
        """git's own words in one line, without the credentials it was given."""
        given = [word for value in self.extra.values() for word in re.split(r"[\s:]+", value)]
        secrets = [word for word in given if len(word) >= 8 and not word.startswith("/")]
        # before it is cut: a part of a secret is not found any more
        line = one_line(self.redact(clean_text(words))) or f"exit {done.exit_code}"
        return Redactor(secrets)(_USER_IN_URL.sub("", line))


def _storage(gitdir: Path, words: bytes) -> StorageError | None:
    """What git says of the disk under it; what a server says of its own is another matter."""
    for line in words.decode("utf-8", "replace").splitlines():
        found = _DISK.search(line) if not line.startswith("remote:") else None
        if found is not None:
            key = _OF_DISK.get(found[0].casefold(), "engine.cannot_write")
            return StorageError(key, path=str(gitdir), why=found[0])
    return None


def split_names(data: bytes) -> tuple[str, ...]:
    """NUL-terminated names as text, losslessly."""
    return tuple(part.decode("utf-8", "surrogateescape") for part in data.split(b"\0")[:-1])


def storable_name(name: str) -> str:
    """A file name that JSON, databases and models take, though it is no UTF-8 on the disk: the
    odd bytes become U+EF80 to U+EFFF. `real` gives back what it was."""
    if name.isascii():
        return name
    raw = _PRIVATE.sub(lambda found: "".join(chr(0xDC00 + b) for b in found[0].encode()), name)
    return _ODD.sub(lambda found: chr(ord(found[0]) - 0xDC00 + 0xEF00), raw)


def real(name: str) -> str:
    """The name as `os.fsdecode` has it."""
    return _PRIVATE.sub(lambda found: chr(ord(found[0]) - 0xEF00 + 0xDC00), name)


async def git_version(program: str = "git") -> tuple[int, ...]:
    """The version of git; MissingError with the way to mend it when absent or too old."""
    try:
        done = await run([program, "version"], cwd=Path("/"), env=_ENV, timeout_s=20)
    except FileNotFoundError as fault:
        raise MissingError("git.missing", program=program) from fault
    found = re.search(rb"(\d+)\.(\d+)(?:\.(\d+))?", done.stdout)
    version = tuple(int(part or 0) for part in found.groups()) if found else (0,)
    if version < OLDEST:
        raise MissingError(
            "git.too_old",
            found=".".join(map(str, version)),
            needed=".".join(map(str, OLDEST)),
        )
    return version
