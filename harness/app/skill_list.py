"""What `harness skills` tells: every skill with where it comes from and what it costs, and what is
wrong with folders that should be skills."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from urllib.parse import quote

from harness.app.project_skills import read_project
from harness.app.skill_rules import RefusedSkills, SkillSettings
from harness.config.settings import Settings
from harness.core.errors import UsageError
from harness.core.types import LocalizedText
from harness.core.view_types import ListedSkill, SkillList
from harness.git.object_reader import ObjectReader
from harness.knowledge.skill_files import Found, FoundSkill, SkillFolder, list_lines
from harness.knowledge.skill_standard import check_skill, page_of
from harness.knowledge.skills import find_folders, is_for_people, skills_root
from harness.llm.prefix import tokens
from harness.pipeline.agents.skills import GIVEN
from harness.system.git import Git


async def list_skills(settings: Settings, own: Path) -> SkillList:
    """In the order in which they count: the operator's, the project's as its default branch has
    them here, the built-in ones. `own` is the operator's first folder."""
    folders = (own, *settings.skills.folders)
    places = [SkillFolder(folder, "operator").read() for folder in folders]
    own_files, refused = await _of_project(settings)
    places += [own_files, SkillFolder(skills_root(), "built-in").read()]
    first: dict[str, str] = {}
    shown = []
    for found in (skill for place in places for skill in place.skills):
        counts = first.setdefault(found.skill.name, found.path)
        hidden_by = "" if counts == found.path else counts
        shown.append(_listed(found, hidden_by, refused.by(found.skill.name)))
    broken = {path: why for place in places for path, why in place.broken.items()}
    return SkillList(skills=tuple(sorted(shown, key=lambda one: one.name)), broken=broken)


def _listed(found: FoundSkill, hidden_by: str, refused_by: str) -> ListedSkill:
    people = is_for_people(found.page) or not found.is_for_agents
    purpose = "people" if people else "agents"
    return ListedSkill(
        name=found.skill.name,
        description=found.skill.description,
        origin=found.origin,
        path=found.path,
        purpose="stage" if found.skill.name in GIVEN else purpose,
        hidden_by=hidden_by,
        refused_by=refused_by,
        listed_tokens=tokens(len(list_lines([found])[0]) + 1) if found.is_for_agents else 0,
        body_tokens=tokens(len(found.skill.body)),
        body=found.skill.body,
        files=tuple(sorted(found.files)),
    )


async def _of_project(settings: Settings) -> tuple[Found, RefusedSkills]:
    """None of a project that is not registered, or was never fetched; what settings files refuse,
    the operator's and its own."""
    reader, commit = await _default_branch(settings)
    refused = await SkillSettings(settings.guard.settings, reader).at(commit)
    return await read_project(reader, commit), refused


async def _default_branch(settings: Settings) -> tuple[ObjectReader, str]:
    """The project's git here, and the commit; "" when there is none."""
    bare = settings.paths.forge / f"{settings.forge.repository}.git"
    if not settings.forge.descriptor.embedded:
        bare = settings.paths.workspaces / quote(settings.project.name, safe="") / "mirror.git"
    git = Git(bare)
    if not settings.project.name or not (bare / "HEAD").exists():
        return ObjectReader(git), ""
    branch = f"refs/heads/{settings.project.default_branch}^{{commit}}"
    done = await git.run("rev-parse", "--verify", "--quiet", branch, ok=(0, 1, 128))
    commit = done.stdout.decode().strip() if done.exit_code == 0 else ""
    return ObjectReader(git), commit


def check_paths(
    paths: Sequence[Path],
) -> list[tuple[Path, tuple[LocalizedText, ...]]]:
    """Each folder with what is wrong with it. A page stands for its folder, a folder that holds
    folders of skills for all of them. UsageError for a path that is not there."""
    found: dict[Path, tuple[LocalizedText, ...]] = {}
    for path in paths:
        if not path.exists():
            raise UsageError("skill.no_path", path=str(path))
        for folder in _folders_at(path):
            found[folder] = check_skill(folder)
    return list(found.items())


def _folders_at(path: Path) -> Iterable[Path]:
    if path.is_file():
        return (path.parent,) if path.name.lower() == "skill.md" else (path,)
    try:
        below = find_folders(path) if page_of(path) is None else []
    except OSError:
        below = []
    return below or (path,)
