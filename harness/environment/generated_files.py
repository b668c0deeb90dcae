"""Small text that a set-up writes beside the project's own files: the version that a build tool
takes from git, a generated table. The project cannot be imported without it, and its ignore rules
say that it is no part of a change."""

from __future__ import annotations

import asyncio
import stat
from pathlib import Path

from harness.system.files import walk
from harness.system.git import Git
from harness.system.ignore_rules import ignore_rules

LARGEST = 64 << 10
MOST = 200
SKIPPED = (".git", "node_modules", "__pycache__")


async def made_beside(tree: Path, work: Path, scratch: Path) -> dict[str, str]:
    """Path -> text of what is in `work` (a copy of `tree` that a set-up ran in), not in `tree`, in
    a folder of the tree, and ignored there. Compiled or large files are left out: they would go
    stale without a word. `scratch` is a folder for our own use."""
    found = await asyncio.to_thread(_new_texts, tree, work)
    if not found:
        return {}
    rules = scratch / "rules"
    await asyncio.to_thread(_write_rules, tree, rules)
    git = Git(scratch / "made.git", work, scratch / "made.index")
    await Git(git.gitdir).run("init", "--bare", "--quiet", "--template=")
    ignored = await git.names(
        *("ls-files", "-z", "--others", "--ignored", f"--exclude-from={rules}")
    )
    return {path: found[path] for path in ignored if path in found}


def _new_texts(tree: Path, work: Path) -> dict[str, str]:
    found: dict[str, str] = {}
    for place, folders, files in walk(tree):
        folders[:] = sorted(name for name in folders if name not in SKIPPED)
        here = work / place.relative_to(tree)
        if here.is_symlink() or not here.is_dir():
            continue
        for name in sorted({entry.name for entry in here.iterdir()} - {*folders, *files}):
            text = _text(here / name)
            if text is not None and len(found) < MOST:
                found[(here / name).relative_to(work).as_posix()] = text
    return found


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
