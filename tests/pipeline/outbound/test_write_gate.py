"""The one door: which writes pass, when, and with what in them (T37, O5)."""

from __future__ import annotations

import inspect
from pathlib import Path
from typing import Any

import pytest

from harness.core.errors import NotFound, WriteRefused
from harness.core.forge_types import Lease
from harness.core.types import RunState
from harness.guard.secrets import leaks
from harness.i18n.catalogue import Catalogue
from harness.pipeline.job import Job
from harness.pipeline.outbound.deferred_comments import said_later, say_later, withdrawn
from harness.pipeline.outbound.forwarding import ForwardingReader
from harness.pipeline.outbound.write_gate import WriteGate, outward
from harness.pipeline.run_policy import RunPolicy
from harness.ports.forge import Forge, ForgeReader, ForgeWriter, IssueLeases
from tests.pipeline.outbound.doorway import (
    AT,
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


def methods(thing: type) -> set[str]:
    return {name for name, _ in inspect.getmembers(thing, inspect.isfunction) if name[0] != "_"}


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


def test_every_write_of_the_port_has_a_rule_of_its_own() -> None:
    """A new one fails here until somebody says what lets it pass. Handed on are reads and leases
    alone."""
    leases = methods(IssueLeases)
    assert methods(ForwardingReader) == methods(ForgeReader) - {"powers"} | leases
    own = {name for name in vars(WriteGate) if name[0] != "_"} - {"inner", "powers"}
    assert own == methods(ForgeWriter) == {*GOOD, *NEVER}
    assert methods(Forge) == methods(ForgeReader) | methods(ForgeWriter) | leases


async def try_write(doorway: Doorway, name: str, /, **given: Any) -> str:
    """ "" when it was written; else why not, in words that show no secret."""
    before = len(doorway.forge.written)
    run = outward(doorway.deps, doorway.run)
    try:
        await getattr(run.forge, name)(**given)
    except WriteRefused as refused:
        assert len(doorway.forge.written) == before
        told = [Catalogue("en")(refused.key, **refused.facts), str(refused)]
        told.append(Catalogue("ko")(refused.key, **refused.facts))
        return "shown!" if leaks("\n".join(told), [SECRET]) else refused.key[len("guard.") :]
    assert doorway.forge.written[before][0] == name
    return ""


async def test_a_run_makes_its_own_writes_and_no_others(tmp_path: Path) -> None:
    async def scene(doorway: Doorway) -> None:
        for name, given in GOOD.items():
            assert await try_write(doorway, name, **given) == "", name
        for name, given in NEVER.items():
            assert await try_write(doorway, name, **given) == "write_unknown", name
        with pytest.raises(WriteRefused):
            await outward(doorway.deps, doorway.run).forge.powers()

    await stand(tmp_path, scene, merged_sha=ELSEWHERE)


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


async def test_what_belongs_to_others_is_left_alone(tmp_path: Path) -> None:
    async def scene(doorway: Doorway) -> None:
        for name, changed in FOREIGNERS:
            why = await try_write(doorway, name, **{**GOOD[name], **changed})
            assert why == "write_foreign", (name, changed)
        for name in ("edit_pr", "ready", "close_pr"):
            # a crash may have come before its number was kept; its head tells
            assert await try_write(doorway, name, **{**GOOD[name], "number": UNDO}) == "", name

    await stand(tmp_path, scene, merged_sha=ELSEWHERE)


async def test_its_branch_is_deleted_only_after_the_merge(tmp_path: Path) -> None:
    async def scene(doorway: Doorway) -> None:
        assert await try_write(doorway, "delete_branch", **GOOD["delete_branch"]) == "write_foreign"

    await stand(tmp_path, scene)


@pytest.mark.parametrize("merge", ["auto", "ask", "never"])
async def test_a_merge_needs_the_policy_or_a_persons_word_for_this_head(
    tmp_path: Path, merge: str
) -> None:
    wanted = "" if merge == "auto" else "write_unapproved"
    rules = RunPolicy.model_validate({"project": "p", "merge": merge})

    async def scene(doorway: Doorway) -> None:
        for name in ("merge", "enqueue"):
            assert await try_write(doorway, name, **GOOD[name]) == wanted
        await doorway.open_pr(approvals={f"merge:{ELSEWHERE}": "ann"})
        assert await try_write(doorway, "merge", **GOOD["merge"]) == wanted
        # a change that nobody looked at is merged by no policy
        doorway.seen = False
        await doorway.open_pr(tree=ELSEWHERE)
        for name in ("merge", "enqueue"):
            assert await try_write(doorway, name, **GOOD[name]) == "write_unapproved"
        await doorway.open_pr(approvals={f"merge:{HEAD}": "ann"})
        for name in ("merge", "enqueue"):
            assert await try_write(doorway, name, **GOOD[name]) == ""

    await stand(tmp_path, scene, rules)


# ---------------------------------------------------------------- while an agent is at work

PROGRESS = {"number": 7, "marker": "progress-1", "body": "x"}


async def test_while_an_agent_is_at_work_only_progress_and_the_lease(tmp_path: Path) -> None:
    async def scene(doorway: Doorway) -> None:
        first, second = await doorway.agent("worker"), await doorway.agent("worker/1")
        for name, given in {**GOOD, **NEVER}.items():
            assert await try_write(doorway, name, **given) == "write_at_work", name
        assert await try_write(doorway, "put_comment", **PROGRESS) == ""
        for changed in ({"number": OWN}, {"marker": "progress-2"}, {"marker": "held-1-1"}):
            given = {**PROGRESS, **changed}
            assert await try_write(doorway, "put_comment", **given) == "write_at_work"
        forge = outward(doorway.deps, doorway.run).forge
        await forge.take_lease(7, "holder", 60)
        await forge.drop_lease(Lease(issue=7, holder="holder", token=1, expires_at=AT))
        assert [name for name, _ in doorway.forge.written][-2:] == ["take_lease", "drop_lease"]
        with pytest.raises(WriteRefused, match="write_at_work"):
            await outward(doorway.deps, doorway.run).workspace.push(HEAD, BRANCH, None)
        await first.suspend()
        assert await try_write(doorway, "ready", **GOOD["ready"]) == "write_at_work"
        await second.suspend()
        assert await try_write(doorway, "ready", **GOOD["ready"]) == ""

    await stand(tmp_path, scene, merged_sha=ELSEWHERE)


async def test_another_runs_agent_does_not_stop_this_one(tmp_path: Path) -> None:
    async def scene(doorway: Doorway) -> None:
        doorway.deps.live.active_sessions["p/8/1-worker"] = "p/8/1"
        assert await try_write(doorway, "ready", **GOOD["ready"]) == ""

    await stand(tmp_path, scene)


async def test_a_session_whose_snapshot_fails_is_over_all_the_same(tmp_path: Path) -> None:
    async def scene(doorway: Doorway) -> None:
        doorway.backend.fails = True
        talk = await doorway.agent()
        with pytest.raises(NotFound):
            await talk.suspend()
        assert await try_write(doorway, "ready", **GOOD["ready"]) == ""

    await stand(tmp_path, scene)


async def test_where_there_is_no_run_people_are_answered_and_nothing_else(tmp_path: Path) -> None:
    async def scene(doorway: Doorway) -> None:
        door = doorway.deps.forge
        for name, given in {**GOOD, **NEVER}.items():
            with pytest.raises(WriteRefused):
                await getattr(door, name)(**given)
        with pytest.raises(WriteRefused):
            await doorway.deps.workspace.push(HEAD, BRANCH, None)
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

    await stand(tmp_path, scene)


async def test_an_answer_waits_until_the_agent_rests(tmp_path: Path) -> None:
    async def scene(doorway: Doorway) -> None:
        run = doorway.run.id
        await say_later(doorway.deps, run, 7, "word-1", "old")
        await say_later(doorway.deps, run, 7, "word-1", "new")
        await say_later(doorway.deps, run, OWN, "word-2", "other")
        await said_later(Job(outward(doorway.deps, doorway.run), doorway.run))
        await said_later(Job(outward(doorway.deps, doorway.run), doorway.run))
        said = [(g["number"], g["marker"], g["body"]) for _, g in doorway.forge.written]
        assert said == [(7, "word-1", "new"), (OWN, "word-2", "other")]

    await stand(tmp_path, scene)


async def test_a_cancelled_runs_pull_request_is_closed_once_its_agent_rests(tmp_path: Path) -> None:
    async def scene(doorway: Doorway) -> None:
        job = Job(outward(doorway.deps, doorway.run), doorway.run)
        await withdrawn(job)
        assert doorway.forge.written == []
        await doorway.open_pr(state=RunState.CANCELLED)
        await withdrawn(Job(outward(doorway.deps, doorway.run), doorway.run))
        assert doorway.forge.written == [("close_pr", {"number": OWN})]

    await stand(tmp_path, scene)


# ---------------------------------------------------------------- what is in them


@pytest.mark.parametrize("spelling", list(SPELLED))
async def test_no_text_of_any_write_carries_a_secret(tmp_path: Path, spelling: str) -> None:
    told = f"before {SPELLED[spelling]} after"

    async def scene(doorway: Doorway) -> None:
        for name, given in GOOD.items():
            for argument, value in given.items():
                if not isinstance(value, str | list):
                    continue
                hidden = [told] if isinstance(value, list) else told
                why = await try_write(doorway, name, **{**given, argument: hidden})
                assert why == "text_own_secret", (name, argument)
        assert doorway.forge.written == []

    await stand(tmp_path, scene, merged_sha=ELSEWHERE)


@pytest.mark.parametrize("marker", ["progress-1", "held-1-3", "word-9"])
@pytest.mark.parametrize("told", [SPELLED["hex"], SHAPE])
async def test_a_comment_that_reports_is_replaced_and_the_run_goes_on(
    tmp_path: Path, marker: str, told: str
) -> None:
    async def scene(doorway: Doorway) -> None:
        given = {"number": 7, "marker": marker, "body": f"x {told}"}
        assert await try_write(doorway, "put_comment", **given) == ""
        body = doorway.forge.written[0][1]["body"]
        assert body == Catalogue("en")("guard.withheld")
        events = await doorway.store.events(doorway.run.id)
        assert [e.kind for e in events] == ["withheld"]
        await doorway.deps.forge.put_comment(3, "held", told)
        assert doorway.forge.written[1][1]["body"] == body

    await stand(tmp_path, scene)


async def test_a_person_may_let_a_shape_pass_but_not_our_own(tmp_path: Path) -> None:
    async def scene(doorway: Doorway) -> None:
        shaped = {**GOOD["edit_pr"], "body": f"key {SHAPE}"}
        assert await try_write(doorway, "edit_pr", **shaped) == "text_secret"
        await doorway.open_pr(tree="c" * 40, approvals={f"policy:{'c' * 40}": "ann"})
        assert await try_write(doorway, "edit_pr", **shaped) == ""
        own = {**GOOD["edit_pr"], "body": SECRET}
        assert await try_write(doorway, "edit_pr", **own) == "text_own_secret"

    await stand(tmp_path, scene)


RULE = "[[rules]]\nid='firm'\nregex='''firm-[0-9]{6}'''\n"


async def test_the_operators_rules_and_the_bases_hold_for_texts(tmp_path: Path) -> None:
    file = tmp_path / "rules.toml"
    file.write_text(RULE)

    async def scene(doorway: Doorway) -> None:
        edit = GOOD["edit_pr"]
        assert (
            await try_write(doorway, "edit_pr", **{**edit, "body": "firm-123456"}) == "text_secret"
        )
        other = {**edit, "body": "base-123456"}
        assert await try_write(doorway, "edit_pr", **other) == ""
        doorway.git.rules = RULE.replace("firm", "base").encode()
        assert await try_write(doorway, "edit_pr", **other) == "text_secret"
        doorway.git.rules = b"rules = 3"
        assert await try_write(doorway, "edit_pr", **edit) == "rules_unreadable"

    await stand(tmp_path, scene, secret_rules=file)
