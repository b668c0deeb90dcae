"""A model that never ends is stopped by a cap, whichever it meets first (T41); a kill in the
middle of a call makes no room (R22). What was spent is looked up in the ledger's rows.

Each model here calls one tool for ever, always with other arguments, so that nothing but a cap
can stop it. The benign twin runs under every cap and is merged.
"""

from __future__ import annotations

import json
import sqlite3
import subprocess
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from tests.e2e.world import (
    DONE,
    FIX,
    HARNESS,
    PLAN,
    REPRODUCTION,
    REVIEWER,
    TERSE,
    TRIAGE,
    WRITE_TEST,
    World,
    call,
    conversation,
    turn,
)
from tests.faults.rig import Life, Trouble, play

pytestmark = pytest.mark.security
LOOP = [turn(call("bash", command=f"echo {n}")) for n in range(60)]
FLOOD = [turn(*(call("bash", command=f"echo {n} >> flood") for n in range(500)))]
MODEL = "max_tokens = 300\n"
"""A reply that is small beside the caps below."""


class Row(NamedTuple):
    """One row of the ledger."""

    session: str
    turn: int
    run: str
    in_flight: int
    held_tokens: int
    tokens: int
    calls: int
    tool_calls: int


def asked(world: World, query: str) -> list[tuple[Any, ...]]:
    """What the database on the disk answers."""
    with closing(sqlite3.connect(f"file:{world.state / 'state.db'}?mode=ro", uri=True)) as raw:
        return raw.execute(query).fetchall()


def ledger(world: World) -> list[Row]:
    """The whole, as it stands."""
    names = ", ".join(Row._fields)
    rows = asked(world, f"select {names} from spending order by run, session, turn")
    return [Row(*row) for row in rows]


def begun(world: World) -> list[tuple[str, int, int]]:
    """(session, turn, whether in flight) of every call; nothing before there is a database."""
    made = "select count(*) from sqlite_master where name = 'spending'"
    if not (world.state / "state.db").exists() or asked(world, made) == [(0,)]:
        return []
    return [(row.session, row.turn, row.in_flight) for row in ledger(world)]


def answered(world: World) -> int:
    """Replies of models, as the journal has them."""
    return int(asked(world, "select count(*) from calls")[0][0])


def done(world: World) -> int:
    """Tool calls that were answered, as the transcripts have them."""
    query = "select coalesce(sum(json_array_length(data, '$.results')), 0) from turns"
    return int(asked(world, query)[0][0])


def script(world: World, *turns: dict[str, Any]) -> None:
    """What the worker says, each reply of a known size."""
    world.script(conversation(*turns, session="-worker"), REVIEWER)
    file = world.config / "config.toml"
    file.write_text(file.read_text() + MODEL)


def looping(tmp_path: Path, settings: str, *turns: dict[str, Any]) -> World:
    """A world with such a worker and these caps, one issue, nothing run yet."""
    world = World(tmp_path, settings=settings)
    script(world, *(turns or LOOP))
    world.begin()
    return world


def stopped(world: World, scope: str, cap: int) -> None:
    """At the cap of tokens and not beyond: what the rows took is within it, and two calls more
    would not have been. `why` names the cap and its setting. Another round asks no model."""
    rows = ledger(world)
    took = sum(row.tokens + row.held_tokens for row in rows)
    assert took <= cap
    assert took + 2 * max(row.tokens for row in rows) > cap, "there was room for more"
    assert done(world) == sum(row.tool_calls for row in rows)
    resting(world, scope, "tokens")


def newest(world: World) -> dict[str, Any]:
    """The issue's newest run, as `status` has it."""
    data = json.loads((world.state / "snapshot.json").read_text())
    found: dict[str, Any] = max(data["runs"], key=lambda run: int(run["number"]))
    return found


def resting(world: World, scope: str, measure: str) -> None:
    """Stopped by that cap: said, and another round asks no model and runs no tool."""
    run = newest(world)
    day = scope in ("project_day", "day")
    assert run["state"] == ("waiting" if day else "held"), run
    assert run["why"]["key"] == f"engine.cap_{scope}_{measure}"
    why = world.why()
    assert f"limits.{scope}.{measure}" in why
    assert ("looks again by itself" in why) == day
    before = ledger(world), answered(world), done(world)
    world.run("run", "--once")
    assert (ledger(world), answered(world), done(world)) == before
    assert newest(world)["state"] == run["state"]


def test_a_run_stops_at_its_cap(tmp_path: Path) -> None:
    world = looping(tmp_path, "[limits.run]\ntokens = 4_500\n")
    world.run("run", "--once")
    stopped(world, "run", 4_500)


def test_a_reply_of_five_hundred_calls_stops_at_the_cap(tmp_path: Path) -> None:
    world = looping(tmp_path, "[limits.session]\ntool_calls = 7\n", *FLOOD)
    world.run("run", "--once")
    (row,) = ledger(world)
    assert (row.calls, row.tool_calls, done(world)) == (1, 7, 7)
    resting(world, "session", "tool_calls")
    assert "7번 호출했고 적어도 493번" in world.run("why", "1", "--language", "ko").stdout


def test_an_issue_stops_at_its_cap_over_its_runs(tmp_path: Path) -> None:
    caps = "[limits.run]\ntokens = 3_500\n[limits.issue]\ntokens = 5_000\n"
    world = looping(tmp_path, caps)
    world.run("run", "--once")
    assert world.status()[1]["why"]["key"] == "engine.cap_run_tokens"
    world.run("cancel", "1")
    world.run("retry", "1")
    world.run("run", "--once")
    assert {row.run for row in ledger(world)} == {"calc/1/1", "calc/1/2"}
    stopped(world, "issue", 5_000)


def test_a_session_stops_at_its_cap_and_stays_stopped_until_a_persons_word(
    tmp_path: Path,
) -> None:
    world = looping(tmp_path, "[limits.session]\ntokens = 4_500\n")
    world.run("run", "--once")
    stopped(world, "session", 4_500)
    before = ledger(world)

    async def scene(life: Life) -> None:
        for _ in range(3):
            life.clock.pass_(days=9)
            await life.app.daemon.run_once()
        assert ledger(world) == before
        await life.say("retry")
        await life.rounds()
        assert {row.session for row in ledger(world)} == {"calc/1/1-worker", "calc/1/1-worker-2"}

    play(world, Trouble(), scene)


def test_a_project_stops_at_its_days_cap_and_goes_on_the_next_day(tmp_path: Path) -> None:
    world = looping(tmp_path, "[limits.project_day]\ntokens = 4_500\n")
    world.run("run", "--once")
    stopped(world, "project_day", 4_500)
    before = ledger(world)

    async def scene(life: Life) -> None:
        run = await life.run()
        assert run is not None
        assert run.wait is not None
        assert run.wait.until is not None
        life.clock.at = run.wait.until - timedelta(minutes=1)
        await life.app.daemon.run_once()
        assert ledger(world) == before
        life.clock.pass_(minutes=2)
        await life.app.daemon.run_once()
        later = [row for row in ledger(world) if row not in before]
        assert 0 < sum(row.tokens for row in later) <= 4_500
        again = await life.run()
        assert again is not None
        assert again.wait is not None
        assert again.wait.until == run.wait.until + timedelta(days=1)

    play(world, Trouble(), scene)


def test_a_run_under_every_cap_is_merged(tmp_path: Path) -> None:
    """The benign twin: every cap is on, and the usual work fits."""
    caps = "tokens = 60_000\ncost_usd = 6.0\ntool_calls = 60\n"
    scopes = ("session", "run", "issue", "project_day", "day")
    world = World(tmp_path, settings="".join(f"[limits.{s}]\n{caps}" for s in scopes))
    script(world, *TERSE["turns"])
    world.begin()
    world.run("run", "--once")
    run = world.status()[1]
    assert (run["state"], run["why"]["key"]) == ("done", "pipeline.merged"), run
    spent = run["spent"]
    assert spent["tool_calls"] == sum(row.tool_calls for row in ledger(world)) == 7
    assert "7 tool calls" in world.why()
    assert "Tool calls: 7" in (world.folder() / "REPORT.md").read_text()


# ---------------------------------------------------------------- R22


def test_a_call_cut_off_by_a_kill_is_spent(tmp_path: Path) -> None:
    work = turn(TRIAGE, PLAN, WRITE_TEST, REPRODUCTION, FIX, DONE)
    world = looping(tmp_path, "", LOOP[0], {**work, "latency_s": 90})
    process = subprocess.Popen(
        [*HARNESS, "run", "--once"],
        cwd=world.repo,
        env=world.env,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        under_way = [("calc/1/1-worker", 1, 0), ("calc/1/1-worker", 2, 1)]
        assert world.until(lambda: begun(world) == under_way, 60)
    finally:
        process.kill()
        process.wait(10)
    first, cut_off = ledger(world)
    reserved = cut_off.held_tokens
    assert reserved > 300
    assert cut_off.tokens == 0

    spent = first.tokens + reserved
    world.settings = f"[limits.run]\ntokens = {spent + reserved - 1}\n"
    script(world, LOOP[0], work)
    world.run("run", "--once")
    why = world.status()[1]["why"]
    assert why["key"] == "engine.cap_run_tokens"
    assert why["facts"]["spent"] == spent, "the reserved amount counts after the restart"
    assert ledger(world) == [first, cut_off]

    world.settings = ""
    script(world, LOOP[0], work)
    world.run("retry", "1")
    world.run("run", "--once")
    run = world.status()[1]
    assert (run["state"], run["why"]["key"]) == ("done", "pipeline.merged"), run
    (again,) = [row for row in ledger(world) if row[:2] == cut_off[:2]]
    assert (again.calls, again.in_flight) == (2, 0)
    assert again.tokens > reserved
