"""`python -m tests.real.table`: public projects set up and tested in the Box and outside of it, one
after the other. Each result is a file in --out, and what is there is not done again; --page writes
the table. Histories are bare repositories below --histories, which whoever runs this has cloned.
"""

from __future__ import annotations

import argparse
import json
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

from tests.real.chosen import ALL, Chosen
from tests.real.machine import History, Machine

HEAD = ("project", "kind", "recipe from", "set-up s", "inside", "outside", "said")
SAID = 400
Row = dict[str, Any]


def measure(chosen: Chosen, root: Path, bare: Path | None, *, both: bool = True) -> Row:
    """What a new user is told, and what the suite does at both places or in the Box alone."""
    machine = Machine(root, chosen.short)
    machine.settle(chosen.project, bare)
    row: Row = {"name": chosen.project.name, "at": chosen.at, "kind": chosen.kind}
    row["init"] = machine.says("init", "--yes")
    if row["init"]["code"] != 0:
        return row
    row["inside"] = machine.tried(row["init"]["said"])
    if both:
        row["outside"] = machine.outside(row["inside"])
        if row["outside"].get("counts") != row["inside"]["counts"]:
            row["named"] = machine.inside()
    return row


def line(row: Row) -> tuple[str, ...]:
    """The row as the table shows it."""
    inside, outside = row.get("inside", {}), row.get("outside", {})
    said = "" if row["init"]["code"] == 0 else row["init"]["said"][-SAID:]
    return (
        f"{row['name']} {row['at']}",
        row["kind"],
        inside.get("origin", ""),
        str(inside.get("setup_s", "-")),
        told(inside),
        told(outside),
        " ".join(said.split()) or differing(row.get("named", {}), outside),
    )


def told(side: Row) -> str:
    """passed/failed/skipped; "-" when nothing was read by name."""
    if not any(side.get("counts", {}).values()):
        return "-"
    counts = side["counts"]
    return f"{counts['passed']}/{counts['failed']}/{counts['skipped']}"


def differing(inside: Row, outside: Row) -> str:
    """Tests that do otherwise at the two places, by name where both have one."""
    here, there = inside.get("outcomes", {}), outside.get("outcomes", {})
    fine = ("passed", "xfailed", "skipped")
    found = [key for key, end in here.items() if end not in fine and there.get(key) in fine]
    return f"{len(found)} fail inside alone: {', '.join(found[:3])}" if found else ""


def markdown(rows: Sequence[Row]) -> str:
    """The table as a page has it."""
    cells = [HEAD, ("---",) * len(HEAD), *map(line, rows)]
    return "\n".join("| " + " | ".join(c.replace("|", "/") for c in row) + " |" for row in cells)


def known(out: Path, name: str, make: Callable[[], Row]) -> Row:
    """What the file says, made when it is not there yet."""
    file = out / f"{name}.json"
    if not file.is_file():
        part = file.with_suffix(".part")
        part.write_text(json.dumps(make(), indent=1))
        part.replace(file)
    row: Row = json.loads(file.read_text())
    return row


def find_bare(folders: Sequence[Path], name: str) -> Path | None:
    """The git directory of `owner/name` below one of the folders."""
    return next((at for folder in folders for at in _places(folder, name) if _is_git(at)), None)


def _places(folder: Path, name: str) -> Iterator[Path]:
    owner, _, short = name.partition("/")
    for below in (short, f"{short}.git", f"{owner}/{short}", f"{owner}+{short}"):
        at = folder / below
        yield from (at, at / ".git", at / "repo")


def _is_git(folder: Path) -> bool:
    return (folder / "HEAD").is_file() and (folder / "objects").is_dir()


def one(chosen: Chosen, out: Path, folders: Sequence[Path], *, both: bool) -> Row | None:
    """Its row; None when its history is not there."""
    history = isinstance(chosen.project, History)
    bare = find_bare(folders, chosen.project.name) if history else None
    if history and bare is None:
        return None

    def make() -> Row:
        root = Path(tempfile.mkdtemp(prefix="real-"))
        try:
            return measure(chosen, root, bare, both=both)
        finally:
            shutil.rmtree(root, ignore_errors=True)

    return known(out, chosen.named, make)


def main(words: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", help="these projects alone")
    parser.add_argument("--histories", action="append", default=[], type=Path)
    parser.add_argument("--out", default=Path(".real"), type=Path)
    parser.add_argument("--page", type=Path)
    parser.add_argument("--inside", action="store_true", help="in the Box alone")
    given = parser.parse_args(words)
    given.out.mkdir(parents=True, exist_ok=True)
    rows = []
    for chosen in ALL:
        if given.names and chosen.named not in given.names:
            continue
        began = time.monotonic()
        row = one(chosen, given.out, given.histories, both=not given.inside)
        if row is None:
            print(f"{chosen.project.name}: no history of it below --histories", flush=True)
            continue
        rows.append(row)
        print(" | ".join(line(row)), f"({time.monotonic() - began:.0f} s)", flush=True)
        if given.page is not None:
            given.page.write_text(f"{markdown(rows)}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
