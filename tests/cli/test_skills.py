"""`harness skills` at a shell: what is listed, shown, judged and written."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from harness.app.skill_writing import SkillBlocks, from_words, page_of_blocks, read_blocks
from harness.knowledge.skill_standard import check_skill
from tests.cli.conftest import Ended, Person
from tests.cli.terminal import at_a_terminal
from tests.terminal import type_command

BLOCKS = {
    "name": "add-endpoint",
    "description": "Add an endpoint: with its test. Use when an issue asks for a new address.",
    "when": "An issue asks for a new address of the service.",
    "steps": ["Write the failing test first.", "Register the route beside its relatives."],
    "avoid": ["A route without a test"],
    "told": "새 주소를 시험과 함께 더합니다.",
}


def run(person: Person, *words: str) -> Ended:
    """A command in the test's own process."""
    return Ended(*type_command(*words, cwd=person.cwd, env=person.env))


def scripted(person: Person, *turns: str) -> None:
    """A model that answers with these texts, as the operator's only one."""
    config = person.home / ".config" / "harness"
    config.mkdir(parents=True)
    script = config / "script.json"
    conversation = {"turns": [{"text": text} for text in turns]}
    script.write_text(json.dumps({"conversations": [conversation]}))
    (config / "config.toml").write_text(f'[models.m]\ndialect = "scripted"\nscript = "{script}"\n')


def put(folder: Path, name: str, description: str = "Mine.") -> Path:
    page = folder / name / "SKILL.md"
    page.parent.mkdir(parents=True)
    page.write_text(f"---\nname: {name}\ndescription: {description}\n---\n\nMy rules.\n")
    return page


def test_yours_goes_before_the_built_in_one_and_what_is_broken_is_told(person: Person) -> None:
    own = person.home / ".config" / "harness" / "skills"
    put(own, "fix-ci")
    put(own, "mine")
    put(own, "broken").write_text("no front matter")
    more = put(person.home / "more", "extra").parent.parent
    put(more, "mine", "Comes after the first folder.")
    config = person.home / ".config" / "harness" / "config.toml"
    config.write_text(f'[skills]\nfolders = ["{more}"]\n')
    told = run(person, "skills", "list", "--json")
    listed = {(s["name"], s["origin"]): s for s in json.loads(told.out)["skills"]}
    assert listed["fix-ci", "built-in"]["hidden_by"] == listed["fix-ci", "operator"]["path"]
    assert listed["extra", "operator"]["purpose"] == "agents"
    assert listed["mine", "operator"]["hidden_by"] == str(own / "mine")
    assert listed["triage", "built-in"]["purpose"] == "stage"
    assert listed["web-research", "built-in"]["purpose"] == "people"
    ended = run(person, "skills", "list", "--language", "ko")
    assert (ended.code, "내 것" in ended.out) == (0, True)
    assert "broken" in ended.err
    assert "앞섬" in ended.err
    shown = run(person, "skills", "show", "fix-ci")
    assert "My rules." in shown.out
    unknown = run(person, "skills", "show", "fix_ci")
    assert (unknown.code, "fix-ci" in unknown.err) == (1, True)


def test_what_a_settings_file_refuses_is_told_and_not_shown(person: Person) -> None:
    rules = person.home / "settings.json"
    rules.write_text('{"permissions": {"deny": ["Skill(fix-ci)"]}}')
    config = person.home / ".config" / "harness" / "config.toml"
    config.parent.mkdir(parents=True, exist_ok=True)
    config.write_text(f'[guard]\nsettings = ["{rules}"]\n')
    told = run(person, "skills", "list", "--json")
    refused = {s["name"]: s["refused_by"] for s in json.loads(told.out)["skills"]}
    assert {name: by for name, by in refused.items() if by} == {"fix-ci": str(rules)}
    assert f"a rule in {rules} refuses it" in run(person, "skills", "list").err
    assert run(person, "skills", "show", "fix-ci").code == 1


def test_check_takes_pages_folders_and_folders_of_folders(person: Person) -> None:
    good = put(person.cwd / "all", "good")
    put(person.cwd / "all", "bad", "d" * 1025)
    assert run(person, "skills", "check").code == 0
    assert run(person, "skills", "check", str(good)).code == 0
    assert run(person, "skills", "check", "all/good").code == 0
    ended = run(person, "skills", "check", "all")
    assert (ended.code, ended.out.count("\n")) == (1, 2)
    assert "1025" in ended.out
    judged = json.loads(run(person, "skills", "check", "all", "--json").out)
    assert [one["valid"] for one in judged] == [False, True]
    assert run(person, "skills", "check", "none").code == 2


def test_new_shows_the_blocks_first_and_writes_what_is_agreed_to(person: Person) -> None:
    scripted(person, "Of course!", f"```json\n{json.dumps(BLOCKS)}\n```")
    page = person.home / ".config" / "harness" / "skills" / "add-endpoint" / "SKILL.md"
    ended = run(person, "skills", "new", "새 주소를 더할 때의 규칙")
    assert (ended.code, page.exists()) == (2, False)
    assert "Register the route" in ended.out
    assert "새 주소를 시험과" in ended.out
    assert "tokens" in ended.out
    ended = run(person, "skills", "new", "새 주소", "--yes", "--json")
    assert json.loads(ended.out)["written"] == str(page)
    assert check_skill(page.parent) == ()
    text = page.read_text()
    assert "1. Write the failing test first." in text
    assert text.isascii()
    again = run(person, "skills", "new", "새 주소", "--yes")
    assert (again.code, page.read_text()) == (1, text)


def test_new_at_a_terminal_asks(person: Person) -> None:
    ended = at_a_terminal(
        ["skills", "new", "Check links. Open each one.", "--no-model"],
        {"correction": "n\n"},
        cwd=person.cwd,
        env=person.env,
    )
    assert (ended.code, "Open each one." in ended.out) == (1, True)
    assert not (person.home / ".config" / "harness" / "skills").exists()
    ended = at_a_terminal(
        ["skills", "new", "Check links. Open each one.", "--no-model"],
        {"correction": "\n"},
        cwd=person.cwd,
        env=person.env,
    )
    assert ended.code == 0
    assert check_skill(person.home / ".config" / "harness" / "skills" / "check-links") == ()


def test_new_without_a_model_or_a_wish(person: Person) -> None:
    ended = run(person, "skills", "new", "버그를 고친다. 시험을 쓴다.", "--yes")
    assert (ended.code, "model" in ended.err) == (0, True)
    assert check_skill(person.home / ".config" / "harness" / "skills" / "버그를-고친다") == ()
    for words in ((), ("   ",), ("?!",), ("x", "--run", "none")):
        assert run(person, "skills", "new", *words, "--yes").code == 2


@pytest.mark.parametrize(
    "wish",
    ["Mend it", "MEND - it: now!", "a", "수정", "x" * 300, "한 줄\n두 줄\n\n- 세 줄", "İ 1 ² ~",
     "--- name: x\n---", 'say "yes": {a} [b]'],
)  # fmt: skip
def test_any_wish_makes_a_skill_that_keeps_the_standard(tmp_path: Path, wish: str) -> None:
    blocks = from_words(wish)
    folder = tmp_path / blocks.name
    folder.mkdir()
    (folder / "SKILL.md").write_text(page_of_blocks(blocks))
    assert check_skill(folder) == ()


@pytest.mark.parametrize(
    "reply",
    ["", "no", "[]", "{", '{"name": "x"}', json.dumps({**BLOCKS, "name": "A B"}),
     json.dumps({**BLOCKS, "steps": []}), json.dumps({**BLOCKS, "more": 1}), "{" * 5000],
)  # fmt: skip
def test_a_reply_without_blocks_is_told(reply: str) -> None:
    assert isinstance(read_blocks(reply), str)
    assert isinstance(read_blocks(f"Here: {json.dumps(BLOCKS)} Bye"), SkillBlocks)
