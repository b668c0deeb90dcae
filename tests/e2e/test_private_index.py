"""A private index with a certificate and a login of its own: from nothing to a set-up environment,
with the questions asked once."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.terminal import at_a_terminal
from tests.e2e.world import World
from tests.private_index import PASSWORD, Index, private_index

PYTHON = {
    "requirements.txt": "greeting==1.0.0\n",
    "test_greeting.py": (
        "import unittest\n\nimport greeting\n\n\nclass Greeting(unittest.TestCase):\n"
        "    def test_greet(self):\n        self.assertEqual(greeting.greet(), 'hello')\n"
    ),
    "harness.toml": (
        "[environment]\nsetup = ['python3 -m venv \"$HARNESS_ENV/venv\"', "
        "'\"$HARNESS_ENV/venv/bin/python\" -m pip install -r requirements.txt']\n"
        '[test]\ncommand = "python -m unittest -v"\nreporter = "unittest"\n'
    ),
}
NODE = {
    "package.json": '{"name": "x", "version": "1.0.0", "scripts": {"test": "node --test"},'
    ' "dependencies": {"greeting": "1.0.0"}}',
    "greeting.test.js": (
        "const test = require('node:test');\nconst assert = require('node:assert');\n"
        "test('greet', () => assert.equal(require('greeting').greet(), 'hello'));\n"
    ),
}


@pytest.fixture
def index(tmp_path: Path) -> Iterator[Index]:
    with private_index(tmp_path / "corp") as made:
        yield made


def settle(world: World, index: Index, file: str, text: str) -> None:
    """The machine as its person has it: their tool's own settings, nothing of harness."""
    own = world.home / file
    own.parent.mkdir(parents=True, exist_ok=True)
    own.write_text(text)


@pytest.mark.parametrize("kind", ["python", "node"])
def test_from_nothing_to_a_set_up_environment(tmp_path: Path, index: Index, kind: str) -> None:
    files = PYTHON if kind == "python" else NODE
    world = World(tmp_path, files=files, name="app")
    pip = f"[global]\nindex-url = {index.simple}\ncert = {index.pem}\n"
    file, text = (".config/pip/pip.conf", pip) if kind == "python" else (".npmrc", index.npmrc)
    settle(world, index, file, text)
    env = {**world.env, "XDG_CONFIG_DIRS": "/nonexistent"}
    asked = {"Let set-up reach them?": ""}
    init = at_a_terminal(["init"], asked, cwd=world.repo, env=env)
    assert init.code == 0, init.out
    assert f"{index.host}  named by this machine's own settings, in a private network" in init.out
    assert f"{world.home / file}:" in init.out
    assert init.out.count("[Y/n]") == 1, init.out
    doctor = world.run("--project", "app", "doctor", code=None, env=env).stdout
    line = next(line for line in doctor.splitlines() if "set-up and test command" in line)
    assert line.startswith("ok"), doctor
    assert any("greeting" in path for path in index.asked)
    again = at_a_terminal(["init"], {}, cwd=world.repo, env=env)
    assert "Let set-up reach" not in again.out
    shown = init.out + doctor + again.out
    assert PASSWORD not in shown
    kept = [path for path in (*world.state.rglob("*"), *world.config.rglob("*")) if path.is_file()]
    leaks = [path for path in kept if PASSWORD.encode() in path.read_bytes()]
    assert leaks == []
