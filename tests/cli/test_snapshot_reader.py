"""`status` and `why` say what the snapshot holds, in the reader's language, and nothing breaks
them: not an old form, not a torn file, not a key of another release."""

from __future__ import annotations

import fcntl
import json
from pathlib import Path
from typing import Any

import pytest

from harness.cli.main import main
from tests.cli.conftest import Call, Person

RUN: dict[str, Any] = {
    "project": "app",
    "issue": 4,
    "number": 1,
    "title": "Sum is wrong [bold]\x1b[31m\nsecond line",
    "stage": "plan",
    "state": "held",
    "paused": False,
    "person": True,
    "why": {"key": "cli.locked", "facts": {"holder": "pid\n7"}},
    "signals": ["approve", "reject", "cancel"],
    "until": "2026-01-03T00:00:00+00:00",
    "pr": 2,
    "branch": "agent/issue-4",
    "merged_sha": "",
    "spent": {"tokens": 1200, "cost_usd": 0.25, "calls": 3},
    "last": {"at": "2026-01-02T00:00:00+00:00", "key": "cli.run_paused", "facts": {}},
    "created_at": "2026-01-01T00:00:00+00:00",
    "updated_at": "2026-01-02T00:00:00+00:00",
}
HELD = {
    "project": "app",
    "issue": 9,
    "title": "Not yet",
    "why": {"key": "cli.no_run", "facts": {"issue": 9}},
}


LIMITS = {
    "remaining": 4711,
    "limit": 5000,
    "reset_at": "2026-01-02T04:00:00+00:00",
    "waiting_until": "2999-01-02T03:30:00+00:00",
    "requests": 200,
    "unchanged": 196,
    "writes": 3,
}


def put(person: Person, **given: Any) -> None:
    """A snapshot of one project."""
    person.register("app", person.cwd)
    data = {"version": 1, "at": "2026-01-02T03:04:05+00:00", "next_look": None, "holder": ""}
    file = person.state / "snapshot.json"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps({**data, "today": {}, "runs": [], "held": [], **given}))


def test_status_tells_what_github_lets_us_ask_and_until_when_it_waits(
    person: Person, call: Call
) -> None:
    idle = {**LIMITS, "waiting_until": "2020-01-01T00:00:00+00:00"}
    put(person, forges={"app": LIMITS, "twin": LIMITS, "other": idle})
    text = call("status").out
    assert "app, twin: GitHub lets us ask 4711 of 5000" in text
    assert "98 %" in text
    assert text.count("asked us to wait until 2999-01") == 1
    assert "other: GitHub" in text
    put(person, forges={"app": {**LIMITS, "remaining": None, "limit": None, "requests": 0}})
    assert "app: GitHub lets us ask - of -" in call("status").out
    put(person)
    assert "GitHub" not in call("status").out


@pytest.mark.parametrize("person_asked", [True, False])
@pytest.mark.parametrize("state", ["active", "waiting", "held"])
@pytest.mark.parametrize("until", [None, "2026-01-03T00:00:00+00:00"])
def test_why_always_says_what_comes_next(
    person: Person, call: Call, *, person_asked: bool, state: str, until: str | None
) -> None:
    """Whatever the reason: a time, a command, or when the next look is."""
    signals = ["approve", "cancel"] if person_asked else ["cancel"]
    run = {**RUN, "state": state, "person": person_asked, "until": until, "signals": signals}
    put(person, runs=[run], forges={"app": LIMITS})
    lines = call("why", "4").out
    assert ("It looks again by itself" in lines) == bool(until)
    assert ("harness approve 4" in lines) == person_asked
    if not person_asked:
        assert "harness run" in lines
        assert "GitHub asked us to wait until 2999" in lines


def test_why_says_what_a_held_run_taught(person: Person, call: Call) -> None:
    line = {"key": "lesson.line.ci_flaky", "facts": {"place": "e2e"}}
    taught = {"at": RUN["created_at"], "key": "event.lesson", "facts": {"what": line}}
    put(person, runs=[{**RUN, "lessons": [taught, {"key": "event.lesson", "facts": {}}]}])
    told = [text for text in call("why", "4").out.splitlines() if "Learned" in text]
    assert len(told) == 1
    assert "`e2e` failed and passed" in told[0]


def test_why_lists_what_was_looked_up_and_what_left(person: Person, call: Call) -> None:
    state = {"key": "lookup.is_stale", "facts": {}}
    page = {"source": "https://a.org/x\x1b[31m\n[bold]", "date": "2026-01-02", "state": state}
    search = {"query": "retry\nsession", "provider": "searxng", "number": 1}
    shown = [
        {"at": RUN["created_at"], "key": "event.looked_up", "facts": page},
        {"at": RUN["created_at"], "key": "event.looked_for", "facts": search},
    ]
    put(person, runs=[{**RUN, "looked": {"shown": shown, "left": 3}}])
    said = call("why", "4").out
    assert "Looked up: https://a.org/x [31m [bold], as of 2026-01-02" in said
    assert "by searxng (search 1 of this run): retry session" in said
    assert "3 more sources and searches: `harness report 4`" in said
    korean = call("why", "4", "--language", "ko").out
    assert "찾아봄: https://a.org/x" in korean
    assert "3건 더" in korean
    put(person, runs=[RUN, {**RUN, "issue": 5, "looked": {"shown": [], "left": 0}}])
    for issue in ("4", "5"):
        assert "Looked up" not in call("why", issue).out


@pytest.fixture
def written(person: Person) -> Path:
    """A snapshot with one run that waits for a person, one that is over, one held issue."""
    person.register("app", person.cwd)
    over = {**RUN, "issue": 3, "state": "done", "signals": ["undo"], "person": False, "until": None}
    data = {
        "version": 1,
        "at": "2026-01-02T03:04:05+00:00",
        "next_look": None,
        "holder": "",
        "today": {"tokens": 9, "cost_usd": 1.5, "calls": 1},
        "runs": [RUN, over],
        "held": [HELD],
    }
    file = person.state / "snapshot.json"
    file.parent.mkdir(parents=True)
    file.write_text(json.dumps(data))
    return file


def test_status_shows_each_run_on_one_line(written: Path, call: Call) -> None:
    done = call("status")
    assert done.code == 0
    line = next(text for text in done.out.splitlines() if "#4" in text)
    for part in (
        "Sum is wrong [bold]",
        "second line",
        "plan",
        "held",
        "pid 7",
        "$0.25",
        "2026-01-0",
    ):
        assert part in line
    assert "\x1b" not in done.out
    assert any("#9" in text and "not started" in text for text in done.out.splitlines())
    assert "#3" not in done.out
    assert "#3" in call("status", "--all").out
    assert "$1.50" in done.out


def test_what_a_project_spent_today_is_told_when_there_are_several(
    person: Person, call: Call
) -> None:
    today_of = {"app": {"cost_usd": 0.5}, "other": {"cost_usd": 1.0}}
    put(person, runs=[RUN], today={"cost_usd": 1.5}, today_of=today_of)
    assert "Spent today: $1.50, of it by app: $0.50." in call("status", "--project", "app").out
    put(person, runs=[RUN], today={"cost_usd": 0.5}, today_of={"app": {"cost_usd": 0.5}})
    assert "Spent today: $0.50." in call("status", "--project", "app").out


def test_why_counts_calls_of_models_and_of_tools(person: Person, call: Call) -> None:
    put(person, runs=[{**RUN, "spent": {**RUN["spent"], "tool_calls": 41}}])
    assert "$0.25 in 3 model calls and 41 tool calls" in call("why", "4").out


def test_status_speaks_korean(written: Path, call: Call) -> None:
    done = call("status", "--language", "ko")
    assert "보류" in done.out
    assert "계획" in done.out


def test_status_as_json_is_the_snapshot(written: Path, call: Call) -> None:
    assert json.loads(call("status", "--json").out) == json.loads(written.read_text())


def test_status_of_one_project_leaves_others_out(written: Path, person: Person, call: Call) -> None:
    person.register("other", person.home)
    assert "#4" not in call("status", "--project", "other").out


def test_why_names_the_fact_the_time_and_what_to_do(written: Path, call: Call) -> None:
    done = call("why", "4")
    assert done.code == 0
    for part in ("pid 7", "harness approve 4", "harness reject 4", "2026-01-03", "#2", "$0.25"):
        assert part in done.out
    assert "waits for you" in done.out
    assert "기다립니다" in call("why", "4", "--language", "ko").out


def test_why_of_a_held_issue_and_of_one_that_is_over(written: Path, call: Call) -> None:
    assert "Not started" in call("why", "9").out
    assert "harness undo 3" in call("why", "3").out


def test_why_as_json_carries_the_sentence(written: Path, call: Call) -> None:
    found = json.loads(call("why", "4", "--json").out)
    assert "pid 7" in found["says"]
    assert json.loads(call("why", "9", "--json").out)["issue"] == 9


def test_why_of_an_unknown_issue_says_when_it_was_looked(written: Path, call: Call) -> None:
    done = call("why", "77")
    assert done.code == 1
    assert "#77" in done.err
    assert "run --once" in done.err


def test_the_newest_run_of_an_issue_is_meant(written: Path, call: Call) -> None:
    data = json.loads(written.read_text())
    data["runs"].append({**RUN, "number": 2, "title": "Second try"})
    written.write_text(json.dumps(data))
    assert "Second try" in call("why", "4").out


def test_a_sentence_of_another_release_is_shown_as_its_key(written: Path, call: Call) -> None:
    data = json.loads(written.read_text())
    data["runs"][0]["why"] = {"key": "pipeline.from_the_future", "facts": {"x": 1}}
    written.write_text(json.dumps(data))
    assert "pipeline.from_the_future" in call("why", "4").out
    data["runs"][0]["why"] = {"key": "nowhere.at_all", "facts": {}}
    written.write_text(json.dumps(data))
    assert "nowhere.at_all" in call("status").out


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "cannot be read"),
        ('{"version": 1, "at": ', "cannot be read"),
        ("[1, 2]", "cannot be read"),
        ('{"version": 1}', "cannot be read"),
        ('{"version": 99, "at": "x", "runs": [], "held": []}', "another release"),
    ],
)
def test_a_bad_snapshot_is_named(written: Path, call: Call, text: str, says: str) -> None:
    written.write_text(text)
    for args in (["status"], ["why", "4"]):
        done = call(*args)
        assert done.code == 1
        assert says in done.err
        assert str(written) in done.err


def test_bytes_that_are_not_text_are_named(written: Path, call: Call) -> None:
    written.write_bytes(b"\xff\xfe")
    assert call("status").code == 1


def test_watching_without_a_terminal_shows_it_once(written: Path, call: Call) -> None:
    assert call("status", "--watch").code == 0


def test_main_can_be_called_again_in_one_process(written: Path, call: Call) -> None:
    assert call("why", "4").out == call("why", "4").out
    assert main(["--version"]) == 0


def test_work_that_nobody_does_any_more_is_not_called_work(
    written: Path, person: Person, call: Call
) -> None:
    data = json.loads(written.read_text())
    data["runs"][0] |= {"state": "active", "why": {"key": "cli.active_plan", "facts": {}}}
    written.write_text(json.dumps(data))
    for args in (["status"], ["why", "4"]):
        done = call(*args)
        assert "ready" in done.out
        assert "harness run" in done.out
    lock = person.state / "lock"
    lock.write_text("")
    assert "ready" in call("status").out
    with lock.open("rb") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        done = call("status")
        assert "working" in done.out
        assert "A plan is being made" in done.out


@pytest.mark.parametrize(
    ("spent", "shown"),
    [
        ({"tokens": 1200, "cost_usd": 0, "calls": 3}, "1,200 tok"),
        ({"tokens": 1200, "cost_usd": 0, "calls": 3, "estimated": False}, "1,200 tok"),
        ({"tokens": 1200, "cost_usd": 0, "calls": 3, "estimated": True}, "~1,200 tok (estimated)"),
        ({"tokens": 1, "cost_usd": 0, "calls": 1, "estimated": True}, "~1 tok (estimated)"),
        ({"tokens": 1200, "cost_usd": 0.25, "calls": 3, "estimated": True}, "~$0.25 (estimated)"),
        ({"tokens": 0, "cost_usd": 0, "calls": 1, "estimated": True}, ""),
    ],
)
def test_what_no_server_told_is_marked(
    person: Person, call: Call, spent: dict[str, Any], shown: str
) -> None:
    put(person, runs=[{**RUN, "spent": spent}], today=spent)
    status, why = call("status").out, call("why", "4").out
    assert f"Spent today: {shown or '$0'}." in status
    assert status.count(shown) >= 2
    assert (f"Spent: {shown} in 3" in why) == (bool(shown) and spent["calls"] == 3)
    assert "estimated" in status or not spent.get("estimated") or not shown
    person.env["LANG"] = "ko_KR.UTF-8"
    korean = call("status").out
    assert "tok" not in korean
