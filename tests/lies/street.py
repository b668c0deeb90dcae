"""One machine with a repository for each row, played by one `harness run --once`; and what became
of every row."""

from __future__ import annotations

import asyncio
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from harness.core.types import Issue, PullRequest
from harness.forge.embedded.forge import EmbeddedForge
from tests.e2e.world import HARNESS
from tests.lies.compiled import GO, RUST, C, java
from tests.lies.rows import Row
from tests.lies.shop import SHOP
from tests.lies.words import WORDS

PROJECTS: Mapping[str, Callable[[], Mapping[str, str]]] = {
    "shop": lambda: SHOP,
    "words": lambda: WORDS,
    "go": lambda: GO,
    "rust": lambda: RUST,
    "java": java,
    "c": lambda: C,
}
PROGRAMS = {"words": "node", "go": "go", "rust": "cargo", "java": "mvn", "c": "ctest"}
RUSTUP = Path(os.environ.get("RUSTUP_HOME", Path.home() / ".rustup"))
"""Where this machine's Rust lies, when it is rustup's: the rows have a home of their own."""
HOUSES = 12
"""Rows on one machine."""
EACH = """
import json, os, sys
from harness.cli.main import main
above = os.getcwd()
for name, words in json.loads(sys.argv[1]).items():
    os.chdir(os.path.join(above, name))
    code = main(words)
    assert code == 0 or words[0] != "init", code
"""
LIES_STEP, TWINS_STEP = 3, 2
"""CI plays each third lie and each second twin."""
SETTINGS = """
[policy]
merge = "auto"
proof = "{proof}"
[limits]
concurrent_runs = 3
project_runs = 1
turns = 8
[models.scripted]
dialect = "scripted"
script = "{script}"
"""


@dataclass(frozen=True)
class Ended:
    """How a row came to rest. `pull` is "", "draft", "open", "merged" or "closed"."""

    state: str
    why: str
    facts: str
    pull: str
    closed: bool

    @property
    def merged(self) -> bool:
        return self.pull == "merged"


class Street:
    """A home with all rows' repositories side by side."""

    def __init__(self, root: Path, rows: Sequence[Row], proof: str = "off") -> None:
        self.root, self.proof = root, proof
        self.rows = {f"r{number}": row for number, row in enumerate(rows, 1)}
        self.home = root / "home"
        self.config = self.home / ".config" / "harness"
        self.state = self.home / ".local" / "state" / "harness"
        self.config.mkdir(parents=True)

    # ------------------------------------------------------------ building

    def build(self) -> None:
        said = [c for name, row in self.rows.items() for c in row.script(name)]
        script = self.config / "script.json"
        script.write_text(json.dumps({"conversations": said}))
        (self.config / "config.toml").write_text(SETTINGS.format(script=script, proof=self.proof))
        for name, row in self.rows.items():
            self._repository(name, row)
        self.everywhere(dict.fromkeys(self.rows, ("init",)))
        for name, row in self.rows.items():
            page = self.config / "projects" / f"{name}.toml"
            page.write_text(_settings(page.read_text(), row))

    def _repository(self, name: str, row: Row) -> None:
        folder = self.root / name
        folder.mkdir()
        self._git(folder, "init", "--quiet", "--initial-branch=main")
        files = {**PROJECTS[row.bug.project](), **row.files}
        for number, version in enumerate([{**files, **row.before}] * bool(row.before) + [files]):
            for path, text in version.items():
                target = folder / path
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_text(text)
            for path in [p for p in row.before if p not in version]:
                (folder / path).unlink()
            self._git(folder, "add", "--all")
            self._git(folder, "commit", "--quiet", "--message", f"part {number}")

    def _git(self, folder: Path, *words: str) -> None:
        person = ("-c", "user.name=Ada", "-c", "user.email=ada@example.org")
        subprocess.run(["git", *person, *words], cwd=folder, check=True, capture_output=True)

    async def _issues(self, names: Sequence[str]) -> None:
        for name in names:
            row = self.rows[name]
            forge = self.forge(name)
            title, body = row.title or row.bug.title, row.body or row.bug.body
            made = await forge.create_issue(title, body, row.labels)
            assert made.number == 1

    # ------------------------------------------------------------ playing

    def play(self) -> None:
        # one that runs tests goes alone, so that what all repositories share is made once
        first = next((name for name, row in self.rows.items() if row.tries), "r1")
        for names in ([first], [name for name in self.rows if name != first]):
            asyncio.run(self._issues(names))
            self.harness("run", "--once")
        steps = {name: row.steps for name, row in self.rows.items() if row.steps}
        for number in range(max(map(len, steps.values()), default=0)):
            self.everywhere({n: (s[number], "1") for n, s in steps.items() if number < len(s)})
            self.harness("run", "--once")

    def harness(self, *words: str) -> None:
        """`harness WORDS...` above all repositories."""
        self._ran([*HARNESS, *words])

    def everywhere(self, words: Mapping[str, Sequence[str]]) -> None:
        """A command in each of those repositories; one process, for the time it takes to start.
        What a row's person may not say here shows in how the row ends."""
        self._ran([sys.executable, "-c", EACH, json.dumps(words)])

    def _ran(self, argv: Sequence[str]) -> None:
        env = {
            "PATH": os.environ["PATH"],
            "HOME": str(self.home),
            "USER": "me",
            "PYTHONDONTWRITEBYTECODE": "1",
            "LANG": "C.UTF-8",
        } | ({"RUSTUP_HOME": str(RUSTUP)} if RUSTUP.is_dir() else {})
        done = subprocess.run(
            argv, cwd=self.root, env=env, check=False, capture_output=True, text=True, timeout=800
        )
        assert done.returncode == 0, f"{argv[-2:]}: {done.stdout}\n{done.stderr}"

    # ------------------------------------------------------------ what became of it

    def forge(self, name: str) -> EmbeddedForge:
        return EmbeddedForge(self.state / "forge", f"me/{name}", "me")

    def ended(self) -> dict[str, Ended]:
        """Row's name -> its end."""
        data = json.loads((self.state / "snapshot.json").read_text())
        runs = {run["project"]: run for run in data["runs"]}
        found = asyncio.run(self._found())
        return {
            row.name: _ended(runs.get(name, {}), *found[name]) for name, row in self.rows.items()
        }

    async def _found(self) -> dict[str, tuple[Issue, PullRequest | None]]:
        return {
            name: (
                await self.forge(name).issue(1),
                await self.forge(name).find_pr("agent/issue-1"),
            )
            for name in self.rows
        }


def _ended(run: Mapping[str, Any], issue: Issue, pull: PullRequest | None) -> Ended:
    why = run.get("why") or {}
    shown = "" if pull is None else "draft" if pull.draft and pull.state == "open" else pull.state
    return Ended(
        state=run.get("state", "never"),
        why=why.get("key", ""),
        facts=json.dumps(why.get("facts", {}), ensure_ascii=False),
        pull=shown,
        closed=issue.state == "closed" and shown != "merged",
    )


def _settings(page: str, row: Row) -> str:
    """The operator's file as `init` wrote it, with what the row says of its tests."""
    if not (row.command or row.reporter or row.test_timeout_s):
        return page
    table = page.partition("\n[test]\n")
    rest = re.sub(r"^[^\[]*", "", table[2])
    lines = [f"command = {json.dumps(row.command)}"] if row.command else []
    lines += [f"reporter = {json.dumps(row.reporter or 'pytest')}"]
    lines += [f"timeout_s = {row.test_timeout_s}"] if row.test_timeout_s else []
    return "\n".join([table[0], "[test]", *lines, "", rest])


def chosen(rows: Sequence[Row]) -> tuple[Row, ...]:
    """All rows when HARNESS_LIES=all, else as many as a CI has time for, the same each time."""
    if os.environ.get("HARNESS_LIES") == "all":
        return tuple(rows)
    return tuple(rows[:: TWINS_STEP if rows[0].honest else LIES_STEP])


class Town:
    """As many machines as it takes; one is played when the first of its rows is asked for."""

    def __init__(self, rows: Sequence[Row], proof: str = "off") -> None:
        """`proof`: the operator's `policy.proof`."""
        self._rows, self._proof = tuple(rows), proof
        self._ended: dict[str, Ended] = {}
        self._begun: set[int] = set()

    def ended(self, row: Row) -> Ended:
        if row.name not in self._ended:
            at = self._rows.index(row) // HOUSES * HOUSES
            assert at not in self._begun, "its machine failed, as an earlier row says"
            self._begun.add(at)
            self._ended |= _played(self._rows[at : at + HOUSES], self._proof)
        return self._ended[row.name]


def _played(rows: Sequence[Row], proof: str) -> dict[str, Ended]:
    for name in {PROGRAMS.get(row.bug.project, "git") for row in rows}:
        assert shutil.which(name), f"{name} is missing: run scripts/sandbox_parts.sh"
    root = Path(tempfile.mkdtemp(prefix="harness-lies-", dir="/var/tmp"))
    try:
        here = Street(root, rows, proof)
        here.build()
        here.play()
        return here.ended()
    finally:
        if not os.environ.get("HARNESS_LIES_KEEP"):
            shutil.rmtree(root)
