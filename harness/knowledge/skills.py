"""Skills in the SKILL.md format: a folder each, front matter with name and description, a body that
is shown only when it is needed (progressive disclosure)."""

from __future__ import annotations

from pathlib import Path

import harness
from harness.core.base import Json, Value
from harness.core.errors import ConfigError
from harness.knowledge.front_matter import LINE, FrontMatterError, front_matter
from harness.knowledge.skill_standard import (
    LONGEST_DESCRIPTION,
    check_name,
    normal_name,
    page_of,
)

PEOPLE = "people"
"""What `harness` of a skill's metadata says when no stage gives it: it is for people to ask for."""


class Skill(Value):
    """One skill. `body` is markdown, without the front matter."""

    name: str
    description: str
    body: str


def skills_root() -> Path:
    """The skills carried by the wheel, else the checkout's."""
    package = Path(harness.__file__).parent
    carried = package / "_data" / "skills"
    return carried if carried.is_dir() else package.parent / "skills"


def find_folders(root: Path) -> list[Path]:
    """The folders below `root` that hold a skill, by name. OSError when it cannot be listed."""
    return sorted(folder for folder in root.iterdir() if page_of(folder)) if root.is_dir() else []


def parse_in(text: str, path: str, folder: str) -> Skill:
    """A skill that lies in a folder of that name, which must be its own."""
    skill = parse(text, path)
    if normal_name(folder) != skill.name:
        raise ConfigError("config.skill", path=path, why=f"name is not {folder}")
    return skill


def parse(text: str, path: str) -> Skill:
    """One SKILL.md. Keys of the front matter that we do not use are left to others: real skills
    have those of other programs, which the standard does not know."""
    said, body = _front_matter(text, path)
    name, description = _plain(said.get("name")), _plain(said.get("description"))
    if check_name(name, normal_name(name)):
        raise ConfigError("config.skill", path=path, why="name is missing or no plain name")
    if not description or len(description) > LONGEST_DESCRIPTION:
        raise ConfigError("config.skill", path=path, why="description is missing or too long")
    return Skill(name=normal_name(name), description=description, body=body)


def parse_command(text: str, path: str, name: str) -> Skill:
    """A page of `.claude/commands`, which is a skill without a folder: what its front matter does
    not say is said by its file's name and its first line."""
    said: dict[str, Json] = {}
    body = text.strip()
    if text.lstrip("\ufeff").startswith(LINE):
        said, body = _front_matter(text, path)
    first = next((line.strip("# \t") for line in body.splitlines() if line.strip("# \t")), name)
    description = (_plain(said.get("description")) or first)[:LONGEST_DESCRIPTION]
    name = "-".join(name.lower().replace("_", "-").split())
    if check_name(name, normal_name(name)):
        raise ConfigError("config.skill", path=path, why="name is missing or no plain name")
    return Skill(name=normal_name(name), description=description, body=body)


def is_for_agents(text: str) -> bool:
    """False for a page that says that no model may take it up by itself."""
    try:
        said, _ = front_matter(text)
    except FrontMatterError:
        return True
    return str(said.get("disable-model-invocation", "")).lower() != "true"


def is_for_people(text: str) -> bool:
    """Whether a page says that no stage gives it."""
    try:
        said, _ = front_matter(text)
    except FrontMatterError:
        return False
    metadata = said.get("metadata")
    return isinstance(metadata, dict) and metadata.get("harness") == PEOPLE


def _front_matter(text: str, path: str) -> tuple[dict[str, Json], str]:
    try:
        return front_matter(text)
    except FrontMatterError as error:
        raise ConfigError("config.skill", path=path, why=str(error)) from error


def _plain(value: Json) -> str:
    """A text on one line; "" for what is none."""
    return " ".join(value.split()) if isinstance(value, str) else ""
