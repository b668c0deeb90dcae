"""The snapshot: what `status` and `why` show without opening the database. Pure.

Shape (version 1), read by harness/cli/snapshot_reader.py with the standard library:

```text
{version, at, next_look, holder,
 today: {tokens, cost_usd, calls, tool_calls, estimated}, today_of: {project: the same},
 runs: [{project, issue, number, title, stage, state, paused, person, why: {key, facts},
         signals, until, pr, branch, merged_sha,
         spent: {tokens, cost_usd, calls, tool_calls, estimated},
         last: {at, key, facts} | null, skill: {at, key, facts} | null,
         lessons: [{key, facts}], looked: {shown: [{at, key, facts}], left},
         created_at, updated_at}],
 held: [{project, issue, title, why: {key, facts}}],
 forges: {project: {remaining, limit, reset_at, waiting_until, requests, unchanged, writes}}}
```

Sentences are kept as key and facts, so that each reader hears them in their own language.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from harness.core.base import Json, Value
from harness.core.forge_types import ForgeLimits
from harness.core.run_types import Event, LocalizedText, Run, RunState, Spend
from harness.report.uses import ShownUses

VERSION = 1


class HeldIssue(Value):
    """An issue that harness knows of and did not start, and the rule that holds it."""

    project: str
    issue: int
    title: str
    why: LocalizedText


class SnapshotFacts(Value):
    """What the snapshot is made from. `spent`, `last` and `skill` are by run id; `skill`: the
    newest skill that cannot be read, where it still cannot."""

    runs: tuple[Run, ...] = ()
    held: tuple[HeldIssue, ...] = ()
    spent: Mapping[str, Spend] = {}
    last: Mapping[str, Event] = {}
    skill: Mapping[str, Event] = {}
    lessons: Mapping[str, Sequence[Event]] = {}
    """By the id of a run that is held: the events that say what it taught."""
    looked: Mapping[str, ShownUses] = {}
    """By the id of a run that is not over, or one of the last that ended."""
    today: Spend = Spend()
    today_of: Mapping[str, Spend] = {}
    """By project."""
    holder: str = ""
    """The process that holds the lock, in words; "" when it is free."""
    next_look: datetime | None = None
    forges: Mapping[str, ForgeLimits] = {}
    """By project, of forges that have a limit; those of one token share it."""


def build(facts: SnapshotFacts, now: datetime) -> dict[str, Json]:
    """The snapshot as JSON data: runs that are not over first, then the newest of the rest."""
    runs = sorted(facts.runs, key=lambda r: (r.state.over, -r.updated_at.timestamp(), r.id))
    return {
        "version": VERSION,
        "at": now.isoformat(),
        "next_look": facts.next_look.isoformat() if facts.next_look else None,
        "holder": facts.holder,
        "today": facts.today.model_dump(mode="json"),
        "today_of": {name: s.model_dump(mode="json") for name, s in facts.today_of.items()},
        "runs": [_run_json(run, facts) for run in runs],
        "held": [_held_json(held) for held in facts.held],
        "forges": {name: limits.model_dump(mode="json") for name, limits in facts.forges.items()},
    }


def why(run: Run) -> LocalizedText:
    """The one sentence that explains where a run is."""
    if run.state.over:
        return run.outcome or LocalizedText(key=f"cli.run_{run.state.value}")
    if run.paused:
        return LocalizedText(key="cli.run_paused")
    if run.wait is not None and run.state is not RunState.ACTIVE:
        return run.wait.reason
    return LocalizedText(key=f"cli.active_{run.stage.value}")


def signals(run: Run) -> Sequence[str]:
    """The words a person may say now, in the order they are offered."""
    if run.state is RunState.DONE:
        return ("undo",) if run.merged_sha else ()
    if run.state.over:
        return ("retry",)
    waits = tuple(run.wait.signals) if run.wait is not None else ()
    usual = ("resume", "cancel") if run.paused else ("pause", "cancel")
    return tuple(dict.fromkeys((*waits, *usual)))


def _run_json(run: Run, facts: SnapshotFacts) -> Json:
    last, skill = facts.last.get(run.id), facts.skill.get(run.id)
    looked = facts.looked.get(run.id, ShownUses())
    waits = run.wait is not None and not run.state.over
    until = run.wait.until if run.wait is not None and waits else None
    return {
        "project": run.project,
        "issue": run.issue,
        "number": run.number,
        "title": run.snapshot.title,
        "stage": run.stage.value,
        "state": run.state.value,
        "paused": run.paused,
        "person": bool(run.wait is not None and waits and run.wait.person),
        "why": why(run).model_dump(mode="json"),
        "signals": list(signals(run)),
        "until": until.isoformat() if until else None,
        "pr": run.pr,
        "branch": run.branch,
        "merged_sha": run.merged_sha,
        "spent": facts.spent.get(run.id, Spend()).model_dump(mode="json"),
        "last": _event(last) if last is not None else None,
        "skill": _event(skill) if skill is not None else None,
        "lessons": [_event(event) for event in facts.lessons.get(run.id, ())],
        "looked": {"shown": [_event(event) for event in looked.shown], "left": looked.left},
        "created_at": run.created_at.isoformat(),
        "updated_at": run.updated_at.isoformat(),
    }


def _event(event: Event) -> Json:
    return {"at": event.at.isoformat(), "key": f"event.{event.kind}", "facts": event.facts}


def _held_json(held: HeldIssue) -> Json:
    return held.model_dump(mode="json")
