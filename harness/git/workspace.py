"""One project's git behind the Workspace port: mirror, state.git, throw-away clones."""

from __future__ import annotations

import asyncio
import hashlib
import os
import re
from collections import defaultdict
from collections.abc import Callable, Collection, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Protocol
from urllib.parse import quote

from harness.core.errors import Conflict, GitError, NotFound
from harness.core.types import Environment, Layout, Remote
from harness.git import native_sources
from harness.git.clone import Clone, Origin, discard
from harness.git.mirror import Mirror, not_found, sweep
from harness.git.server_words import access_fault, push_fault
from harness.git.state import ATTRIBUTES, Author, ObjectStore, belongs
from harness.git.submodules import (
    NO_SOURCES,
    Submodule,
    Submodules,
    SubmoduleSources,
    lay_out,
    links_of,
    submodules_in,
)
from harness.ports.workspace import Copy
from harness.system.attribute_rules import attribute_rules
from harness.system.files import as_git_error, atomic_write, private_dir
from harness.system.git import Git, git_version, object_id, protocol
from harness.system.ignore_rules import ignore_rules
from harness.system.process import ProcessResult
from harness.system.text import one_line
from harness.testruns.detect.detection import manifest_files

__all__ = ["Author", "EnvironmentMaker", "ProjectWorkspace"]

WORK = "/work"
_REF = re.compile(r"[^\x00-\x20\x7f~^:?*\[\\-][^\x00-\x20\x7f]*")


class EnvironmentMaker(Protocol):
    """Makes what the project's commands need, once per key."""

    async def make(self, key: str, tree: Path) -> Environment:
        """`tree` is a checkout of the base with a `.git` of its own, gone after the call. That
        borrows its objects from the folder that its `objects/info/alternates` names."""
        ...


class ProjectWorkspace(ObjectStore):
    """The Workspace port. `root` is a folder of ours, `project` its name on the forge,
    `remote` says where to fetch and push, asked anew each time; `redact` takes out of git's words
    what its server may have quoted; `submodules`: where they come from."""

    def __init__(
        self,
        root: Path,
        project: str,
        remote: Callable[[], Remote],
        author: Author,
        environments: EnvironmentMaker,
        program: str = "git",
        redact: Callable[[str], str] = str,
        submodules: SubmoduleSources = NO_SOURCES,
    ) -> None:
        self.root = root.resolve() / quote(project, safe="")
        self._submodules = Submodules(self.root / "submodules", submodules, program)
        super().__init__(self.root / "state.git", author, program)
        self.git = replace(self.git, redact=redact)
        self.mirror = Mirror(self.root / "mirror.git", project, remote, program, redact)
        self.project = project
        self._remote = remote
        self._environments = environments
        self._made: dict[str, Environment] = {}
        self._making: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)
        self._ignores: dict[str, bytes] = {}
        self._compiled: dict[str, str] = {}
        self._borrows: dict[str, tuple[Submodule, ...]] = {}
        self._starting = asyncio.Lock()
        self._started = False

    # ------------------------------------------------------------ the forge's side

    async def sync(self) -> None:
        await self._start()
        await self.mirror.sync()
        await asyncio.to_thread(self._share_depth)

    def _share_depth(self) -> None:
        """Where the forge's history is cut off, ours is too."""
        source, target = self.mirror.path / "shallow", self.gitdir / "shallow"
        if source.exists():
            atomic_write(target, source.read_bytes())
        else:
            target.unlink(missing_ok=True)

    async def resolve(self, ref: str) -> str:
        """A branch of the forge first, then a tag, then any commit of ours."""
        places = (
            (self.mirror.git, f"refs/heads/{ref}"),
            (self.mirror.git, f"refs/tags/{ref}"),
            (self.git, ref),
        )
        return await self._commit_of(ref, places)

    async def tip(self, branch: str) -> str:
        """See the port."""
        return await self._commit_of(branch, ((self.mirror.git, f"refs/heads/{branch}"),))

    async def _commit_of(self, ref: str, places: tuple[tuple[Git, str], ...]) -> str:
        await self._start()
        if not _REF.fullmatch(ref):
            raise not_found(ref, self.project)
        if not await asyncio.to_thread(self.mirror.path.exists):
            await self.sync()
        for git, name in places:
            done = await git.run(
                "rev-parse",
                "--verify",
                "--quiet",
                "--end-of-options",
                f"{name}^{{commit}}",
                ok=(0, 1, 128),
            )
            if done.exit_code == 0:
                return done.stdout.decode().strip()
        if await self.mirror.names(ref) and await self.mirror.heal():
            return await self._commit_of(ref, places)
        if await self.mirror.empty():
            raise NotFound("git.empty", project=self.project)
        raise not_found(ref, self.project)

    async def push(self, commit: str, branch: str, expected: str | None) -> None:
        """See the port. Conflict when the branch is elsewhere; Unavailable, Forbidden."""
        await self._check_branch(branch)
        ref, lease = f"refs/heads/{branch}", object_id(expected) if expected else ""
        done = await self._speak(
            *("push", "--quiet", "--porcelain", "--no-verify", "--no-recurse-submodules"),
            *("--no-signed", f"--force-with-lease={ref}:{lease}"),
            to=f"{object_id(commit)}:{ref}",
            ok=(0, 1),
        )
        if done.exit_code == 0:
            return
        # the reason git gives is worded in many ways; where the branch is now says more
        tip = (await self._speak("ls-remote", "--quiet", to=ref)).stdout.decode().split("\t")[0]
        if tip == commit:
            return
        if tip != lease:
            raise Conflict("git.branch_moved", branch=branch, expected=expected or "-")
        lines = [line for line in done.stdout.split(b"\n") if line.startswith(b"!")]
        words = b"\n".join([*lines, done.stderr])
        said = self.git.quote_output(done, b"\n".join([done.stderr, *lines]))
        raise push_fault(words.decode("utf-8", "replace"), said, self.project, branch)

    async def _speak(self, *command: str, to: str, ok: Collection[int] = (0,)) -> ProcessResult:
        remote = await asyncio.to_thread(self._remote)
        try:
            return await self.git.with_env(remote.env).run(
                # a repository that took another name is not followed there
                *("-c", "http.followRedirects=false"),
                *(*command, "--end-of-options", remote.url, to),
                ok=ok,
                speak=protocol(remote.url),
                timeout_s=1800,
            )
        except GitError as fault:
            raise access_fault(fault, self.project) or fault from fault

    async def _check_branch(self, branch: str) -> None:
        good = (
            _REF.fullmatch(branch)
            and not (
                await self.git.run("check-ref-format", f"refs/heads/{branch}", ok=(0, 1))
            ).exit_code
        )
        if not good:
            raise GitError("git.bad_branch", branch=one_line(branch))

    # ------------------------------------------------------------ copies

    async def copy(self, name: str, tree: str, base_sha: str) -> Copy:
        """See the port. A copy that exists is made anew: nothing an earlier one left, ignored
        files too, can sway what runs next."""
        await self._start()
        try:
            return await self._copy(name, tree, base_sha)
        except GitError as fault:
            if fault.key != "git.failed" or not await self.mirror.heal():
                raise
            return await self._copy(name, tree, base_sha)

    async def _copy(self, name: str, tree: str, base_sha: str) -> Clone:
        clone = Clone(self._folder(name), await self._origin(base_sha), self.keep)
        await clone.restore(object_id(tree))
        return clone

    async def _origin(self, base_sha: str) -> Origin:
        base_tree = await self.tree_of(base_sha)
        return Origin(
            git=self.git,
            mirror=self.mirror.path,
            author=self.author,
            base_sha=base_sha,
            base_tree=base_tree,
            ignores=await self._ignore_rules(base_tree),
            attributes=self._attribute_rules,
        )

    def _folder(self, name: str) -> Path:
        plain = quote(name, safe="")
        if not plain or plain.startswith(".") or len(plain) > 200:
            raise GitError("git.bad_name", name=name)
        return self.root / "copies" / plain

    async def ignore_rules(self, commit: str) -> bytes:
        """What the `.gitignore` files of a commit leave out, as one list."""
        return await self._ignore_rules(await self.tree_of(commit))

    async def _ignore_rules(self, tree: str) -> bytes:
        if tree not in self._ignores:
            self._ignores[tree] = ignore_rules(await self._named(tree, ".gitignore"))
        return self._ignores[tree]

    async def _attribute_rules(self, tree: str) -> bytes:
        return attribute_rules(await self._named(tree, ".gitattributes"))

    async def _named(self, tree: str, name: str) -> dict[str, bytes]:
        """Every file of that name in the tree, links left out."""
        return {
            path: await self.content(blob)
            for path, (mode, blob) in (await self.entries(tree)).items()
            if path.rpartition("/")[2] == name and mode.startswith("100")
        }

    # ------------------------------------------------------------ environment and layout

    async def environment(self, base_sha: str) -> Environment:
        """See the port. The key is what the base's manifest and lock files hold, and what its
        set-up may compile."""
        await self._start()
        tree = await self.tree_of(base_sha)
        entries = await self.entries(tree)
        lines = [f"{path} {entries[path][1]}" for path in sorted(manifest_files(tuple(entries)))]
        lines.append(await self._sources(tree))
        borrowed = await self._borrowed(tree)
        lines += [f"{one.path} {one.commit} {one.url}" for one in borrowed]
        key = hashlib.sha256("\n".join(lines).encode("utf-8", "surrogateescape")).hexdigest()[:32]
        async with self._making[key]:
            known = self._made.get(key)
            # what nobody used for long is cleared away
            if known is None or not await asyncio.to_thread(_mark_used, known):
                folders = {one.path: await self._submodules.folder(one) for one in borrowed}
                made = await self._make(key, tree, base_sha, folders)
                shown = {str(folder): f"{WORK}/{path}" for path, folder in folders.items()}
                read_only = {**made.read_only, **shown}
                self._made[key] = made.model_copy(update={"read_only": read_only})
        return self._made[key]

    async def _borrowed(self, tree: str) -> tuple[Submodule, ...]:
        """The submodules of a tree that may be fetched."""
        if tree in self._borrows:
            return self._borrows[tree]
        if not await self._submodules.are_wanted():
            return ()
        links, words = await links_of(self.git, tree)
        home = (await asyncio.to_thread(self._remote)).url if links else ""
        named = submodules_in(links, words, home)
        found = tuple([one for one in named if await self._submodules.may_fetch(one)])
        if len(found) == len(links):
            # one that is not to be had may come later
            self._borrows[tree] = found
        return found

    async def _sources(self, tree: str) -> str:
        """A fingerprint of what is compiled in this tree; "" when nothing seems to be."""
        if tree not in self._compiled:
            entries = await self.entries(tree)
            wanted = [entries[name][1] for name in native_sources.MANIFESTS if name in entries]
            texts = b"".join([await self.content(blob) for blob in wanted])
            self._compiled[tree] = native_sources.fingerprint(entries, texts)
        return self._compiled[tree]

    async def _beginning(self, copy: Copy, environment: Environment) -> str:
        """What puts compiled files into a copy: those of the set-up where what they were made from
        is the same for certain, else its own."""
        if not environment.build or not isinstance(copy, Clone):
            return environment.build
        ours, base = [await self._sources(tree) for tree in (copy.tree, copy.base_tree)]
        return environment.place if ours and ours == base else environment.build

    async def _make(
        self, key: str, tree: str, base_sha: str, folders: Mapping[str, Path]
    ) -> Environment:
        """In a copy like an agent's: what reads the version from git's tags reads it there too."""
        copy = Clone(
            private_dir(self.root / "setup") / key, await self._origin(base_sha), self.keep
        )
        try:
            await copy.restore(tree)
            await lay_out(folders, copy.path)
            return await self._environments.make(key, copy.path)
        finally:
            await copy.remove()

    async def layout(self, copy: Copy, environment: Environment) -> Layout:
        """The clone at /work, the environment, and the objects its `.git` borrows, read-only at
        their own path. `.git` is a mount of its own: it cannot be moved away or swapped."""
        objects = str(self.mirror.objects)
        gitdir = copy.path / ".git"
        pinned = await asyncio.to_thread(lambda: gitdir.is_dir() and not gitdir.is_symlink())
        made = Layout(
            tree=copy.path,
            read_only={**environment.read_only, objects: objects},
            env=environment.env,
            made=environment.made,
            first=await self._beginning(copy, environment),
            services=environment.services,
        )
        pin = {str(gitdir): f"{made.inside}/.git"}
        return made.model_copy(update={"writable": pin}) if pinned else made

    # ------------------------------------------------------------ beginning and end

    async def forget(self, run: str) -> None:
        """The run's copies go, and its snapshots when enough has gathered."""
        await self._start()
        name = quote(run, safe="")
        for folder in list((self.root / "copies").iterdir()):
            if belongs(folder.name, name):
                await asyncio.to_thread(discard, folder)
        await asyncio.to_thread(self._drop, name)
        await self.prune()

    def _drop(self, run: str) -> None:
        kept = self.gitdir / "kept"
        if kept.exists():
            with self._alone():
                lines = kept.read_text("utf-8").splitlines(keepends=True)
                atomic_write(kept, "".join(li for li in lines if not belongs(li.split()[1], run)))
            self._kept = {pair for pair in self._kept if not belongs(pair[1], run)}

    async def _start(self) -> None:
        async with self._starting:
            if self._started:
                return
            await git_version(self.git.program)
            with as_git_error():
                private_dir(self.root / "copies")
            if not (self.gitdir / "HEAD").exists():
                await Git(self.gitdir, program=self.git.program).run(
                    "init", "--bare", "--quiet", "--template="
                )
            with as_git_error():
                await asyncio.to_thread(self._furnish)
            self._started = True

    def _furnish(self) -> None:
        """One daemon writes here: what a killed one left is not in use."""
        sweep(self.gitdir)
        for name, text in (
            ("info/attributes", ATTRIBUTES),
            ("objects/info/alternates", "../../mirror.git/objects\n"),
        ):
            (self.gitdir / name).parent.mkdir(exist_ok=True)
            atomic_write(self.gitdir / name, text)
        for left in (*self.gitdir.glob("scratch-*"), *(self.root / "copies").glob(".gone-*")):
            discard(left)


def _mark_used(environment: Environment) -> bool:
    """Whether it is still there; then it counts as used now."""
    for host in environment.read_only:
        folder = next((p for p in Path(host).parents if p.name == environment.id), None)
        if folder is not None and not folder.is_dir():
            return False
        if folder is not None:
            os.utime(folder)
    return True
