"""The wheel as `pipx install` and `uv tool install` put it: in an environment of its own, without
bytecode, read-only, started by its script from another folder."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest

from tests.e2e.world import BUG, World
from tests.patience import PATIENCE_S

ROOT = Path(__file__).resolve().parent.parent.parent


def command(*words: str, cwd: Path = ROOT) -> None:
    subprocess.run(words, cwd=cwd, check=True, capture_output=True, timeout=PATIENCE_S)


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The installed script. What harness depends on is that of these tests, beside it."""
    root = tmp_path_factory.mktemp("installed")
    command(sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(root))
    (wheel,) = root.glob("*.whl")
    command(sys.executable, "-m", "venv", "--without-pip", str(root / "tool"))
    python = root / "tool" / "bin" / "python"
    command(
        *(sys.executable, "-m", "pip", "--python", str(python), "--disable-pip-version-check"),
        *("install", "--quiet", "--no-index", "--no-deps", "--no-compile", str(wheel)),
        cwd=root,
    )
    (packages,) = (root / "tool" / "lib").glob("python*/site-packages")
    (packages / "beside.pth").write_text(sysconfig.get_path("purelib"))
    for path in [*packages.rglob("*"), packages]:
        path.chmod(path.stat().st_mode & ~0o222)
    return root / "tool" / "bin" / "harness"


def run(installed: Path, world: World, *words: str) -> str:
    env = {**world.env, "PATH": os.defpath}
    done = subprocess.run(
        [installed, *words], cwd=world.repo, env=env,
        capture_output=True, text=True, check=False, timeout=PATIENCE_S,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_a_bug_is_fixed_and_merged_by_the_installed_program(
    installed: Path, tmp_path: Path
) -> None:
    world = World(tmp_path)
    assert run(installed, world, "--version").startswith("harness ")
    run(installed, world, "init")
    run(installed, world, "issue", "new", BUG[0], "--body", BUG[1])
    run(installed, world, "run", "--once")
    (row,) = json.loads(run(installed, world, "status", "--json"))["runs"]
    assert row["state"] == "done", row
    run(installed, world, "pull")
    assert "a + b" in (world.repo / "calc.py").read_text()


def test_it_is_the_wheel_that_runs_and_it_has_what_it_reads(installed: Path) -> None:
    code = (
        "import harness; from harness.prompting.templates import prompts_root\n"
        "from harness.i18n.catalogue import Catalogue\n"
        "print(harness.__file__, prompts_root(), Catalogue('ko')('cli.help.init'), sep='\\n')"
    )
    python = installed.with_name("python")
    done = subprocess.run(
        [python, "-P", "-c", code], cwd="/", capture_output=True, text=True, check=True
    )
    file, prompts, sentence = done.stdout.splitlines()
    tool = str(installed.parent.parent)
    assert file.startswith(tool)
    assert prompts.startswith(tool)
    assert not sentence.isascii()
