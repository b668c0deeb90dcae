"""The only reader of the process's environment. Standard library alone: commands start with it."""

from __future__ import annotations

import os
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from harness.config.paths import Paths
from harness.i18n.catalogue import ENGLISH, language_of, languages

PREFIX = "HARNESS_"


@dataclass(frozen=True)
class Locations:
    """Where a command runs and how it speaks: enough for what must start fast."""

    env: Mapping[str, str] = field(repr=False)
    cwd: Path
    home: Path
    config_dir: Path
    state_dir: Path
    language: str
    registering: str = ""
    """The project whose file is still a draft: nobody else sees it as registered."""

    @property
    def paths(self) -> Paths:
        """The layout of the state folder."""
        return Paths(self.state_dir)

    @property
    def user_file(self) -> Path:
        """The operator's own settings for every project."""
        return self.config_dir / "config.toml"

    @property
    def projects_dir(self) -> Path:
        """One file a registered project."""
        return self.config_dir / "projects"

    @property
    def skills_dir(self) -> Path:
        """The operator's own skills, a folder each."""
        return self.config_dir / "skills"

    @property
    def keys_dir(self) -> Path:
        """Secrets that `harness config key` keeps, a file each."""
        return self.config_dir / "keys"

    def project_file(self, name: str) -> Path:
        """The operator's settings for one project."""
        file = self.projects_dir / f"{name}.toml"
        return file.with_name(f"{file.name}.new") if name == self.registering else file


def environment() -> dict[str, str]:
    """A copy of the process's environment."""
    return dict(os.environ)


def beyond(env: Iterable[str]) -> tuple[str, ...]:
    """The names of the process's environment that are not among these."""
    return tuple(sorted(os.environ.keys() - set(env)))


def forget(names: Iterable[str]) -> None:
    """Takes these variables out of the process's environment, so that a program which is started
    without an environment of its own cannot inherit them. Copies made before keep them."""
    for name in names:
        os.environ.pop(name, None)


def place(
    env: Mapping[str, str],
    cwd: Path,
    *,
    language: str | None = None,
    state_dir: Path | None = None,
) -> Locations:
    """Flags before HARNESS_LANGUAGE / HARNESS_STATE_DIR, before the user's file, before LANG and
    XDG. A broken user file is passed over here: loading the settings names what is wrong."""
    home = Path(env.get("HOME") or "~").expanduser()
    config_dir = _folder(env, "XDG_CONFIG_HOME", home / ".config") / "harness"
    said = table_of(config_dir / "config.toml")
    wanted = language or env.get(f"{PREFIX}LANGUAGE") or said.get("language")
    folder = state_dir or env.get(f"{PREFIX}STATE_DIR") or said.get("state_dir")
    state = (
        Path(str(folder)).expanduser()
        if folder
        else _folder(env, "XDG_STATE_HOME", home / ".local" / "state") / "harness"
    )
    return Locations(
        env=env,
        cwd=cwd,
        home=home,
        config_dir=config_dir,
        state_dir=cwd / state,
        language=_language(wanted, env),
    )


def registered_projects(projects_dir: Path) -> tuple[str, ...]:
    """Names of the registered projects, sorted."""
    return tuple(sorted(p.stem for p in projects_dir.glob("*.toml")))


def checkouts(projects_dir: Path) -> dict[str, Path]:
    """Registered project -> the user's checkout, where its file names one that can be read."""
    found = {}
    for name in registered_projects(projects_dir):
        project = table_of(projects_dir / f"{name}.toml").get("project")
        path = project.get("path") if isinstance(project, dict) else None
        if isinstance(path, str):
            found[name] = Path(path).expanduser()
    return found


def main_tree(folder: Path) -> Path | None:
    """Of a folder in a linked work tree (`git worktree add`) the work tree that it was linked to;
    None for every other. Reads what git wrote, starts none."""
    for top in (folder, *folder.parents):
        dot = top / ".git"
        if dot.is_dir():
            return None
        if dot.is_file():
            break
    else:
        return None
    try:
        own = top / dot.read_text("utf-8", "surrogateescape").removeprefix("gitdir:").strip()
        said = (own / "commondir").read_text("utf-8", "surrogateescape").strip()
    except (OSError, ValueError):
        return None
    common = (own / said).resolve()
    return common.parent if common.name == ".git" else None


def _folder(env: Mapping[str, str], name: str, default: Path) -> Path:
    # the XDG standard: a relative path is invalid and ignored
    given = Path(env.get(name, ""))
    return given if given.is_absolute() else default


def table_of(file: Path) -> dict[str, object]:
    """What a TOML file says; {} when it cannot be read."""
    try:
        return tomllib.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return {}


def _language(wanted: object, env: Mapping[str, str]) -> str:
    spoken = env.get("LC_ALL") or env.get("LC_MESSAGES") or env.get("LANG") or ""
    return str(wanted) if wanted in languages() else language_of(spoken) or ENGLISH
