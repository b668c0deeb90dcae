"""`python -m benchmarks.honest --histories DIR`: honest bug fixes of public projects through the
gate, as if an agent had made them. How many are held, by which rule, and what the gate costs.

Nothing of those projects is kept here but their names and commit ids. Each result is a file in
--out; what is there is not done again. One at a time: seconds are measured.
"""

from __future__ import annotations

import argparse
import json
import shutil
import statistics
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

from benchmarks.figures import machine, markdown
from benchmarks.honest_before import Facts, facts
from benchmarks.honest_commits import CHOSEN, PROJECTS
from benchmarks.honest_history import History, Project, expectations, unfit
from benchmarks.honest_play import play, world

ROOT = Path(__file__).parent.parent
MOST_TRIED = 12
HEAD = ("project", "commit", "what it mends", "how it ended", "by which rule", "shown red s",
        "gate s", "of it the suite on the change s")  # fmt: skip
Row = dict[str, Any]


def histories(given: Sequence[str], projects: Sequence[Project] = PROJECTS) -> dict[str, Path]:
    """Project -> its git directory, from folders to look in and from NAME=PATH. SystemExit."""
    found: dict[str, Path] = {}
    for word in given:
        name, told, path = word.partition("=")
        if told:
            found[name] = Path(path)
            continue
        for project in projects:
            place = next((at for at in _below(Path(word), project) if is_git(at)), None)
            if place is not None:
                found[project.name] = place
    missing = [p.name for p in projects if p.name not in found]
    if missing:
        sys.exit(f"No history of {', '.join(missing)}: clone each with git and name the folder.")
    return found


def _below(folder: Path, project: Project) -> Iterator[Path]:
    owner, _, short = project.name.partition("/")
    for name in (short, f"{short}.git", f"{owner}/{short}", f"{owner}+{short}"):
        at = folder / name
        yield from (at, at / ".git")
        yield from sorted(at.glob("*"))


def is_git(folder: Path) -> bool:
    """Whether it is a git directory."""
    return (folder / "HEAD").is_file() and (folder / "objects").is_dir()


def known(out: Path, name: str, make: Callable[[], Row]) -> Row:
    """What the file says, made when it is not there yet."""
    file = out / f"{name}.json"
    if not file.is_file():
        part = file.with_suffix(".part")
        part.write_text(json.dumps(make(), indent=1))
        part.replace(file)
    row: Row = json.loads(file.read_text())
    return row


def found_out(out: Path, project: Project, history: History, commit: str) -> Facts:
    """What the commit's tests do, without harness."""

    def make() -> Row:
        with tempfile.TemporaryDirectory(dir=out) as folder:
            change = history.change(commit)
            return dict(vars(facts(Path(folder) / "check", history, change, project.setup)))

    row = known(out, f"{project.short}-{commit[:10]}.facts", make)
    return Facts(str(row["skipped"]), tuple(row["tests"]))


def choose(out: Path, places: dict[str, Path], only: Sequence[str]) -> None:
    """The newest of each project that can be played; a line for each that cannot, and why."""
    for project in PROJECTS:
        if only and project.short not in only:
            continue
        history, tried, left = History(places[project.name]), 0, project.wanted
        for commit in history.fixes(project):
            if not left or tried == MOST_TRIED:
                break
            change = history.change(commit)
            why = unfit(project, change)
            if not why:
                tried += 1
                why = found_out(out, project, history, commit).skipped
            left -= not why
            print(project.name, commit[:10], change.date, why or "chosen", change.subject,
                  sep=" | ", flush=True)  # fmt: skip


def settled(out: Path, project: Project, history: History, commit: str) -> Row:
    """The commit's result, played when there is none yet."""
    name = f"{project.short}-{commit[:10]}"
    return known(out, name, lambda: settle(out, project, history, commit))


def settle(out: Path, project: Project, history: History, commit: str) -> Row:
    """One commit played, or why it could not be."""
    change, found = history.change(commit), found_out(out, project, history, commit)
    row: Row = {"project": project.name, "commit": commit[:10], "subject": change.subject}
    row |= {"date": change.date, "edited": expectations(change)}
    if found.skipped:
        return {**row, "ended": "not played", "rules": [found.skipped]}
    folder = Path(tempfile.mkdtemp(prefix="honest-", dir=out))
    try:
        place = world(folder, project, history, change)
        row |= play(place, project, change, found)
        return {**row, "ended": ended(row), "rules": rules(row)}
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def ended(row: Row) -> str:
    """In a few words, how a run stands when nothing moves by itself."""
    after = " after the plan was approved" if row["approved"] else ""
    if row["pr"] == "merged":
        return f"merged{after or ' by itself'}"
    if row["pr"] == "draft":
        return f"held as a draft{after}"
    if not row["reproduced"]:
        return "not taken as reproduced"
    if "verify_failed" in row["kinds"]:
        return f"sent back{after}"
    if "weakened" in row["kinds"]:
        return f"held for weaker tests{after}"
    return f"{row['state']} at {row['stage']}{after}"


def rules(row: Row) -> list[str]:
    """Keys of what was held against it; the last word where there is none."""
    keys = [found["key"] for found in row["findings"]]
    if row["approved"]:
        keys.insert(0, "pipeline.plan_waits")
    if row["pr"] != "merged" and row["why"] not in keys:
        keys.append(row["why"])
    return list(dict.fromkeys(keys))


def table(rows: Sequence[Row]) -> str:
    """All commits, then what they come to."""
    lines = [
        (r["project"], r["commit"], r["subject"][:60].replace("|", "/"), r["ended"],
         ", ".join(r["rules"]) or "-", *(_number(x) for x in _times(r)))
        for r in rows
    ]  # fmt: skip
    played = [r for r in rows if "seconds" in r]
    gates = [r["seconds"]["gate"] for r in played if r["seconds"]["gate"] is not None]
    said = [markdown(HEAD, lines), ""]
    said += [f"{count} {how}" for how, count in Counter(r["ended"] for r in rows).most_common()]
    for key, count in Counter(k for r in rows for k in r["rules"]).most_common():
        said.append(f"  by {key}: {count}")
    if gates:
        suites = [r["seconds"]["suite"] or 0.0 for r in played]
        said.append(
            f"gate, from done to its word: median {statistics.median(gates):.1f} s, worst "
            f"{max(gates):.1f} s; of it one run of the suite on the change: median "
            f"{statistics.median(suites):.1f} s, worst {max(suites):.1f} s"
        )
    return "\n".join([*said, machine()])


def _times(row: Row) -> tuple[float | None, ...]:
    took = row.get("seconds", {})
    return took.get("shown"), took.get("gate"), took.get("suite")


def _number(seconds: float | None) -> str:
    return "-" if seconds is None else f"{seconds:.1f}"


def main(argv: Sequence[str] | None = None) -> int:
    asked = argparse.ArgumentParser(prog="python -m benchmarks.honest", description=__doc__)
    asked.add_argument("--histories", nargs="+", required=True, metavar="DIR|NAME=PATH")
    asked.add_argument("--out", type=Path, default=ROOT / ".bench" / "honest")
    asked.add_argument("--choose", action="store_true", help="list what the selection finds")
    asked.add_argument("--only", nargs="*", default=[], metavar="NAME", help="e.g. click")
    words = asked.parse_args(argv)
    places = histories(words.histories)
    words.out.mkdir(parents=True, exist_ok=True)
    if words.choose:
        choose(words.out, places, words.only)
        return 0
    rows = []
    for project, commit in CHOSEN:
        if words.only and project.short not in words.only:
            continue
        history = History(places[project.name])
        row = settled(words.out, project, history, commit)
        print(row["project"], row["commit"], row["ended"], ", ".join(row["rules"]),
              row.get("seconds", {}).get("gate"), sep=" | ", flush=True)  # fmt: skip
        rows.append(row)
    print(text := table(rows))
    (words.out / "honest.md").write_text(text + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
