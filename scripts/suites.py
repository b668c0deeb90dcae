"""Runs the test suites one after the other and says how long each took.

`python scripts/suites.py [SUITE ...]`: all of them when none is named. Every test belongs to
exactly one suite, and every suite runs whatever came before it. Ends with what pytest itself
counted, where a rule of the house is one test however many files it looks at; the exit code is
that of the first suite that failed.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
import xml.etree.ElementTree as ET
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
FOLDERS = (
    *("contracts", "github", "benchmarks", "e2e", "faults"),
    *("crash", "security", "lies", "fuzz", "real"),
)
RULES = tuple(f"tests/test_{name}.py" for name in ("layers", "dead", "house"))
"""Rules of the house: one process reads every file once for all of them."""
PROCESSES = (
    *("tests/sandbox", "tests/environment", "tests/engine/test_dbos_engine.py"),
    *(f"tests/testruns/test_{name}.py" for name in ("runs", "runners", "messy_suites")),
    *(f"tests/testruns/test_{name}.py" for name in ("sources_real", "ctest", "quiet")),
    *("tests/cli/test_session.py", "tests/cli/test_doctor.py", "tests/pipeline/test_surface.py"),
)
"""Tests of one package that start other people's programs: suites of tests, pip, the sandbox."""
COUNTS = ("passed", "failed", "skipped")
PARALLEL = ("benchmarks", "e2e", "faults", "crash", "fuzz", "real")
"""Suites whose tests share nothing: most wait for processes more than they compute."""
WAITING = ("-n", str(min(6, 1 + (os.cpu_count() or 1))))
MANY = ("-n", str(min(8, 2 * (os.cpu_count() or 1))), "--dist=worksteal")
"""Thousands of small tests, and a few that only wait: whoever is free takes the next."""
BY_FILE = ("contracts", "github", "security", "lies")
"""Those of them where the tests of a file share what is slow to start."""
LINT = "tests.test_layers"
NO_TESTS = 5
"""pytest's exit code when nothing was collected: a suite that vanished, so a failure."""


@dataclass(frozen=True)
class Ran:
    """One suite's end. `failed` counts errors too."""

    name: str
    seconds: float
    code: int
    passed: int = 0
    failed: int = 0
    skipped: int = 0


def suites() -> dict[str, list[str]]:
    """Suite -> arguments for pytest. A folder without tests is no suite."""
    whole = ["tests", *(f"--ignore=tests/{name}" for name in FOLDERS)]
    rest = [*whole, *(f"--ignore={path}" for path in (*RULES, *PROCESSES))]
    found = {
        "unit": [*rest, "-m", "not parts", *MANY],
        "processes": [*PROCESSES, "-m", "not parts", *WAITING, "--dist=worksteal"],
        "rules": [*RULES],
        "parts": [*whole, "-m", "parts"],
    }
    for name in FOLDERS:
        if any((ROOT / "tests" / name).glob("test_*.py")):
            beside = WAITING if name in (*PARALLEL, *BY_FILE) else ()
            found[name] = [f"tests/{name}", *beside]
            found[name] += ["--dist=loadfile"] if name in BY_FILE else []
    return found


def run(name: str, words: Sequence[str]) -> Ran:
    """One suite in a process of its own, its output as it comes."""
    print(f"\n== {name}", flush=True)
    began = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        page = Path(folder, "junit.xml")
        argv = [sys.executable, "-m", "pytest", *words, f"--junit-xml={page}"]
        code = subprocess.run(argv, cwd=ROOT, check=False).returncode
        return counted(name, time.monotonic() - began, code, page)


def counted(name: str, seconds: float, code: int, page: Path) -> Ran:
    """What pytest wrote about it; zeros when it died before it could write."""
    if not page.exists():
        return Ran(name, seconds, code or 1)
    total = failed = skipped = 0
    tree = ET.parse(page)
    for suite in tree.iter("testsuite"):
        total += int(suite.get("tests", "0"))
        failed += int(suite.get("failures", "0")) + int(suite.get("errors", "0"))
        skipped += int(suite.get("skipped", "0"))
    rows = [
        case.get("name", "")
        for case in tree.iter("testcase")
        if case.get("classname") == LINT and len(case) == 0
    ]
    rules = {row.partition("[")[0] for row in rows}
    passed = total - failed - skipped - len(rows) + len(rules)
    return Ran(name, seconds, code, passed, failed, skipped)


def line(ran: Ran) -> str:
    """One row of the table."""
    said = "ok" if ran.code == 0 else "no tests" if ran.code == NO_TESTS else f"exit {ran.code}"
    row = f"{ran.name:<10} {ran.seconds:6.0f} s {ran.passed:7} {ran.failed:7} {ran.skipped:8}"
    return f"{row}  {said}"


def main(names: Sequence[str]) -> int:
    known = suites()
    if unknown := [name for name in names if name not in known]:
        print(f"no suite {', '.join(unknown)}; there are {', '.join(known)}", file=sys.stderr)
        return 2
    done = [run(name, known[name]) for name in names or known]
    print("\nsuite        time    passed  failed  skipped")
    print("\n".join(map(line, done)))
    passed, failed, skipped = (sum(getattr(x, k) for x in done) for k in COUNTS)
    tail = f", {skipped} skipped" if skipped else ""
    print(f"{passed} passed, {failed} failed{tail} in {sum(x.seconds for x in done):.0f} s")
    return next((ran.code for ran in done if ran.code), 0)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
