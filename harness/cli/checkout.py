"""The user's own git repository, as commands look at it: never a hook, never a written file."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

from harness.cli.common import Told, load
from harness.config.at_hand import without
from harness.config.environ import Place

if TYPE_CHECKING:
    from harness.config.settings import Settings

FILE = "harness.toml"
# a variable such as GIT_DIR, set by a hook that runs us, would send git elsewhere
KEPT = ("GIT_CONFIG_GLOBAL", "GIT_CONFIG_NOSYSTEM", "GIT_SSH_COMMAND", "GIT_CEILING_DIRECTORIES")
QUIET = (
    "core.hooksPath=/dev/null",
    "core.fsmonitor=false",
    "core.pager=cat",
    "gc.auto=0",
    "maintenance.auto=false",
    "push.gpgSign=false",
    "push.followTags=false",
    "push.recurseSubmodules=no",
    "submodule.recurse=false",
)


@dataclass(frozen=True)
class Checkout:
    """Git commands in one folder of the user's. Their own config holds, but nothing of theirs is
    started: no hook, pager, prompt or monitor."""

    top: Path
    env: Mapping[str, str]

    def ask(self, *args: str, ok: tuple[int, ...] = (0,)) -> str:
        """Standard output of a git command without its last line end. Told(1) with git's own
        words when the exit code is not in `ok`."""
        done = _git(self.top, self.env, *args)
        if done.returncode not in ok:
            said = " ".join(done.stderr.decode("utf-8", "replace").split())
            raise Told(1, "cli.git_failed", command=args[0], said=said[:300] or "-")
        return done.stdout.decode("utf-8", "surrogateescape").removesuffix("\n")

    def says(self, *args: str) -> bool:
        """Whether a git command exits with 0."""
        return _git(self.top, self.env, *args).returncode == 0

    def names(self, *args: str) -> tuple[str, ...]:
        """NUL-separated output, split."""
        return tuple(part for part in self.ask(*args).split("\0") if part)


def top_of(place: Place) -> Checkout:
    """The checkout that the folder is in. Told says that it is none, or has no work tree."""
    checkout = Checkout(place.cwd, without(place))
    if not checkout.says("rev-parse", "--git-dir"):
        raise Told(1, "cli.not_a_repository", folder=str(place.cwd))
    if checkout.ask("rev-parse", "--is-bare-repository") == "true":
        raise Told(1, "cli.bare_repository", folder=str(place.cwd))
    top = checkout.ask("rev-parse", "--show-toplevel", ok=(0, 128))
    if not top:
        raise Told(1, "cli.not_a_repository", folder=str(place.cwd))
    return Checkout(Path(top), checkout.env)


def own_file(settings: Settings) -> tuple[str, str] | None:
    """harness.toml as it stands on the default branch of the embedded forge, or for GitHub as it
    stood when its branches were last fetched, and its name; None when there is none. ConfigError
    when it is not text."""
    bare = settings.paths.forge / f"{settings.forge.repository}.git"
    if settings.forge.kind != "local":
        bare = settings.paths.workspaces / quote(settings.project.name, safe="") / "mirror.git"
    branch = settings.project.default_branch
    if not (bare / "HEAD").exists():
        return None
    blob = f"refs/heads/{branch}:{FILE}"
    env = {"PATH": os.defpath, "GIT_CONFIG_NOSYSTEM": "1", "GIT_CONFIG_GLOBAL": "/dev/null"}
    done = _git(bare, env, "--git-dir=.", "cat-file", "blob", blob)
    if done.returncode != 0:
        return None
    name = f"{settings.forge.repository}@{branch}:{FILE}"
    text: str = load("harness.config.layers:decode")(done.stdout, name)
    return text, name


def _git(folder: Path, env: Mapping[str, str], *args: str) -> subprocess.CompletedProcess[bytes]:
    settings = [piece for setting in QUIET for piece in ("-c", setting)]
    kept = {k: v for k, v in env.items() if k in KEPT or not k.startswith("GIT_")}
    quiet = {**kept, "GIT_TERMINAL_PROMPT": "0", "GIT_OPTIONAL_LOCKS": "0", "LC_ALL": "C"}
    try:
        return subprocess.run(
            ["git", *settings, *args],
            cwd=folder,
            env=quiet,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=600,
            check=False,
        )
    except FileNotFoundError as error:
        raise Told(4, "cli.no_git") from error
    except subprocess.TimeoutExpired as error:
        raise Told(1, "cli.git_slow", command=args[0]) from error
