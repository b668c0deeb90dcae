"""What a lesson is written into: by the work that it is about, and by what the house takes."""

from __future__ import annotations

from pathlib import Path
from typing import get_args

import pytest

from harness.core.lesson_types import Learned, LessonKind
from harness.pipeline.agents.skills import GIVEN
from harness.pipeline.lessons.checks import BEGINNING, EXACT, SUBJECTS
from harness.pipeline.lessons.mechanism import CHECKS, KINDS
from tests.pipeline.lessons.lesson_scene import Scene, play
from tests.pipeline.outbound.doorway import AT, BASE

FLAKY = Learned(kind="ci_flaky", place="lint", at=AT)
SKILL = "---\nname: fix-ci\ndescription: Ours. # Lessons\n---\n\n# Fix it\n\nLook first.\n"
BODY = "# Fix it\n\nLook first."
CHOSEN: dict[str, tuple[dict[str, str], str, Learned, str]] = {
    "its own skill": ({".claude/skills/fix-ci/SKILL.md": SKILL}, BODY, FLAKY, ".claude/skills/"),
    "in the other folder": ({"skills/fix-ci/SKILL.md": SKILL}, BODY, FLAKY, "skills/"),
    "small letters": ({"skills/fix-ci/skill.md": SKILL}, BODY, FLAKY, "skills/"),
    "of both the one that is given": (
        {
            ".claude/skills/fix-ci/SKILL.md": SKILL.replace("Look", "Run"),
            "skills/fix-ci/SKILL.md": SKILL,
        },
        BODY,
        FLAKY,
        "skills/",
    ),
    "the operator's hides it": ({"skills/fix-ci/SKILL.md": SKILL}, "Theirs.", FLAKY, "CLAUDE.md"),
    "it is for people": ({"skills/fix-ci/SKILL.md": SKILL}, "", FLAKY, "CLAUDE.md"),
    "the built-in one": ({}, BODY, FLAKY, "CLAUDE.md"),
    "a copy elsewhere": ({"docs/fix-ci/SKILL.md": SKILL}, BODY, FLAKY, "CLAUDE.md"),
    "of another kind": (
        {"skills/fix-ci/SKILL.md": SKILL},
        BODY,
        Learned(kind="people_changed", place="a.py", at=AT),
        "CLAUDE.md",
    ),
    "of another stage": (
        {"skills/fix-ci/SKILL.md": SKILL},
        BODY,
        Learned(kind="sent_back", subject="tests", at=AT),
        "CLAUDE.md",
    ),
    "too large": ({"skills/fix-ci/SKILL.md": SKILL + "x" * (256 << 10)}, BODY, FLAKY, "CLAUDE.md"),
}


@pytest.mark.parametrize("name", list(CHOSEN))
async def test_it_goes_where_such_work_is_told_how(tmp_path: Path, name: str) -> None:
    files, body, learned, place = CHOSEN[name]

    async def scene(at: Scene) -> None:
        at.skills["fix-ci"] = body
        await at.learned(learned, 3, 4)
        await at.rest()
        made = (await at.only()).proposal
        assert made is not None
        assert made.path.startswith(place)
        assert len(at.opened()) == 1
        grown = at.git.trees[made.tree]
        (changed,) = [p for p in grown if grown[p] != at.git.trees[at.git.base].get(p)]
        assert changed == made.path
        if place != "CLAUDE.md":
            text = grown[made.path].decode()
            assert text.startswith(SKILL + "\n## Lessons\n\n- 2")
            assert text.endswith("(#3, #4)\n")
            assert "own skill" in at.opened()[0]["body"]

    await play(tmp_path, scene, {"CLAUDE.md": "# Calc\n", **files})


async def test_a_link_in_a_skills_place_is_not_written_through(tmp_path: Path) -> None:
    async def scene(at: Scene) -> None:
        at.skills["fix-ci"] = BODY
        at.git.modes["skills/fix-ci/SKILL.md"] = "120000"
        await at.learned(FLAKY, 3, 4)
        await at.rest()
        made = (await at.only()).proposal
        assert made is not None
        assert made.path == "CLAUDE.md"

    await play(tmp_path, scene, {"CLAUDE.md": "#", "skills/fix-ci/SKILL.md": SKILL})


HOUSE = {
    "We do not accept AI-generated pull requests.": False,
    "Every commit must be signed off (DCO).": False,
    "Commits made with tools need an Assisted-by trailer.": True,
    "Be kind.": True,
}


@pytest.mark.parametrize("said", list(HOUSE))
async def test_the_house_is_asked_before(tmp_path: Path, said: str) -> None:
    async def scene(at: Scene) -> None:
        at.git.house = {"CONTRIBUTING.md": said}
        await at.taught(3, 4)
        await at.rest(base_sha=BASE)
        assert bool(at.opened()) == HOUSE[said]
        assert (await at.only()).state == ("proposed" if HOUSE[said] else "seen")
        assert any("Assisted-by: harness" in m for m in at.git.messages) == ("Assisted" in said)

    await play(tmp_path, scene)


def test_every_check_is_of_a_stage_or_of_everybody() -> None:
    named = {*EXACT.values(), *(name for _, name in BEGINNING), *SUBJECTS.values(), "named"}
    assert named - CHECKS.keys() == {"nothing", "protected", "manifest", "secrets"}
    assert CHECKS.keys() <= named
    assert {*KINDS.values(), *CHECKS.values()} <= GIVEN
    assert KINDS.keys() <= {*get_args(LessonKind)}
