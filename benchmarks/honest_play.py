"""One bug fix played through the real command line as an agent that made it would go about it:
the tests first, shown red, then the change; nobody approves anything unasked."""

from __future__ import annotations

import asyncio
import base64
import json
import shlex
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

from benchmarks.honest_before import Facts, detected
from benchmarks.honest_history import Change, File, History, Project, expectations
from harness.core.run_types import Event, Evidence, Finding, Run, Turn
from harness.engine.database import Database
from harness.engine.store import SqlStore
from harness.forge.embedded.forge import EmbeddedForge
from harness.i18n.catalogue import Catalogue
from harness.pipeline.slots import FINDINGS_SEEN
from tests.e2e.world import World, call, conversation, turn, verdict
from tests.real.sources import reached, registries

RUN_S = 1200.0
MOST_NAMED = 20
Row = dict[str, Any]
NO_RUN: Row = {
    "state": "none",
    "stage": "",
    "why": "no run",
    "said": "",
    "pr": "none",
    "reproduced": False,
    "findings": [],
    "kinds": [],
}


def world(root: Path, project: Project, history: History, change: Change) -> World:
    """The parent's tree as a repository of its own, in a home of its own."""
    access = "".join(f"{key} = {json.dumps(text)}\n" for key, text in registries().items())
    hosts = json.dumps(reached())
    settings = (
        '[policy]\nmerge = "auto"\n\n'
        f"[environment]\nallow = {hosts}\nprivate = {hosts}\n\n[environment.env]\n{access}"
    )
    made = World(root, settings, files={}, name=project.short)
    history.unpack(change.parent, made.repo)
    made.git("add", "--all", "--force")
    made.commit(f"As of {change.parent[:10]}")
    return made


def script(change: Change, facts: Facts, command: str) -> tuple[Any, ...]:
    """Worker and reviewer. The worker says that it is stuck when its work comes back to it: it
    has nothing better than what the project's own people did."""
    edited = [
        {"test": test, "why": "It says what the defect did; the issue asks for something else."}
        for test in expectations(change)
    ]
    title = change.subject[:200]
    paths = [file.path for file in change.files]
    plan = verdict(
        "plan",
        summary=title,
        tasks=[{"id": "1", "title": title, "detail": "", "files": paths}],
        test_changes=edited,
    )
    triage = verdict("triage", kind="bug", clear=True, difficulty="small", risk="low", reason=title)
    reproduction = verdict(
        "reproduction",
        files=[file.path for file in change.tests if file.new is not None],
        command=command,
        tests=list(facts.tests[:MOST_NAMED]),
    )
    # a file that is taken away is so only after the reproduction, which knows no absent file
    first = [step for file in change.tests if file.new is not None for step in _laid(file)]
    later = [file for file in change.files if not file.is_test or file.new is None]
    work = [step for file in later for step in _laid(file)]
    stuck = verdict("blocked", reason="This is the whole change; I have no other.")
    worker = conversation(
        turn(triage, plan, *first, reproduction),
        turn(*work, verdict("done", summary=title, title=title)),
        turn(stuck),
        session="-worker",
        repeat_last=True,
    )
    approve = turn(verdict("review", approve=True, findings=[]))
    asked = {**turn(verdict("kind", kind="bug")), "when": {"last_contains": "verdict kind"}}
    reviewer = conversation(
        {**approve, "alternatives": [asked]}, approve, session="-review-", repeat_last=True
    )
    return worker, reviewer


def _laid(file: File) -> list[dict[str, Any]]:
    name = shlex.quote(file.path)
    if file.new is None:
        return [call("bash", command=f"rm -- {name}")]
    try:
        steps = [call("write", path=file.path, content=file.new.decode())]
    except UnicodeDecodeError:
        text = base64.b64encode(file.new).decode()
        steps = [call("bash", command=f"echo {text} | base64 -d > {name}")]
    return [*steps, call("bash", command=f"chmod +x {name}")] if file.executable else steps


def command_for(facts: Facts, reporter: str) -> str:
    """The runner on the tests that are named, else on their files."""
    named = facts.tests[:MOST_NAMED]
    files = sorted({test.partition("::")[0] for test in named})
    if reporter == "jest":
        return f"npx --no-install jest {shlex.join(files)}"
    return f"python3 -m pytest -q {shlex.join(named)}"


def _begin(place: World, project: Project) -> None:
    """Registered; with more to set up where the project's entry names it."""
    place.run("init", timeout_s=RUN_S)
    if project.setup:
        page = place.config / "projects" / f"{place.name}.toml"
        setup = json.dumps([*detected(place.repo).setup, *project.setup])
        lines = page.read_text().splitlines()
        kept = [f"setup = {setup}" if line.startswith("setup =") else line for line in lines]
        page.write_text("\n".join([*kept, ""]))


def play(place: World, project: Project, change: Change, facts: Facts) -> Row:
    """Registered, begun, followed until nothing moves by itself; one approval where a plan waits
    for a person. What the database says of it afterwards."""
    reporter = "jest" if project.source == "lib/" else "pytest"
    place.script(*script(change, facts, command_for(facts, reporter)))
    _begin(place, project)
    place.run("issue", "new", change.subject, "--body", change.body, "--label", "bug")
    told = place.run("run", "--once", code=None, timeout_s=RUN_S)
    row = asyncio.run(_recorded(place, place.forge()))
    asked: list[str] = []
    if row["why"] == "pipeline.plan_waits":
        asked.append(str(row["said"]))
        place.run("approve", "1", code=None)
        told = place.run("run", "--once", code=None, timeout_s=RUN_S)
        row = asyncio.run(_recorded(place, place.forge()))
    return {**row, "approved": asked, "exit": told.returncode, "tail": told.stdout[-1500:]}


async def _recorded(place: World, forge: EmbeddedForge) -> Row:
    database = Database(place.state / "state.db")
    await database.open()
    try:
        store = SqlStore(database)
        # the only one: harness may have cleaned the project's name
        run = next(iter(await store.runs()), None)
        if run is None:
            return NO_RUN
        findings = await store.get(FINDINGS_SEEN, run.id) or ()
        events, rows = await store.events(run.id), await store.evidence(run.id)
        turns = [
            one for session in await store.sessions(run.id) for one in await store.turns(session.id)
        ]
    finally:
        await database.close()
    return {
        **_how(run),
        **await _pull(forge, run),
        "findings": _found(findings),
        "held": _held(events),
        "refused": _refused(turns),
        "seconds": _seconds(run, events, rows),
        "evidence": [_shown(row) for row in rows],
        "kinds": [event.kind for event in events],
    }


def _how(run: Run) -> Row:
    words = Catalogue("en")
    why = run.outcome or (run.wait.reason if run.wait is not None else None)
    return {
        "state": run.state.value,
        "stage": run.stage.value,
        "why": why.key if why else "",
        "said": words(why.key, **why.facts) if why else "",
        "reproduced": run.reproduction is not None,
    }


async def _pull(forge: EmbeddedForge, run: Run) -> Row:
    if not run.pr:
        return {"pr": "none"}
    pr = await forge.pr(run.pr)
    checks = await forge.checks(pr.head_sha)
    return {
        "pr": "draft" if pr.draft and pr.state == "open" else pr.state,
        "checks": {check.name: check.conclusion for check in checks},
    }


def _found(findings: Sequence[Finding]) -> list[Row]:
    """The gate's last findings by key."""
    return [
        {"source": f.source, "key": f.say.key, "facts": dict(f.say.facts), "path": f.path}
        for f in findings
    ]


def _held(events: Sequence[Event]) -> list[Row]:
    """Sentences of the gate: all events that hold something against the change."""
    spoken = []
    for event in events:
        text = event.facts.get("findings") or event.facts.get("why") or event.facts.get("what")
        if text and event.kind not in ("reviewed", "state"):
            spoken.append({"kind": event.kind, "text": str(text)[:1500]})
    return spoken


def _refused(turns: Sequence[Turn]) -> list[str]:
    """What the agent was told was wrong."""
    return [r.text[:1500] for turn in turns for r in turn.results if r.is_error]


WORDS = ("verified", "verify_failed", "weakened")
"""Events by which the gate says what it found."""


def _seconds(run: Run, events: Sequence[Event], rows: Sequence[Evidence]) -> Row:
    """`gate`: from the agent's `done` to the word on it. `shown`: the reproduction on the base."""
    begun = min((e.at for e in events if e.kind == "implemented"), default=None)
    ends = [e.at for e in events if e.kind in WORDS]
    ends += [r.started_at + timedelta(seconds=r.duration_s) for r in rows]
    gate = (max(ends) - begun).total_seconds() if begun and ends else None
    proof = [r for r in rows if r.kind == "reproduction" and r.side == "base"]
    after = [r for r in rows if r not in proof]
    return {
        "whole": (run.updated_at - run.created_at).total_seconds(),
        "gate": gate,
        "gate_runs": sum(r.duration_s for r in after),
        "base": sum(r.duration_s for r in after if r.side == "base"),
        "suite": max((r.duration_s for r in after if r.side == "change"), default=None),
        "shown": sum(r.duration_s for r in proof),
    }


def _shown(row: Evidence) -> Row:
    counts: dict[str, int] = {}
    for how in row.tests.outcomes.values() if row.tests else ():
        counts[how] = counts.get(how, 0) + 1
    return {
        "kind": row.kind,
        "side": row.side,
        "command": row.command[:200],
        "exit": row.exit_code,
        "seconds": round(row.duration_s, 2),
        "tests": counts,
    }
