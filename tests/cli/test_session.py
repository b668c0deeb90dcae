"""Commands against the real thing: a project, a scripted model, one run that waits for a person."""

from __future__ import annotations

import fcntl
import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.world import World

ALWAYS = '[policy]\nplan_approval = "always"\n'


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    """One issue whose plan waits for approval."""
    made = World(tmp_path_factory.mktemp("session"), settings=ALWAYS)
    made.begin()
    preview = made.run("run", "--dry-run", "--json")
    assert [(p["issue"], p["action"]) for p in json.loads(preview.stdout)] == [(1, "start")]
    assert not (made.state / "snapshot.json").exists()
    done = made.run("run", "--once")
    assert "#1 triage" in done.stdout
    assert "your turn" in done.stdout
    return made


@pytest.fixture
def at_work(world: World) -> Iterator[None]:
    """Another process holds the lock."""
    with (world.state / "lock").open("r+b") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def editor(world: World, body: str) -> dict[str, str]:
    script = world.root / "editor.sh"
    script.write_text(f"#!/bin/sh\n{body}\n")
    script.chmod(0o755)
    return {"EDITOR": str(script)}


def test_why_asks_the_person(world: World) -> None:
    said = world.why()
    assert "harness approve 1" in said
    assert "harness reject 1" in said


def test_logs_tell_every_event_in_order(world: World) -> None:
    told = world.run("logs", "1").stdout.splitlines()
    events = json.loads(world.run("logs", "1", "--json").stdout)
    assert len(told) == len(events) > 2
    assert [e["id"] for e in events] == sorted(e["id"] for e in events)
    assert all(e["says"] in line for e, line in zip(events, told, strict=True))


def test_the_plan_is_shown_as_a_page_and_as_data(world: World) -> None:
    assert "Add instead of subtracting." in world.run("plan", "1").stdout
    data = json.loads(world.run("plan", "1", "--json").stdout)
    assert data["tasks"][0]["files"] == ["calc.py"]
    assert len(data["hash"]) == 16


def test_an_unchanged_plan_is_not_sent(world: World) -> None:
    assert "not changed" in world.run("plan", "1", "--edit", env=editor(world, "true")).stdout


def test_a_plan_that_cannot_be_read_is_kept_for_the_person(world: World) -> None:
    done = world.run("plan", "1", "--edit", code=1, env=editor(world, 'echo nonsense > "$1"'))
    assert "line" in done.stderr
    kept = done.stderr.split()[-1].rstrip(".")
    file = Path(kept if kept.endswith(".md") else f"{kept}.md")
    assert file.read_text() == "nonsense\n"
    file.unlink()
    file.parent.rmdir()


def test_no_editor_is_a_missing_requirement(world: World) -> None:
    done = world.run("plan", "1", "--edit", code=4, env={"EDITOR": "/no/such/editor"})
    assert "/no/such/editor" in done.stderr


@pytest.mark.usefixtures("at_work")
def test_a_second_daemon_is_refused(world: World) -> None:
    for words in (["run", "--once", "--sandbox", "none"], ["run"], ["triage"]):
        done = world.run(*words, code=5)
        assert "Another harness" in done.stderr


def test_a_report_is_written_as_one_html_file(world: World) -> None:
    file = world.root / "out.html"
    world.run("report", "1", "--html", str(file))
    assert "<html" in file.read_text()
    assert "add subtracts" in world.run("report", "1").stdout
    assert "add subtracts" in json.loads(world.run("report", "1", "--json").stdout)["markdown"]
    assert "add subtracts" in world.run("report", "--since", "7d").stdout
    assert world.run("report", "1", "--html", "/no/such/folder/x.html", code=1).stderr
    assert world.run("report", "1", "--html", str(world.root), code=2).stderr


def test_words_for_an_issue_without_a_run_are_refused(world: World) -> None:
    for verb in ("approve", "pause", "cancel", "undo"):
        assert "#9" in world.run(verb, "9", code=1).stderr


def test_an_edited_plan_is_a_new_version(world: World) -> None:
    change = 'sed -i "s/Add instead of subtracting/Add, do not subtract/" "$1"'
    world.run("plan", "1", "--edit", env=editor(world, change))
    data = json.loads(world.run("plan", "1", "--json").stdout)
    assert (data["version"], data["summary"]) == (2, "Add, do not subtract.")


def test_a_pause_holds_and_a_resume_lets_go(world: World) -> None:
    world.run("pause", "1")
    assert world.status()[1]["paused"] is True
    assert "paused" in world.run("status").stdout
    answer = json.loads(world.run("resume", "1", "--json").stdout)
    assert (answer["verb"], answer["issue"]) == ("resume", 1)
    assert world.status()[1]["paused"] is False


def test_a_cancelled_run_is_over(world: World) -> None:
    world.run("cancel", "1", "not worth it", "--language", "ko")
    assert world.status()[1]["state"] == "cancelled"
    assert "harness retry 1" in world.why()
