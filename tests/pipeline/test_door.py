"""The one door: which writes pass, when, and with what in them (T37, O5)."""

from __future__ import annotations

import inspect
from pathlib import Path
from typing import Any

import pytest

from harness.core.errors import NotFound, WriteRefused
from harness.core.ports import Forge
from harness.core.types import RunState
from harness.core.words import Catalogue
from harness.guard.secrets import leaks
from harness.pipeline.door import LEASE, PASSING, WRITES, outward
from harness.pipeline.job import Job
from harness.pipeline.later import said_later, say_later, withdrawn
from harness.pipeline.rules import Rules
from tests.pipeline.doorway import (
    BASE,
    BRANCH,
    ELSEWHERE,
    FOREIGN,
    HEAD,
    OWN,
    SECRET,
    SHAPE,
    SPELLED,
    UNDO,
    Doorway,
    stand,
)

PORT = {name for name, _ in inspect.getmembers(Forge, inspect.isfunction) if name[0] != "_"}
GOOD: dict[str, dict[str, Any]] = {
    "close": {"number": 7},
    "put_comment": {"number": 7, "marker": "question-1-0", "body": "x"},
    "open_pr": {"head": BRANCH, "base": "main", "title": "t", "body": "b", "draft": True},
    "edit_pr": {"number": OWN, "title": "t", "body": "b"},
    "ready": {"number": OWN},
    "close_pr": {"number": OWN},
    "reply": {"pr": OWN, "thread": f"T{OWN}", "marker": "answer-t1", "body": "b"},
    "resolve": {"pr": OWN, "thread": f"T{OWN}"},
    "request_review": {"pr": OWN, "logins": ["ann"]},
    "rerun": {"check": 5},
    "put_check": {
        "commit": HEAD,
        "name": "harness/evidence",
        "conclusion": "success",
        "summary": "s",
    },
    "merge": {"pr": OWN, "head_sha": HEAD, "method": "squash", "message": "m"},
    "enqueue": {"pr": OWN, "head_sha": HEAD, "method": "squash"},
    "delete_branch": {"name": BRANCH, "expected_sha": HEAD},
}
"""A write of each kind that a run may make."""
NEVER: dict[str, dict[str, Any]] = {
    "create_issue": {"title": "t", "body": "b"},
    "edit_issue": {"number": 7, "title": "t"},
    "labels": {"number": 7, "add": ["x"]},
}


def test_every_method_of_the_port_is_a_read_or_stands_in_the_table() -> None:
    """A new one fails here until somebody says what lets it pass."""
    assert {*PASSING, *WRITES, "powers"} == PORT
    assert not PASSING & WRITES.keys()
    assert set(WRITES) == {*GOOD, *NEVER}
    assert LEASE <= PASSING


async def tried(doorway: Doorway, name: str, /, **given: Any) -> str:
    """ "" when it was written; else why not, in words that show no secret."""
    before = len(doorway.forge.written)
    run = outward(doorway.parts, doorway.run)
    try:
        await getattr(run.forge, name)(**given)
    except WriteRefused as refused:
        assert len(doorway.forge.written) == before
        told = [Catalogue("en")(refused.key, **refused.facts), str(refused)]
        told.append(Catalogue("ko")(refused.key, **refused.facts))
        return "shown!" if leaks("\n".join(told), [SECRET]) else refused.key[len("guard.") :]
    assert doorway.forge.written[before][0] == name
    return ""


def test_a_run_makes_its_own_writes_and_no_others(tmp_path: Path) -> None:
    async def scene(doorway: Doorway) -> None:
        for name, given in GOOD.items():
            assert await tried(doorway, name, **given) == "", name
        for name, given in NEVER.items():
            assert await tried(doorway, name, **given) == "write_unknown", name
        with pytest.raises(WriteRefused):
            await outward(doorway.parts, doorway.run).forge.powers()

    stand(tmp_path, scene, merged_sha=ELSEWHERE)


FOREIGNERS: list[tuple[str, dict[str, Any]]] = [
    ("close", {"number": 8}),
    ("put_comment", {"number": 8}),
    ("put_comment", {"number": FOREIGN}),
    ("put_comment", {"number": 0}),
    ("open_pr", {"head": "main"}),
    ("open_pr", {"head": "agent/issue-8"}),
    ("open_pr", {"head": "agent/issue-7-2"}),
    ("open_pr", {"head": "agent/issue-77"}),
    ("open_pr", {"head": f"evil:{BRANCH}"}),
    ("open_pr", {"base": "release"}),
    ("edit_pr", {"number": FOREIGN}),
    ("edit_pr", {"number": 1234}),
    ("ready", {"number": FOREIGN}),
    ("close_pr", {"number": FOREIGN}),
    ("reply", {"pr": FOREIGN, "thread": f"T{FOREIGN}"}),
    ("reply", {"thread": f"T{FOREIGN}"}),
    ("resolve", {"pr": FOREIGN, "thread": f"T{FOREIGN}"}),
    ("resolve", {"thread": f"T{FOREIGN}"}),
    ("request_review", {"pr": FOREIGN}),
    ("rerun", {"check": 6}),
    ("rerun", {"check": 0}),
    ("put_check", {"commit": BASE}),
    ("put_check", {"name": "ci"}),
    ("merge", {"pr": FOREIGN}),
    ("merge", {"head_sha": ELSEWHERE}),
    ("enqueue", {"pr": FOREIGN}),
    ("enqueue", {"head_sha": ELSEWHERE}),
    ("delete_branch", {"name": "main"}),
    ("delete_branch", {"name": "agent/issue-8"}),
    ("delete_branch", {"name": "agent/undo-7-1"}),
    ("delete_branch", {"expected_sha": ELSEWHERE}),
]


def test_what_belongs_to_others_is_left_alone(tmp_path: Path) -> None:
    async def scene(doorway: Doorway) -> None:
        for name, changed in FOREIGNERS:
            why = await tried(doorway, name, **{**GOOD[name], **changed})
            assert why == "write_foreign", (name, changed)
        for name in ("edit_pr", "ready", "close_pr"):
            # a crash may have come before its number was kept; its head tells
            assert await tried(doorway, name, **{**GOOD[name], "number": UNDO}) == "", name

    stand(tmp_path, scene, merged_sha=ELSEWHERE)


def test_its_branch_is_deleted_only_after_the_merge(tmp_path: Path) -> None:
    async def scene(doorway: Doorway) -> None:
        assert await tried(doorway, "delete_branch", **GOOD["delete_branch"]) == "write_foreign"

    stand(tmp_path, scene)


@pytest.mark.parametrize("merge", ["auto", "ask", "never"])
def test_a_merge_needs_the_policy_or_a_persons_word_for_this_head(
    tmp_path: Path, merge: str
) -> None:
    wanted = "" if merge == "auto" else "write_unapproved"
    rules = Rules.model_validate({"project": "p", "merge": merge})

    async def scene(doorway: Doorway) -> None:
        for name in ("merge", "enqueue"):
            assert await tried(doorway, name, **GOOD[name]) == wanted
        await doorway.opened(approvals={f"merge:{ELSEWHERE}": "ann"})
        assert await tried(doorway, "merge", **GOOD["merge"]) == wanted
        await doorway.opened(approvals={f"merge:{HEAD}": "ann"})
        for name in ("merge", "enqueue"):
            assert await tried(doorway, name, **GOOD[name]) == ""

    stand(tmp_path, scene, rules)


# ---------------------------------------------------------------- while an agent is at work

PROGRESS = {"number": 7, "marker": "progress-1", "body": "x"}


def test_while_an_agent_is_at_work_only_progress_and_the_lease(tmp_path: Path) -> None:
    async def scene(doorway: Doorway) -> None:
        first, second = await doorway.agent("worker"), await doorway.agent("worker/1")
        for name, given in {**GOOD, **NEVER}.items():
            assert await tried(doorway, name, **given) == "write_at_work", name
        assert await tried(doorway, "put_comment", **PROGRESS) == ""
        for changed in ({"number": OWN}, {"marker": "progress-2"}, {"marker": "held-1-1"}):
            given = {**PROGRESS, **changed}
            assert await tried(doorway, "put_comment", **given) == "write_at_work"
        for name in sorted(LEASE):
            await getattr(outward(doorway.parts, doorway.run).forge, name)(x=1)
        assert [name for name, _ in doorway.forge.written][-2:] == sorted(LEASE)
        with pytest.raises(WriteRefused, match="write_at_work"):
            await outward(doorway.parts, doorway.run).workspace.push(HEAD, BRANCH, None)
        await first.suspend()
        assert await tried(doorway, "ready", **GOOD["ready"]) == "write_at_work"
        await second.suspend()
        assert await tried(doorway, "ready", **GOOD["ready"]) == ""

    stand(tmp_path, scene, merged_sha=ELSEWHERE)


def test_another_runs_agent_does_not_stop_this_one(tmp_path: Path) -> None:
    async def scene(doorway: Doorway) -> None:
        doorway.parts.at_work["p/8/1-worker"] = "p/8/1"
        assert await tried(doorway, "ready", **GOOD["ready"]) == ""

    stand(tmp_path, scene)


def test_a_session_whose_snapshot_fails_is_over_all_the_same(tmp_path: Path) -> None:
    async def scene(doorway: Doorway) -> None:
        doorway.backend.fails = True
        talk = await doorway.agent()
        with pytest.raises(NotFound):
            await talk.suspend()
        assert await tried(doorway, "ready", **GOOD["ready"]) == ""

    stand(tmp_path, scene)


def test_where_there_is_no_run_people_are_answered_and_nothing_else(tmp_path: Path) -> None:
    async def scene(doorway: Doorway) -> None:
        door = doorway.parts.forge
        for name, given in {**GOOD, **NEVER}.items():
            with pytest.raises(WriteRefused):
                await getattr(door, name)(**given)
        with pytest.raises(WriteRefused):
            await doorway.parts.workspace.push(HEAD, BRANCH, None)
        assert doorway.forge.written == []
        for marker in ("held", "word-12"):
            await door.put_comment(3, marker, "x")
        for marker in ("progress-1", "held-1-1", "word-", "word-1x", "heldx"):
            with pytest.raises(WriteRefused):
                await door.put_comment(3, marker, "x")
        await doorway.agent()
        for number in (7, OWN):
            with pytest.raises(WriteRefused, match="write_at_work"):
                await door.put_comment(number, "word-12", "x")
        await door.put_comment(3, "word-13", "x")
        assert len(doorway.forge.written) == 3

    stand(tmp_path, scene)


def test_an_answer_waits_until_the_agent_rests(tmp_path: Path) -> None:
    async def scene(doorway: Doorway) -> None:
        run = doorway.run.id
        await say_later(doorway.parts, run, 7, "word-1", "old")
        await say_later(doorway.parts, run, 7, "word-1", "new")
        await say_later(doorway.parts, run, OWN, "word-2", "other")
        await said_later(Job(outward(doorway.parts, doorway.run), doorway.run))
        await said_later(Job(outward(doorway.parts, doorway.run), doorway.run))
        said = [(g["number"], g["marker"], g["body"]) for _, g in doorway.forge.written]
        assert said == [(7, "word-1", "new"), (OWN, "word-2", "other")]

    stand(tmp_path, scene)


def test_a_cancelled_runs_pull_request_is_closed_once_its_agent_rests(tmp_path: Path) -> None:
    async def scene(doorway: Doorway) -> None:
        job = Job(outward(doorway.parts, doorway.run), doorway.run)
        await withdrawn(job)
        assert doorway.forge.written == []
        await doorway.opened(state=RunState.CANCELLED)
        await withdrawn(Job(outward(doorway.parts, doorway.run), doorway.run))
        assert doorway.forge.written == [("close_pr", {"number": OWN})]

    stand(tmp_path, scene)


# ---------------------------------------------------------------- what is in them


@pytest.mark.parametrize("spelling", list(SPELLED))
def test_no_text_of_any_write_carries_a_secret(tmp_path: Path, spelling: str) -> None:
    told = f"before {SPELLED[spelling]} after"

    async def scene(doorway: Doorway) -> None:
        for name, given in GOOD.items():
            for argument, value in given.items():
                if not isinstance(value, str | list):
                    continue
                hidden = [told] if isinstance(value, list) else told
                why = await tried(doorway, name, **{**given, argument: hidden})
                assert why == "text_own_secret", (name, argument)
        assert doorway.forge.written == []

    stand(tmp_path, scene, merged_sha=ELSEWHERE)


@pytest.mark.parametrize("marker", ["progress-1", "held-1-3", "word-9"])
@pytest.mark.parametrize("told", [SPELLED["hex"], SHAPE])
def test_a_comment_that_reports_is_replaced_and_the_run_goes_on(
    tmp_path: Path, marker: str, told: str
) -> None:
    async def scene(doorway: Doorway) -> None:
        given = {"number": 7, "marker": marker, "body": f"x {told}"}
        assert await tried(doorway, "put_comment", **given) == ""
        body = doorway.forge.written[0][1]["body"]
        assert body == Catalogue("en")("guard.withheld")
        events = await doorway.store.events(doorway.run.id)
        assert [e.kind for e in events] == ["withheld"]
        await doorway.parts.forge.put_comment(3, "held", told)
        assert doorway.forge.written[1][1]["body"] == body

    stand(tmp_path, scene)


def test_a_person_may_let_a_shape_pass_but_not_our_own(tmp_path: Path) -> None:
    async def scene(doorway: Doorway) -> None:
        shaped = {**GOOD["edit_pr"], "body": f"key {SHAPE}"}
        assert await tried(doorway, "edit_pr", **shaped) == "text_secret"
        await doorway.opened(tree="c" * 40, approvals={f"policy:{'c' * 40}": "ann"})
        assert await tried(doorway, "edit_pr", **shaped) == ""
        own = {**GOOD["edit_pr"], "body": SECRET}
        assert await tried(doorway, "edit_pr", **own) == "text_own_secret"

    stand(tmp_path, scene)


RULE = "[[rules]]\nid='firm'\nregex='''firm-[0-9]{6}'''\n"


def test_the_operators_rules_and_the_bases_hold_for_texts(tmp_path: Path) -> None:
    file = tmp_path / "rules.toml"
    file.write_text(RULE)

    async def scene(doorway: Doorway) -> None:
        edit = GOOD["edit_pr"]
        assert await tried(doorway, "edit_pr", **{**edit, "body": "firm-123456"}) == "text_secret"
        other = {**edit, "body": "base-123456"}
        assert await tried(doorway, "edit_pr", **other) == ""
        doorway.git.rules = RULE.replace("firm", "base").encode()
        assert await tried(doorway, "edit_pr", **other) == "text_secret"
        doorway.git.rules = b"rules = 3"
        assert await tried(doorway, "edit_pr", **edit) == "rules_unreadable"

    stand(tmp_path, scene, secret_rules=file)
