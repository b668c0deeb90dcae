"""The demo's five issues played in a world of its own, in any language."""

from __future__ import annotations

from pathlib import Path

from examples.demo.run import HERE, ISSUES
from tests.e2e.world import World

_NOTE = "\nTests: python -m pytest\n"
_PAST = " and not (item.best_before and item.best_before < day)"


def play_demo(root: Path, locale: str) -> World:
    """The demo, and what a person does next: a plan approved, another look."""
    files = {
        path.relative_to(HERE / "project").as_posix(): path.read_text()
        for path in (HERE / "project").rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    shelf = files["larder/shelf.py"]
    world = World(root, files={**files, "larder/shelf.py": shelf.replace(_PAST, "")}, name="larder")
    (world.repo / "larder/shelf.py").write_text(shelf)
    world.commit("Leave out what is past its day")
    (world.repo / "README.md").write_text(files["README.md"] + _NOTE)
    world.commit("Say how to run the tests")
    (world.config / "config.toml").write_text(
        f'[models.scripted]\ndialect = "scripted"\nscript = "{HERE / "script.toml"}"\n'
    )
    env = {"LANG": locale}
    world.run("init", env=env)
    for title, body in ISSUES:
        world.run("issue", "new", title, "--body", body, env=env)
    world.run("run", "--once", env=env)
    world.run("approve", "5", env=env)
    world.run("run", "--once", env=env)
    return world
