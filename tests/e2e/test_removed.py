"""A project that is removed while others are worked on, and one that begins anew in its name."""

from __future__ import annotations

import json
from pathlib import Path

from tests.e2e.test_newcomers import running
from tests.e2e.world import BUG, World


def rows(world: World) -> dict[str, str]:
    said = json.loads(world.run("--project", world.name, "status", "--json").stdout)
    return {
        f"{row['project']}/{row['issue']}/{row['number']}": row["state"] for row in said["runs"]
    }


def test_it_begins_anew_in_its_own_name(tmp_path: Path) -> None:
    world = World(tmp_path)
    world.begin()
    world.run("run", "--once")
    assert rows(world) == {"calc/1/1": "done"}
    world.run("issue", "new", "wait for me", "--body", "not now")
    world.run("remove", "--purge", "--yes")
    assert not list((world.state / "workspaces").glob("*"))
    world.begin(*BUG)
    world.run("run", "--once")
    assert rows(world) == {"calc/1/1": "done", "calc/4/1": "done"}
    world.run("pull")
    assert "a + b" in (world.repo / "calc.py").read_text()


def test_what_waited_for_a_person_is_not_gone_on_with(tmp_path: Path) -> None:
    world = World(tmp_path, settings='[policy]\nmerge = "ask"\n')
    world.begin()
    world.run("run", "--once")
    (state,) = rows(world).values()
    assert state in ("waiting", "held")
    world.run("remove")
    world.run("remove", "calc", "--purge", "--yes")
    world.begin(*BUG)
    world.run("run", "--once")
    found = rows(world)
    assert found["calc/1/1"] == "cancelled"
    assert found["calc/3/1"] == state


def test_a_daemon_at_work_lets_go_of_it(tmp_path: Path) -> None:
    first, second = World(tmp_path, name="first"), World(tmp_path, name="second")
    first.run("init")
    second.run("init")
    with running(first) as said:
        refused = second.run("remove", "second", "--purge", "--yes", code=5)
        assert "process" in refused.stderr
        second.run("remove", "second")
        assert first.until(lambda: "second is registered no more" in said.read_text())
        second.run("init")
        assert first.until(lambda: "second was registered" in said.read_text())
        assert first.run("status").returncode == 0
