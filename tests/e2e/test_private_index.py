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
        "[environment]\nsetup = ['cat $PIP_CONFIG_FILE', 'python3 -m venv \"$HARNESS_ENV/venv\"', "
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


def settle(world: World, file: str, text: str) -> None:
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
    settle(world, file, text)
    env = {**world.env, "XDG_CONFIG_DIRS": "/nonexistent"}
    asked = {"Let set-up reach them?": ""}
    init = at_a_terminal(["init", "--no-try"], asked, cwd=world.repo, env=env)
    assert init.code == 0, init.out
    assert f"{index.host}  named by this machine's own settings, in a private network" in init.out
    assert f"{world.home / file}:" in init.out
    assert init.out.count("[Y/n]") == 1, init.out
    doctor = world.run("--project", "app", "doctor", code=None, env=env).stdout
    line = next(line for line in doctor.splitlines() if "set-up and test command" in line)
    assert line.startswith("ok"), doctor
    assert any("greeting" in path for path in index.asked)
    again = at_a_terminal(["init", "--no-try"], {}, cwd=world.repo, env=env)
    assert "Let set-up reach" not in again.out
    shown = init.out + doctor + again.out
    assert PASSWORD not in shown
    kept = [path for path in (*world.state.rglob("*"), *world.config.rglob("*")) if path.is_file()]
    leaks = [path for path in kept if PASSWORD.encode() in path.read_bytes()]
    assert leaks == []


@pytest.mark.parametrize(
    ("wrong", "told", "setting"),
    [
        ("version", "has no such package or no such version", "(it lists: "),
        ("login", "(401, 403)", "PIP_CONFIG_FILE"),
        ("certificate", "is not trusted", "PIP_CERT"),
        ("private", "lies in a private network", "environment.private"),
        ("refused", "was not let out to", "environment.allow"),
    ],
)
def test_doctor_names_the_setting_and_shows_the_lines_that_tell(
    tmp_path: Path, index: Index, wrong: str, told: str, setting: str
) -> None:
    files = {**PYTHON}
    if wrong == "version":
        files["requirements.txt"] = "greeting==9.0.0\n"
    world = World(tmp_path, files=files, name="app")
    login = (
        index.simple.replace(PASSWORD, "not-this-password") if wrong == "login" else index.simple
    )
    cert = "" if wrong == "certificate" else f"cert = {index.pem}\n"
    settle(world, ".config/pip/pip.conf", f"[global]\nindex-url = {login}\n{cert}")
    env = {"XDG_CONFIG_DIRS": "/nonexistent"}
    flag = ("--allow", "elsewhere.example") if wrong == "refused" else ("--allow-registries",)
    world.run("init", *flag, env=env)
    own = world.config / "projects" / "app.toml"
    if wrong == "private":
        lines = own.read_text().splitlines(keepends=True)
        own.write_text("".join(line for line in lines if not line.startswith("private")))
    if wrong == "refused":
        address = f'[environment.env]\nPIP_INDEX_URL = "https://{index.host}/simple"\n'
        own.write_text(f"{own.read_text()}\n{address}PIP_CONFIG_FILE = '/dev/null'\n")
    doctor = world.run("--project", "app", "doctor", code=4, env=env).stdout
    assert told in doctor, doctor
    assert setting in doctor
    assert "greeting" in doctor.partition(told)[2], "the lines that tell"
    assert PASSWORD not in doctor


def test_a_login_that_set_up_leaves_behind_makes_no_environment(
    tmp_path: Path, index: Index
) -> None:
    setup = "mkdir -p $HARNESS_ENV/x && cp $PIP_CONFIG_FILE $HARNESS_ENV/x/"
    toml = f'[environment]\nsetup = ["{setup}"]\n[test]\ncommand = "true"\n'
    files = {"requirements.txt": "", "harness.toml": toml}
    world = World(tmp_path, files=files, name="app")
    settle(world, ".config/pip/pip.conf", f"[global]\nindex-url = {index.simple}\n")
    world.run("init", "--allow-registries")
    doctor = world.run("--project", "app", "doctor", code=4).stdout
    assert "a login of a package index was left in env/x/pip.conf" in doctor
    kept = [path for path in world.state.rglob("*") if path.is_file()]
    assert [path for path in kept if PASSWORD.encode() in path.read_bytes()] == []
