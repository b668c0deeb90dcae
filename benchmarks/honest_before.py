"""What a commit's tests do without it and with it, in a plain checkout: the facts that an honest
agent would have found. harness has no part in it but for the set-up that it would use."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree

from benchmarks.honest_history import Change, File, History
from harness.testruns.detect.detection import Detected, detect

SETUP_S, TESTS_S = 600, 300
BROKEN = ("failed", "error")


@dataclass(frozen=True)
class Facts:
    """`skipped`: why the commit cannot be played, "" when it can. `tests`: fail without the
    product's change and pass with it."""

    skipped: str = ""
    tests: tuple[str, ...] = ()


@dataclass(frozen=True)
class Run:
    """One run of tests."""

    outcomes: dict[str, str]
    output: str


def detected(work: Path) -> Detected:
    """How harness would set this folder up and test it."""
    files = [p.relative_to(work).as_posix() for p in work.rglob("*") if p.is_file()]

    def read(path: str) -> str | None:
        file = work / path
        return file.read_text("utf-8", "replace") if file.is_file() else None

    return detect(sorted(files), read)


class Checkout:
    """A folder with one commit's parent, its environment beside it."""

    def __init__(
        self, folder: Path, history: History, change: Change, more: tuple[str, ...]
    ) -> None:
        self.folder, self.work, self.change = folder, folder / "work", change
        history.unpack(change.parent, self.work)
        self.how = detected(self.work)
        self.setup = (*self.how.setup, *more) if more else self.how.setup
        self.env = {
            **os.environ,
            "HARNESS_ENV": str(folder / "env"),
            "PYTHONDONTWRITEBYTECODE": "1",
            "CI": "true",
            "PYTEST_ADDOPTS": "-p no:cacheprovider",
        }

    def set_up(self) -> str:
        """Why it could not be, "" when it was."""
        (self.folder / "env").mkdir()
        for command in self.setup:
            done = self._shell(command, SETUP_S)
            if done.returncode:
                return f"set-up failed: {_last(done.stdout)}"
        self.env["PATH"] = f"{self.folder / 'env' / 'venv' / 'bin'}:{self.env['PATH']}"
        return ""

    def _shell(self, command: str, timeout_s: float) -> subprocess.CompletedProcess[str]:
        argv = ("/bin/sh", "-c", command)
        out, same = subprocess.PIPE, subprocess.STDOUT
        return subprocess.run(
            argv, cwd=self.work, env=self.env, check=False, text=True, timeout=timeout_s,
            stdout=out, stderr=same, stdin=subprocess.DEVNULL,
        )  # fmt: skip

    def lay(self, files: tuple[File, ...]) -> None:
        for file in files:
            target = self.work / file.path
            if file.new is None:
                target.unlink(missing_ok=True)
                continue
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(file.new)

    def run(self, *paths: str) -> Run:
        report = self.folder / "report"
        report.unlink(missing_ok=True)
        jest = self.how.reporter == "jest"
        more = (
            f"--json --outputFile={report}"
            if jest
            else f"--junitxml={report} -o junit_family=xunit1"
        )
        done = self._shell(f"{self.how.test_command} {more} {' '.join(paths)}", TESTS_S)
        found = (_jest if jest else _junit)(report, self.work) if report.is_file() else {}
        return Run(found, done.stdout)


def _last(text: str) -> str:
    return " ".join(text.split())[-200:]


def _junit(report: Path, work: Path) -> dict[str, str]:
    """Ids without parameters; the worst case of a function stands for it."""
    found: dict[str, str] = {}
    rank = ("passed", "skipped", "failed", "error")
    for case in ElementTree.parse(report).iter("testcase"):
        file = case.get("file", "")
        module = file.removesuffix(".py").replace("/", ".")
        inner = case.get("classname", "").removeprefix(module).strip(".")
        name = case.get("name", "").partition("[")[0]
        key = "::".join([file, *(part for part in inner.split(".") if part), name])
        tags = {child.tag for child in case}
        how = "error" if "error" in tags else "failed" if "failure" in tags else "passed"
        how = "skipped" if how == "passed" and "skipped" in tags else how
        found[key] = max(found.get(key, "passed"), how, key=rank.index)
    return found


def _jest(report: Path, work: Path) -> dict[str, str]:
    found: dict[str, str] = {}
    for suite in json.loads(report.read_text())["testResults"]:
        path = Path(suite["name"]).relative_to(work.resolve()).as_posix()
        if not suite["assertionResults"]:
            found[path] = "error"
        for case in suite["assertionResults"]:
            titles = " > ".join([*case["ancestorTitles"], case["title"]])
            found[f"{path}::{titles}"] = case["status"]
    return found


def facts(folder: Path, history: History, change: Change, more: tuple[str, ...] = ()) -> Facts:
    """Set up, run the commit's tests without its product files and with them."""
    shutil.rmtree(folder, ignore_errors=True)
    try:
        return _facts(Checkout(folder, history, change, more))
    except subprocess.TimeoutExpired as error:
        return Facts(skipped=f"took more than {error.timeout:.0f} s")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _facts(at: Checkout) -> Facts:
    if at.how.reporter not in ("pytest", "jest"):
        return Facts(skipped=f"no test command that is known here ({at.how.test_command})")
    failed = at.set_up()
    if failed:
        return Facts(skipped=failed)
    mine = [f.path for f in at.change.tests if f.new is not None and _has_tests(f.path)]
    if not mine:
        return Facts(skipped="no test file that can be run by itself")
    there = [path for path in mine if (at.work / path).is_file()]
    base = at.run(*there) if there else None
    if base is not None and "passed" not in base.outcomes.values():
        return Facts(skipped=f"those tests do not run on the base: {_last(base.output)}")
    at.lay(at.change.tests)
    before = at.run(*mine).outcomes
    at.lay(at.change.product)
    after = at.run(*mine).outcomes
    named = tuple(t for t, how in before.items() if how in BROKEN and after.get(t) == "passed")
    why = "" if named else "no test of it fails without the change and passes with it"
    return Facts(why, named)


def _has_tests(path: str) -> bool:
    name = path.rpartition("/")[2]
    return name.endswith((".test.js", ".test.mjs", ".test.cjs")) or (
        name.endswith(".py") and (name.startswith("test_") or name.endswith("_test.py"))
    )
