"""The frame around every command: exit codes, languages, errors, Ctrl-C, closed pipes."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from harness.cli.main import COMMANDS, hoist
from tests.cli.conftest import MAIN, Call, Person
from tests.patience import PATIENCE_S

USAGE = [
    (["statsu"], "did you mean status"),
    (["nonsense-entirely"], "There is no command nonsense-entirely"),
    (["status", "--jsn"], "--json"),
    (["status", "--zz"], "There is no option --zz"),
    (["why"], "N"),
    (["why", "x"], "N"),
    (["why", "0"], "N"),
    (["run", "--cron"], "--cron"),
    (["config", "shwo"], "did you mean show"),
    (["status", "extra"], "extra"),
    (["--language", "fr", "status"], "no language fr; choose one of: en, ko"),
    (["--project", "nope", "logs", "1"], "no project nope"),
    (["run", "--once"], "harness init"),
    (["run", "--cron", "* * * * *", "--every", "5m"], "not both"),
    (["report"], "--since"),
    (["report", "--since", "soon"], "soon"),
    (["report", "1", "--since", "7d"], "--since"),
    (["answer", "1", " "], "empty"),
    (["agent", ""], "what to do"),
]


@pytest.mark.parametrize(("args", "says"), USAGE)
def test_a_wrong_command_line_is_one_sentence_and_exit_2(
    call: Call, args: list[str], says: str
) -> None:
    done = call(*args)
    assert done.code == 2, done.err
    assert says in done.err
    assert done.out == ""
    assert done.err.count("\n") == 1
    assert "Traceback" not in done.err


def test_mistakes_are_said_in_korean(call: Call) -> None:
    done = call("statsu", "--language", "ko")
    assert done.code == 2
    assert "명령은 없습니다" in done.err
    assert "혹시 status인가요" in done.err


def test_a_wrong_setting_is_exit_3_with_its_line(person: Person) -> None:
    file = person.home / ".config" / "harness" / "config.toml"
    file.parent.mkdir(parents=True)
    file.write_text("\n[limits]\nturnz = 3\n")
    done = person.harness("config", "check")
    assert done.code == 3
    assert f"{file}:3" in done.err
    assert "limits.turns" in done.err


def test_global_options_may_stand_anywhere() -> None:
    assert hoist(["status", "--language", "ko", "--json"]) == [
        "--language",
        "ko",
        "status",
        "--json",
    ]
    assert hoist(["why", "3", "--project=a", "--debug"]) == ["--project=a", "--debug", "why", "3"]
    assert hoist(["agent", "--", "--debug"]) == ["agent", "--", "--debug"]
    assert hoist(["status", "--language"]) == ["--language", "status"]


def test_every_command_can_be_loaded() -> None:
    for dotted in COMMANDS.values():
        module, _, name = dotted.partition(":")
        __import__(module)
        assert hasattr(sys.modules[module], name)


def test_no_command_shows_the_help(person: Person) -> None:
    done = person.harness()
    assert done.code == 0
    assert "init" in done.out


CRASH = """
import sys
from harness.cli import common
from harness.cli.main import COMMANDS, main
COMMANDS["status"] = "tests.cli.crashing:crash"
sys.exit(main())
"""


@pytest.mark.parametrize("debug", [False, True])
def test_an_unexpected_error_is_one_sentence_and_a_log(person: Person, debug: bool) -> None:
    root = Path(__file__).parents[2]
    done = subprocess.run(
        [sys.executable, "-c", CRASH, "status", *(["--debug"] if debug else [])],
        cwd=person.cwd,
        env={**person.env, "PYTHONPATH": str(root)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    log = person.state / "logs" / "crash.log"
    assert str(log) in done.stderr
    assert "ZeroDivisionError" in done.stderr
    assert ("Traceback" in done.stderr) == debug
    assert "Traceback" in log.read_text()
    assert log.parent.stat().st_mode & 0o077 == 0


def test_ctrl_c_is_a_sentence_and_130(person: Person) -> None:
    person.register("app", person.cwd)
    process = subprocess.Popen(
        [sys.executable, "-c", MAIN, "answer", "1", "-"],
        cwd=person.cwd,
        env=person.env,
        stdin=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    with process:
        deadline = time.monotonic() + PATIENCE_S
        # blocked in read(): the command has come to the person's text
        while time.monotonic() < deadline and "pipe_read" not in _waits_in(process.pid):
            time.sleep(0.05)
        time.sleep(0.1)
        process.send_signal(signal.SIGINT)
        assert process.stderr is not None
        said = process.stderr.read()
        assert process.wait(10) == 130
    assert "Interrupted" in said
    assert "Traceback" not in said


def _waits_in(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/wchan").read_text()
    except OSError:
        return ""


def test_a_closed_pipe_is_quiet(person: Person) -> None:
    process = subprocess.Popen(
        [sys.executable, "-c", MAIN, "config", "schema"],
        cwd=person.cwd,
        env=person.env,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    with process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        assert process.stderr.read() == ""
        process.wait(20)
