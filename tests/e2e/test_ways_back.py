"""Every guard has a way back: what was frozen, said or held wrongly can be put right."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tests.e2e.world import (
    CALC,
    COMMAND,
    DONE,
    FIX,
    PLAN,
    REPRO,
    REPRODUCTION,
    REVIEWER,
    TEST_CALC,
    TRIAGE,
    WRITE_TEST,
    World,
    call,
    conversation,
    turn,
    verdict,
)

WRONG_TEST = call("write", path="tests/test_add.py", content=REPRO.replace("== 5", "== 6"))
SAFER = verdict(
    "plan",
    summary="Add instead of subtracting; the first test expected the wrong sum.",
    tasks=[{"id": "1", "title": "add", "detail": "the sign", "files": ["calc.py"]}],
)
BESIDE = TEST_CALC.replace("import double", "import add, double") + (
    "\n\ndef test_add_of_four_and_two():\n    assert add(4, 2) == 2\n"
)
NEW_TEST = "\n\ndef test_add():\n    assert add(2, 3) == 5\n"


def world_of(path: Path, *turns: dict[str, Any], **more: Any) -> World:
    world = World(path, **more)
    world.script(conversation(*turns, session="-worker"), REVIEWER)
    world.begin()
    world.run("run", "--once")
    return world


def outcome(world: World) -> tuple[str, str]:
    run = world.status()[1]
    return run["state"], run["why"]["key"]


def progress(world: World) -> str:
    return (world.folder() / "PROGRESS.md").read_text()


def test_a_test_beside_a_wrong_expectation_ends_merged(tmp_path: Path) -> None:
    """The dead end of before: the file of the frozen test could not be changed any more, and the
    wrong expectation in it kept every right change from passing."""
    amended = verdict(
        "plan",
        summary="Add instead of subtracting.",
        tasks=[{"id": "1", "title": "add", "detail": "the sign", "files": ["calc.py"]}],
        test_changes=[
            {"test": "tests/test_calc.py::test_add_of_four_and_two", "why": "4 + 2 is 6, not 2"}
        ],
    )
    named = "tests/test_calc.py::test_add"
    first = turn(
        TRIAGE,
        PLAN,
        call("write", path="tests/test_calc.py", content=BESIDE + NEW_TEST),
        verdict(
            "reproduction",
            files=["tests/test_calc.py"],
            command="python3 -m pytest -q tests/test_calc.py",
            tests=[named],
        ),
        FIX,
        amended,
        call(
            "edit",
            path="tests/test_calc.py",
            edits=[{"old": "add(4, 2) == 2", "new": "add(4, 2) == 6"}],
        ),
        DONE,
    )
    world = world_of(tmp_path, first, files={"calc.py": CALC, "tests/test_calc.py": BESIDE})
    assert outcome(world) == ("held", "pipeline.plan_waits"), progress(world)
    world.run("approve", "1")
    world.run("run", "--once")
    assert outcome(world) == ("done", "pipeline.merged"), progress(world)
    assert "add(4, 2) == 6" in world.merged_file("tests/test_calc.py")
    assert "allowed by me: tests/test_calc.py::test_add_of_four_and_two" in progress(world)


def test_another_test_is_frozen_before_the_product_is_changed(tmp_path: Path) -> None:
    world = world_of(
        tmp_path,
        turn(
            *(TRIAGE, PLAN, WRONG_TEST, REPRODUCTION),
            *(SAFER, WRITE_TEST, REPRODUCTION, FIX, DONE),
        ),
    )
    assert outcome(world) == ("done", "pipeline.merged"), progress(world)
    assert "== 5" in world.merged_file("tests/test_add.py")
    assert "frozen anew, before the product was changed" in progress(world)


def test_once_the_product_is_changed_a_person_allows_another_test(tmp_path: Path) -> None:
    world = world_of(
        tmp_path,
        turn(TRIAGE, PLAN, WRONG_TEST, REPRODUCTION, FIX, SAFER, WRITE_TEST, REPRODUCTION),
        turn(DONE),
    )
    assert outcome(world) == ("held", "claim.freeze_waits"), progress(world)
    assert world.pulls() == []
    world.run("approve", "1")
    world.run("run", "--once")
    assert outcome(world) == ("done", "pipeline.merged"), progress(world)
    assert "frozen anew, allowed by me" in progress(world)


def test_what_a_person_does_not_allow_stays_as_it_was(tmp_path: Path) -> None:
    lenient = call("write", path="tests/test_add.py", content=REPRO.replace("== 5", "> 0"))
    back = turn(WRITE_TEST, DONE)
    deaf = {
        **turn(call("bash", command="true")),
        "alternatives": [{"when": {"last_contains": "that shows less"}, **back}],
    }
    world = world_of(
        tmp_path,
        turn(TRIAGE, PLAN, WRITE_TEST, REPRODUCTION, FIX, SAFER, lenient, REPRODUCTION),
        deaf,
    )
    assert outcome(world) == ("held", "claim.freeze_waits"), progress(world)
    world.run("reject", "1", "that shows less")
    world.run("run", "--once")
    assert outcome(world) == ("done", "pipeline.merged"), progress(world)
    assert "== 5" in world.merged_file("tests/test_add.py")
    assert "frozen anew" not in progress(world)


def test_retry_begins_again_at_the_stage_it_names(tmp_path: Path) -> None:
    world = world_of(
        tmp_path,
        turn(TRIAGE, PLAN, WRONG_TEST, REPRODUCTION, verdict("blocked", reason="it is 5, not 6")),
        turn(WRITE_TEST, REPRODUCTION, FIX, DONE),
    )
    assert outcome(world) == ("held", "pipeline.blocked")
    assert "no stage" in world.run("retry", "1", "--from", "merge", code=2).stderr
    said = world.run("retry", "1", "--from", "reproduce", "take the issue's numbers").stdout
    assert "begins again at: reproduce" in said
    world.run("run", "--once")
    assert outcome(world) == ("done", "pipeline.merged"), progress(world)
    assert "== 5" in world.merged_file("tests/test_add.py")
    assert "Begun again at reproduce, asked for by me" in progress(world)


def test_what_is_noted_already_says_what_to_do_instead(tmp_path: Path) -> None:
    again = verdict("triage", kind="bug", difficulty="large", reason="more than I thought")
    on = turn(SAFER, FIX, DONE)
    deaf = {
        **turn(verdict("blocked", reason="nobody told me")),
        "alternatives": [{"when": {"last_contains": "say what differs in a plan verdict"}, **on}],
    }
    world = world_of(tmp_path, turn(TRIAGE, PLAN, WRITE_TEST, REPRODUCTION, again), deaf)
    assert outcome(world) == ("done", "pipeline.merged"), progress(world)


def test_words_after_the_checks_held_it_reach_the_worker(tmp_path: Path) -> None:
    worse = call("edit", path="calc.py", edits=[{"old": "return a - b", "new": "return b - a"}])
    right = call("edit", path="calc.py", edits=[{"old": "return b - a", "new": "return a + b"}])
    deaf = {
        **turn(DONE),
        "alternatives": [{"when": {"last_contains": "it is the sign"}, **turn(right, DONE)}],
    }
    world = world_of(
        tmp_path,
        turn(TRIAGE, PLAN, WRITE_TEST, REPRODUCTION, worse, DONE),
        *(turn(DONE), turn(DONE), deaf),
    )
    assert outcome(world) == ("held", "pipeline.attempts_used"), progress(world)
    world.run("retry", "1", "it is the sign")
    world.run("run", "--once")
    assert outcome(world) == ("done", "pipeline.merged"), progress(world)


def test_a_command_that_is_no_test_is_refused_and_a_named_test_goes_through(
    tmp_path: Path,
) -> None:
    grep = verdict(
        "reproduction",
        files=["tests/test_add.py"],
        command="grep -q 'a + b' calc.py",
        tests=["tests/test_add.py::test_add"],
    )
    told = turn(REPRODUCTION, FIX, DONE)
    deaf = {
        **turn(verdict("blocked", reason="nobody told me")),
        "alternatives": [{"when": {"last_contains": "no run of the project's test"}, **told}],
    }
    world = world_of(tmp_path, turn(TRIAGE, PLAN, WRITE_TEST, grep), deaf)
    assert outcome(world) == ("done", "pipeline.merged"), progress(world)
    assert COMMAND in progress(world)


def test_words_of_retry_are_their_speakers_and_not_a_finding_of_ours(tmp_path: Path) -> None:
    on = {"last_contains": "me (who runs harness here) says:"}
    ours = {"last_contains": "holds this against it"}
    deaf = {
        **turn(verdict("blocked", reason="nobody told me")),
        "alternatives": [
            {"when": ours, **turn(verdict("blocked", reason="harness said it"))},
            {"when": on, **turn(FIX, DONE)},
        ],
    }
    world = world_of(
        tmp_path,
        turn(TRIAGE, PLAN, WRITE_TEST, REPRODUCTION, verdict("blocked", reason="no idea")),
        deaf,
    )
    assert outcome(world) == ("held", "pipeline.blocked")
    world.run("retry", "1", "it is the sign")
    world.run("run", "--once")
    assert outcome(world) == ("done", "pipeline.merged"), progress(world)


def test_words_for_a_change_that_waits_to_be_merged_reach_the_worker(tmp_path: Path) -> None:
    named = call(
        "edit", path="calc.py", edits=[{"old": "def add(a, b)", "new": "def add(a, b, /)"}]
    )
    deaf = {
        **turn(verdict("blocked", reason="nobody told me")),
        "alternatives": [{"when": {"last_contains": "positions only"}, **turn(named, DONE)}],
    }
    world = world_of(
        tmp_path,
        turn(TRIAGE, PLAN, WRITE_TEST, REPRODUCTION, FIX, DONE),
        deaf,
        settings='[policy]\nmerge = "never"\n',
    )
    assert outcome(world) == ("waiting", "pipeline.merge_never")
    world.run("retry", "1", "positions only, please")
    world.run("run", "--once")
    assert outcome(world) == ("waiting", "pipeline.merge_never"), progress(world)
    world.run("pr", "merge", "2")
    world.run("run", "--once")
    assert "def add(a, b, /)" in world.merged_file("calc.py"), progress(world)


def test_a_weaker_test_is_shown_where_its_approval_is_asked_for(tmp_path: Path) -> None:
    weaker = TEST_CALC.replace("double(2) == 4", "double(2) > 0")
    both = verdict(
        "plan",
        summary="Add instead of subtracting.",
        tasks=[
            {
                "id": "1",
                "title": "add",
                "detail": "the sign",
                "files": ["calc.py", "tests/test_calc.py"],
            }
        ],
    )
    change = call("write", path="tests/test_calc.py", content=weaker)
    world = world_of(tmp_path, turn(TRIAGE, both, WRITE_TEST, REPRODUCTION, FIX, change, DONE))
    assert outcome(world) == ("held", "pipeline.weakened")
    asked = next(c.body for c in world.comments() if "A person is needed" in c.body)
    assert "-    assert double(2) == 4\n+    assert double(2) > 0" in asked
    assert "return a + b" not in asked, "the tests that demand less, and nothing else"
    world.run("approve", "1")
    world.run("run", "--once")
    assert outcome(world) == ("done", "pipeline.merged")
