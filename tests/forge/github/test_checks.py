"""GitHub's checks and leases through a scripted wire."""

from __future__ import annotations

import asyncio
import hashlib
import json
from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Literal

import pytest

from harness.core.errors import Conflict, Forbidden, Lost, NotFound
from harness.core.forge_types import Lease
from harness.forge.github.lease import MARGIN
from tests.forge.github.fake import (
    EARLY,
    OTHER,
    SHA,
    START,
    FakeWire,
    StillClock,
    conflict,
    forbidden,
    forge_of,
    lost,
    missing,
    ref,
    user,
)

FOREIGN = [
    "hello",
    "[]",
    "{}",
    '{"holder": 1, "token": 1, "expires": "2026-01-01T00:00:00Z"}',
    '{"holder": "x", "token": 0, "expires": "2026-01-01T00:00:00Z"}',
    '{"holder": "x", "token": 1, "expires": "soon"}',
]
RUNS, STATUSES = f"/commits/{SHA}/check-runs", f"/commits/{SHA}/statuses"


def run(number: int, name: str, conclusion: str | None = "success", **changes: Any) -> Any:
    return {
        "id": number,
        "name": name,
        "head_sha": SHA,
        "status": "completed" if conclusion else "in_progress",
        "conclusion": conclusion,
        "output": {"title": name, "summary": "all good"},
        "app": {"slug": "github-actions"},
        **changes,
    }


def status(number: int, context: str, state: str, description: str = "") -> dict[str, Any]:
    who = user(7, "worker")
    return {"id": number, "context": context, "state": state, "description": description,
            "creator": who, "created_at": EARLY}  # fmt: skip


def checked(*runs: Any, statuses: Any = ()) -> FakeWire:
    wire = FakeWire()
    wire.on("GET", RUNS, {"check_runs": list(runs)})
    wire.on("GET", STATUSES, list(statuses))
    return wire


async def test_runs_and_the_newest_status_of_each_context_are_told() -> None:
    told = [status(9, "ci", "success"), status(8, "ci", "failure"), status(7, "cov", "pending")]
    wire = checked(run(1, "unit"), run(2, "lint", None), statuses=told)
    checks = await forge_of(wire).checks(SHA)
    assert [(c.name, c.kind, c.status, c.conclusion, c.app) for c in checks] == [
        ("unit", "run", "completed", "success", "github-actions"),
        ("lint", "run", "in_progress", None, "github-actions"),
        ("ci", "status", "completed", "success", "worker"),
        ("cov", "status", "in_progress", None, "worker"),
    ]
    with pytest.raises(NotFound):
        await forge_of(wire).checks("main")
    wire.on("GET", RUNS, conflict("No commit found for SHA"))
    with pytest.raises(NotFound):
        await forge_of(wire).checks(SHA)


async def test_a_token_without_check_runs_sees_the_jobs_and_one_without_both_sees_an_error() -> (
    None
):
    wire = checked()
    wire.on("GET", RUNS, forbidden())
    wire.on("GET", "/actions/runs", {"workflow_runs": [{"id": 4}, {"id": 5}]})
    job = run(11, "unit", "failure", app=None)
    wire.on("GET", "/actions/runs/4/jobs", {"jobs": [job]})
    wire.on("GET", "/actions/runs/5/jobs", {"jobs": [run(12, "unit", "success", app=None)]})
    checks = await forge_of(wire).checks(SHA)
    assert [(c.id, c.conclusion, c.app) for c in checks] == [
        (11, "failure", "github-actions"),
        (12, "success", "github-actions"),
    ]
    wire.on("GET", "/actions/runs", forbidden())
    with pytest.raises(Forbidden):
        await forge_of(wire).checks(SHA)


async def test_a_jobs_log_and_where_there_is_none_what_the_check_says() -> None:
    wire = FakeWire()
    wire.on("GET", "/check-runs/1", run(1, "unit", "failure"))
    wire.on("GET", "/actions/jobs/1/logs", "line 1\nline 2\n")
    log = forge_of(wire).check_log
    assert await log(1) == "line 1\nline 2\n"
    wire.on("GET", "/actions/jobs/1/logs", missing())
    assert await log(1) == "unit\nall good"
    output = {"title": "Lint", "summary": "1 finding", "annotations_count": 1}
    wire.on("GET", "/check-runs/2", run(2, "lint", "failure", output=output, app={"slug": "x"}))
    note = {"path": "a.py", "start_line": 3, "annotation_level": "failure", "message": "no"}
    wire.on("GET", "/check-runs/2/annotations", [note])
    assert await log(2) == "Lint\n1 finding\na.py:3: failure: no"
    with pytest.raises(NotFound):
        await log(3)
    wire.on("GET", "/check-runs/4", forbidden())
    wire.on("GET", "/actions/jobs/4", run(4, "unit", output=None, app=None))
    wire.on("GET", "/actions/jobs/4/logs", "whole log")
    assert await log(4) == "whole log"


async def test_a_finished_check_is_run_again_by_whoever_runs_it() -> None:
    wire = FakeWire()
    again = forge_of(wire).rerun
    wire.on("GET", "/check-runs/1", run(1, "unit", None))
    await again(1)
    assert wire.writes() == []
    wire.on("GET", "/check-runs/1", run(1, "unit"))
    wire.on("POST", "/actions/jobs/1/rerun", None)
    await again(1)
    busy = forbidden()
    busy.facts["message"] = "The workflow run containing this job is already running"
    wire.on("POST", "/actions/jobs/1/rerun", busy)
    await again(1)
    wire.on("POST", "/actions/jobs/1/rerun", forbidden())
    with pytest.raises(Forbidden):
        await again(1)
    wire.on("POST", "/actions/jobs/1/rerun", lost())
    with pytest.raises(Lost):
        await again(1)
    wire.on("GET", "/check-runs/1", run(1, "unit"), run(1, "unit", None))
    await again(1)
    wire.on("GET", "/check-runs/2", run(2, "lint", app={"slug": "other"}))
    wire.on("POST", "/check-runs/2/rerequest", None)
    await again(2)
    assert wire.writes()[-1][1] == "/check-runs/2/rerequest"


async def put(wire: FakeWire, summary: str = "all good") -> tuple[int, str]:
    check = await forge_of(wire).put_check(SHA, "harness", "success", summary)
    return check.id, check.kind


async def test_our_check_is_made_once_and_adopted_after_a_lost_answer() -> None:
    wire = checked()
    wire.on("POST", "/check-runs", run(5, "harness"))
    assert await put(wire) == (5, "run")
    wire = checked(run(5, "harness"))
    assert await put(wire) == (5, "run")
    assert wire.writes() == []
    wire.on("PATCH", "/check-runs/5", run(5, "harness"))
    await put(wire, "changed")
    assert [path for _, path, _ in wire.writes()] == ["/check-runs/5"]
    wire = checked()
    wire.on("GET", RUNS, {"check_runs": []}, {"check_runs": [run(6, "harness")]})
    wire.on("POST", "/check-runs", lost())
    assert await put(wire) == (6, "run")
    wire.on("GET", RUNS, {"check_runs": []})
    with pytest.raises(Lost):
        await put(wire)


async def test_a_token_that_may_make_no_check_run_sets_a_status_once() -> None:
    wire = checked()
    wire.on("POST", "/check-runs", forbidden())
    wire.on("POST", f"/statuses/{SHA}", status(8, "harness", "success", "all good"))
    assert await put(wire, "all\n  good") == (8, "status")
    wire.on("GET", STATUSES, [status(8, "harness", "success", "all good")])
    before = len(wire.writes())
    forge = forge_of(wire)
    for _ in range(2):
        check = await forge.put_check(SHA, "harness", "success", "all good")
        assert (check.id, check.kind) == (8, "status")
    assert [path for _, path, _ in wire.writes()[before:]] == ["/check-runs"]


async def test_another_apps_check_of_that_name_stays_beside_ours() -> None:
    wire = checked(run(5, "harness", "failure", app={"slug": "other"}))
    wire.on("PATCH", "/check-runs/5", forbidden())
    wire.on("POST", "/check-runs", run(6, "harness"))
    assert await put(wire) == (6, "run")


# -- leases


class RefWire(FakeWire):
    """GitHub's side of a lease: commits, and refs that are moved forward only. Every request lets
    the others go on first."""

    def __init__(self) -> None:
        super().__init__()
        self.commits: dict[str, dict[str, Any]] = {}
        self.refs: dict[str, str] = {"refs/heads/main": OTHER}
        self.lose = ""
        self.on("GET", f"/git/commits/{OTHER}", {"tree": {"sha": SHA}})
        self.on("POST", "/git/commits", self._commit)
        self.on("POST", "/git/refs", self._create)

    def _commit(self, body: Any) -> dict[str, Any]:
        sha = hashlib.sha1(json.dumps(body).encode(), usedforsecurity=False).hexdigest()
        self.commits[sha] = {"sha": sha, "tree": {"sha": body["tree"]}, **body}
        return {"sha": sha}

    def _create(self, body: Any) -> None:
        if body["ref"] in self.refs:
            raise conflict("Reference already exists")
        self.refs[body["ref"]] = body["sha"]

    def _move(self, name: str, body: Any) -> dict[str, Any]:
        assert body["force"] is False
        if self.refs[name] not in self.commits[body["sha"]]["parents"]:
            raise conflict("Update is not a fast forward")
        self.refs[name] = body["sha"]
        return ref(name.removeprefix("refs/"), body["sha"])

    def _next(self, verb: str, tail: str, body: Any) -> Any:
        name = tail.replace("/git/refs/", "refs/").replace("/git/ref/", "refs/")
        if verb == "GET" and tail.startswith("/git/ref/") and name in self.refs:
            return ref(name.removeprefix("refs/"), self.refs[name])
        sha = tail.removeprefix("/git/commits/")
        if verb == "GET" and sha in self.commits:
            return self.commits[sha]
        if self.lose == f"before {verb}":
            raise lost()
        done = self._move(name, body) if verb == "PATCH" else super()._next(verb, tail, body)
        if self.lose == f"after {verb}" and tail != "/git/commits":
            raise lost()
        return done

    async def get(self, path: str, **params: str | int) -> Any:
        await asyncio.sleep(0)
        return await super().get(path, **params)

    async def send(
        self,
        verb: Literal["POST", "PATCH", "PUT", "DELETE"],
        path: str,
        body: Mapping[str, Any] | None = None,
    ) -> Any:
        await asyncio.sleep(0)
        return await super().send(verb, path, body)


async def test_of_many_daemons_one_gets_the_lease_whoever_had_it_before() -> None:
    wire, clock = RefWire(), StillClock()

    async def race(turn: int) -> list[Lease]:
        names = [f"host-{turn}-{n}" for n in range(20)]
        tries = (forge_of(wire, clock).take_lease(5, name, 60) for name in names)
        return [lease for lease in await asyncio.gather(*tries) if lease is not None]

    tokens = []
    for turn in range(3):
        (winner,) = await race(turn)
        assert await forge_of(wire, clock).holds_lease(winner)
        tokens.append(winner.token)
        clock.at = winner.expires_at + MARGIN
    assert tokens == [1, 2, 3]
    lines = [c for c in wire.commits.values() if c["sha"] == wire.refs["refs/harness/lease/5"]]
    assert len(lines[0]["parents"]) == 1


async def test_a_lease_is_over_for_its_holder_before_it_is_free_for_another() -> None:
    wire, clock = RefWire(), StillClock()
    mine = await forge_of(wire, clock).take_lease(5, "here", 60)
    assert mine is not None
    there = forge_of(wire, clock)
    for seconds, held, free in ((59, True, False), (60, False, False), (120, False, True)):
        clock.at = START + timedelta(seconds=seconds)
        assert await forge_of(wire, clock).holds_lease(mine) is held
        assert (await there.take_lease(5, "there", 60) is not None) is free
    # the late one neither renews nor gives back what is another's by now
    assert await forge_of(wire, clock).take_lease(5, "here", 60) is None
    await forge_of(wire, clock).drop_lease(mine)
    last = await there.lease(5)
    assert last is not None
    assert (last.holder, last.token) == ("there", 2)


@pytest.mark.parametrize("verb", ["POST", "PATCH"])
async def test_a_lease_whose_answer_was_lost_is_looked_for(verb: str) -> None:
    for when, taken in (("after", True), ("before", False)):
        wire = RefWire()
        forge = forge_of(wire)
        if verb == "PATCH":
            await forge.take_lease(5, "here", 60)
        wire.lose = f"{when} {verb}"
        if taken:
            assert await forge.take_lease(5, "here", 90) is not None
            continue
        with pytest.raises(Lost):
            await forge.take_lease(5, "here", 90)


async def test_a_rule_that_forbids_the_ref_is_not_taken_for_a_lost_race() -> None:
    wire = RefWire()
    wire.on("POST", "/git/refs", conflict("Repository rule violations found"))
    with pytest.raises(Conflict, match="rule"):
        await forge_of(wire).take_lease(5, "here", 60)


@pytest.mark.parametrize("message", FOREIGN)
async def test_a_ref_that_somebody_else_wrote_is_nobodys_lease(message: str) -> None:
    wire = RefWire()
    wire.refs["refs/harness/lease/5"] = SHA
    wire.commits[SHA] = {"message": message, "tree": {"sha": SHA}}
    with pytest.raises(Conflict, match="lease_broken"):
        await forge_of(wire).take_lease(5, "here", 60)


async def test_a_held_lease_is_read_by_one_request_that_is_answered_unchanged() -> None:
    wire = RefWire()
    forge = forge_of(wire)
    mine = await forge.take_lease(5, "here", 60)
    assert mine is not None
    await forge.holds_lease(mine)
    before = len(wire.sent)
    await forge.holds_lease(mine)
    assert [path for _, path, _ in wire.sent[before:]] == ["/git/ref/harness/lease/5"]
