"""What must be fast imports little; what must work without anything works without anything."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from harness.cli.main import COMMANDS
from tests.cli.conftest import Call, Person

HEAVY = [
    "anthropic",
    "openai",
    "sqlalchemy",
    "alembic",
    "dbos",
    "pydantic",
    "github",
    "git",
    "apscheduler",
    "asyncio",
    "harness.core.errors",
]
CODE = """
import sys
from harness.cli.main import main
code = main(sys.argv[1:])
print(sorted(set({heavy!r}) & sys.modules.keys()), file=sys.stderr)
"""


@pytest.mark.parametrize(
    "args", [["--help"], ["status"], ["why", "3"], ["--version"], ["status", "--json"]]
)
def test_fast_commands_import_nothing_heavy(person: Person, args: list[str]) -> None:
    done = subprocess.run(
        [sys.executable, "-c", CODE.format(heavy=HEAVY), *args],
        cwd=person.cwd,
        env=person.env,
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stderr.splitlines()[-1] == "[]"


def test_fast_commands_leave_no_file(person: Person) -> None:
    for args in (["--help"], ["status"], ["why", "1"], ["config", "show"]):
        person.harness(*args)
    assert list(person.home.iterdir()) == []


@pytest.mark.parametrize("language", ["en", "ko"])
def test_help_lists_every_command_in_the_readers_language(call: Call, language: str) -> None:
    done = call("--help", "--language", language)
    assert done.code == 0
    for name in COMMANDS:
        assert f"  {name} " in done.out
    assert ("승인" in done.out) == (language == "ko")


@pytest.mark.parametrize("name", sorted(COMMANDS))
def test_every_command_has_help_in_both_languages(call: Call, name: str) -> None:
    for language in ("en", "ko"):
        done = call(name, "--help", "--language", language)
        assert done.code == 0, done.err
        # a catalogue key that was not looked up would show as itself
        assert "cli.opt." not in done.out
        assert "cli.help." not in done.out
        assert "forge.opt." not in done.out


def test_every_command_that_prints_takes_json(call: Call) -> None:
    groups = {"issue", "pr", "config", "service", "lessons", "refs", "skills"}
    for name in sorted(COMMANDS.keys() - groups):
        assert "--json" in call(name, "--help").out, name


def test_status_of_an_empty_home_says_how_to_start(person: Person) -> None:
    done = person.harness("status")
    assert (done.code, done.err) == (0, "")
    assert "harness run --once" in done.out
    assert json.loads(person.harness("status", "--json").out)["runs"] == []


def test_a_folder_that_is_gone_is_said(person: Person, tmp_path: Path) -> None:
    code = f"import os; os.chdir({str(tmp_path / 'gone')!r}); os.rmdir({str(tmp_path / 'gone')!r})"
    (tmp_path / "gone").mkdir()
    done = subprocess.run(
        [sys.executable, "-c", f"{code}\nfrom harness.cli.main import main\nmain(['status'])"],
        env={**person.env, "PYTHONPATH": str(Path(__file__).parents[2])},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert "no longer exists" in done.stderr
    assert "Traceback" not in done.stderr
