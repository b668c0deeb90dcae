"""The main job on public projects with their own dependencies: a bug is planted, the command line
does the rest, against an LLM server that somebody else wrote, over both dialects."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from harness.core.types import Evidence, Run
from harness.engine.database import Database
from harness.engine.store import SqlStore
from tests.e2e.world import World
from tests.parts import aimock
from tests.patience import PATIENCE_S
from tests.real.compiled import COMPILED, IN_CI
from tests.real.interpreted import INTERPRETED
from tests.real.packages import Ours
from tests.real.projects import ALL, Bug, Real
from tests.real.replies import fixtures
from tests.real.sources import Source, npm_program, reached, registries, unpacked

pytestmark = pytest.mark.parts
DIALECTS = ("anthropic", "openai")
RUSTUP = Path(os.environ.get("RUSTUP_HOME", Path.home() / ".rustup"))
KEY = {"MOCK_KEY": "no-key-at-all"} | ({"RUSTUP_HOME": str(RUSTUP)} if RUSTUP.is_dir() else {})
"""With where this machine's Rust lies: the world has a home of its own."""


MORE = (*COMPILED, *INTERPRETED) if os.environ.get("HARNESS_REAL") == "all" else IN_CI


@pytest.mark.parametrize("real", [*ALL, *MORE], ids=lambda real: str(real.source.name))
async def test_planted_bugs_are_settled_over_both_dialects(real: Real, tmp_path: Path) -> None:
    world = _world(real, tmp_path)
    world.run("init", env=KEY)
    for bug, dialect in zip(real.bugs, DIALECTS, strict=False):
        number = _issue(world, bug)
        with aimock(fixtures(bug)) as mock:
            _speak(world, dialect, mock.address)
            told = world.run("run", "--once", env=KEY).stdout
        assert number in world.status(), told
        row = world.status()[number]
        assert (row["state"], row["why"]["key"]) == ("done", "pipeline.merged"), told
        await _proved(world, real, bug, number)
    _passes_its_own_tests(world, real, tmp_path / "merged")


def _issue(world: World, bug: Bug) -> int:
    made = world.run("issue", "new", bug.title, "--body", bug.body, "--json")
    return int(json.loads(made.stdout)["number"])


def _world(real: Real, root: Path) -> World:
    """The release as a repository, with its bugs."""
    source = real.source
    fetches = isinstance(source, Source) or (isinstance(source, Ours) and source.fetches)
    settings = _registries() + real.settings if fetches else real.settings
    world = World(root, settings, files={}, name=source.name)
    if isinstance(source, Source):
        unpacked(source, world.repo)
    else:
        source.unpack(world.repo)
    if isinstance(source, Source) and source.kind == "node":
        # the project has one; npm leaves it out of what it hands out
        (world.repo / ".gitignore").write_text("node_modules/\ncoverage/\n")
    world.commit(f"{source.name} {source.version}")
    for bug in real.bugs:
        file = world.repo / bug.path
        text = file.read_text()
        assert text.count(bug.right) == 1
        file.write_text(text.replace(bug.right, bug.wrong))
        world.commit(f"Simplify {Path(bug.path).name}")
    return world


def _registries() -> str:
    """Settings that let set-up out to the machine's own registries."""
    access = "".join(f"{name} = {json.dumps(text)}\n" for name, text in registries().items())
    hosts = json.dumps(reached())
    return f"[environment]\nallow = {hosts}\nprivate = {hosts}\n\n[environment.env]\n{access}"


def _speak(world: World, dialect: str, address: str) -> None:
    """The person's settings name the mock server as their only model."""
    base = address if dialect == "anthropic" else f"{address}/v1"
    model = {"dialect": dialect, "model": "mock-1", "base_url": base, "api_key_env": "MOCK_KEY"}
    lines = [f"{key} = {json.dumps(value)}" for key, value in model.items()]
    page = "\n".join([world.settings, "[models.mock]", *lines, ""])
    (world.config / "config.toml").write_text(page)


async def _proved(world: World, real: Real, bug: Bug, number: int) -> None:
    """What harness itself recorded: red on base twice, green with the change's product files, each
    in a Box of its own; the base's tests against both."""
    run, rows = await _recorded(world, number)
    assert run.pr
    repro = [row for row in rows if row.kind == "reproduction"]
    base = [row for row in repro if row.side == "base"]
    change = [row for row in repro if row.side == "product"]
    assert len(base) >= 2
    for row in base:
        assert row.tests is not None
        assert row.tests.having("failed")
        assert not row.tests.having("error")
    assert change[-1].exit_code == 0
    assert change[-1].tests is not None
    assert change[-1].tests.having("passed")
    assert {row.sandbox for row in rows} == {"bubblewrap"}
    # the first of a side is the project's own command; tests that it leaves out come after
    ordered = sorted(rows, key=lambda row: row.started_at, reverse=True)
    suites = {row.side: row for row in ordered if row.kind == "tests"}
    before, after = suites["base"].tests, suites["product"].tests
    assert before is not None
    assert after is not None
    assert bool(before.having("failed", "error")) == bug.noticed
    assert not after.having("failed", "error")
    assert suites["product"].exit_code == 0, suites["product"].output
    assert len(after.having("passed")) >= real.least
    spent = world.status()[number]["spent"]
    seconds = (run.updated_at - run.created_at).total_seconds()
    print(
        f"{real.source.name} #{number}: {seconds:.0f} s, {spent['calls']} calls, "
        f"{spent['tokens']} tokens, {len(after.outcomes)} tests, {len(rows)} runs of "
        f"{sum(row.duration_s for row in rows):.1f} s"
    )


async def _recorded(world: World, number: int) -> tuple[Run, tuple[Evidence, ...]]:
    database = Database(world.state / "state.db")
    await database.open()
    try:
        store = SqlStore(database)
        run = await store.find_run(world.name, number)
        assert run is not None
        return run, await store.evidence(run.id)
    finally:
        await database.close()


def _passes_its_own_tests(world: World, real: Real, checkout: Path) -> None:
    """What was merged, cloned by plain git, set up and tested as the project's people do it."""
    bare = world.state / "forge" / f"{world.repository}.git"
    subprocess.run(["git", "clone", "--quiet", str(bare), str(checkout)], check=True)
    for bug in real.bugs:
        assert bug.right in (checkout / bug.path).read_text()
        assert (checkout / bug.test_path).read_text() == bug.test_text
    if real.check:
        _run(checkout, *real.check)
        return
    source = real.source
    assert isinstance(source, Source)
    if source.kind == "node":
        # the packages that the set-up installed: a second installation would take a minute
        (modules,) = (world.state / "environments").glob("*/kept-*")
        shutil.copytree(modules, checkout / "node_modules", symlinks=True)
        _run(checkout, npm_program(), "run", "test:unit")
        return
    python = str(checkout / ".venv" / "bin" / "python")
    _run(checkout, sys.executable, "-m", "venv", ".venv")
    release = {"SETUPTOOLS_SCM_PRETEND_VERSION": source.version}
    _run(checkout, python, "-m", "pip", "install", "--quiet", "-e.[tests]", env=release)
    _run(checkout, python, "-m", "pytest", "-q", "-p", "no:cacheprovider")


def _run(folder: Path, *command: str, env: Mapping[str, str] | None = None) -> None:
    done = subprocess.run(
        command,
        cwd=folder,
        env={**os.environ, **(env or {})},
        check=False,
        capture_output=True,
        text=True,
        timeout=PATIENCE_S,
    )
    assert done.returncode == 0, f"{command}: {done.stdout[-3000:]}{done.stderr[-2000:]}"
