"""The skills and commands that a project has at one commit, as a person sees their text."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import PurePosixPath
from typing import Protocol

from harness.core.errors import HarnessError
from harness.core.types import LocalizedText, TreeEntry
from harness.guard.hidden import strip_invisible
from harness.knowledge.skill_files import (
    MOST_FILES,
    MOST_FOLDER_BYTES,
    MOST_SKILLS,
    Found,
    FoundFile,
    FoundSkill,
)
from harness.knowledge.skill_standard import MOST_BYTES, PAGES
from harness.knowledge.skills import parse_command, parse_in

FOLDERS = (".claude/skills", "skills")
"""The first that has a skill of a name counts."""
COMMANDS = re.compile(r"\.claude/commands/(?:[^/]+/)*(?P<name>[^/]+)\.md")
PLAIN = ("100644", "100755")
TEXT = (".md", ".txt")
MOST_ALL = 400
"""Files of all its skills together."""


class TreeFiles(Protocol):
    """What is read of trees; see the Workspace port."""

    async def tree_of(self, commit: str) -> str: ...
    async def files(self, tree: str) -> tuple[str, ...]: ...
    async def entry(self, tree: str, path: str) -> TreeEntry | None: ...
    async def file(self, tree: str, path: str) -> bytes | None: ...


async def read_project(trees: TreeFiles, commit: str) -> Found:
    """What the commit holds; `.claude/commands` are skills of one page. Nothing of it is read
    through a link, and what is no skill is named as broken."""
    if not commit:
        return Found()
    tree = await trees.tree_of(commit)
    reader = _Reader(trees, tree, await trees.files(tree))
    for folder in FOLDERS:
        for page in reader.pages(folder):
            await reader.take_skill(page)
    for path in reader.paths:
        if found := COMMANDS.fullmatch(path):
            await reader.take_command(path, found["name"])
    return Found(tuple(reader.skills.values()), reader.broken)


class _Reader:
    def __init__(self, trees: TreeFiles, tree: str, paths: Iterable[str]) -> None:
        tops = tuple(f"{folder}/" for folder in (*FOLDERS, ".claude/commands"))
        self.paths = [path for path in paths if path.startswith(tops)]
        self.skills: dict[str, FoundSkill] = {}
        self.broken: dict[str, LocalizedText] = {}
        self._trees = trees
        self._left = MOST_ALL
        self._tree = tree

    def pages(self, folder: str) -> list[str]:
        """The page of each skill's folder there."""
        depth = folder.count("/") + 2
        found = {
            str(PurePosixPath(path).parent): path
            for name in reversed(PAGES)
            for path in self.paths
            if path.startswith(f"{folder}/")
            and path.count("/") == depth
            and path.endswith(f"/{name}")
        }
        return [found[place] for place in sorted(found)][:MOST_SKILLS]

    async def take_skill(self, page: str) -> None:
        folder = PurePosixPath(page).parent
        text = await self._text(page)
        if text is None:
            return
        try:
            skill = parse_in(text, page, folder.name)
        except HarnessError as error:
            self.broken[page] = error.say
            return
        files, room = {}, MOST_FOLDER_BYTES
        below = [p for p in self.paths if p.startswith(f"{folder}/") and p != page]
        for path in below[: min(MOST_FILES, self._left)]:
            self._left -= 1
            file = await self._file(path, room)
            if file is not None:
                room -= len(file.data)
                files[path.removeprefix(f"{folder}/")] = file
        self._add(FoundSkill(skill, "project", str(folder), text, files))

    async def take_command(self, path: str, name: str) -> None:
        text = await self._text(path)
        if text is None or len(self.skills) >= MOST_SKILLS:
            return
        try:
            skill = parse_command(text, path, name)
        except HarnessError as error:
            self.broken[path] = error.say
            return
        self._add(FoundSkill(skill, "project", path, text))

    def _add(self, found: FoundSkill) -> None:
        self.skills.setdefault(found.skill.name, found)

    async def _text(self, path: str) -> str | None:
        """None for what is no plain file of a bounded size."""
        file = await self._file(path, MOST_BYTES)
        return None if file is None else file.data.decode("utf-8", "replace")

    async def _file(self, path: str, most: int) -> FoundFile | None:
        entry = await self._trees.entry(self._tree, path)
        if entry is None or entry.mode not in PLAIN or entry.size > most:
            return None
        data = await self._trees.file(self._tree, path) or b""
        if path.endswith(TEXT):
            data = strip_invisible(data.decode("utf-8", "replace"))[0].encode("utf-8", "replace")
        return FoundFile(data, entry.mode == PLAIN[1])
