"""`python -m benchmarks.seeded --histories DIR`: faults sown into honest bug fixes of public
projects. A part of the fix is taken out or one of its lines altered; the fix's own tests stay. Does
`harness prove` notice?

Noticed: it holds the change, or names the very line (unproven, run but not noticed, or altered and
no test noticed).
Nobody looks whether a fault is one at all: an alteration that means the same counts as missed.
Each result is a file in --out; what is there is not done again.
"""

from __future__ import annotations

import argparse
import random
import subprocess
import sys
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.figures import machine, markdown
from benchmarks.honest import histories, known
from benchmarks.honest_history import Change, History
from benchmarks.honest_proof import Home
from benchmarks.honest_set import ALL, Chosen, listed
from harness.proof.groups import Texts, groups_of, undone
from harness.proof.mutants import mutants_of
from tests.real.machine import ROOT

FIXES, EACH = 20, 3
Row = dict[str, Any]
HEAD = ("kind of fault", "sown", "held", "its line named", "missed", "share noticed")


@dataclass(frozen=True)
class Fault:
    """Files of the fix as they are with it."""

    kind: str
    path: str
    line: int
    said: str
    texts: dict[str, str]


def faults_of(change: Change, seed: str) -> list[Fault]:
    """At most `EACH`, the same each time: a part taken out where there is more than one, and lines
    altered, each kind before the second of any."""
    texts = _texts(change)
    found = _removed(texts)[:1] + _altered(texts, random.Random(seed))
    return found[:EACH]


def _texts(change: Change) -> Texts:
    sides = {f.path: (f.old, f.new) for f in change.product if f.new is not None}
    return {path: (_text(old), _text(new)) for path, (old, new) in sides.items()}


def _text(data: bytes | None) -> str | None:
    return None if data is None else data.decode("utf-8", "surrogateescape")


def _removed(texts: Texts) -> list[Fault]:
    parts = [group for group in groups_of(texts) if group.read and not group.exempt]
    if len(parts) < 2:
        return []
    found = []
    for group in sorted(parts, key=lambda g: sum(h.new[1] - h.new[0] for h in g.hunks)):
        first = group.hunks[0]
        left = undone(texts, group)
        found.append(Fault("part removed", first.path, first.new[0] + 1, group.id, left))
    return found


def _altered(texts: Texts, chance: random.Random) -> list[Fault]:
    by_kind: dict[str, list[Fault]] = {}
    for group in groups_of(texts):
        for path in () if group.exempt or not group.read else group.paths:
            lines = {n for first, last in group.lines(path) for n in range(first, last + 1)}
            for one in mutants_of(path, texts[path][1] or "", lines):
                said = f"{one.before} -> {one.after}"
                fault = Fault(one.kind, path, one.line, said, {path: one.text})
                by_kind.setdefault(one.kind, []).append(fault)
    kinds = sorted(by_kind)
    chance.shuffle(kinds)
    for kind in kinds:
        chance.shuffle(by_kind[kind])
    most = max((len(of) for of in by_kind.values()), default=0)
    return [by_kind[k][n] for n in range(most) for k in kinds if n < len(by_kind[k])]


def sow(place: Path, change: Change, fault: Fault, name: str) -> str:
    """A commit like the fix with the fault in it, on a branch of its own."""
    index = {"GIT_INDEX_FILE": str(place / ".git" / f"{name}.index")}
    _git(place, "read-tree", change.commit, env=index)
    for path, text in fault.texts.items():
        data = text.encode("utf-8", "surrogateescape")
        blob = _git(place, "hash-object", "-w", "--stdin", data=data)
        entry = _git(place, "ls-files", "--stage", "--", path, env=index).split(" ")[0]
        _git(place, "update-index", "--cacheinfo", f"{entry or '100644'},{blob},{path}", env=index)
    tree = _git(place, "write-tree", env=index)
    person = ("-c", "user.name=Ada", "-c", "user.email=ada@example.org")
    made = _git(place, *person, "commit-tree", tree, "-p", change.parent, "-m", change.subject)
    _git(place, "branch", "--force", f"seeded/{name}", made)
    return made


def _git(place: Path, *words: str, data: bytes = b"", env: dict[str, str] | None = None) -> str:
    command = ("git", "-C", str(place), *words)
    done = subprocess.run(
        ("env", *(f"{k}={v}" for k, v in (env or {}).items()), *command),
        input=data, capture_output=True, check=True,
    )  # fmt: skip
    return done.stdout.decode().strip()


def settled(out: Path, home: Home, one: Chosen, bare: Path) -> list[Row]:
    """What came of each fault of a fix, proven when that is not known yet."""
    change = History(bare).change(one.commit)
    rows = []
    for number, fault in enumerate(faults_of(change, one.commit), 1):
        name = f"{one.project.short}-{one.commit}-{number}"

        def make(fault: Fault = fault, name: str = name) -> Row:
            place = home.checkout(one.project.short, bare)
            made = sow(place, change, fault, name)
            row = home.prove(place, f"{change.parent}..{made}")
            about: Row = {"project": one.project.name, "commit": one.commit, "kind": fault.kind}
            about |= {"path": fault.path, "line": fault.line, "said": fault.said}
            return {**about, **row}

        row = known(out, name, make)
        rows.append({**row, "ended": ended(row)})
        print(name, row["kind"], f"{row['path']}:{row['line']}", row["said"][:60],
              rows[-1]["ended"], row["whole_s"], sep=" | ", flush=True)  # fmt: skip
    return rows


def ended(row: Row) -> str:
    """Of one fault: held, named, missed; or why nothing can be said."""
    proof = row.get("proof")
    if proof is None:
        return "not proven"
    if proof["held"] or any(part["verdict"] == "unproven" for part in proof["parts"]):
        return "held"
    lines = {(s["path"], s["line"]) for s in proof["survivors"]}
    lines |= {
        (place["path"], line)
        for part in proof["parts"]
        for place in (part["places"] if part["verdict"] == "unnoticed" else ())
        for line in range(place["first"], place["last"] + 1)
    }
    return "named" if (row["path"], row["line"]) in lines else "missed"


def table(rows: Sequence[Row]) -> str:
    """By kind, and all together."""
    told = [row for row in rows if row["ended"] != "not proven"]
    kinds = [*sorted({row["kind"] for row in told}), ""]
    lines = []
    for kind in kinds:
        mine = Counter(row["ended"] for row in told if kind in ("", row["kind"]))
        count = mine.total()
        share = f"{100 * (count - mine['missed']) / count:.0f} %" if count else "-"
        cells = (count, mine["held"], mine["named"], mine["missed"])
        lines.append((kind or "together", *map(str, cells), share))
    fixes = len({row["commit"] for row in told})
    said = f"{len(told)} faults of {FIXES * EACH}, in {fixes} fixes of {FIXES}"
    return "\n".join([markdown(HEAD, lines), "", said, machine()])


def main(argv: Sequence[str] | None = None) -> int:
    asked = argparse.ArgumentParser(prog="python -m benchmarks.seeded", description=__doc__)
    asked.add_argument("--histories", nargs="+", required=True, metavar="DIR|NAME=PATH")
    asked.add_argument("--out", type=Path, default=ROOT / ".bench" / "seeded")
    asked.add_argument("--home", type=Path, help="of a home whose environments are used again")
    words = asked.parse_args(argv)
    places = histories(words.histories, ALL)
    words.out.mkdir(parents=True, exist_ok=True)
    home = Home(words.home or words.out / "person")
    rows = []
    for one in listed()[:FIXES]:
        rows += settled(words.out, home, one, places[one.project.name])
    print(text := table(rows))
    (words.out / "seeded.md").write_text(text + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
