"""The bare mirror of one project's forge: a cache that is made again when it breaks (R28)."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit
from urllib.request import url2pathname

from harness.core.errors import GitError, NotFound
from harness.core.types import Remote
from harness.git.server_words import access_fault
from harness.system.files import private_dir, remove_tree
from harness.system.git import Git, protocol

_PACKS = 40


class Mirror:
    """`path` is the bare repository. One daemon writes it: stale locks are removed at start."""

    def __init__(
        self,
        path: Path,
        project: str,
        remote: Callable[[], Remote],
        program: str = "git",
        redact: Callable[[str], str] = str,
    ) -> None:
        self.path = path
        self._project = project
        self._remote = remote
        self._redact = redact
        self._program = program
        self._lock = asyncio.Lock()
        self._swept = False

    @property
    def git(self) -> Git:
        return Git(self.path, program=self._program)

    @property
    def objects(self) -> Path:
        return self.path / "objects"

    async def sync(self) -> None:
        """Every branch and tag of the forge as it is now. Unavailable, Forbidden, GitError."""
        async with self._lock:
            await self._sweep()
            fresh = not self.path.exists()
            try:
                await self._fetch(self.path)
            except GitError:
                if fresh or await self.sound():
                    raise
                await self._replace()
            await self._tidy()

    async def heal(self) -> bool:
        """Checks the mirror after something read from it failed; True when it was broken and
        is whole again."""
        async with self._lock:
            if self.path.exists() and await self.sound():
                return False
            await self._replace()
            return True

    async def sound(self) -> bool:
        """Every object that a ref reaches is there and every pack is whole."""
        packs = [str(pack) for pack in (self.objects / "pack").glob("*.idx")]
        try:
            await self.git.run(
                *("fsck", "--connectivity-only", "--no-dangling", "--no-progress"), timeout_s=3600
            )
            if packs:
                await self.git.run("verify-pack", "--", *packs, timeout_s=3600)
        except GitError:
            return False
        return True

    async def names(self, branch: str) -> bool:
        """There is such a branch, or the mirror is too broken to say."""
        try:
            found = await self.git.text(
                "for-each-ref", "--format=%(refname)", "--", f"refs/heads/{branch}"
            )
        except GitError:
            return True
        return bool(found)

    async def empty(self) -> bool:
        return not await self.git.text("for-each-ref", "--count=1", "refs/heads")

    async def _replace(self) -> None:
        new = self.path.with_name(f"{self.path.name}.new")
        await asyncio.to_thread(remove_tree, new)
        try:
            await self._fetch(new)
        except GitError as fault:
            said = str(fault.facts.get("said", ""))
            raise GitError("git.mirror_broken", project=self._project, said=said) from fault
        number = len(list(self.path.parent.glob(f"{self.path.name}.old-*")))
        if self.path.exists():
            # open Boxes still read the objects of the old one: it goes at the next start
            self.path.rename(self.path.with_name(f"{self.path.name}.old-{number}"))
        new.rename(self.path)

    async def _fetch(self, path: Path) -> None:
        if not await asyncio.to_thread(path.exists):
            await asyncio.to_thread(private_dir, path.parent)
            await Git(path, program=self._program).run("init", "--bare", "--quiet", "--template=")
        remote = await asyncio.to_thread(self._remote)
        git = Git(path, program=self._program, extra=remote.env, redact=self._redact)
        if protocol(remote.url) == "file":
            await self._seed(git, remote.url)
        try:
            await git.run(
                *("fetch", "--quiet", "--prune", "--force"),
                *("--no-write-fetch-head", "--no-auto-maintenance", "--no-recurse-submodules"),
                *("--update-shallow", "--refmap=", "--end-of-options", remote.url),
                *("+refs/heads/*:refs/heads/*", "+refs/tags/*:refs/tags/*"),
                speak=protocol(remote.url),
                timeout_s=3600,
            )
        except GitError as fault:
            raise access_fault(fault, self._project) or fault from fault

    async def _seed(self, git: Git, url: str) -> None:
        """The first time, what the branches of a repository on this machine reach, as one pack
        that is written here: a fetch would take it apart to name each object anew, which is four
        times the work. That alone, for agents read all that is here. What it cannot do, the fetch
        that follows does, or says."""
        source = Path(url2pathname(urlsplit(url).path) if url.startswith("file:") else url)
        pack = git.gitdir / "objects" / "pack" / "pack"
        if any(pack.parent.glob("*.pack")) or (source / "shallow").exists():
            return
        if await git.text("for-each-ref", "--count=1"):
            # its objects are lost
            return
        listed = await git.run(
            *("ls-remote", "--refs", "--quiet", "--end-of-options", url),
            *("refs/heads/*", "refs/tags/*"),
            speak="file",
            ok=(0, 128),
        )
        refs = [line.split(b"\t") for line in listed.stdout.splitlines()]
        if not refs:
            return
        lender = git.with_env({"GIT_ALTERNATE_OBJECT_DIRECTORIES": _quoted(source / "objects")})
        packed = await lender.run(
            *("pack-objects", "--revs", "--delta-base-offset", "--quiet"),
            str(pack),
            input=b"".join(commit + b"\n" for commit, _ in refs),
            ok=(0, 128),
            timeout_s=3600,
        )
        if packed.exit_code == 0:
            wanted = b"".join(b"create %s %s\n" % (name, commit) for commit, name in refs)
            await git.run("update-ref", "--stdin", input=wanted)

    async def _tidy(self) -> None:
        """Many fetches make many packs, and each slows every look-up. Nothing is dropped."""
        if len(list((self.objects / "pack").glob("*.pack"))) > _PACKS:
            await self.git.run("repack", "-d", "-l", "--quiet", "--geometric=2", timeout_s=3600)

    async def _sweep(self) -> None:
        if self._swept:
            return
        self._swept = True
        await asyncio.to_thread(sweep, self.path)
        for old in self.path.parent.glob(f"{self.path.name}.old-*"):
            await asyncio.to_thread(remove_tree, old)


def _quoted(path: Path) -> str:
    """One folder of a list that colons divide."""
    text = str(path).replace("\\", "\\\\").replace('"', '\\"')
    return f'"{text}"'


def sweep(gitdir: Path) -> None:
    """Removes what a killed git left: locks and half-written objects."""
    for pattern in ("*.lock", "refs/**/*.lock", "objects/pack/tmp_*", "objects/tmp_objdir-*"):
        for left in gitdir.glob(pattern):
            remove_tree(left)


def not_found(ref: str, project: str) -> NotFound:
    return NotFound("git.no_ref", ref=ref, project=project)
