"""Public projects, as their indexes hand them out: registered by the one command, the suite does in
the Box what it does outside."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.real.chosen import RELEASES, Chosen
from tests.real.machine import Machine

pytestmark = pytest.mark.parts


@pytest.mark.parametrize("chosen", RELEASES, ids=lambda chosen: str(chosen.short))
def test_a_suite_does_inside_what_it_does_outside(chosen: Chosen, tmp_path: Path) -> None:
    machine = Machine(tmp_path, chosen.short)
    machine.settle(chosen.project)
    said = machine.says("init", "--yes")
    assert said["code"] == 0, said
    inside = machine.tried(said["said"])
    outside = machine.outside(inside)
    assert inside["counts"] == outside.get("counts"), (said, outside)
    assert inside["counts"]["passed"] >= chosen.least
    assert inside["counts"]["failed"] == 0
