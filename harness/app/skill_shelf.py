"""The skills of one project as agents find them: one folder on this machine for all who work from
commits with the same skills of the project, shown read-only in their sandboxes and kept up to date.

The operator's win over the project's, those over the built-in ones. The project's are read from the
commit that a run works from and from nowhere else: no work tree can add one.
"""

from __future__ import annotations

import asyncio
import hashlib
import os
import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from harness.agent.skill_news import LIST, StandingSkill
from harness.app.gating import PROJECT_FILE
from harness.app.project_skills import read_project
from harness.app.skill_log import SkillLog
from harness.app.skill_rules import RefusedSkills, SkillSettings
from harness.core.types import Event, LocalizedText, Run, Session
from harness.knowledge.skill_files import Found, FoundSkill, SkillFolder, choose, list_lines
from harness.knowledge.skill_standard import PAGES
from harness.knowledge.skills import skills_root
from harness.ports.clock import Clock
from harness.ports.store import RunStore
from harness.ports.workspace import Workspace
from harness.system.files import atomic_write, private_dir

SOURCE = ".source"
"""Beside a skill on the shelf: where it came from."""
MOST_SHELVES = 8
"""Kept beside those that this process uses."""
MOST_COMMITS = 64


class ProjectShelf:
    """One project's. `root` is a folder of ours, `folders` are the operator's, first ones first, as
    are `settings`, whose rules may refuse skills; so may those of the project's own file."""

    def __init__(
        self,
        root: Path,
        folders: Sequence[Path],
        workspace: Workspace,
        store: RunStore,
        clock: Clock,
        on_event: Callable[[Run, Event], None],
        settings: Sequence[Path] = (),
    ) -> None:
        self._root = root
        self._operator = tuple(SkillFolder(folder, "operator") for folder in folders)
        self._built_in = SkillFolder(skills_root(), "built-in")
        self._workspace = workspace
        self._settings = SkillSettings(settings, workspace)
        self._log = SkillLog(store, clock, on_event)
        self._projects: dict[str, Found] = {}
        self._shown: dict[Path, dict[str, str]] = {}
        self._turn = asyncio.Lock()

    async def folder(self, commit: str) -> Path:
        """See SkillShelf."""
        return (await self._refresh(commit))[0]

    async def standing(self, session: Session, commit: str) -> Mapping[str, StandingSkill]:
        """See SkillShelf."""
        _, skills, broken = await self._refresh(commit)
        await self._log.tell(session.run, broken)
        return {
            name: StandingSkill(
                name=name,
                description=found.skill.description,
                body=found.skill.body,
                digest=found.digest,
            )
            for name, found in skills.items()
        }

    async def text(self, commit: str, name: str) -> str:
        """See SkillShelf."""
        found = (await self._refresh(commit))[1].get(name)
        return found.skill.body if found is not None else ""

    async def _refresh(
        self, commit: str
    ) -> tuple[Path, dict[str, FoundSkill], Mapping[str, LocalizedText]]:
        async with self._turn:
            project = await self._project(commit)
            refused = await self._settings.at(commit)
            return await asyncio.to_thread(self._shelve, project, refused)

    async def _project(self, commit: str) -> Found:
        if commit not in self._projects:
            if len(self._projects) >= MOST_COMMITS:
                self._projects.clear()
            self._projects[commit] = await read_project(self._workspace, commit)
        return self._projects[commit]

    def _shelve(
        self, project: Found, refused: RefusedSkills
    ) -> tuple[Path, dict[str, FoundSkill], Mapping[str, LocalizedText]]:
        """Brings the folder in line with what is there now. Blocks."""
        own_rules = [
            rules.model_dump_json() for file, rules in refused.files if file == PROJECT_FILE
        ]
        marks = [f"{one.skill.name} {one.digest}" for one in project.skills]
        mark = "\0".join([*marks, *own_rules])
        folder = self._root / hashlib.sha256(mark.encode()).hexdigest()[:16]
        own = [self._with_kept(one.read(), folder) for one in self._operator]
        chosen = choose([*own, project, self._built_in.read()])
        chosen = {
            name: found
            for name, found in chosen.items()
            if found.is_for_agents and not refused.by(name)
        }
        digests = {name: found.digest for name, found in chosen.items()}
        if self._shown.get(folder) != digests or not folder.is_dir():
            self._begin(folder)
            _bring_in_line(folder, chosen, self._shown.get(folder, {}))
            self._shown[folder] = digests
        broken = {path: why for one in (*own, project) for path, why in one.broken.items()}
        return folder, chosen, broken

    def _with_kept(self, found: Found, shelf: Path) -> Found:
        """With what an earlier process left on the shelf of a skill that cannot be read now."""
        there = {one.path for one in found.skills}
        kept = []
        for path in found.broken.keys() - there:
            place = shelf / Path(path).name
            try:
                if (place / SOURCE).read_text("utf-8", "replace") != path:
                    continue
            except OSError:
                continue
            last = SkillFolder(shelf, "operator").read_one(place)
            if isinstance(last, FoundSkill):
                kept.append(replace(last, path=path))
        return replace(found, skills=(*found.skills, *kept)) if kept else found

    def _begin(self, folder: Path) -> None:
        """A shelf is made; the oldest that nobody here uses go."""
        private_dir(self._root)
        folder.mkdir(exist_ok=True)
        os.utime(folder)
        others = [f for f in self._root.iterdir() if f.is_dir() and f not in self._shown]
        for old in sorted(others, key=lambda f: f.stat().st_mtime, reverse=True)[MOST_SHELVES:]:
            shutil.rmtree(old, ignore_errors=True)


def _bring_in_line(
    folder: Path, skills: Mapping[str, FoundSkill], shown: Mapping[str, str]
) -> None:
    """The folder is bound into sandboxes: what is in it is replaced, never the folder itself."""
    for place in folder.iterdir():
        if place.name != LIST and place.name not in skills:
            shutil.rmtree(place, ignore_errors=True)
    for name, found in skills.items():
        if shown.get(name) != found.digest or not (folder / name).is_dir():
            _put(folder, name, found)
    atomic_write(folder / LIST, "\n".join([*list_lines(skills.values()), ""]), mode=0o644)
    folder.chmod(0o755)


def _put(folder: Path, name: str, found: FoundSkill) -> None:
    made, old = folder / f".new-{os.getpid()}", folder / f".old-{os.getpid()}"
    for place in (made, old):
        shutil.rmtree(place, ignore_errors=True)
    held = {PAGES[0]: (found.page.encode("utf-8", "replace"), False)}
    held |= {path: (file.data, file.runs) for path, file in found.files.items()}
    held[SOURCE] = (found.path.encode("utf-8", "replace"), False)
    for path, (data, runs) in held.items():
        target = made / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(data)
        target.chmod(0o755 if runs else 0o644)
    for place in (made, *(p for p in made.rglob("*") if p.is_dir())):
        place.chmod(0o755)
    if (folder / name).exists():
        (folder / name).rename(old)
    made.rename(folder / name)
    shutil.rmtree(old, ignore_errors=True)
