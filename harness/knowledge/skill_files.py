"""Skills with all that lies in their folders, from a disk or from a tree of git, bounded; and which
one counts where several have a name."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from harness.core.errors import ConfigError, HarnessError
from harness.core.types import LocalizedText
from harness.knowledge.skill_standard import PAGES, page_of, read_page
from harness.knowledge.skills import Skill, find_folders, is_for_agents, parse_in

Origin = Literal["operator", "project", "built-in"]
MOST_FILES = 200
"""Of one skill; what is beyond is not shown."""
MOST_FOLDER_BYTES = 4 << 20
MOST_SKILLS = 200
"""Of one place."""


@dataclass(frozen=True)
class FoundFile:
    """One file of a skill's folder."""

    data: bytes
    runs: bool = False
    """Whether it is a program."""


@dataclass(frozen=True)
class FoundSkill:
    """A skill and its folder. `path` is where people find it; `page` the text of its SKILL.md."""

    skill: Skill
    origin: Origin
    path: str
    page: str
    files: Mapping[str, FoundFile] = field(default_factory=dict)
    """Path in the folder -> file, the page itself left out."""

    @property
    def digest(self) -> str:
        """Of all that it holds."""
        made = hashlib.sha256(self.page.encode("utf-8", "replace"))
        for path, file in sorted(self.files.items()):
            made.update(f"\0{path}\0{file.runs}\0".encode("utf-8", "replace") + file.data)
        return made.hexdigest()[:16]

    @property
    def is_for_agents(self) -> bool:
        """Whether an agent may take it up by itself."""
        return is_for_agents(self.page)


@dataclass(frozen=True)
class Found:
    """What one place holds. `broken`: path -> why; its skill may still be there as it last was."""

    skills: tuple[FoundSkill, ...] = ()
    broken: Mapping[str, LocalizedText] = field(default_factory=dict)


class SkillFolder:
    """One folder of skills on this machine, read again when something in it changed. Blocks. A
    skill that can no longer be read stays as it last was, in this process."""

    def __init__(self, root: Path, origin: Origin) -> None:
        self.root = root
        self._origin: Origin = origin
        self._known: dict[Path, tuple[object, FoundSkill | HarnessError]] = {}
        self._good: dict[Path, FoundSkill] = {}

    def read(self) -> Found:
        """What is there now. A folder that cannot be listed is broken, as is a skill in it."""
        try:
            folders = find_folders(self.root)[:MOST_SKILLS]
        except OSError as error:
            why = ConfigError("config.skill", path=str(self.root), why=error.strerror or "?")
            return Found(tuple(self._good.values()), {str(self.root): why.say})
        skills, broken = [], {}
        for folder in folders:
            found = self.read_one(folder)
            if isinstance(found, FoundSkill):
                self._good[folder] = found
            else:
                broken[str(folder)] = found.say
            if folder in self._good:
                skills.append(self._good[folder])
        for gone in self._good.keys() - set(folders):
            del self._good[gone]
        return Found(tuple(skills), broken)

    def read_one(self, folder: Path) -> FoundSkill | HarnessError:
        """The skill of one folder, or what is wrong with it."""
        stands: object = None
        try:
            files = list_files(folder)
            stands = [(str(f), (s := f.stat()).st_mtime_ns, s.st_size, s.st_mode) for f in files]
            if folder not in self._known or self._known[folder][0] != stands:
                self._known[folder] = (stands, read_folder(folder, self._origin, files))
        except HarnessError as error:
            self._known[folder] = (stands, error)
        except OSError as error:
            why = error.strerror or type(error).__name__
            return ConfigError("config.skill", path=str(folder), why=why)
        return self._known[folder][1]


def list_files(folder: Path) -> list[Path]:
    """The plain files below a folder, by name, at most so many; links in it are not followed."""
    found: list[Path] = []
    for place, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        found += [f for name in sorted(names) if not (f := Path(place, name)).is_symlink()]
        if len(found) > MOST_FILES:
            break
    return found[:MOST_FILES]


def read_folder(folder: Path, origin: Origin, files: Iterable[Path]) -> FoundSkill:
    """A skill with its files, read from a disk. ConfigError, OSError."""
    page = page_of(folder) or folder / PAGES[0]
    text = read_page(page)
    skill = parse_in(text, str(page), folder.name)
    room = MOST_FOLDER_BYTES
    held = {}
    for file in files:
        size = file.stat().st_size
        if file != page and size <= room:
            room -= size
            runs = bool(file.stat().st_mode & 0o100)
            held[str(file.relative_to(folder))] = FoundFile(file.read_bytes(), runs)
    return FoundSkill(skill, origin, str(folder), text, held)


def choose(places: Iterable[Found]) -> dict[str, FoundSkill]:
    """By name, what counts: an earlier place wins over a later one."""
    chosen: dict[str, FoundSkill] = {}
    for place in places:
        for found in place.skills:
            chosen.setdefault(found.skill.name, found)
    return dict(sorted(chosen.items()))


def list_lines(skills: Iterable[FoundSkill]) -> list[str]:
    """The list that an agent is shown when it asks for it: a line each."""
    return [f"{found.skill.name}: {found.skill.description}" for found in skills]
