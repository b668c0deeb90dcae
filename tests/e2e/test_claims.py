"""A model's word neither closes an issue nor makes less of it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tests.e2e.world import (
    BUG,
    CALC,
    DONE,
    FIX,
    PLAN,
    REPRO,
    REPRODUCTION,
    REVIEWER,
    TEST,
    TEST_CALC,
    TRIAGE,
    WRITE_TEST,
    World,
    call,
    conversation,
    turn,
    verdict,
)

QUESTION = verdict("triage", kind="question", reason="asks how", answer="Call add(2, 3).")
CHORE = verdict("triage", kind="chore", difficulty="trivial", reason="a word")
README = verdict(
    "plan",
    summary="Say what it is.",
    tasks=[{"id": "1", "title": "docs", "detail": "", "files": ["README.md"]}],
)
SAY = call("write", path="README.md", content="calc adds.\n")


def reviewing(**data: Any) -> Any:
    return conversation(turn(verdict("review", **data)), session="-review-", repeat_last=True)


def outcome(world: World) -> tuple[str, str]:
    run = world.status()[1]
    return run["state"], run["why"]["key"]


def test_an_answered_question_stays_open_until_somebody_agrees(tmp_path: Path) -> None:
    world = World(tmp_path)
    world.script(conversation(turn(QUESTION), session="-worker"), REVIEWER)
    world.begin("How do I add?", "Please tell.")
    world.run("run", "--once")
    assert outcome(world) == ("waiting", "claim.answered_waits")
    assert world.issue().state == "open"
    assert "Call add(2, 3)." in "".join(c.body for c in world.comments())
    calls, comments = world.status()[1]["spent"]["calls"], len(world.comments())
    world.run("run", "--once")
    assert world.status()[1]["spent"]["calls"] == calls
    assert "harness agree 1" in world.why()
    world.run("agree", "1")
    world.run("run", "--once")
    assert outcome(world) == ("done", "pipeline.answered")
    assert world.issue().state == "closed"
    assert len(world.comments()) == comments
    assert world.status()[1]["spent"]["calls"] == calls


def test_a_question_closed_by_its_author_is_over(tmp_path: Path) -> None:
    world = World(tmp_path)
    world.script(conversation(turn(QUESTION), session="-worker"), REVIEWER)
    world.begin("How do I add?", "Please tell.")
    world.run("run", "--once")
    world.run("issue", "close", "1")
    world.run("run", "--once")
    assert outcome(world) == ("done", "pipeline.answered")


def test_nothing_to_change_is_a_claim_until_a_person_agrees(tmp_path: Path) -> None:
    world = World(tmp_path)
    nothing = verdict("no_change", reason="it is as it should be")
    world.script(conversation(turn(CHORE, nothing), session="-worker"), REVIEWER)
    world.begin("Tidy up", "Please.")
    world.run("run", "--once")
    assert outcome(world) == ("held", "pipeline.no_change_claimed")
    assert world.issue().state == "open"
    world.run("issue", "comment", "1", "/harness agree")
    world.run("run", "--once")
    assert outcome(world) == ("done", "pipeline.no_change"), world.why()
    assert world.issue().state == "closed"


def test_a_label_that_says_bug_is_not_talked_away(tmp_path: Path) -> None:
    world = World(tmp_path)
    work = turn(QUESTION, PLAN, WRITE_TEST, REPRODUCTION, FIX, DONE)
    world.script(conversation(work, session="-worker"), REVIEWER)
    world.run("init")
    world.run("issue", "new", BUG[0], "--body", BUG[1], "--label", "type: bug")
    world.run("run", "--once")
    assert outcome(world) == ("done", "pipeline.merged"), world.why()
    assert TEST in (world.folder() / "PROGRESS.md").read_text()


def test_a_bug_called_a_chore_is_a_persons_when_the_reviewer_says_bug(tmp_path: Path) -> None:
    world = World(tmp_path)
    lied = turn(CHORE, PLAN, FIX, DONE)
    bug = verdict("kind", kind="bug")
    again = turn(WRITE_TEST, REPRODUCTION, DONE)
    world.script(
        conversation(lied, again, session="-worker"),
        conversation(turn(bug), session="-review-", contains="What kind of issue is it?"),
        REVIEWER,
    )
    # said so that no code takes it for a report
    world.begin("add subtracts", "Look at add(2, 3).")
    world.run("run", "--once")
    assert outcome(world) == ("held", "claim.kind_disputed"), world.why()
    assert world.pulls() == []
    said = world.run("retry", "1").stdout
    assert "reproduce" in said


def test_a_person_may_say_that_it_is_none(tmp_path: Path) -> None:
    world = World(tmp_path)
    bug = verdict("kind", kind="bug")
    work = turn(CHORE, README, SAY, DONE)
    reviewer = conversation(
        turn(bug), turn(verdict("review", approve=True)), session="-review-", repeat_last=True
    )
    world.script(conversation(work, session="-worker"), reviewer)
    world.begin("No README", "There is none.")
    world.run("run", "--once")
    assert outcome(world) == ("held", "claim.kind_disputed"), world.why()
    world.run("approve", "1")
    world.run("run", "--once")
    assert outcome(world) == ("done", "pipeline.merged"), world.why()


def test_a_refusal_with_advice_alone_blocks(tmp_path: Path) -> None:
    world = World(tmp_path)
    worker = turn(TRIAGE, PLAN, WRITE_TEST, REPRODUCTION, FIX, DONE)
    advice = [{"path": "calc.py", "line": 5, "severity": "advice", "text": "only this case"}]
    world.script(
        conversation(worker, turn(DONE), session="-worker", repeat_last=True),
        reviewing(approve=False, findings=advice),
    )
    world.begin()
    world.run("run", "--once")
    assert outcome(world) == ("held", "pipeline.review_blocks"), world.why()
    assert "only this case" in world.why()
    assert world.pulls() == []


def test_a_reviewer_may_say_blocked(tmp_path: Path) -> None:
    world = World(tmp_path)
    worker = turn(TRIAGE, PLAN, WRITE_TEST, REPRODUCTION, FIX, DONE)
    stuck = conversation(
        turn(verdict("blocked", reason="I cannot run it")), session="-review-", repeat_last=True
    )
    world.script(conversation(worker, session="-worker"), stuck)
    world.begin()
    world.run("run", "--once")
    assert outcome(world) == ("held", "pipeline.review_blocks"), world.why()
    assert "I cannot run it" in world.why()


def fixed_world(path: Path, *, other: bool = False) -> World:
    """Both functions were wrong once; a later commit fixed them, one at a time."""
    broken = CALC.replace("a * 2", "a * 3")
    world = World(path, files={"calc.py": broken, "tests/test_calc.py": TEST_CALC})
    (world.repo / "README.md").write_text("calc\n")
    world.commit("say what it is")
    (world.repo / "calc.py").write_text(broken.replace("a * 3", "a * 2"))
    world.commit("double doubles")
    (world.repo / "calc.py").write_text(CALC.replace("a - b", "a + b"))
    world.commit("add adds")
    (world.repo / "README.md").write_text("calc adds\n")
    world.commit("say more")
    name, text = ("test_double_two", "double(2) == 4") if other else ("test_add", "add(2, 3) == 5")
    content = REPRO.replace("import add", "import add, double")
    content = content.replace("test_add", name).replace("add(2, 3) == 5", text)
    claim = verdict(
        "already_fixed",
        files=["tests/test_now.py"],
        command="python3 -m pytest -q tests/test_now.py",
        tests=[f"tests/test_now.py::{name}"],
        reason="fixed",
    )
    write = call("write", path="tests/test_now.py", content=content)
    world.script(conversation(turn(TRIAGE, write, claim), session="-worker"), REVIEWER)
    world.begin()
    world.run("run", "--once")
    return world


def test_what_running_shows_to_be_fixed_is_closed(tmp_path: Path) -> None:
    world = fixed_world(tmp_path)
    assert outcome(world) == ("done", "pipeline.already_fixed"), world.why()
    assert world.issue().state == "closed"


def test_what_a_test_of_another_function_shows_is_a_persons(tmp_path: Path) -> None:
    world = fixed_world(tmp_path, other=True)
    assert outcome(world) == ("held", "claim.fixed_unproven"), world.why()
    assert "the issue names add" in world.why()
    assert world.issue().state == "open"
    world.run("agree", "1")
    world.run("run", "--once")
    assert outcome(world) == ("done", "pipeline.already_fixed"), world.why()
    assert world.issue().state == "closed"


def test_a_commit_that_had_no_such_function_shows_no_fix(tmp_path: Path) -> None:
    before = CALC.replace("def add(a, b):\n    return a - b\n\n\n", "")
    assert "add" not in before
    world = World(tmp_path, files={"calc.py": before, "tests/test_calc.py": TEST_CALC})
    (world.repo / "calc.py").write_text(CALC.replace("a - b", "a + b"))
    world.commit("add adds")
    late = "def test_add():\n    from calc import add\n\n    assert add(2, 3) == 5\n"
    claim = verdict(
        "already_fixed",
        files=["tests/test_now.py"],
        command="python3 -m pytest -q tests/test_now.py",
        tests=["tests/test_now.py::test_add"],
    )
    write = call("write", path="tests/test_now.py", content=late)
    end = verdict("blocked", reason="nothing shows it")
    world.script(conversation(turn(TRIAGE, write, claim), turn(end), session="-worker"), REVIEWER)
    world.begin()
    world.run("run", "--once")
    assert outcome(world) == ("held", "pipeline.blocked"), world.why()
    assert world.issue().state == "open"
