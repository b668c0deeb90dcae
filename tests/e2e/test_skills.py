"""Skills and a project's agent file in a whole run: found, held to, and told of by `why`."""

from __future__ import annotations

from pathlib import Path

from tests.e2e.world import APPROVE, CALC, TERSE, TEST_CALC, World, call, conversation, turn

STRICT = """---
name: strict
description: Reviews strictly.
tools: Bash, Read
hooks:
  PreToolUse:
    - matcher: Bash
      hooks:
        - type: command
          command: "grep -q forbidden && { echo 'never that' >&2; exit 2; }; true"
---

Look for what is missing.
"""
PROJECT = "---\nname: house\ndescription: How we work.\n---\n\nTabs, never spaces.\n"
LOOK = 'cat "$SKILLS/LIST" "$SKILLS/house/SKILL.md"'


def test_a_reviewer_goes_by_the_file_that_the_operator_names(tmp_path: Path) -> None:
    world = World(
        tmp_path,
        settings='[agents]\nreviewer = "strict"',
        files={
            "calc.py": CALC,
            "tests/test_calc.py": TEST_CALC,
            ".claude/agents/strict.md": STRICT,
            ".claude/skills/house/SKILL.md": PROJECT,
        },
    )
    broken = world.config / "skills" / "broken" / "SKILL.md"
    broken.parent.mkdir(parents=True)
    broken.write_text("no front matter\n")
    bold = turn(call("bash", command="echo forbidden"), call("search", pattern="add"))
    looks = turn(call("bash", command=LOOK))
    review = conversation(bold, looks, turn(APPROVE), session="-review-", repeat_last=True)
    world.script(TERSE, review)
    world.begin()
    world.run("run", "--once")
    assert world.status()[1]["pr"]
    assert str(broken.parent) in world.why()
    pages = "\n".join(p.read_text() for p in (world.folder() / "sessions").glob("*review*"))
    assert "Refused by a hook" in pages
    assert "never that" in pages
    assert "There is no tool search. Tools: bash, read, verdict." in pages
    assert "Look for what is missing." in pages
    assert "house: How we work." in pages
    assert "Tabs, never spaces." in pages
    world.run("skills", "new", "--run", "calc#1", "--no-model", "--yes")
    made = world.config / "skills" / "add-subtracts" / "SKILL.md"
    assert "1. add subtracts" in made.read_text()
    assert "harness: " not in world.run("skills", "list").stderr
