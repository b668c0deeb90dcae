"""What the demo's last screen offers leads to an end: its answer, its approval, one more round."""

from __future__ import annotations

from pathlib import Path

from examples.demo.run import HERE, ISSUES, NEXT
from tests.e2e.world import World

PROJECT = HERE / "project"


def demo(root: Path) -> World:
    """The demo's project and model, with the two issues that wait for a person."""
    files = {
        str(path.relative_to(PROJECT)): path.read_text()
        for path in PROJECT.rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    world = World(root, files=files, name="larder")
    script = f'[models.scripted]\ndialect = "scripted"\nscript = "{HERE / "script.toml"}"\n'
    (world.config / "config.toml").write_text(script)
    world.run("init")
    for title, body in ISSUES[3:]:
        world.run("issue", "new", title, "--body", body)
    world.run("run", "--once")
    return world


def test_what_the_last_screen_offers_ends_merged(tmp_path: Path) -> None:
    world = demo(tmp_path)
    waiting = {issue: run["why"]["key"] for issue, run in world.status().items()}
    assert waiting == {1: "pipeline.question_asked", 2: "pipeline.plan_waits"}
    for verb, *rest in NEXT:
        # the demo's issues 4 and 5 are the first two here
        world.run(verb, *(str(int(word) - 3) if word.isdigit() else word for word in rest))
    ended = {issue: run["why"]["key"] for issue, run in world.status().items()}
    assert ended == {1: "pipeline.merged", 2: "pipeline.merged"}, world.why()


def test_a_plan_that_is_sent_back_there_comes_again(tmp_path: Path) -> None:
    world = demo(tmp_path)
    world.run("reject", "2", "say what it costs")
    world.run("run", "--once")
    assert world.status()[2]["why"]["key"] == "pipeline.plan_waits"
    assert "half as long again" in world.run("plan", "2").stdout
    world.run("approve", "2")
    world.run("run", "--once")
    assert world.status()[2]["why"]["key"] == "pipeline.merged", world.why(2)
