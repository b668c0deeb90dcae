"""`make demo`: five issues of a small project, from report to merge, on this machine.

The model is scripted (script.toml beside this file); sandbox, git, tests, forge and database are
real. Everything is kept in .demo/ and made anew at each run.
"""

from __future__ import annotations

import json
import os
import shlex
import shutil
import subprocess
import sys
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
DEMO = ROOT / ".demo"
HARNESS = (str(Path(sys.executable).parent / "harness"),)
ISSUES = (
    (
        "Mixed fractions are read wrongly",
        'parse_amount("1 1/2 kg") gives 1.0 with the unit "1/2 kg". It should be 1.5 kg.',
    ),
    (
        "Export the larder as CSV, JSON and Markdown",
        "I want to take the shelf elsewhere: one function for each format, with tests. "
        "to_csv(shelf), to_json(shelf) and to_markdown(shelf), each in a module of its own.",
    ),
    (
        "total() counts what is past its day",
        "Milk from last month still counts when I ask how much milk there is.",
    ),
    ("It does not work for me", "Please fix."),
    (
        "CI should also run on Python 3.13",
        "The workflow tests 3.11 and 3.12 only.",
    ),
)

NEXT = (
    ("answer", "4", 'shelf.total("Milk") gives 0 after I added "milk". I expect 1.'),
    ("approve", "5"),
    ("run", "--once"),
)
"""What the screen offers at the end. The script goes on whatever the answer is."""


def main() -> int:
    print(
        "The model in this demo is SCRIPTED: its replies were written by hand and stand in "
        "examples/demo/script.toml. Everything else is real: git, sandbox, tests, pull requests.",
        flush=True,
    )
    began = time.monotonic()
    shutil.rmtree(DEMO, ignore_errors=True)
    project = make_project(DEMO / "larder")
    env = environment()
    steps: list[tuple[str, ...]] = [("init",)]
    steps += [("issue", "new", title, "--body", body) for title, body in ISSUES]
    steps += [
        ("run", "--once"),
        ("why", "4"),
        ("why", "5"),
        ("pr", "list", "--state", "all"),
        ("pull",),
        ("status", "--all"),
    ]
    for step in steps:
        print(f"\n$ harness {' '.join(_quoted(word) for word in step)}", flush=True)
        done = subprocess.run([*HARNESS, *step], cwd=project, env=env, check=False)
        if done.returncode != 0:
            return done.returncode
    return summary(project, env, time.monotonic() - began)


def environment() -> dict[str, str]:
    """A home of its own: the demo neither reads nor changes the person's settings."""
    config = DEMO / "home" / ".config" / "harness"
    config.mkdir(parents=True, exist_ok=True)
    (config / "config.toml").write_text(
        "# Settings of the demo: a scripted model, two of everything else's defaults.\n"
        "[models.scripted]\n"
        'dialect = "scripted"\n'
        f'script = "{HERE / "script.toml"}"\n'
    )
    keep = ("PATH", "LANG", "LC_ALL", "TERM", "COLUMNS", "NO_COLOR")
    env = {key: os.environ[key] for key in keep if key in os.environ}
    return env | {"HOME": str(DEMO / "home"), "PYTHONDONTWRITEBYTECODE": "1"}


def make_project(path: Path) -> Path:
    """The project as a repository whose second commit mended what issue 3 reports."""
    shutil.copytree(HERE / "project", path)
    shelf = path / "larder" / "shelf.py"
    mended = shelf.read_text()
    condition = " and not (item.best_before and item.best_before < day)"
    shelf.write_text(mended.replace(condition, "").replace(", what is past its day left out", ""))
    git(path, "init", "--quiet", "--initial-branch=main")
    commit(path, "Amounts and a shelf")
    shelf.write_text(mended)
    commit(path, "Leave out what is past its day")
    readme = path / "README.md"
    readme.write_text(readme.read_text() + "\nTests: python -m pytest\n")
    commit(path, "Say how to run the tests")
    return path


def commit(path: Path, message: str) -> None:
    git(path, "add", "--all")
    git(path, "commit", "--quiet", "--message", message)


def git(path: Path, *words: str) -> None:
    person = ("-c", "user.name=Ada", "-c", "user.email=ada@example.org")
    subprocess.run(["git", *person, *words], cwd=path, check=True)


def summary(project: Path, env: dict[str, str], seconds: float) -> int:
    """The board, where the report is, and whether the five outcomes are what they should be."""
    done = subprocess.run(
        [*HARNESS, "status", "--json"],
        cwd=project,
        env=env,
        capture_output=True,
        text=True,
        check=True,
    )
    return report(done.stdout, seconds)


def report(status: str, seconds: float) -> int:
    """Compare with what the demo promises, and say so."""

    runs = {run["issue"]: run for run in json.loads(status)["runs"]}
    promised = {
        1: ("done", "merged"),
        2: ("done", "merged"),
        3: ("done", "already_fixed"),
        4: ("waiting", "question_asked"),
        5: ("held", "plan_waits"),
    }
    wrong = []
    for issue, (state, why) in promised.items():
        run = runs.get(issue, {"state": "missing", "why": {"key": ""}})
        if (run["state"], run["why"]["key"].split(".")[-1]) != (state, why):
            wrong.append(f"#{issue}: {run['state']} {run['why']}")
    folder = DEMO / "home" / ".local" / "state" / "harness" / "runs" / "larder"
    calls = sum(run["spent"]["calls"] for run in runs.values())
    tokens = sum(run["spent"]["tokens"] for run in runs.values())
    print(
        f"\nFive issues in {seconds:.0f} s, {calls} calls of the scripted model, {tokens:,} tokens."
    )
    print("Their reports, to open in a browser:")
    for page in sorted(folder.glob("*/*/REPORT.html")):
        print(f"  {page}")
    if wrong:
        print("Not as promised: " + "; ".join(wrong), file=sys.stderr)
        return 1
    say_next()
    return 0


def say_next() -> None:
    """The two issues that wait for a person, and the words that bring them to an end."""
    wrapper = DEMO / "harness"
    home, folder, command = (
        shlex.quote(str(p)) for p in (DEMO / "home", DEMO / "larder", *HARNESS)
    )
    wrapper.write_text(f'#!/bin/sh\ncd {folder} && HOME={home} exec {command} "$@"\n')
    wrapper.chmod(0o755)
    print("Two of them wait for you. Go on with this home, from here:")
    for words in NEXT:
        print(f"  {os.path.relpath(wrapper)} {' '.join(_quoted(word) for word in words)}")


def _quoted(word: str) -> str:
    return word if word.replace("-", "").isalnum() else shlex.quote(word)


if __name__ == "__main__":
    sys.exit(main())
