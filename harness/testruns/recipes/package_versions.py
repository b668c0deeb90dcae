"""Versions that a repository's packages ask for, each in its own folder. One Box has one version of
a tool, so where they contradict each other that is said. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from harness.testruns.detect.part import ASIDE, OUTSIDE, Read
from harness.testruns.recipes.versions import FILES, NAMING, parts, satisfies, wanted

DEPTH = 3
MOST = 200
LONGEST = 4096


class Asking(NamedTuple):
    """A file of a package that asks for a tool in a version."""

    file: str
    program: str
    wanted: str


class Clash(NamedTuple):
    """What a package asks for and does not get: `used` is for all of them."""

    asking: Asking
    used: str


def is_asking(path: str) -> bool:
    """Whether a file may name a version: of the whole at the top, of a package below."""
    *folders, name = path.split("/")
    if not folders:
        return any(name == file for file, _ in FILES)
    return name in NAMING and len(folders) <= DEPTH and (OUTSIDE | ASIDE).isdisjoint(folders)


def wanted_by_all(
    files: Sequence[str], read: Read, told: Mapping[str, str] | None = None
) -> tuple[dict[str, str], tuple[Clash, ...]]:
    """Program -> what is asked for of it, and which packages want it otherwise. What `told` says
    goes before the files. The top goes before packages, but for a range that a package names one
    version of; of packages the first by its path."""
    asked = wanted(files, read) | dict(told or {})
    fixed = {program for program in asked if program in (told or {})}
    clashes = []
    for asking in _asking(files, read):
        program, used = asking.program, asked.get(asking.program, "")
        agree = not used or _is_within(asking.wanted, used)
        if not agree:
            clashes.append(Clash(asking, used))
        elif program not in fixed and _says_less(used, asking.wanted):
            asked[program] = asking.wanted
    return asked, tuple(clashes)


def _is_within(version: str, asked: str) -> bool:
    return all(satisfies(one, asked) is True for one in version.split("||"))


def _says_less(used: str, wanted: str) -> bool:
    is_range = re.search(r"[<>=~^*|,\s]|\.x", used) is not None
    return not used or is_range or len(parts(wanted)) > len(parts(used))


def _asking(files: Sequence[str], read: Read) -> list[Asking]:
    found = []
    below = sorted(path for path in files if "/" in path and is_asking(path))
    readers = dict(FILES)
    for path in below[:MOST]:
        said = readers[path.rpartition("/")[2]]((read(path) or "")[:LONGEST])
        found += [Asking(path, program, asked) for program, asked in said.items() if asked.strip()]
    return found
