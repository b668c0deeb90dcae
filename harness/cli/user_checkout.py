"""The git repository one stands in, and what the forge's copy of a project holds."""

from __future__ import annotations

import os
import shutil
import subprocess
from typing import TYPE_CHECKING
from urllib.parse import quote

from harness.cli.common import CliError, load
from harness.config.environ import Locations
from harness.config.secret_sources import without

if TYPE_CHECKING:
    from harness.config.settings import Settings
    from harness.git.own_repository import OwnRepository

FILE = "harness.toml"


def need_git(place: Locations) -> None:
    """CliError when there is none: GitPython starts it when it is imported."""
    if shutil.which("git", path=place.env.get("PATH")) is None:
        raise CliError(4, "cli.no_git")


def top_of(place: Locations) -> OwnRepository:
    """The checkout that the folder is in, to be closed. CliError says that it is none, or has
    no work tree."""
    need_git(place)
    env = without(place)
    found: OwnRepository | None = load("harness.git.own_repository:own_repository")(place.cwd, env)
    if found is not None:
        return found
    if load("harness.git.own_repository:is_bare")(place.cwd, env):
        raise CliError(1, "cli.bare_repository", folder=str(place.cwd))
    raise CliError(1, "cli.not_a_repository", folder=str(place.cwd))


def own_file(settings: Settings) -> tuple[str, str] | None:
    """harness.toml as it stands on the default branch of the embedded forge, or for another as it
    stood when its branches were last fetched, and its name; None when there is none. ConfigError
    when it is not text."""
    bare = settings.paths.forge / f"{settings.forge.repository}.git"
    if not settings.forge.descriptor.embedded:
        bare = settings.paths.workspaces / quote(settings.project.name, safe="") / "mirror.git"
    branch = settings.project.default_branch
    if not (bare / "HEAD").exists():
        return None
    blob = f"refs/heads/{branch}:{FILE}"
    env = {"PATH": os.defpath, "GIT_CONFIG_NOSYSTEM": "1", "GIT_CONFIG_GLOBAL": "/dev/null"}
    try:
        done = subprocess.run(
            ["git", "--git-dir=.", "cat-file", "blob", blob],
            cwd=bare,
            env=env,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=600,
            check=False,
        )
    except FileNotFoundError as error:
        raise CliError(4, "cli.no_git") from error
    except subprocess.TimeoutExpired as error:
        raise CliError(1, "cli.git_slow", command="cat-file") from error
    if done.returncode != 0:
        return None
    name = f"{settings.forge.repository}@{branch}:{FILE}"
    text: str = load("harness.config.layers:decode")(done.stdout, name)
    return text, name
