"""In which language agents are told to write to people, and where their words then stand."""

from __future__ import annotations

from pathlib import Path

import pytest

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

DONE = verdict(
    "done",
    summary="부호를 바로잡아 더하게 했습니다.",
    title="Add, do not subtract",
    commit="add() adds now.",
)
KOREAN = ("빼기를 합니다", "add(2, 3)이 -1입니다. 5여야 합니다.")


@pytest.mark.parametrize(
    ("settings", "told"),
    [
        ("", "in the language of the issue;"),
        ('[report]\nlanguage = "ko"\n', "in the language `ko`;"),
        ('[report]\nlanguage = "en"\n', "in the language `en`;"),
        ('language = "ko"\n', "in the language of the issue;"),
    ],
)
def test_people_read_their_language_and_the_code_keeps_its_own(
    tmp_path: Path, settings: str, told: str
) -> None:
    world = World(tmp_path, settings)
    worker = conversation(
        turn(TRIAGE, PLAN, WRITE_TEST, REPRODUCTION, FIX, DONE), session="-worker", contains=told
    )
    world.script(worker, REVIEWER)
    world.begin(*KOREAN)
    world.run("run", "--once")
    assert world.status()[1]["state"] == "done", world.why()
    assert "부호를 바로잡아 더하게 했습니다." in world.run("report", "1").stdout
    (pull,) = world.pulls()
    assert "add() adds now." in pull.body
    assert "부호" not in pull.body
    assert pull.title == "Add, do not subtract"
    message = world.git("ls-remote", world.forge().remote().url, "refs/heads/main").split()[0]
    world.git("fetch", "--quiet", world.forge().remote().url, "main")
    text = world.git("log", "-1", "--format=%B", message)
    assert "부호" not in text
