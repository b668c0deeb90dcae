"""`python -m benchmarks.reproof --histories DIR`: proofs of honest changes of public projects made
again in a fresh home, by the pull request's address; and forged ones. How many agree, how many are
found out, and how long it takes.

Nothing of those projects is kept here but their names and commit ids. Each result is a file in
--out; what is there is not done again.
"""

from __future__ import annotations

import argparse
import json
import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import Sequence
from itertools import zip_longest
from pathlib import Path
from typing import Any

from benchmarks.figures import machine, markdown
from benchmarks.forging import KINDS, forge, swap_tests
from benchmarks.honest import ROOT, histories, known
from benchmarks.honest_before import detected
from benchmarks.honest_commits import CHOSEN, PROJECTS
from benchmarks.honest_history import Change, History, Project
from harness.core.change_proof import Proof
from harness.proof.comparing import compare
from harness.report.proof_copy import read_proof
from tests.e2e.world import World
from tests.real.sources import reached, registries

RUN_S = 3600.0
HEAD = ("project", "commit", "made again", "s beyond set-up", "set-up s", "parts", "forged",
        "found out by")  # fmt: skip
Row = dict[str, Any]


def home(root: Path, project: Project, history: History, change: Change) -> World:
    """A person's machine that has nothing yet, with the parent as `main`, the change as pull
    request 1."""
    access = "".join(f"{key} = {json.dumps(text)}\n" for key, text in registries().items())
    hosts = json.dumps(reached())
    made = World(root, "", files={}, name=project.short)
    history.unpack(change.parent, made.repo)
    made.git("add", "--all", "--force")
    made.commit(f"As of {change.parent[:10]}")
    setup = json.dumps([*detected(made.repo).setup, *project.setup]) if project.setup else ""
    own = f"setup = {setup}\n" if setup else ""
    made.settings = (
        f"[environment]\nallow = {hosts}\nprivate = {hosts}\n{own}\n[environment.env]\n{access}"
    )
    made.script()
    made.git("switch", "--quiet", "--create", "work")
    for file in change.files:
        if file.new is None:
            (made.repo / file.path).unlink()
    history.unpack(change.commit, made.repo)
    made.git("add", "--all", "--force")
    made.git("update-ref", "refs/pull/1/head", made.commit(change.subject))
    made.git("switch", "--quiet", "main")
    return made


def prove(place: World, *words: str) -> Row:
    """What `harness prove` says, in this home."""
    began = time.time()
    done = place.run("prove", "--json", *words, code=None, timeout_s=RUN_S)
    took = time.time() - began
    told = json.loads(done.stdout) if done.stdout.startswith("{") else {}
    compared = told.pop("comparison", {})
    marks = (place.state / "environments").glob("*/environment.json")
    setup = max([mark.stat().st_mtime - began for mark in marks], default=0.0)
    return {"exit": done.returncode, "said": done.stderr[-1500:], "proof": told,
            "compared": compared, "seconds": took, "setup": max(setup, 0.0)}  # fmt: skip


def settle(out: Path, project: Project, history: History, commit: str, budget: str) -> Row:
    """The proof, the same made again elsewhere, and where tests are swapped, that too."""
    change = history.change(commit)
    folder = Path(tempfile.mkdtemp(prefix="reproof-", dir=out))
    try:
        first = home(folder / "a", project, history, change)
        row: Row = {"project": project.name, "commit": commit[:10]}
        row["claim"] = prove(first, "main..work", "--budget", budget)
        file = folder / "proof.json"
        file.write_text(json.dumps(row["claim"]["proof"]))
        second = World(folder / "b", first.settings, files={}, name="elsewhere")
        pull = ("--pr", f"{first.repo}/pull/1", "--proof", str(file))
        row["again"] = prove(second, *pull)
        kind = KINDS[[c for _, c in CHOSEN].index(commit) % len(KINDS)]
        if kind == "tests swapped" and row["claim"]["proof"]:
            swapped = swap_tests(first, change, read_proof(json.dumps(row["claim"]["proof"])))
            file.write_text(swapped)
            row["swapped"] = prove(second, *pull)
        return {**row, "kind": kind}
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def found_out(row: Row) -> tuple[str, ...]:
    """What tells that the forged proof is none; () when nothing does."""
    if "swapped" in row:
        compared = row["swapped"]["compared"]
    else:
        claimed, again = (_proof(row[side]["proof"]) for side in ("claim", "again"))
        compared = compare(forge(claimed, row["kind"]), (again,)).model_dump(mode="json")
    if compared.get("verdict") != "disagrees":
        return ()
    keys = (str(say["key"]).removeprefix("proof.differs_") for say in compared["differs"])
    return tuple(dict.fromkeys(keys))


def _proof(told: Row) -> Proof:
    found = read_proof(json.dumps(told))
    assert isinstance(found, Proof), found
    return found


def table(rows: Sequence[Row]) -> str:
    """A line a commit, then what they come to."""
    lines, beyond = [], []
    made = [row for row in rows if row["claim"]["proof"] and row["again"]["proof"]]
    for row in rows:
        again, parts = row["again"], row["claim"]["proof"].get("parts", ())
        left = again["seconds"] - again["setup"]
        beyond.append(left)
        out = found_out(row) if row in made else ()
        lines.append((
            row["project"], row["commit"], again["compared"].get("verdict", "no proof"),
            f"{left:.0f}", f"{again['setup']:.0f}", str(len(parts)),
            row["kind"], ", ".join(out) or "-",
        ))  # fmt: skip
    agree = sum(row["again"]["compared"].get("verdict") == "agrees" for row in rows)
    found = sum(bool(found_out(row)) for row in made)
    said = f"{agree} of {len(rows)} agree; of {len(made)} forged {found} are found out"
    if beyond:
        said += (
            f"; beyond set-up: median {statistics.median(beyond):.0f} s, worst {max(beyond):.0f} s"
        )
    return "\n".join([markdown(HEAD, lines), "", said, machine()])


def in_turn() -> list[tuple[Project, str]]:
    """One of each project, then the next of each: what is done early speaks for all."""
    each = [[(p, c) for p, c in CHOSEN if p is project] for project in PROJECTS]
    return [one for row in zip_longest(*each) for one in row if one is not None]


def main(argv: Sequence[str] | None = None) -> int:
    asked = argparse.ArgumentParser(prog="python -m benchmarks.reproof", description=__doc__)
    asked.add_argument("--histories", nargs="+", required=True, metavar="DIR|NAME=PATH")
    asked.add_argument("--out", type=Path, default=ROOT / ".bench" / "reproof")
    asked.add_argument("--budget", default="60", metavar="SECONDS")
    asked.add_argument("--only", nargs="*", default=[], metavar="NAME", help="e.g. click")
    asked.add_argument("--table", action="store_true", help="only what is there already")
    words = asked.parse_args(argv)
    places = histories(words.histories)
    words.out.mkdir(parents=True, exist_ok=True)
    rows = []
    for project, commit in in_turn():
        name, history = f"{project.short}-{commit[:10]}", History(places[project.name])
        skipped = words.table and not (words.out / f"{name}.json").is_file()
        if skipped or (words.only and project.short not in words.only):
            continue

        def make(p: Project = project, h: History = history, c: str = commit) -> Row:
            return settle(words.out, p, h, c, words.budget)

        row = known(words.out, name, make)
        rows.append(row)
        print(name, row["claim"]["exit"], row["again"]["compared"].get("verdict"),
              f"{row['again']['seconds']:.0f}", row["kind"], sep=" | ", flush=True)  # fmt: skip
    print(text := table(rows))
    (words.out / "reproof.md").write_text(text + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
