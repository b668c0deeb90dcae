"""What agents are given beside their task: skills, and the project's own files about agents."""

from __future__ import annotations

from pathlib import Path

from harness.config.fields import Operator, Section


class SkillSettings(Section):
    """[skills]: working rules that agents may read, in the SKILL.md format (docs/skills.md)."""

    folders: Operator[tuple[Path, ...]] = ()
    """Folders of yours that hold a folder a skill, beside `skills` in harness's configuration
    folder, which goes first. Yours win over the project's of the same name, and those over ours."""


class AgentFileSettings(Section):
    """[agents]: files of the project's `.claude/agents`, by name, that sessions go by."""

    reviewer: Operator[str] = ""
    """For reviewers: its words, and no more tools than it names. Empty: none."""
    subagent: Operator[str] = ""
    """For sub-agents, likewise."""
