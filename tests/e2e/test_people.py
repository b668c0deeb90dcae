"""What people say to a run, and what then happens."""

from __future__ import annotations

import asyncio
from pathlib import Path

from tests.e2e.world import (
    DONE,
    FIX,
    PLAN,
    REPRODUCTION,
    REVIEWER,
    REVIEWING,
    TERSE,
    TRIAGE,
    WRITE_TEST,
    World,
    call,
    conversation,
    turn,
    verdict,
)

UNCLEAR = verdict(
    "triage",
    kind="bug",
    clear=False,
    difficulty="small",
    risk="low",
    reason="no input",
    question="Which numbers?",
)
WORK = (PLAN, WRITE_TEST, REPRODUCTION, FIX, DONE)


def outcome(world: World, issue: int = 1) -> tuple[str, str]:
    run = world.status()[issue]
    return run["state"], run["why"]["key"]


def test_a_question_is_asked_answered_by_comment_and_work_goes_on(tmp_path: Path) -> None:
    world = World(tmp_path)
    answered = turn(TRIAGE, *WORK)
    world.script(conversation(turn(UNCLEAR), answered, session="-worker"), REVIEWER)
    world.begin("It is broken", "Help.")
    world.run("run", "--once")
    assert outcome(world) == ("waiting", "pipeline.question_asked")
    assert "Which numbers?" in "".join(c.body for c in world.comments())
    calls = world.status()[1]["spent"]["calls"]
    world.run("run", "--once")
    assert world.status()[1]["spent"]["calls"] == calls
    world.run("issue", "comment", "1", "add(2, 3) gives -1")
    world.run("run", "--once")
    assert outcome(world) == ("done", "pipeline.merged")


def test_an_answer_by_command_reaches_the_agent_fenced(tmp_path: Path) -> None:
    world = World(tmp_path)
    heard = turn(TRIAGE, *WORK)
    deaf = {**turn(call("bash", command="true")), "alternatives": []}
    deaf["alternatives"] = [{"when": {"last_contains": "two and three"}, **heard}]
    world.script(conversation(turn(UNCLEAR), deaf, session="-worker"), REVIEWER)
    world.begin("It is broken", "Help.")
    world.run("run", "--once")
    world.run("answer", "1", "two and three")
    world.run("run", "--once")
    assert outcome(world) == ("done", "pipeline.merged")


def test_a_stranger_starts_nothing(tmp_path: Path) -> None:
    world = World(tmp_path)
    world.run("init")
    world.run("issue", "user", "mallory", "--permission", "read")
    world.run("issue", "new", "add subtracts", "--body", "x", "--as", "mallory")
    world.run("run", "--once")
    assert world.status() == {}
    why = world.why()
    assert "mallory" in why
    assert world.comments() == ()


def test_a_plan_is_rejected_with_a_reason_and_made_anew(tmp_path: Path) -> None:
    world = World(tmp_path, settings='[policy]\nplan_approval = "always"\n')
    other = verdict(
        "plan",
        summary="Change the sign only.",
        tasks=[{"id": "1", "title": "sign", "detail": "", "files": ["calc.py"]}],
    )
    world.script(
        conversation(
            turn(TRIAGE, PLAN, WRITE_TEST, REPRODUCTION),
            turn(other),
            turn(FIX, DONE),
            session="-worker",
        ),
        REVIEWER,
    )
    world.begin()
    world.run("run", "--once")
    assert outcome(world) == ("held", "pipeline.plan_waits")
    first = world.status()[1]["why"]["facts"]["hash"]
    world.run("reject", "1", "say less")
    world.run("run", "--once")
    second = world.status()[1]["why"]["facts"]["hash"]
    assert first != second
    said = world.run("approve", "1", first).stdout
    assert second in said
    assert outcome(world) == ("held", "pipeline.plan_waits")
    world.run("approve", "1", second)
    world.run("run", "--once")
    assert outcome(world) == ("done", "pipeline.merged")


def test_a_review_that_asks_for_changes_is_answered_by_a_new_version(tmp_path: Path) -> None:
    world = World(tmp_path, settings='[policy]\nmerge = "ask"\n')
    note = call("write", path="calc.py", content=_documented())
    world.script(conversation(turn(TRIAGE, *WORK), turn(note, DONE), session="-worker"), REVIEWER)
    world.begin()
    world.run("run", "--once")
    assert outcome(world) == ("held", "pipeline.merge_ask")
    (pull,) = world.pulls()
    world.run(
        "pr", "review", str(pull.number), "--request-changes", "--comment", "Say what add returns."
    )
    world.run("run", "--once")
    (again,) = world.pulls()
    assert again.head_sha != pull.head_sha
    assert outcome(world) == ("held", "pipeline.merge_ask")
    world.run("approve", "1")
    world.run("run", "--once")
    assert outcome(world) == ("done", "pipeline.merged")
    assert "The sum" in world.merged_file("calc.py")


def _documented() -> str:
    return (
        '"""Sums."""\n\n\ndef add(a, b):\n    """The sum."""\n    return a + b\n\n\n'
        "def double(a):\n    return a * 2\n"
    )


def test_merge_never_waits_for_a_person_who_merges(tmp_path: Path) -> None:
    world = World(tmp_path, settings='[policy]\nmerge = "never"\n')
    world.begin()
    world.run("run", "--once")
    assert outcome(world) == ("waiting", "pipeline.merge_never")
    world.run("pr", "merge", "2")
    world.run("run", "--once")
    assert outcome(world) == ("done", "pipeline.merged")
    assert world.issue().state == "closed"


def test_cancel_closes_the_pull_request_and_undo_makes_a_revert(tmp_path: Path) -> None:
    world = World(tmp_path, settings='[policy]\nmerge = "ask"\n')
    world.begin()
    world.run("run", "--once")
    world.run("cancel", "1")
    assert outcome(world)[0] == "cancelled"
    assert [p.state for p in world.pulls()] == ["closed"]
    assert "not merged" in world.run("undo", "1").stdout


def test_undo_of_a_merged_run(tmp_path: Path) -> None:
    world = World(tmp_path)
    world.begin()
    world.run("run", "--once")
    world.run("undo", "1", "it was right before")
    revert = next(p for p in world.pulls() if p.state == "open")
    assert "it was right before" in revert.body
    world.run("undo", "1")
    assert len([p for p in world.pulls() if p.state == "open"]) == 1
    world.run("pr", "merge", str(revert.number))
    assert "return a - b" in world.merged_file("calc.py")


def test_triage_alone_stops_there_and_run_goes_on(tmp_path: Path) -> None:
    world = World(tmp_path)
    world.script(conversation(turn(TRIAGE), turn(*WORK), session="-worker"), REVIEWER)
    world.begin()
    world.run("triage", "1")
    assert outcome(world) == ("waiting", "pipeline.stopped_after")
    assert world.pulls() == []
    world.run("run", "--once")
    assert outcome(world) == ("done", "pipeline.merged")


def test_plan_is_shown_edited_and_followed(tmp_path: Path) -> None:
    world = World(tmp_path)
    world.script(
        conversation(
            turn(TRIAGE, PLAN, WRITE_TEST, REPRODUCTION), turn(FIX, DONE), session="-worker"
        ),
        REVIEWER,
    )
    world.begin()
    shown = world.run("plan", "1").stdout
    assert "Add instead of subtracting." in shown
    editor = tmp_path / "editor.sh"
    editor.write_text("#!/bin/sh\nsed -i 's/Add instead of subtracting./Mend the sign./' \"$1\"\n")
    editor.chmod(0o755)
    world.run("plan", "1", "--edit", env={"EDITOR": str(editor)})
    world.run("run", "--once")
    assert outcome(world) == ("done", "pipeline.merged")
    assert "Mend the sign." in (world.folder() / "PLAN.md").read_text()


def test_pause_and_resume(tmp_path: Path) -> None:
    world = World(tmp_path, settings='[policy]\nmerge = "ask"\n')
    world.begin()
    world.run("run", "--once")
    world.run("pause", "1")
    world.run("approve", "1")
    world.run("run", "--once")
    assert world.status()[1]["paused"]
    assert world.issue().state == "open"
    world.run("resume", "1")
    world.run("run", "--once")
    assert outcome(world) == ("done", "pipeline.merged")


def test_retry_after_a_hold(tmp_path: Path) -> None:
    world = World(tmp_path)
    lazy = conversation(
        turn(TRIAGE, PLAN, WRITE_TEST, REPRODUCTION, verdict("blocked", reason="no idea")),
        turn(FIX, DONE),
        session="-worker",
    )
    world.script(lazy, REVIEWER)
    world.begin()
    world.run("run", "--once")
    assert outcome(world) == ("held", "pipeline.blocked")
    world.run("retry", "1", "it is the sign")
    world.run("run", "--once")
    assert outcome(world) == ("done", "pipeline.merged")


def test_korean(tmp_path: Path) -> None:
    world = World(tmp_path, settings='language = "ko"\n')
    world.begin()
    world.run("run", "--once")
    assert "병합" in world.why()
    assert "증거" in (world.folder() / "REPORT.md").read_text()
    assert "증거" in world.pulls()[0].body


def test_two_issues_are_merged_one_after_the_other(tmp_path: Path) -> None:
    world = World(tmp_path)
    second = conversation(
        turn(
            verdict(
                "triage", kind="docs", clear=True, difficulty="trivial", risk="low", reason="a word"
            ),
            verdict(
                "plan",
                summary="Say more.",
                tasks=[{"id": "1", "title": "docs", "detail": "", "files": ["README.md"]}],
            ),
            call("write", path="README.md", content="calc adds.\n"),
            verdict("done", summary="The README says what calc does.", title="Add a README"),
        ),
        session="/2/1-worker",
    )
    world.script(second, TERSE, REVIEWER)
    world.begin()
    world.run("issue", "new", "No README", "--body", "There is none.")
    world.run("run", "--once")
    assert outcome(world) == ("done", "pipeline.merged")
    assert outcome(world, 2) == ("done", "pipeline.merged")
    assert world.merged_file("README.md") == "calc adds.\n"
    assert "return a + b" in world.merged_file("calc.py")
    asyncio.run(world.forge().repository())


def test_two_issues_that_meet_on_one_line_are_both_merged(tmp_path: Path) -> None:
    world = World(tmp_path)
    told = verdict(
        "triage", kind="chore", clear=True, difficulty="small", risk="low", reason="a comment"
    )
    plan = verdict(
        "plan",
        summary="Say what it does.",
        tasks=[{"id": "1", "title": "comment", "detail": "", "files": ["calc.py"]}],
    )
    note = [{"old": "return a - b", "new": "return a - b  # a sum"}]
    both = call("write", path="calc.py", content=_documented().replace("a + b", "a + b  # sum"))
    second = conversation(
        turn(told, plan, call("edit", path="calc.py", edits=note), verdict("done", summary="said")),
        turn(call("bash", command="cat calc.py"), verdict("done", summary="said")),
        turn(
            call("bash", command="grep -q '<<<<<<<' calc.py && git log --oneline | grep -q Add"),
            both,
            verdict("done", summary="Both changes.", title="Say what add does"),
        ),
        session="/2/1-worker",
    )
    # on a busy machine the second may be the first to be merged: then this one meets the other
    first = conversation(
        turn(TRIAGE, PLAN, WRITE_TEST, REPRODUCTION, FIX, DONE),
        turn(both, DONE),
        session="/1/1-worker",
    )
    slow = {**REVIEWING, "latency_s": 6.0}
    late = conversation(slow, session="/2/1-review", repeat_last=True)
    world.script(second, late, first, REVIEWER)
    world.begin()
    world.run("issue", "new", "Say what add does", "--body", "A comment.")
    world.run("run", "--once")
    assert outcome(world) == ("done", "pipeline.merged")
    assert outcome(world, 2) == ("done", "pipeline.merged"), world.why(2)
    merged = world.merged_file("calc.py")
    assert "# sum" in merged
    assert "<<<<" not in merged
    pages = [(world.folder(n) / "PROGRESS.md").read_text() for n in (1, 2)]
    assert any("conflict" in page.lower() or "met in calc.py" in page for page in pages)
