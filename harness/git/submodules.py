"""What a tree borrows from other repositories: each at the commit that the tree names, fetched by
us from hosts that the operator allows. Its files are shown, never a part of a change."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import os
import shutil
import tempfile
import time
from collections.abc import Collection, Iterable, Mapping
from pathlib import Path, PurePosixPath
from typing import Final, NamedTuple
from urllib.parse import urljoin, urlsplit

from harness.core.errors import GitError, RefusedError
from harness.system.files import copy_tree, private_dir, remove_tree
from harness.system.git import Git, object_id, protocol
from harness.system.locks import Lock, lock_of
from harness.system.text import one_line

FILE: Final = ".gitmodules"
DEEP: Final = 3
MOST: Final = 50
FETCH_S: Final = 1800.0
KEPT_S: Final = 30 * 86400.0
"""Longer than a Box that shows one is open."""


class Submodule(NamedTuple):
    """A place of a tree and what belongs there. `url` as the tree says it, "" when it says none;
    `name`: of its section, as which git keeps a clone of it."""

    path: str
    commit: str
    url: str
    name: str = ""


class SubmoduleSources(NamedTuple):
    """Where submodules come from. `hosts` may be asked, as `host_of` gives them; `near`: the git
    directory of the person's own clone of the project, whose clones of submodules go before."""

    hosts: Collection[str] = ()
    near: Path | None = None


NO_SOURCES: Final = SubmoduleSources()


def submodules_in(
    links: Mapping[str, str], words: Iterable[str], home: str
) -> tuple[Submodule, ...]:
    """`links`: path -> commit of a tree's links; `words`: "key\\nvalue" of its `.gitmodules`, as
    git reads them; `home`: where that repository itself is, for addresses relative to it."""
    sections: dict[str, dict[str, str]] = {}
    for word in words:
        key, _, value = word.partition("\n")
        section, _, name = key.rpartition(".")
        sections.setdefault(section, {})[name.lower()] = value
    told = {one.get("path", ""): (one.get("url", ""), name) for name, one in sections.items()}
    found = []
    for path, commit in sorted(links.items())[:MOST]:
        url, section = told.get(path, ("", ""))
        name = section.removeprefix("submodule.")
        if _is_sound(path):
            found.append(Submodule(path, commit, _absolute(url, home), name))
    return tuple(found)


def _absolute(url: str, home: str) -> str:
    if not url.startswith(("./", "../")):
        return url
    return urljoin(f"{home.rstrip('/')}/", url) if home.startswith(("https://", "http://")) else ""


def _is_sound(path: str) -> bool:
    parts = PurePosixPath(path).parts
    return bool(parts) and not path.startswith("/") and ".." not in parts and ".git" not in parts


def host_of(url: str) -> str:
    """The host that an address names, with its port unless that is 443; "" for an address that is
    not fetched from: no TLS (but on loopback), a login in it, another program's protocol."""
    try:
        kind, parts = protocol(url), urlsplit(url)
        port = parts.port
    except (RefusedError, ValueError):
        return ""
    if kind == "file" or "@" in parts.netloc or parts.hostname is None:
        return ""
    return parts.hostname if port in (None, 443) else f"{parts.hostname}:{port}"


class Submodules:
    """Keeps them below `root`, one folder a commit."""

    def __init__(self, root: Path, sources: SubmoduleSources, program: str = "git") -> None:
        self._root = root
        self._allowed = frozenset(sources.hosts)
        self._program = program
        self._near = sources.near

    async def are_wanted(self) -> bool:
        """Whether the operator allows any, or the person has some."""
        if self._allowed or self._near is None:
            return bool(self._allowed)
        return await asyncio.to_thread((self._near / "modules").is_dir)

    async def may_fetch(self, one: Submodule, near: Path | None = None) -> bool:
        """Whether it is there already, or its address is one that is asked."""
        return bool(await self._source(one, near or self._near))

    async def _source(self, one: Submodule, near: Path | None) -> str:
        """Where it is fetched from; "" for nowhere."""
        clone = _clone_of(one, near)
        if clone is not None and await asyncio.to_thread((clone / "objects").is_dir):
            asked = ("cat-file", "-e", f"{object_id(one.commit)}^{{commit}}")
            done = await Git(clone, program=self._program).run(*asked, ok=(0, 1, 128))
            if done.exit_code == 0:
                return str(clone)
        return one.url if host_of(one.url) in self._allowed - {""} else ""

    async def folder(self, one: Submodule, deep: int = 1, near: Path | None = None) -> Path:
        """The files of one, whole, with what it borrows itself. GitError says which could not be
        had, and why."""
        near = near or self._near
        commit = object_id(one.commit)
        place = private_dir(self._root) / kept_name(one.url, commit)
        if await self._is_kept(place):
            return place
        await asyncio.to_thread(_clear_old, self._root)
        try:
            await self._fill(one, place, deep, near)
        except GitError as fault:
            said = one_line(str(fault.facts.get("said", fault.key)), 300)
            host = host_of(one.url)
            raise GitError("git.submodule", path=one.path, host=host, said=said) from fault
        return place

    async def _is_kept(self, place: Path) -> bool:
        """Whether it is there; then it was used now."""
        async with Lock(lock_of(place)):
            there = await asyncio.to_thread(place.is_dir)
            if there:
                await asyncio.to_thread(os.utime, place)
            return there

    async def _fill(self, one: Submodule, place: Path, deep: int, near: Path | None) -> None:
        """Written beside, and called what it is when it is whole. No lock is held meanwhile: one
        that lies inside may share it, and would be waited for without end."""
        part = Path(tempfile.mkdtemp(prefix=f"{place.name}.", dir=self._root))
        try:
            gitdir, files = part / "git", part / "files"
            await asyncio.to_thread(files.mkdir)
            git = Git(gitdir, program=self._program)
            await git.run("init", "--bare", "--quiet", "--template=")
            await self._fetch(git, one, await self._source(one, near))
            out = Git(gitdir, work_tree=files, index=part / "index", program=self._program)
            await out.run("read-tree", one.commit)
            await out.run("checkout-index", "--all", "--force", "--quiet")
            if deep < DEEP:
                await self._inner(git, one, files, deep, _clone_of(one, near))
            async with Lock(lock_of(place)):
                if not await asyncio.to_thread(place.is_dir):
                    await asyncio.to_thread(files.rename, place)
        finally:
            with contextlib.suppress(OSError):
                await asyncio.to_thread(remove_tree, part)

    async def _fetch(self, git: Git, one: Submodule, source: str) -> None:
        words = ("fetch", "--quiet", "--no-tags", "--no-write-fetch-head", "--no-auto-maintenance")
        speak = protocol(source)
        # whoever is allowed may not send us on to another
        steady = ("-c", "http.followRedirects=false")
        only = (*steady, *words, "--depth=1", "--end-of-options", source, one.commit)
        done = await git.run(*only, ok=(0, 128), speak=speak, timeout_s=FETCH_S)
        if done.exit_code != 0:
            # a server that gives no commit by its id
            everything = ("+refs/heads/*:refs/heads/*", "+refs/tags/*:refs/tags/*")
            await git.run(
                *(*steady, *words, "--end-of-options", source, *everything),
                speak=speak,
                timeout_s=FETCH_S,
            )

    async def _inner(
        self, git: Git, one: Submodule, files: Path, deep: int, near: Path | None
    ) -> None:
        links, words = await links_of(git, one.commit)
        for inner in submodules_in(links, words, one.url):
            if await self.may_fetch(inner, near):
                found = await self.folder(inner, deep + 1, near)
                await asyncio.to_thread(_lay, found, files, inner.path)


def _clone_of(one: Submodule, near: Path | None) -> Path | None:
    """Where a clone with that git directory keeps its own of a submodule."""
    return near / "modules" / one.name if near and one.name and _is_sound(one.name) else None


def kept_name(url: str, commit: str) -> str:
    """What the folder of one is called."""
    return hashlib.sha256(f"{url}\0{commit}".encode()).hexdigest()[:24]


async def links_of(git: Git, tree: str) -> tuple[dict[str, str], tuple[str, ...]]:
    """(path -> commit of each link of a tree, what its `.gitmodules` says: "key\\nvalue")."""
    links, file = {}, ""
    for line in await git.names("ls-tree", "-r", "-z", "--full-tree", object_id(tree)):
        about, path = line.split("\t", 1)
        _, kind, entry = about.split()
        if kind == "commit":
            links[path] = entry
        elif path == FILE and kind == "blob":
            file = entry
    if not links or not file:
        return links, ()
    asked = ("config", "-z", f"--blob={object_id(file)}", "--get-regexp", r"^submodule\.")
    done = await git.run(*asked, ok=(0, 1, 128))
    said = done.stdout.decode("utf-8", "surrogateescape") if done.exit_code == 0 else ""
    return links, tuple(word for word in said.split("\0") if word)


def _clear_old(root: Path) -> None:
    """Blocks. What nobody used for long goes, and what a kill left behind."""
    for entry in root.iterdir():
        with contextlib.suppress(OSError):
            if entry.is_dir() and entry.stat().st_mtime < time.time() - KEPT_S:
                remove_tree(entry)


def _lay(found: Path, files: Path, path: str) -> None:
    """Blocks. A link on the way is another's: nothing is laid behind it."""
    at = files
    for part in PurePosixPath(path).parts[:-1]:
        at /= part
        if at.is_symlink():
            return
        at.mkdir(exist_ok=True)
    target = at / PurePosixPath(path).name
    if target.is_symlink() or (target.exists() and any(target.iterdir())):
        return
    shutil.rmtree(target, ignore_errors=True)
    copy_tree(found, target)


async def lay_out(folders: Mapping[str, Path], top: Path) -> None:
    """Puts the files of submodules into a checkout: path -> where they are kept."""
    for path, found in folders.items():
        await asyncio.to_thread(_lay, found, top, path)
