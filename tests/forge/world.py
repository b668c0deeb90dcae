"""A local forge in a folder, and git as a user of it would run it."""

from __future__ import annotations

import asyncio
import atexit
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from harness.core.forge_types import Check, Permission, PullRequest, Review, Thread
from harness.forge.embedded.admin import EmbeddedAdmin
from harness.forge.embedded.forge import EmbeddedForge
from harness.ports.clock import Clock
from harness.testing.forge_contract import ForgeWorld
from tests.terminal import type_command

NAME = "owner/project"
ROOT = Path(__file__).parent.parent.parent
ENVIRONMENT = {
    "PATH": os.defpath,
    "HOME": "/nonexistent",
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_AUTHOR_NAME": "Someone",
    "GIT_AUTHOR_EMAIL": "someone@example.org",
    "GIT_COMMITTER_NAME": "Someone",
    "GIT_COMMITTER_EMAIL": "someone@example.org",
}


def git(folder: Path, *arguments: str) -> str:
    """git in a user's work tree; its output."""
    done = subprocess.run(
        ["git", *arguments], cwd=folder, env=ENVIRONMENT, capture_output=True, text=True, check=True
    )
    return done.stdout.strip()


@dataclass(frozen=True)
class Local:
    """A root with one repository, its people, and a user's clone beside it."""

    root: Path
    clone: Path
    clock: Clock | None = None

    @property
    def bare(self) -> Path:
        return self.root / f"{NAME}.git"

    def forge(self, login: str) -> EmbeddedForge:
        return EmbeddedForge(self.root, NAME, login, self.clock)

    def push(self, branch: str, files: Mapping[str, str | None], start: str) -> str:
        """One commit made on `start`, pushed to `branch` by force."""
        git(self.clone, "fetch", "-q", "origin")
        git(self.clone, "checkout", "-q", "--detach", f"origin/{start}")
        for path, text in files.items():
            target = self.clone / path
            target.parent.mkdir(parents=True, exist_ok=True)
            if text is None:
                target.unlink()
            else:
                target.write_text(text)
        if files:
            git(self.clone, "add", "-A")
            git(self.clone, "commit", "-q", "-m", f"Change {', '.join(files)}")
        git(self.clone, "push", "-q", "-f", "origin", f"HEAD:refs/heads/{branch}")
        return git(self.clone, "rev-parse", "HEAD")

    def world(self) -> ForgeWorld:
        """As the contract wants it."""
        ada = self.forge("ada")

        async def push(branch: str, files: Mapping[str, str | None], start: str) -> str:
            return await asyncio.to_thread(self.push, branch, files, start)

        async def drop(branch: str) -> None:
            await asyncio.to_thread(git, self.clone, "push", "-q", "origin", f":{branch}")

        async def review(
            pr: int, state: Literal["approved", "changes_requested"], body: str
        ) -> Review:
            return await ada.add_review(pr, state, body)

        async def thread(pr: int, path: str, line: int, body: str) -> Thread:
            return await ada.add_thread(pr, path, line, body)

        async def queue(commit: str, name: str) -> Check:
            return await ada.set_check(commit, name, "queued")

        async def lock(issue: int, locked: bool) -> object:
            return await ada.lock(issue, locked=locked)

        return ForgeWorld(
            forge=self.forge("harness"),
            colleague=ada,
            stranger=self.forge("eve"),
            push=push,
            drop=drop,
            review=review,
            thread=thread,
            queue=queue,
            lock=lock,
        )


_PATTERN: list[Path] = []
"""The folder of the forge that others are copies of, once this process has made one."""


async def make_local(folder: Path, clock: Clock | None = None) -> Local:
    """A forge under `folder` with README.md on main; ada administers, eve reads. A copy, unless a
    clock of its own says when it was made: a dozen starts of git cost more than a test."""
    if clock is not None:
        return await _make_anew(folder, clock)
    if not _PATTERN:
        first = Path(tempfile.mkdtemp(prefix="forge-"))
        atexit.register(shutil.rmtree, first, ignore_errors=True)
        await _make_anew(first, None)
        _PATTERN.append(first)
    await asyncio.to_thread(shutil.copytree, _PATTERN[0], folder, dirs_exist_ok=True)
    local = Local(folder / "a forge", folder / "clone", clock)
    git(local.clone, "remote", "set-url", "origin", local.forge("ada").remote().url)
    return local


async def _make_anew(folder: Path, clock: Clock | None) -> Local:
    local = Local(folder / "a forge", folder / "clone", clock)
    host = EmbeddedAdmin(local.root, clock)
    await host.create_repository(NAME, "main", "ada")
    await host.add_user(NAME, "harness", Permission.WRITE, "bot")
    await host.add_user(NAME, "eve", Permission.READ)
    local.clone.mkdir()
    git(local.clone, "init", "-q", "-b", "main")
    git(local.clone, "remote", "add", "origin", local.forge("ada").remote().url)
    (local.clone / "README.md").write_text("hello\n")
    git(local.clone, "add", "-A")
    git(local.clone, "commit", "-q", "-m", "Start")
    git(local.clone, "push", "-q", "origin", "main")
    return local


@dataclass(frozen=True)
class Ended:
    """What a command printed."""

    code: int
    out: str
    err: str

    def json(self) -> Any:
        return json.loads(self.out)


@dataclass(frozen=True)
class Person:
    """Someone at a terminal, in a registered project of the local forge."""

    local: Local
    home: Path

    def harness(self, *arguments: str, stdin: bytes = b"", language: str = "en") -> Ended:
        """`harness ...` in the clone, as ada; in this process, which is ten times faster."""
        env = self._environment(language)
        return Ended(*type_command(*arguments, cwd=self.local.clone, env=env, stdin=stdin))

    def _environment(self, language: str) -> dict[str, str]:
        return {
            "PATH": os.defpath,
            "HOME": str(self.home),
            "HARNESS_LANGUAGE": language,
            "PYTHONPATH": str(ROOT),
            "PYTHONUTF8": "1",
        }

    def process(self, *arguments: str, language: str = "en") -> Ended:
        """`harness ...` as a process of its own."""
        code = "import sys; from harness.cli.main import main; sys.exit(main())"
        return self.python(code, *arguments, language=language)

    def python(self, code: str, *arguments: str, language: str = "en") -> Ended:
        """Any code as a process of its own."""
        done = subprocess.run(
            [sys.executable, "-c", code, *arguments],
            cwd=self.local.clone,
            env=self._environment(language),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            check=False,
        )
        assert b"Traceback" not in done.stderr
        return Ended(done.returncode, done.stdout.decode(), done.stderr.decode())


async def make_person(folder: Path) -> Person:
    """The forge of `make_local`, registered as `harness init` does it."""
    local = await make_local(folder)
    home = folder / "home"
    projects = home / ".config" / "harness" / "projects"
    projects.mkdir(parents=True)
    state = home / ".local" / "state" / "harness"
    state.mkdir(parents=True)
    (state / "forge").symlink_to(local.root)
    (projects / "project.toml").write_text(
        f'[project]\nname = "project"\npath = "{local.clone}"\n'
        f'[forge]\nrepository = "{NAME}"\nuser = "ada"\nbot = "harness"\n'
    )
    return Person(local, home)


async def opened(local: Local, body: str = "", branch: str = "fix") -> PullRequest:
    local.push(branch, {f"{branch}.txt": "one\n"}, "main")
    forge = local.forge("harness")
    return await forge.open_pr(branch, "main", "Fix it", body, draft=False)


async def now(local: Local, number: int) -> PullRequest:
    return await local.forge("ada").pr(number)


def tip(local: Local, branch: str = "main") -> str:
    return git(local.bare, "rev-parse", f"refs/heads/{branch}")
