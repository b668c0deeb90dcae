"""kill -9 while three sub-agents work: every task done once, one pull request, one merge."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import pytest

from tests.crash.test_kill import SEEDS, dying, repeated
from tests.e2e.world import REVIEWER, World, call, conversation, turn, verdict

pytestmark = [pytest.mark.crash, pytest.mark.timeout(900)]
NAMES = ("a", "b", "c")


def task(name: str) -> dict[str, Any]:
    return {"id": name, "title": f"Module {name}", "detail": "", "files": [f"{name}.py"]}


def worker(name: str) -> Any:
    """Appends, so that doing it twice would show."""
    work = call("bash", command=f"echo '{name} = 1' >> {name}.py")
    return conversation(
        turn(work), turn(verdict("done", summary=f"{name} is there")), session=f".{name}"
    )


def split(root: Path) -> World:
    world = World(root)
    lead = conversation(
        turn(
            verdict(
                "triage",
                kind="feature",
                clear=True,
                difficulty="medium",
                risk="low",
                reason="three modules",
            ),
            verdict("plan", summary="One module each.", tasks=[task(name) for name in NAMES]),
        ),
        session="-worker",
    )
    world.script(REVIEWER, *(worker(name) for name in NAMES), lead)
    world.begin("Three modules", "a, b and c.")
    return world


def check(world: World) -> None:
    run = world.status()[1]
    assert (run["state"], run["why"]["key"]) == ("done", "pipeline.merged"), run
    (pull,) = world.pulls()
    assert pull.state == "merged"
    assert len(world.comments()) == 1
    for name in NAMES:
        assert world.merged_file(f"{name}.py") == f"{name} = 1\n"


def test_killed_while_sub_agents_work(tmp_path: Path) -> None:
    whole = split(tmp_path / "whole")
    log = whole.root / "log"
    assert dying(whole, log) == 0
    check(whole)
    total = len(log.read_text().splitlines())
    chosen = random.Random(7)
    for count in range(max(3, SEEDS // 3)):
        world = split(tmp_path / str(count))
        log = world.root / "log"
        dying(world, log, chosen.randint(1, total))
        assert dying(world, log) == 0
        check(world)
        assert repeated(log) <= len(NAMES) + 1
