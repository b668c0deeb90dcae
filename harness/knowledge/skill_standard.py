"""What the SKILL.md standard asks of a folder, judged as its reference library judges it.

Our own few rules, not that library: it would bring a second YAML parser and two more packages into
every installation for what `strict_front_matter` and these lines do. A test holds both together.
"""

from __future__ import annotations

import os
import unicodedata
from collections.abc import Mapping
from pathlib import Path

from harness.core.base import Json, LocalizedText
from harness.core.errors import ConfigError
from harness.knowledge.front_matter import FrontMatterError, strict_front_matter

PAGES = ("SKILL.md", "skill.md")
"""The first that is there is the skill."""
LONGEST_NAME = 64
LONGEST_DESCRIPTION = 1024
LONGEST_COMPATIBILITY = 500
FIELDS = frozenset({"name", "description", "license", "compatibility", "metadata", "allowed-tools"})
MOST_BYTES = 1 << 20


def page_of(folder: Path) -> Path | None:
    """The SKILL.md of a folder; None when it has none."""
    return next((folder / name for name in PAGES if (folder / name).exists()), None)


def read_page(page: Path) -> str:
    """A page's text, line ends as they are. ConfigError when it is none."""
    try:
        with page.open("rb") as file:
            data = file.read(MOST_BYTES + 1)
        if len(data) > MOST_BYTES:
            raise ConfigError("config.skill", path=str(page), why=f"it is over {MOST_BYTES} bytes")
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise ConfigError("config.skill", path=str(page), why="it is not UTF-8") from error
    except OSError as error:
        why = error.strerror or type(error).__name__
        raise ConfigError("config.skill", path=str(page), why=why) from error


def check_skill(folder: Path) -> tuple[LocalizedText, ...]:
    """What is wrong with a skill's folder; nothing when it keeps the standard."""
    if not folder.is_dir():
        return (LocalizedText(key="skill.no_folder"),)
    page = page_of(folder)
    if page is None:
        return (LocalizedText(key="skill.no_page"),)
    try:
        said = strict_front_matter(read_page(page))
    except ConfigError as error:
        return (error.say,)
    except FrontMatterError as error:
        return (LocalizedText(key="skill.no_front_matter", facts={"why": str(error)}),)
    return check_fields(said, Path(os.path.abspath(folder)).name)  # noqa: PTH100  # a link keeps its own name


def check_fields(said: Mapping[str, Json], folder: str) -> tuple[LocalizedText, ...]:
    """The same of front matter that was read, in a folder of that name."""
    wrong = []
    unknown = sorted(said.keys() - FIELDS)
    if unknown:
        facts = {"fields": ", ".join(unknown)[:200], "known": ", ".join(sorted(FIELDS))}
        wrong.append(LocalizedText(key="skill.unknown_fields", facts={**facts}))
    wrong += check_name(said.get("name"), folder)
    wrong += _check_text("description", said.get("description"), LONGEST_DESCRIPTION)
    if "compatibility" in said:
        compatibility = said["compatibility"]
        if compatibility != "":
            wrong += _check_text("compatibility", compatibility, LONGEST_COMPATIBILITY)
    return tuple(wrong)


def normal_name(name: str) -> str:
    """A name in the one form in which names are compared."""
    return unicodedata.normalize("NFKC", name.strip())


def check_name(said: Json, folder: str) -> list[LocalizedText]:
    """What is wrong with a name; `folder` must be called the same."""
    if not isinstance(said, str) or not said.strip():
        return [LocalizedText(key="skill.no_text", facts={"field": "name"})]
    name = normal_name(said)
    wrong = []
    if len(name) > LONGEST_NAME:
        wrong.append(_too_long("name", len(name), LONGEST_NAME))
    plain = all(char.isalnum() or char == "-" for char in name) and name == name.lower()
    if not plain or name.strip("-") != name or "--" in name:
        wrong.append(LocalizedText(key="skill.bad_name", facts={"name": name[:80]}))
    if unicodedata.normalize("NFKC", folder) != name:
        facts = {"name": name[:80], "folder": folder[:80]}
        wrong.append(LocalizedText(key="skill.other_folder", facts={**facts}))
    return wrong


def _check_text(field: str, said: Json, longest: int) -> list[LocalizedText]:
    if not isinstance(said, str) or not said.strip():
        return [LocalizedText(key="skill.no_text", facts={"field": field})]
    return [_too_long(field, len(said), longest)] if len(said) > longest else []


def _too_long(field: str, length: int, most: int) -> LocalizedText:
    facts = {"field": field, "length": length, "most": most}
    return LocalizedText(key="skill.too_long", facts={**facts})
