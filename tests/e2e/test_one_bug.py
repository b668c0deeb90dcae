"""From an issue to a merged pull request, by the command line alone."""

from __future__ import annotations

from pathlib import Path

from tests.e2e.world import BUG, TEST, World


def test_a_bug_is_reproduced_fixed_merged_and_reported(tmp_path: Path) -> None:
    world = World(tmp_path)
    world.begin()
    done = world.run("run", "--once")
    run = world.status()[1]
    assert (run["state"], run["why"]["key"]) == ("done", "pipeline.merged"), done.stdout
    (pull,) = world.pulls()
    assert (pull.state, pull.title) == ("merged", "Add, do not subtract")
    assert "return a + b" in world.merged_file("calc.py")
    assert world.issue().state == "closed"
    report = (world.folder() / "REPORT.md").read_text()
    assert BUG[0] in report
    assert TEST in report
    assert (world.folder() / "REPORT.html").exists()
    assert "merged" in world.why()
    assert len(world.comments()) == 1
    world.run("pull")
    assert "return a + b" in (world.repo / "calc.py").read_text()
    assert run["spent"]["calls"] == 2


def test_a_second_round_does_nothing(tmp_path: Path) -> None:
    world = World(tmp_path)
    world.begin()
    world.run("run", "--once")
    before = world.status()[1]
    world.run("run", "--once")
    assert world.status()[1]["spent"] == before["spent"]
    assert len(world.pulls()) == 1
