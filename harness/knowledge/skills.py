"""Skills in the SKILL.md format: a folder each, front matter with name and description, a body that
is shown only when it is needed (progressive disclosure)."""

from __future__ import annotations

from pathlib import Path

import harness
from harness.core.base import Json, Value
from harness.core.errors import ConfigError
from harness.knowledge.front_matter import FrontMatterError, front_matter

LONGEST_NAME = 64
LONGEST_DESCRIPTION = 1024


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


def read_skills(root: Path) -> dict[str, Skill]:
    """Every skill below `root` by its name. ConfigError names the file that is not one."""
    found = {}
    for path in sorted(root.glob("*/SKILL.md")):
        skill = parse(_text(path), str(path))
        if skill.name != path.parent.name:
            raise ConfigError("config.skill", path=str(path), why=f"name is not {path.parent.name}")
        found[skill.name] = skill
    return found


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise ConfigError("config.skill", path=str(path), why="it is not UTF-8") from error
    except OSError as error:
        why = error.strerror or type(error).__name__
        raise ConfigError("config.skill", path=str(path), why=why) from error


def parse(text: str, path: str) -> Skill:
    """One SKILL.md. Keys of the front matter that we do not use are left to others."""
    try:
        said, body = front_matter(text)
    except FrontMatterError as error:
        raise ConfigError("config.skill", path=path, why=str(error)) from error
    name, description = _plain(said.get("name")), _plain(said.get("description"))
    if not name or len(name) > LONGEST_NAME or not name.replace("-", "").isalnum():
        raise ConfigError("config.skill", path=path, why="name is missing or no plain name")
    if not description or len(description) > LONGEST_DESCRIPTION:
        raise ConfigError("config.skill", path=path, why="description is missing or too long")
    return Skill(name=name, description=description, body=body)


def _plain(value: Json) -> str:
    """A text on one line; "" for what is none."""
    return " ".join(value.split()) if isinstance(value, str) else ""
