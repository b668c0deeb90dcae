"""`python -m benchmarks.honest_proof --histories DIR`: what `harness prove` says of honest bug
fixes of public projects. Each should be let through; what is held is a false alarm, and by which
rule.

Each result is a file in --out; what is there is not done again. One at a time: seconds are
measured.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from benchmarks.honest import histories, is_git, known
from benchmarks.honest_history import History, expectations
from benchmarks.honest_set import ALL, BORROWED, Chosen, choose_all, listed, write
from benchmarks.honest_table import table
from tests.real.machine import HARNESS, ROOT
from tests.real.sources import reached, registries

LIMIT_S = 900.0
BUDGET_S = 60.0
YARN = "registry.yarnpkg.com"
Row = dict[str, Any]


class Home:
    """A person's home with clones of projects, and no project registered. Environments are kept in
    it: the same lock is set up once."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._settings = folder / "home" / ".config" / "harness"
        self._settings.mkdir(parents=True, exist_ok=True)
        hosts = json.dumps([*reached(), YARN])
        access = "".join(f"{key} = {json.dumps(text)}\n" for key, text in registries().items())
        (self._settings / "config.toml").write_text(
            f"[environment]\nallow = {hosts}\nprivate = {hosts}\n\n[environment.env]\n{access}"
        )

    def checkout(self, name: str, bare: Path) -> Path:
        """A clone of all of it."""
        place = self.folder / name
        if not (place / ".git").is_dir():
            command = ("git", "clone", "--quiet", "--no-checkout", "--no-local")
            subprocess.run((*command, str(bare), str(place)), check=True)
        section, repository = BORROWED.get(name, ("", ""))
        kept = place / ".git" / "modules" / section
        if section and not kept.exists():
            folder = bare.parent.parent / repository.replace("/", "+")
            for theirs in (at for at in (folder, *folder.glob("*")) if is_git(at)):
                kept.parent.mkdir(parents=True, exist_ok=True)
                subprocess.run((*command[:3], "--bare", str(theirs), str(kept)), check=True)
        return place

    def prove(self, place: Path, change: str, budget_s: float = BUDGET_S) -> Row:
        """What is said of BASE..HEAD there, and how long all of it took."""
        words = (HARNESS, "prove", change, "--json", "--budget", f"{budget_s:.0f}")
        began = time.monotonic()
        code, out, err = self._run(place, words)
        row: Row = {"code": code, "whole_s": round(time.monotonic() - began, 1)}
        try:
            row["proof"] = json.loads(out)
        except ValueError:
            row["said"] = " ".join(f"{out} {err}".split())[-1500:]
        return row

    def _run(self, place: Path, words: Sequence[str]) -> tuple[int, str, str]:
        env = {"PATH": os.environ["PATH"], "LANG": "C.UTF-8", "PYTHONPATH": str(ROOT)}
        env["HOME"] = str(self.folder / "home")
        pipe = subprocess.PIPE
        with subprocess.Popen(
            words, cwd=place, env=env, stdin=subprocess.DEVNULL, stdout=pipe, stderr=pipe,
            text=True, errors="replace", start_new_session=True,
        ) as child:  # fmt: skip
            try:
                out, err = child.communicate(timeout=LIMIT_S)
            except subprocess.TimeoutExpired:
                os.killpg(child.pid, signal.SIGKILL)
                return -1, "", f"it did not end within {LIMIT_S:.0f} s"
        return child.returncode, out, err


def settled(out: Path, home: Home, one: Chosen, bare: Path) -> Row:
    """The commit's result, proven when there is none yet."""

    def make() -> Row:
        change = History(bare).change(one.commit)
        place = home.checkout(one.project.short, bare)
        row = home.prove(place, f"{change.parent}..{change.commit}")
        about = {"half": one.half, "project": one.project.name, "commit": one.commit}
        about |= {"subject": change.subject, "date": change.date}
        files = [file.path for file in change.files]
        edited = list(expectations(change))
        return {**about, "edited": edited, "files": files, "at": time.strftime("%F %T"), **row}

    return known(out, f"{one.project.short}-{one.commit}", make)


def main(argv: Sequence[str] | None = None) -> int:
    asked = argparse.ArgumentParser(prog="python -m benchmarks.honest_proof", description=__doc__)
    asked.add_argument("--histories", nargs="+", required=True, metavar="DIR|NAME=PATH")
    asked.add_argument("--out", type=Path, default=ROOT / ".bench" / "honest-proof")
    asked.add_argument("--choose", action="store_true", help="make the list again; run nothing")
    asked.add_argument("--table", action="store_true", help="of what is there; run nothing")
    asked.add_argument("--only", nargs="*", default=[], metavar="NAME", help="e.g. click")
    words = asked.parse_args(argv)
    places = histories(words.histories, ALL)
    if words.choose:
        write(choose_all(places))
        return 0
    words.out.mkdir(parents=True, exist_ok=True)
    home = Home(words.out / "person")
    rows = []
    for one in listed():
        there = (words.out / f"{one.project.short}-{one.commit}.json").is_file()
        if (words.only and one.project.short not in words.only) or (words.table and not there):
            continue
        row = settled(words.out, home, one, places[one.project.name])
        conclusion = row.get("proof", {}).get("conclusion", row.get("said", "")[-300:])
        print(one.project.short, one.commit, one.half, row["whole_s"], conclusion, flush=True)
        rows.append(row)
    print(text := table(rows, len(listed())))
    (words.out / "honest-proof.md").write_text(text + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
