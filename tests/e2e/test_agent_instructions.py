"""`harness agent` tells its one session how the repository wants to be worked on."""

from __future__ import annotations

from pathlib import Path

from tests.e2e.world import CALC, World, conversation, turn, verdict

DONE = verdict("no_change", reason="Nothing to do.")


def test_the_commits_instructions_are_told_and_the_work_trees_are_not(tmp_path: Path) -> None:
    world = World(tmp_path, files={"calc.py": CALC, "CLAUDE.md": "Run make check first.\n"})
    (world.repo / "CLAUDE.md").write_text("Something that nobody committed.\n")
    # the script has no other reply: a session that was told anything else would fail
    said = "[CLAUDE.md]\nRun make check first.\n</instructions-"
    world.script(conversation(turn(DONE), contains=said))
    assert "Nothing to do." in world.run("agent", "Look around.").stdout


def test_without_any_the_request_is_all_there_is(tmp_path: Path) -> None:
    world = World(tmp_path)
    world.script(
        conversation(turn(verdict("blocked", reason="no")), contains="instructions-"),
        conversation(turn(DONE), contains="Look around."),
    )
    assert "Nothing to do." in world.run("agent", "Look around.").stdout
