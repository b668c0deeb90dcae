"""A whole run from which something is taken before its merge, and given back."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from tests.e2e.scene import Scene, play


def test_a_locked_issue_and_another_repository_hold_a_merge_until_they_are_back(
    tmp_path: Path,
) -> None:
    async def scene(s: Scene) -> None:
        assert (await s.look())[0] == "held"
        await s.me.lock(1)
        await s.say("approve")
        assert await s.look() == ("waiting", "authority.locked")
        assert await s.look() == ("waiting", "authority.locked")
        assert (await s.pull()).state == "open"
        with sqlite3.connect(s.world.state / "forge" / "forge.db") as base:
            (known,) = base.execute("select id from repositories").fetchone()
        await s.me.lock(1, locked=False)
        _renumber(s, known, known + 1)
        assert await s.look() == ("waiting", "authority.other")
        assert (await s.run()).state.value == "waiting"
        _renumber(s, known + 1, known)
        assert (await s.look())[0] == "done"
        assert (await s.pull()).state == "merged"

    play(tmp_path, scene, merge="ask")


def _renumber(s: Scene, old: int, new: int) -> None:
    """Somebody made the repository anew: all is as it was, but for its id."""
    base = sqlite3.connect(s.world.state / "forge" / "forge.db")
    base.execute("update repositories set id = ? where id = ?", (new, old))
    tables = ("members", "items", "comments", "timeline", "pulls", "reviews", "threads")
    for table in (*tables, "checks", "leases"):
        base.execute(f"update {table} set repo = ? where repo = ?", (new, old))
    base.commit()
    base.close()
