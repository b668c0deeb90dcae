"""What a set-up leaves beside the project's own files: the version that a build tool takes from
git, a generated table, a compiled module. The project cannot be imported without it, and its ignore
rules say that it is no part of a change."""

from __future__ import annotations

import asyncio
import stat
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TypeVar

from harness.core.errors import RefusedError
from harness.environment.builds import is_compiled
from harness.system.files import read_beneath, walk
from harness.system.git import Git
from harness.system.ignore_rules import ignore_rules

LARGEST = 64 << 10
MOST = 200
DEPTH = 3  # of folders of installed packages
T = TypeVar("T")
SKIPPED = (".git", "node_modules", "__pycache__")


async def made_beside(
    tree: Path, work: Path, scratch: Path
) -> tuple[dict[str, str], tuple[str, ...]]:
    """(path -> text, paths of compiled files) of what is in `work` (a copy of `tree` that a set-up
    ran in), not in `tree`, in a folder of the tree, and ignored there. Large texts are left out.
    `scratch` is a folder for our own use."""
    texts = await asyncio.to_thread(_new_files, tree, work, _text)
    compiled = await asyncio.to_thread(_new_files, tree, work, _compiled)
    if not (texts or compiled):
        return {}, ()
    rules = scratch / "rules"
    await asyncio.to_thread(_write_rules, tree, rules)
    git = Git(scratch / "made.git", work, scratch / "made.index")
    await Git(git.gitdir).run("init", "--bare", "--quiet", "--template=")
    ignored = await git.names(
        *("ls-files", "-z", "--others", "--ignored", f"--exclude-from={rules}")
    )
    named = {path: texts[path] for path in ignored if path in texts}
    return named, tuple(path for path in ignored if path in compiled)


def _new_files(tree: Path, work: Path, take: Callable[[Path], T | None]) -> dict[str, T]:
    found: dict[str, T] = {}
    for place, folders, files in walk(tree):
        folders[:] = sorted(name for name in folders if name not in SKIPPED)
        here = work / place.relative_to(tree)
        if here.is_symlink() or not here.is_dir():
            continue
        for name in sorted({entry.name for entry in here.iterdir()} - {*folders, *files}):
            taken = take(here / name)
            if taken is not None and len(found) < MOST:
                found[(here / name).relative_to(work).as_posix()] = taken
    return found


def _compiled(file: Path) -> bool | None:
    """None for what is none."""
    try:
        file.name.encode()
        return True if stat.S_ISREG(file.lstat().st_mode) and is_compiled(file) else None
    except (UnicodeError, OSError):
        return None


def _text(file: Path) -> str | None:
    about = file.lstat()
    if not stat.S_ISREG(about.st_mode) or about.st_size > LARGEST:
        return None
    try:
        text = file.read_bytes().decode()
        file.name.encode()
    except UnicodeError:
        return None
    return None if "\0" in text else text


def _write_rules(tree: Path, rules: Path) -> None:
    lists = {
        (folder / name).relative_to(tree).as_posix(): (folder / name).read_bytes()
        for folder, _, files in walk(tree)
        for name in files
        if name == ".gitignore" and stat.S_ISREG((folder / name).lstat().st_mode)
    }
    rules.write_bytes(ignore_rules(lists))


def left_in(work: Path) -> list[Path]:
    """Folders of installed packages in a tree that set-up ran in."""
    found = []
    for here, folders, _ in walk(work):
        for name in list(folders):
            is_venv = (here / name / "pyvenv.cfg").is_file()
            if (name == "node_modules" or is_venv) and not (here / name).is_symlink():
                found.append(here / name)
                folders.remove(name)
        deep = len(here.relative_to(work).parts)
        folders[:] = sorted(f for f in folders if f != ".git") if deep < DEPTH else []
    return sorted(found)


def program_folders_in(host: Path, inside: str, more: Iterable[str]) -> list[str]:
    """Folders of programs in an environment's folder, as they are called inside."""
    found = [("venv/bin", "venv/pyvenv.cfg"), ("bin", "pyvenv.cfg"), (".bin", ".bin")]
    found += [(folder, folder) for folder in more]
    return [f"{inside}/{folder}" for folder, sign in found if (host / sign).exists()]


def borrowed_objects(tree: Path) -> dict[str, str]:
    """Where the repository of a checkout of ours has its objects: seen at the same place inside."""
    try:
        place = read_beneath(tree, ".git/objects/info/alternates").decode().rstrip("\n")
    except (OSError, UnicodeError, RefusedError):
        return {}
    return {place: place} if Path(place).is_dir() else {}
