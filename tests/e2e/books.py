"""What the database of a world holds, asked with plain SQL: pages are held to it, and nothing of
the product's own code takes part."""

from __future__ import annotations

import json
import re
import sqlite3
import subprocess
from collections import Counter
from contextlib import closing
from pathlib import Path
from typing import Any

WORD = re.compile(r"[A-Za-z0-9_./:#~$+-]*\d[\w./:,%#-]*")
"""A word that holds a digit."""


def words_in(text: str) -> Counter[str]:
    """Every word with a digit, without what markup and sentences put around it."""
    plain = text.replace("\\", "")
    return Counter(word.rstrip(".,:;").lstrip("#~$+") for word in WORD.findall(plain))


class Books:
    """One state folder. Keys of runs are issue numbers: each issue has one run here."""

    def __init__(self, state: Path) -> None:
        self._path = state / "state.db"
        self._runs = {int(row["issue"]): row for row in self._json("SELECT data FROM runs")}

    def ask(self, sql: str, *facts: object) -> list[tuple[Any, ...]]:
        with closing(sqlite3.connect(f"file:{self._path}?mode=ro", uri=True)) as database:
            return database.execute(sql, facts).fetchall()

    def _json(self, sql: str, *facts: object) -> list[dict[str, Any]]:
        # what is a number alone, SQLite gives back as one
        values = (row[0] for row in self.ask(sql, *facts))
        return [json.loads(value) if isinstance(value, str) else value for value in values]

    @property
    def issues(self) -> list[int]:
        return sorted(self._runs)

    def run(self, issue: int) -> dict[str, Any]:
        return self._runs[issue]

    def events(self, issue: int) -> list[dict[str, Any]]:
        sql = "SELECT data FROM events WHERE run = ? ORDER BY id"
        return self._json(sql, self.run(issue)["id"])

    def evidence(self, issue: int) -> list[dict[str, Any]]:
        sql = "SELECT data FROM evidence WHERE run = ? ORDER BY seq"
        return self._json(sql, self.run(issue)["id"])

    def plan(self, issue: int) -> dict[str, Any] | None:
        sql = "SELECT data FROM plans WHERE run = ? ORDER BY version DESC LIMIT 1"
        return next(iter(self._json(sql, self.run(issue)["id"])), None)

    def costs(self, issue: int) -> list[tuple[Any, ...]]:
        """(stage, calls, fresh, cached, output, dollars) of each stage, then the total."""
        sums = (
            "count(*), sum(data->>'$.usage.fresh') + sum(data->>'$.usage.cache_write'),"
            " sum(data->>'$.usage.cache_read'), sum(data->>'$.usage.output'),"
            " sum(data->>'$.cost_usd')"
        )
        mine = "FROM calls WHERE run = ?"
        run = self.run(issue)["id"]
        stages = f"SELECT data->>'$.stage', {sums} {mine} GROUP BY 1 ORDER BY min(seq)"
        return [*self.ask(stages, run), *self.ask(f"SELECT '', {sums} {mine}", run)]

    def spent(self, issue: int = 0) -> tuple[int, float, int, int]:
        """(tokens, dollars, model calls, tool calls) of a run, or of all."""
        sql = (
            "SELECT sum(tokens + held_tokens), sum(cost_usd + held_cost_usd),"
            " sum(calls + held_calls), sum(tool_calls) FROM spending WHERE ? IN ('', run)"
        )
        tokens, dollars, calls, tools = self.ask(sql, self.run(issue)["id"] if issue else "")[0]
        return int(tokens), float(dollars), int(calls), int(tools)

    def standing(self, issue: int) -> int:
        """Runs on the newest tree of each command on each side, and all on earlier commits."""
        ran = self.evidence(issue)
        newest = {(e["kind"], e["side"], e["command"]): e["tree"] for e in ran}
        stands = (newest[e["kind"], e["side"], e["command"]] == e["tree"] for e in ran)
        return sum(s or e["side"] == "earlier" for s, e in zip(stands, ran, strict=True))

    def texts(self, issue: int) -> list[str]:
        """Everything that was said or written in the run, as it was stored."""
        run = self.run(issue)
        held = [run, *self.events(issue), *self.evidence(issue), self.plan(issue)]
        kept = self._json("SELECT value FROM kept WHERE scope = ?", run["id"])
        sessions = self._json("SELECT data FROM sessions WHERE run = ?", run["id"])
        return [text for value in (*held, *kept, *sessions) for text in _texts(value)]

    def stored_words(self, issue: int) -> set[str]:
        """Words with a digit that are no bare number, and hashes by their beginnings."""
        found = {word for text in self.texts(issue) for word in words_in(text)}
        return {word for word in found if not word.isdigit()}


def _texts(value: object) -> list[str]:
    match value:
        case str():
            return [value]
        case dict():
            return [text for one in value.values() for text in _texts(one)] + list(map(str, value))
        case list():
            return [text for one in value for text in _texts(one)]
    return []


def changed_lines(bare: Path, merged: str) -> dict[str, tuple[int, int]]:
    """Path -> lines added and removed by a merged commit, as git counts them."""
    argv = ["git", "--git-dir", str(bare), "diff", "--numstat", f"{merged}^1", merged]
    said = subprocess.run(argv, check=True, capture_output=True, text=True).stdout
    rows = [line.split("\t") for line in said.splitlines()]
    return {path: (int(added), int(removed)) for added, removed, path in rows}
