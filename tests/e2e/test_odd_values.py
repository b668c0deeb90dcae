"""Values that no run may end at: half characters, truth in the place of a number, numbers that are
none. The model is told, and goes on."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.test_bad_input import MERGED, outcome
from tests.e2e.world import (
    DONE,
    FIX,
    PLAN,
    REPRODUCTION,
    REVIEWER,
    TRIAGE,
    WRITE_TEST,
    World,
    call,
    conversation,
    turn,
    verdict,
)

HALF = json.loads('"\\ud800"')
TASK = {"id": "1", "title": "add", "detail": "", "files": ["calc.py"]}


def triage(**more: Any) -> dict[str, Any]:
    told = {"kind": "bug", "clear": True, "difficulty": "small", "risk": "low", "reason": "sign"}
    return verdict("triage", **told, **more)


ODD = {
    "a plan with half a character": [TRIAGE, verdict("plan", summary=HALF, tasks=[TASK])],
    "a task of it": [TRIAGE, verdict("plan", summary="s", tasks=[{**TASK, "files": [HALF]}])],
    "a key of it": [TRIAGE, verdict("plan", summary="s", tasks=[TASK], **{f"x{HALF}": 1})],
    "a kind of verdict": [verdict(f"tri{HALF}")],
    "a tool": [TRIAGE, call(f"wri{HALF}")],
    "a file": [TRIAGE, PLAN, call("write", path=f"x{HALF}", content=HALF)],
    "a command": [TRIAGE, PLAN, call("bash", command=f"echo {HALF}")],
    "a copy of number true": [triage(duplicate_of=True)],
    "a copy of a number that is none": [triage(duplicate_of=10**30)],
    "a copy of a number below": [triage(duplicate_of=-1)],
    "a task whose id is true": [TRIAGE, verdict("plan", summary="s", tasks=[{**TASK, "id": True}])],
}


@pytest.mark.parametrize("name", sorted(ODD))
def test_the_model_is_told_and_the_run_goes_on(tmp_path: Path, name: str) -> None:
    world = World(tmp_path)
    said = turn(*ODD[name], text=f"hm {HALF}")
    again = turn(TRIAGE, PLAN, WRITE_TEST, REPRODUCTION, FIX, DONE)
    world.script(conversation(said, again, session="-worker"), REVIEWER)
    world.begin()
    world.run("run", "--once")
    assert outcome(world) == MERGED
