"""Skills that Claude Code's settings files refuse, `Skill(name)` under `deny` or `ask`: the
operator's files as they are now, and the project's at one commit. Nobody is there to be asked."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import Final, NamedTuple

from harness.app.gating import PROJECT_FILE, settings_text
from harness.app.project_skills import PLAIN, TreeFiles
from harness.guard.claude_format import MOST_BYTES
from harness.guard.skill_rules import SkillRules, read_skill_rules

MOST_COMMITS: Final = 64


class RefusedSkills(NamedTuple):
    """(the file, what it refuses) of each file that says something of skills."""

    files: tuple[tuple[str, SkillRules], ...] = ()

    def by(self, name: str) -> str:
        """The file that refuses the skill; "": none does."""
        return next((file for file, rules in self.files if rules.refuses(name)), "")


class SkillSettings:
    """One project's. `files`: the operator's."""

    def __init__(self, files: Sequence[Path], trees: TreeFiles) -> None:
        self._files = tuple(files)
        self._trees = trees
        self._known: dict[str, SkillRules] = {}

    async def at(self, commit: str) -> RefusedSkills:
        """Of those who work from this commit; "": of a project that has none."""
        own = await asyncio.to_thread(self._own)
        if commit and commit not in self._known:
            if len(self._known) >= MOST_COMMITS:
                self._known.clear()
            self._known[commit] = await self._projects(commit)
        rules = [*own, *([(PROJECT_FILE, self._known[commit])] if commit else [])]
        return RefusedSkills(tuple((file, one) for file, one in rules if one.rules))

    def _own(self) -> list[tuple[str, SkillRules]]:
        texts = [(str(file), settings_text(file)) for file in self._files]
        return [(file, read_skill_rules(text)) for file, text in texts if text is not None]

    async def _projects(self, commit: str) -> SkillRules:
        tree = await self._trees.tree_of(commit)
        entry = await self._trees.entry(tree, PROJECT_FILE)
        if entry is None:
            return SkillRules()
        if entry.mode not in PLAIN or entry.size > MOST_BYTES:
            return read_skill_rules("")
        data = await self._trees.file(tree, PROJECT_FILE) or b""
        return read_skill_rules(data.decode("utf-8", "replace"))
