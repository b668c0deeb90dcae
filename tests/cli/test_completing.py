"""What a shell is offered at the Tab key, by the shells' own protocol, in processes."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from harness.cli.main import COMMANDS
from tests.cli.conftest import MAIN, Ended, Person
from tests.cli.test_startup import CODE, HEAVY

RUNS = [
    {"project": "here", "issue": 7, "number": 1, "state": "waiting", "title": "x'); rm -rf $(y)"},
    {"project": "here", "issue": 12, "number": 1, "state": "done", "title": "`id`"},
    {"project": "other", "issue": 13, "number": 1, "state": "done", "title": "z"},
]
HELD = [{"project": "here", "issue": 15}]


@pytest.fixture
def at_work(person: Person) -> Person:
    person.register("here", person.cwd)
    person.register("other", person.home)
    person.register("$(touch x)", person.home)
    person.state.mkdir(parents=True)
    data = {"version": 1, "at": "2026-01-01T00:00:00+00:00", "runs": RUNS, "held": HELD}
    (person.state / "snapshot.json").write_text(json.dumps(data))
    return person


def offered(person: Person, line: str, shell: str = "bash", cwd: Path | None = None) -> Ended:
    """What `line` up to the cursor is answered with."""
    words = line.split(" ")
    env = {
        "_HARNESS_COMPLETE": f"complete_{shell}",
        "COMP_WORDS": line,
        "COMP_CWORD": str(len(words) - 1),
        "_TYPER_COMPLETE_ARGS": line,
        "_TYPER_COMPLETE_FISH_ACTION": "get-args",
    }
    done = subprocess.run(
        [sys.executable, "-c", MAIN],
        cwd=cwd or person.cwd,
        env={**person.env, **env},
        capture_output=True,
        text=True,
        check=False,
    )
    return Ended(done.returncode, done.stdout, done.stderr)


LINES = [
    ("harness st", ["status"]),
    ("harness ", list(COMMANDS)),
    ("harness nothing", []),
    ("harness --project ", ["here", "other"]),
    ("harness --project o", ["other"]),
    ("harness remove ", ["here", "other"]),
    ("harness why ", ["15", "12", "7"]),
    ("harness why 1", ["15", "12"]),
    ("harness --project other why ", ["13"]),
    ("harness --project nobody why ", ["15", "13", "12", "7"]),
    ("harness approve 7", ["7"]),
    ("harness issue show 1", ["15", "12"]),
    ("harness pr show ", []),
    ("harness triage 12 ", ["15", "12", "7"]),
    ("harness --pro", ["--project"]),
    ("harness remove --pu", ["--purge"]),
    ("harness service ", ["install", "uninstall", "status"]),
]


@pytest.mark.parametrize(("line", "words"), LINES)
def test_commands_projects_and_issues_are_offered(
    at_work: Person, line: str, words: list[str]
) -> None:
    done = offered(at_work, line)
    assert (done.code, done.err) == (0, "")
    assert done.out.split() == words


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_every_shell_is_answered_and_no_strangers_text_is_among_it(
    at_work: Person, shell: str
) -> None:
    for line, word in (
        ("harness why ", "12"),
        ("harness --project ", "here"),
        ("harness pu", "pull"),
    ):
        done = offered(at_work, line, shell)
        assert (done.code, done.err) == (0, "")
        assert word in done.out
        assert not {"rm -rf", "id`", "touch"} & set(done.out.split())


@pytest.mark.parametrize("broken", ["{", "", '{"version": 99}', "[]"])
def test_what_cannot_be_read_is_silence(at_work: Person, broken: str) -> None:
    (at_work.state / "snapshot.json").write_text(broken)
    (at_work.home / ".config" / "harness" / "config.toml").write_text("[broken")
    done = offered(at_work, "harness why ")
    assert (done.code, done.out.strip(), done.err) == (0, "", "")


def test_it_writes_nothing_and_loads_nothing_heavy(person: Person) -> None:
    env = {"_HARNESS_COMPLETE": "complete_bash", "COMP_WORDS": "harness why ", "COMP_CWORD": "2"}
    code = CODE.format(heavy=HEAVY).replace(
        "code = main(sys.argv[1:])", "try: main([])\nexcept SystemExit: pass"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=person.cwd, env={**person.env, **env},
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert done.stderr.splitlines()[-1] == "[]"
    assert list(person.home.iterdir()) == []


@pytest.mark.parametrize("language", ["en", "ko"])
def test_it_is_in_the_help_and_installed_for_the_shell_that_asks(
    person: Person, language: str
) -> None:
    said = person.harness("--help", "--language", language)
    assert "--install-completion" in said.out
    assert "cli.opt" not in said.out
    bash = shutil.which("bash")
    assert bash is not None
    command = f"'{sys.executable}' -c '{MAIN}' --language {language} --install-completion; true"
    done = subprocess.run(
        [bash, "--norc", "-c", command], cwd=person.cwd, env=person.env,
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    (script,) = (person.home / ".bash_completions").iterdir()
    assert str(script) in done.stdout
    assert "_HARNESS_COMPLETE=complete_bash" in script.read_text()
    assert str(script) in (person.home / ".bashrc").read_text()
