"""Skills in the SKILL.md format: a folder each, front matter with name and description, a body that
is shown only when it is needed (progressive disclosure)."""

from __future__ import annotations

from pathlib import Path

import harness
from harness.core.base import Value
from harness.core.errors import ConfigError

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
    lines = text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n").split("\n")
    if not lines or lines[0].strip() != "---" or "---" not in [li.strip() for li in lines[1:]]:
        raise ConfigError("config.skill", path=path, why="no front matter between two --- lines")
    end = next(i for i, line in enumerate(lines[1:], 1) if line.strip() == "---")
    said = dict(line.split(":", 1) for line in lines[1:end] if ":" in line and line[0] != " ")
    name, description = _plain(said.get("name", "")), _plain(said.get("description", ""))
    if not name or len(name) > LONGEST_NAME or not name.replace("-", "").isalnum():
        raise ConfigError("config.skill", path=path, why="name is missing or no plain name")
    if not description or len(description) > LONGEST_DESCRIPTION:
        raise ConfigError("config.skill", path=path, why="description is missing or too long")
    return Skill(name=name, description=description, body="\n".join(lines[end + 1 :]).strip())


def _plain(value: str) -> str:
    """A value without the quotes around it, on one line."""
    value = " ".join(value.split())
    quoted = len(value) > 1 and value[0] == value[-1] and value[0] in "\"'"
    return value[1:-1].strip() if quoted else value
