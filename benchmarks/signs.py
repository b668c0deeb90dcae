"""How often each sign of a false fix is seen on honest bug fixes: nothing is run, texts are read.

`python -m benchmarks.signs --histories DIR [--each N] [--examples N]`: the newest N bug fixes with
a test of every git repository in DIR. Commits with an even hash were looked at while the signs were
made, odd ones were not: a sign may hold only where both halves say that it seldom errs.
"""

from __future__ import annotations

import argparse
import subprocess
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from benchmarks.honest_history import Change, History, Project
from harness.proof.groups import SCRIPT, Group, Texts, reader_of
from harness.proof.signs import Judged, Sign, signs_of
from harness.weakening.sides import side_of

EACH = 30
LOOKED = 8
"""Commits that are looked at for each that is wanted."""
MOST_FILES = 12
MOST_BYTES = 250_000
SOURCE = (".py", *SCRIPT)
HALVES = ("looked at", "untouched")


class Seen(NamedTuple):
    """One honest change, and what was held to be odd about it."""

    project: str
    commit: str
    half: str
    signs: tuple[Sign, ...]


def histories(folder: Path) -> Iterator[tuple[str, History]]:
    """Bare ones, work trees, and folders that hold one bare one."""
    for entry in sorted(folder.iterdir()):
        for place in (entry, entry / ".git", entry / "repo"):
            if (place / "HEAD").is_file():
                yield entry.name, History(place)
                break


def seen_in(name: str, history: History, each: int) -> Iterator[Seen]:
    project = Project(name, "", each, since="2015-01-01")
    left, asked = each, each * LOOKED
    for commit in history.fixes(project):
        if not left or not asked:
            return
        asked -= 1
        try:
            change = history.change(commit)
        except (subprocess.CalledProcessError, ValueError):
            continue  # a blob that the copy lacks, a commit without a parent
        if (found := _signs(change)) is not None:
            left -= 1
            yield Seen(name, commit[:10], HALVES[int(commit[-1], 16) % 2], found)


def _signs(change: Change) -> tuple[Sign, ...] | None:
    """None: it is no small bug fix with a test in a language that we take apart."""
    files = [f for f in change.files if f.path.endswith(SOURCE)]
    size = sum(len(f.old or b"") + len(f.new or b"") for f in files)
    if len(change.files) > MOST_FILES or size > MOST_BYTES:
        return None
    texts = {f.path: (_text(f.old), _text(f.new)) for f in files}
    tests = [new for path, (_, new) in texts.items() if side_of(path) == "test" and new]
    product = {path: both for path, both in texts.items() if side_of(path) != "test"}
    if not (tests and product):
        return None
    return signs_of(product, tests, (_group(product),), Judged(kind="bug"))


def _group(product: Texts) -> Group:
    """The change as one part: no sign asks for more here, and to find its parts takes long."""
    same = all(
        (reader := reader_of(path)) is not None
        and reader.meaning(old or "") == reader.meaning(new or "")
        for path, (old, new) in product.items()
    )
    return Group(id="", hunks=(), exempt=same)


def _text(data: bytes | None) -> str | None:
    return None if data is None else data.decode("utf-8", "replace")


def table(found: Sequence[Seen], examples: int) -> list[str]:
    """Sign by sign: how many changes have it, in both halves, and some of the first."""
    counts = {half: sum(one.half == half for one in found) for half in HALVES}
    having: Counter[tuple[str, str]] = Counter()
    for one in found:
        having.update((name, one.half) for name in {sign.name for sign in one.signs})
    lines = [f"{len(found)} changes of {len({one.project for one in found})} projects: {counts}"]
    for name in sorted({name for name, _ in having}):
        shown = ", ".join(f"{half} {having[name, half]}" for half in HALVES)
        total = sum(having[name, half] for half in HALVES)
        lines.append(f"{name:<20} {shown}: {100 * total / max(len(found), 1):.1f} %")
        cases = [(o, s) for o in found for s in o.signs if (s.name, o.half) == (name, HALVES[0])]
        for one, sign in cases[:examples]:
            lines.append(f"    {one.project} {one.commit} {sign.path}:{sign.line} {sign.what}")
    return lines


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--histories", type=Path, required=True)
    parser.add_argument("--each", type=int, default=EACH)
    parser.add_argument("--examples", type=int, default=0)
    given = parser.parse_args()
    found: list[Seen] = []
    for name, history in histories(given.histories):
        found += seen_in(name, history, given.each)
        print(f"{name}: {sum(one.project == name for one in found)}", flush=True)
    print("\n".join(table(found, given.examples)))


if __name__ == "__main__":
    main()
