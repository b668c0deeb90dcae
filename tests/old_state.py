"""A state folder as harness wrote it before its facts had types and Alembic told the version: plain
statements, as a recipe. The schema is what SQLite said of a database of that day."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

from tests.old_rows import ROWS

SCHEMA = """
CREATE TABLE schema_version (version INTEGER NOT NULL, PRIMARY KEY (version));
CREATE TABLE runs (id TEXT NOT NULL, project TEXT NOT NULL, issue INTEGER NOT NULL, number
    INTEGER NOT NULL, state TEXT NOT NULL, over BOOLEAN NOT NULL, data JSON NOT NULL, PRIMARY
    KEY (id), UNIQUE (project, issue, number));
CREATE INDEX runs_by_state ON runs (state);
CREATE UNIQUE INDEX one_open_run ON runs (project, issue) WHERE over IS 0;
CREATE TABLE events (id INTEGER NOT NULL, run TEXT NOT NULL, "key" TEXT NOT NULL, data JSON
    NOT NULL, PRIMARY KEY (id), UNIQUE (run, "key"));
CREATE INDEX events_in_order ON events (run, id);
CREATE TABLE plans (run TEXT NOT NULL, version INTEGER NOT NULL, hash TEXT NOT NULL, "by" TEXT
    NOT NULL, at DATETIME NOT NULL, data JSON NOT NULL, PRIMARY KEY (run, version));
CREATE TABLE evidence (seq INTEGER NOT NULL, run TEXT NOT NULL, id TEXT NOT NULL, data JSON
    NOT NULL, PRIMARY KEY (seq), UNIQUE (run, id));
CREATE TABLE cached_tests ("key" TEXT NOT NULL, data JSON NOT NULL, PRIMARY KEY ("key"));
CREATE TABLE sessions (seq INTEGER NOT NULL, id TEXT NOT NULL, run TEXT NOT NULL, data JSON
    NOT NULL, PRIMARY KEY (seq), UNIQUE (id));
CREATE INDEX ix_sessions_run ON sessions (run);
CREATE TABLE turns (session TEXT NOT NULL, number INTEGER NOT NULL, data JSON NOT NULL,
    PRIMARY KEY (session, number));
CREATE TABLE task_results (session TEXT NOT NULL, data JSON NOT NULL, PRIMARY KEY (session));
CREATE TABLE inbox (id INTEGER NOT NULL, done BOOLEAN NOT NULL, data JSON NOT NULL, answer
    JSON NOT NULL, PRIMARY KEY (id));
CREATE INDEX ix_inbox_done ON inbox (done);
CREATE TABLE kept (scope TEXT NOT NULL, "key" TEXT NOT NULL, value JSON NOT NULL, PRIMARY KEY
    (scope, "key"));
CREATE TABLE calls (seq INTEGER NOT NULL, session TEXT NOT NULL, turn INTEGER NOT NULL, run
    TEXT NOT NULL, request_hash TEXT NOT NULL, message JSON NOT NULL, data JSON NOT NULL,
    PRIMARY KEY (seq), UNIQUE (session, turn));
CREATE INDEX ix_calls_run ON calls (run);
CREATE TABLE spending (session TEXT NOT NULL, turn INTEGER NOT NULL, run TEXT NOT NULL, issue
    TEXT NOT NULL, project TEXT DEFAULT '' NOT NULL, day TEXT NOT NULL, in_flight BOOLEAN NOT
    NULL, held_tokens BIGINT NOT NULL, held_cost_usd FLOAT NOT NULL, held_calls INTEGER NOT
    NULL, tokens BIGINT NOT NULL, cost_usd FLOAT NOT NULL, calls INTEGER NOT NULL, tool_calls
    INTEGER DEFAULT '0' NOT NULL, PRIMARY KEY (session, turn));
CREATE INDEX spending_by_run ON spending (run);
CREATE INDEX spending_by_day ON spending (day);
CREATE INDEX spending_by_issue ON spending (issue);
"""
ANN = {"id": 7, "login": "ann", "kind": "user"}
NOON = "2026-01-02T12:00:00Z"


def run_row(issue: int, title: str, **facts: Any) -> tuple[object, ...]:
    """A row of `runs`: its columns, and the run as one JSON object."""
    snapshot = {
        "number": issue,
        "title": title,
        "body": "b",
        "author": ANN,
        "labels": [],
        "comments": [],
        "hidden_removed": 0,
        "others": 0,
        "taken_at": NOON,
        "trigger": ANN,
        "trigger_kind": "label",
    }
    empty = dict.fromkeys(("base_sha", "began_sha", "tree", "verified", "branch", "head_sha"), "")
    nothing = dict.fromkeys(("kind", "difficulty", "reproduction", "outcome", "wait"))
    run = {
        "id": f"p/{issue}/1",
        "project": "p",
        "issue": issue,
        "number": 1,
        "snapshot": snapshot,
        **empty,
        **nothing,
        "pr": 0,
        "merged_sha": "",
        "plan_version": 0,
        "approvals": {},
        "paused": False,
        "created_at": NOON,
        "updated_at": NOON,
        **facts,
    }
    return run["id"], "p", issue, 1, facts["state"], False, json.dumps(run)


WAITING = run_row(
    1,
    "Sum is wrong",
    state="held",
    stage="follow_up",
    activation=3,
    attempts={"implement": 2, "implement_from": 1, "faults": 1, "crashes": 4},
    kind="bug",
    pr=7,
    wait={
        "reason": {"key": "pipeline.merge_ask", "facts": {"pr": 7}},
        "signals": ["approve", "reject"],
        "until": None,
        "fingerprint": "f1",
        "subject": "merge:1",
        "person": True,
    },
)
RUNNING = run_row(
    2, "Add a flag", state="active", stage="plan", activation=1, attempts={"triage": 1}
)


def event_row(run: str, title: str) -> tuple[str, str, str]:
    """A row of `events` without its number."""
    facts = {"title": title, "by": "ann", "hidden": 0}
    event = {"id": 0, "run": run, "key": "run_opened:", "at": NOON, "stage": "triage"}
    return run, "run_opened:", json.dumps({**event, "kind": "run_opened", "facts": facts})


def old_state(path: Path) -> None:
    """The database: a run that waits for a person, one that is under way, every small fact."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with closing(sqlite3.connect(path)) as raw, raw:
        raw.execute("PRAGMA journal_mode=WAL")
        raw.executescript(SCHEMA)
        raw.execute("INSERT INTO schema_version VALUES (2)")
        raw.executemany("INSERT INTO runs VALUES (?, ?, ?, ?, ?, ?, ?)", (WAITING, RUNNING))
        events = (event_row("p/1/1", "Sum is wrong"), event_row("p/2/1", "Add a flag"))
        raw.executemany("INSERT INTO events (run, key, data) VALUES (?, ?, ?)", events)
        facts = [(scope, key, stored) for _, _, scope, key, stored, _ in ROWS]
        raw.executemany("INSERT INTO kept VALUES (?, ?, ?)", facts)
