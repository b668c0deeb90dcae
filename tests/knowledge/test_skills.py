"""SKILL.md files: ours are read, broken ones are named."""

from __future__ import annotations

from pathlib import Path

import pytest

from harness.core.errors import ConfigError
from harness.knowledge.skill_files import read_folder
from harness.knowledge.skills import Skill, find_folders, parse, skills_root
from harness.pipeline.agents.skills import GIVEN


def read_skill(folder: Path) -> Skill:
    return read_folder(folder, "operator", ()).skill


def test_our_own_skills_are_read_and_the_stages_find_theirs() -> None:
    found = {skill.name: skill for skill in map(read_skill, find_folders(skills_root()))}
    assert set(found) >= GIVEN
    assert all(skill.body and skill.description for skill in found.values())


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "front matter"),
        ("# no front matter", "front matter"),
        ("---\nname: x\n", "front matter"),
        ("---\ndescription: d\n---\nb", "name"),
        ("---\nname: a b\ndescription: d\n---\nb", "name"),
        ("---\nname: x\n---\nb", "description"),
        (f"---\nname: x\ndescription: {'d' * 2000}\n---\nb", "description"),
    ],
)
def test_what_is_no_skill_is_named(text: str, why: str) -> None:
    with pytest.raises(ConfigError) as caught:
        parse(text, "skills/x/SKILL.md")
    assert why in str(caught.value)
    assert "skills/x/SKILL.md" in str(caught.value)


def test_bytes_that_are_no_text_are_named_and_odd_characters_end_no_line(tmp_path: Path) -> None:
    folder = tmp_path / "mend"
    folder.mkdir()
    page = folder / "SKILL.md"
    page.write_bytes(b"---\nname: mend\ndescription: M\xff\n---\n")
    with pytest.raises(ConfigError, match="not UTF-8"):
        read_skill(folder)
    page.write_bytes("---\r\nname: mend\ndescription: It's \u2028---\n---\nBody".encode())
    assert read_skill(folder).description == "It's ---"
    page.unlink()
    page.mkdir()
    with pytest.raises(ConfigError, match="directory"):
        read_skill(folder)


def test_unknown_keys_are_left_to_others(tmp_path: Path) -> None:
    folder = tmp_path / "mend"
    folder.mkdir()
    page = '---\nname: mend\ndescription: "Mend it."\nallowed-tools: Bash\n---\n\nDo it.\n'
    (folder / "SKILL.md").write_text(page)
    skill = read_skill(folder)
    assert (skill.description, skill.body) == ("Mend it.", "Do it.")
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "SKILL.md").write_text(page)
    with pytest.raises(ConfigError):
        read_skill(tmp_path / "other")


@pytest.mark.parametrize(
    ("front", "why"),
    [
        ("name: x\ndescription: Use when: always", "line 3"),
        ("name: x\nname: y\ndescription: d", "twice"),
        ("name: [x]\ndescription: d", "name"),
        ("name: x\ndescription: [d]", "description"),
        ("name: x\ndescription:", "description"),
        ("- name: x", "key: value"),
    ],
)
def test_front_matter_that_cannot_be_used_is_one_sentence(front: str, why: str) -> None:
    with pytest.raises(ConfigError) as caught:
        parse(f"---\n{front}\n---\nb", "skills/x/SKILL.md")
    assert why in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_description_may_take_several_lines_and_a_name_be_any_word() -> None:
    front = "name: on\ndescription: >\n  Use it\n  when: always\nallowed-tools:\n  - Bash"
    skill = parse(f"---\n{front}\n---\nb", "skills/on/SKILL.md")
    assert (skill.name, skill.description) == ("on", "Use it when: always")
