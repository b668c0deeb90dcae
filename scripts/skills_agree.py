"""Published skills, judged by `harness skills check`'s rules and by skills-ref: a measurement for
docs/skills.md, no part of any suite.

    python scripts/skills_agree.py --histories DIR

DIR holds clones (work trees) of repositories with skills, each in a folder of its own. Printed:
how many skill folders there are, how many each calls valid, every folder where they differ, and how
many our reader can use, which takes keys of other programs.
"""

from __future__ import annotations

import argparse
import os
from collections import Counter
from pathlib import Path

from skills_ref import validate  # type: ignore[import-untyped]

from harness.core.errors import HarnessError
from harness.knowledge.skill_files import list_files, read_folder
from harness.knowledge.skill_standard import PAGES, check_skill


def find(root: Path) -> list[Path]:
    """Every folder below that holds a skill's page, links not followed."""
    found = []
    for place, folders, names in os.walk(root):
        folders[:] = [name for name in folders if name != ".git"]
        if set(PAGES) & set(names):
            found.append(Path(place))
    return sorted(found)


def theirs(folder: Path) -> str:
    """What skills-ref says: valid, invalid, or that it fell over."""
    try:
        return "invalid" if validate(folder) else "valid"
    except Exception as error:  # noqa: BLE001  # whatever it raises is what is measured
        return f"fell over ({type(error).__name__})"


def usable(folder: Path) -> bool:
    """Whether an agent would be shown it."""
    try:
        read_folder(folder, "operator", list_files(folder))
    except (HarnessError, OSError):
        return False
    return True


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--histories", type=Path, required=True)
    root: Path = options.parse_args().histories
    for clone in sorted(path for path in root.iterdir() if path.is_dir()):
        folders = find(clone)
        said = [("invalid" if check_skill(f) else "valid", theirs(f)) for f in folders]
        differ = [f for f, (ours, other) in zip(folders, said, strict=True) if ours != other]
        ours, other = Counter(a for a, _ in said), Counter(b for _, b in said)
        count = sum(map(usable, folders))
        print(
            f"{clone.name}: {len(folders)} skills; we say {dict(ours)}; skills-ref {dict(other)};"
        )
        print(f"  {len(differ)} differ; an agent can use {count}")
        for folder in differ:
            print(f"  differs: {folder.relative_to(root)}: {[w.key for w in check_skill(folder)]}")
            print(f"    skills-ref: {theirs(folder)}")


if __name__ == "__main__":
    main()
