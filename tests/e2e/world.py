"""A small world for whole runs: a repository, a home, a scripted model, the real command line."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from harness.core.types import Comment, Issue, PullRequest
from harness.forge.embedded.forge import EmbeddedForge
from tests.patience import PATIENCE_S
from tests.terminal import type_command

HERE = (
    *("init", "issue", "pr", "plan", "diff", "why", "logs", "report", "status", "config"),
    *("approve", "reject", "agree", "answer", "pause", "resume", "cancel", "retry"),
)
"""Commands that a world types in the test's own process: they start nothing that stays."""
HARNESS = (str(Path(sys.executable).parent / "harness"),)
CALC = '''"""Sums."""


def add(a, b):
    return a - b


def double(a):
    return a * 2
'''
TEST_CALC = """from calc import double


def test_double():
    assert double(2) == 4
"""
BUG = ("add subtracts", "add(2, 3) gives -1, it should give 5.")
REPRO = "from calc import add\n\n\ndef test_add():\n    assert add(2, 3) == 5\n"
COMMAND = "python3 -m pytest -q tests/test_add.py"
TEST = "tests/test_add.py::test_add"


def call(name: str, /, **arguments: Any) -> dict[str, Any]:
    return {"name": name, "arguments": arguments}


def verdict(kind: str, /, **data: Any) -> dict[str, Any]:
    return call("verdict", kind=kind, data=data)


def turn(*calls: dict[str, Any], text: str = "") -> dict[str, Any]:
    return {"text": text, "calls": list(calls)}


def conversation(*turns: dict[str, Any], contains: str = "", session: str = "", **more: Any) -> Any:
    match = {"contains": contains, "session": session}
    return {"match": match, "turns": list(turns), **more}


TRIAGE = verdict(
    "triage", kind="bug", clear=True, difficulty="small", risk="low", reason="the sign is wrong"
)
PLAN = verdict(
    "plan",
    summary="Add instead of subtracting.",
    tasks=[{"id": "1", "title": "add", "detail": "the sign", "files": ["calc.py"]}],
)
WRITE_TEST = call("write", path="tests/test_add.py", content=REPRO)
REPRODUCTION = verdict("reproduction", files=["tests/test_add.py"], command=COMMAND, tests=[TEST])
FIX = call("edit", path="calc.py", edits=[{"old": "return a - b", "new": "return a + b"}])
DONE = verdict("done", summary="add adds.", title="Add, do not subtract")
APPROVE = verdict("review", approve=True, findings=[])
NO_BUG = verdict("kind", kind="chore")
KIND_FIRST = {"when": {"last_contains": "What kind of issue is it?"}, "calls": [NO_BUG]}
REVIEWING = {**turn(APPROVE), "alternatives": [KIND_FIRST]}
"""Says that it is no bug when asked, and approves."""
REVIEWER = conversation(REVIEWING, session="-review-", repeat_last=True)
TERSE = conversation(turn(TRIAGE, PLAN, WRITE_TEST, REPRODUCTION, FIX, DONE), session="-worker")
"""The one-file bug by a model that says no word too many."""


@dataclass
class World:
    """One person's machine, below `root`."""

    root: Path
    settings: str = ""
    files: Mapping[str, str] = field(
        default_factory=lambda: {"calc.py": CALC, "tests/test_calc.py": TEST_CALC}
    )
    name: str = "calc"

    def __post_init__(self) -> None:
        self.home.mkdir(parents=True, exist_ok=True)
        self.repo.mkdir(parents=True)
        self.config.mkdir(parents=True, exist_ok=True)
        for path, text in self.files.items():
            target = self.repo / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(text)
        self.git("init", "--quiet", "--initial-branch=main")
        self.commit("first")
        self.script(TERSE, REVIEWER)

    @property
    def home(self) -> Path:
        return self.root / "home"

    @property
    def repo(self) -> Path:
        return self.root / self.name

    @property
    def config(self) -> Path:
        return self.home / ".config" / "harness"

    @property
    def state(self) -> Path:
        return self.home / ".local" / "state" / "harness"

    @property
    def env(self) -> dict[str, str]:
        return {
            "PATH": os.environ["PATH"],
            "HOME": str(self.home),
            "PYTHONDONTWRITEBYTECODE": "1",
            "LANG": "C.UTF-8",
            # as it comes each change is proved: seconds a run, and tests of their own
            **({} if "proof" in self.settings else {"HARNESS_POLICY__PROOF": "off"}),
        }

    def script(self, *conversations: Any) -> None:
        """What the scripted model says, and the settings that name it."""
        path = self.config / "script.json"
        path.write_text(json.dumps({"conversations": list(conversations)}))
        (self.config / "config.toml").write_text(
            f'{self.settings}\n[models.scripted]\ndialect = "scripted"\nscript = "{path}"\n'
        )

    def git(self, *words: str) -> str:
        person = ("-c", "user.name=Ada", "-c", "user.email=ada@example.org")
        done = subprocess.run(
            ["git", *person, *words], cwd=self.repo, check=True, capture_output=True, text=True
        )
        return done.stdout.strip()

    def commit(self, message: str) -> str:
        self.git("add", "--all")
        self.git("commit", "--quiet", "--allow-empty", "--message", message)
        return self.git("rev-parse", "HEAD")

    def run(
        self,
        *words: str,
        code: int | None = 0,
        env: Mapping[str, str] | None = None,
        timeout_s: float = PATIENCE_S,
    ) -> subprocess.CompletedProcess[str]:
        """`harness WORDS...` in the repository. `code` None: any exit code."""
        env = {**self.env, **(env or {})}
        if words[0] in HERE and not _in_a_loop():
            ended, out, err = type_command(*words, cwd=self.repo, env=env)
            done = subprocess.CompletedProcess(words, ended, out, err)
        else:
            done = subprocess.run(
                [*HARNESS, *words],
                cwd=self.repo,
                env=env,
                check=False,
                capture_output=True,
                text=True,
                timeout=timeout_s,
            )
        if code is not None:
            assert done.returncode == code, f"{words}: {done.stdout}\n{done.stderr}"
        return done

    def until(self, there: Callable[[], bool], seconds: float = PATIENCE_S) -> bool:
        """Whether it came to be within that time."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            if there():
                return True
            time.sleep(0.2)
        return False

    def begin(self, *issue: str) -> None:
        """Registered, with one issue."""
        self.run("init")
        title, body = issue or BUG
        self.run("issue", "new", title, "--body", body)

    def status(self) -> dict[int, dict[str, Any]]:
        """Issue -> its row of the snapshot."""
        data = json.loads((self.state / "snapshot.json").read_text())
        return {run["issue"]: run for run in data["runs"]}

    def why(self, issue: int = 1) -> str:
        return self.run("why", str(issue)).stdout

    def folder(self, issue: int = 1, number: int = 1) -> Path:
        return self.state / "runs" / self.name / str(issue) / str(number)

    @property
    def repository(self) -> str:
        (bare,) = (self.state / "forge").glob("*/*.git")
        return f"{bare.parent.name}/{bare.stem}"

    def forge(self, acting_as: str = "me") -> EmbeddedForge:
        return EmbeddedForge(self.state / "forge", self.repository, acting_as)

    def issue(self, number: int = 1) -> Issue:
        return asyncio.run(self.forge().issue(number))

    def comments(self, number: int = 1) -> tuple[Comment, ...]:
        return asyncio.run(self.forge().comments(number))

    def pulls(self) -> list[PullRequest]:
        done = self.run("pr", "list", "--state", "all", "--json")
        return [asyncio.run(self.forge().pr(row["number"])) for row in json.loads(done.stdout)]

    def git_log(self, branch: str) -> str:
        """Subjects of the forge's branch."""
        bare = self.state / "forge" / f"{self.repository}.git"
        argv = ["git", "--git-dir", str(bare), "log", "--first-parent", "--format=%s", branch]
        return subprocess.run(argv, check=True, capture_output=True, text=True).stdout

    def merged_file(self, path: str) -> str:
        data = asyncio.run(self.forge().file_at("main", path))
        assert data is not None
        return data.decode()


def _in_a_loop() -> bool:
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return False
    return True
