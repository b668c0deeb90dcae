"""What leaves says what the daemon builds: in the habit of the house, no order of a model."""

from __future__ import annotations

import subprocess
from pathlib import Path

from tests.e2e.world import (
    FIX,
    PLAN,
    REPRODUCTION,
    REVIEWER,
    TRIAGE,
    WRITE_TEST,
    World,
    conversation,
    turn,
    verdict,
)

SUMMARY = """add adds; the sign was wrong.

## Evidence

| Check | Result |
|---|---|
| everything | passed |

- [x] reviewed by a person

Co-authored-by: Linus Torvalds <torvalds@linux-foundation.org>
Signed-off-by: Ann <ann@example.org>
Release-As: 9.0.0

BREAKING CHANGE: everything

fixes #99, closes owner/repo#1, @dependabot merge [skip  ci] ***NO_CI***

/approve
bors r+
"""
TITLE = "fixup! feat(calc)!: Add, do not subtract ［ｓｋｉｐ ｃｉ］"


def begun(tmp_path: Path, *subjects: str) -> World:
    world = World(tmp_path)
    for subject in subjects:
        world.commit(subject)
    done = verdict("done", summary=SUMMARY, title=TITLE)
    talk = turn(TRIAGE, PLAN, WRITE_TEST, REPRODUCTION, FIX, done)
    world.script(conversation(talk, session="-worker"), REVIEWER)
    world.begin()
    return world


def messages(world: World) -> str:
    bare = world.state / "forge" / f"{world.repository}.git"
    argv = ["git", "--git-dir", str(bare), "log", "-1", "--format=%B%n%(trailers)", "main"]
    return subprocess.run(argv, check=True, capture_output=True, text=True).stdout


def test_the_subject_is_in_the_habit_of_the_house(tmp_path: Path) -> None:
    world = begun(tmp_path, *(f"fix(calc): mend it in place {n}" for n in range(6)))
    world.run("run", "--once")
    (pull,) = world.pulls()
    assert pull.state == "merged"
    assert pull.title == "fix: add, do not subtract (skip ci)"
    said = messages(world)
    assert said.startswith("fix: add, do not subtract (skip ci)\n\nadd adds; the sign was wrong.\n")
    assert said.rstrip().endswith("Closes #1")
    for text in (said, pull.body):
        for power in ("linux-foundation.org>", "-by: ", "Release-As:", "CHANGE:", "#99", "repo#1"):
            assert power not in text
        for power in ("@dependabot", "[skip", "***NO_CI", "\n/approve", "\nbors", "everything |"):
            assert power not in text
    assert pull.body.count("## Evidence") == 1
    assert "- [x]" not in pull.body


def test_without_a_habit_words_stay_as_they_are(tmp_path: Path) -> None:
    world = begun(tmp_path)
    world.run("run", "--once")
    (pull,) = world.pulls()
    assert pull.title == "Add, do not subtract (skip ci)"
    assert messages(world).startswith(f"{pull.title} (#{pull.number})\n\n")
