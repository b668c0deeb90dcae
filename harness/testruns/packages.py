"""The packages of a repository whose test command goes to several folders: which one a change is
of, which ones need that, and in what order their tests are run. Pure."""

from __future__ import annotations

import json
import posixpath
import re
from collections.abc import Iterable, Mapping, Sequence

from harness.core.base import Value
from harness.testruns.detect.manifest import plain, read_toml, table
from harness.testruns.detect.part import OUTSIDE
from harness.testruns.showing import suite_files
from harness.testruns.suite_command import folders_of, parts_of, together

MANIFESTS = re.compile(
    r"(?:^|/)(?:pyproject\.toml|setup\.(?:py|cfg)|Pipfile|[\w.-]*requirements[\w.-]*\.(?:txt|in)"
    r"|package\.json|Cargo\.toml|go\.mod|pom\.xml|composer\.json|[\w.-]+\.(?:gemspec|csproj))$"
)
MOST_MANIFESTS = 1000
LONGEST = 1 << 18
_WORD = re.compile(r"@?[\w.][\w./-]*")


class Package(Value):
    """The tests of one folder: a command that is run at the top of the tree, and how its results
    are read."""

    folder: str
    command: str
    reporter: str


def packages_of(command: str, reporter: str) -> tuple[Package, ...]:
    """Of a command that was joined of several folders' tests; none of any other."""
    parts, kinds = parts_of(command), reporter.split("+")
    folders = folders_of(command)
    if len(set(folders)) < 2 or together(parts) != command:
        return ()
    return tuple(
        Package(folder=folder, command=text, reporter=kinds[min(number, len(kinds) - 1)])
        for number, (folder, text) in enumerate(zip(folders, parts, strict=True))
    )


def files_of(package: Package, files: Sequence[str]) -> tuple[str, ...]:
    """Those of the tree's files that its runner takes for tests by their names."""
    return suite_files(files, package.reporter, package.command)


def touched_first(
    packages: Sequence[Package], changed: Iterable[str], needs: Mapping[str, frozenset[str]]
) -> tuple[str, str]:
    """The joined command and its reporter with the packages in which these paths are first, then
    those that need one of these, by whatever way; else as they were. `needs`: folder of a package
    -> folders of those that it needs. A path of no package, as a file at the top, moves none."""
    folders = {*needs, *(one.folder for one in packages)}
    touched = {_owner(path, folders) for path in changed} - {""}
    beside = _users(touched, needs)
    beside |= {one for one in folders if any(f.startswith(f"{one}/") for f in touched)}
    ranked = sorted(packages, key=lambda one: _rank(one.folder, touched, beside))
    kinds = [one.reporter for one in ranked]
    reporter = "+".join(kinds) if len(set(kinds)) > 1 else kinds[0]
    return together([one.command for one in ranked]), reporter


def _rank(folder: str, touched: set[str], beside: set[str]) -> int:
    return 0 if folder in touched else 1 if folder in beside else 2


def _owner(path: str, folders: set[str]) -> str:
    """The innermost of the folders that a path lies in; "" for none."""
    above = posixpath.dirname(path)
    while above and above not in folders:
        above = posixpath.dirname(above)
    return above


def _users(touched: Iterable[str], needs: Mapping[str, frozenset[str]]) -> set[str]:
    """Those that need one of these, themselves or by others."""
    users: dict[str, set[str]] = {}
    for folder, needed in needs.items():
        for one in needed:
            users.setdefault(one, set()).add(folder)
    found: set[str] = set()
    todo = [*touched]
    while todo:
        fresh = users.get(todo.pop(), set()) - found
        found |= fresh
        todo += fresh
    return found


def telling(files: Sequence[str]) -> tuple[str, ...]:
    """Files that say what packages there are and what they need."""
    found = (path for path in files if MANIFESTS.search(path))
    return tuple(p for p in found if OUTSIDE.isdisjoint(p.split("/")))[:MOST_MANIFESTS]


def needs_of(texts: Mapping[str, str]) -> dict[str, frozenset[str]]:
    """Folder of a package -> folders of the packages of the same tree whose name or place stands
    in one of its manifests. It is for an order alone: one too many does no harm."""
    texts = {path: text[:LONGEST] for path, text in texts.items()}
    named = {name: posixpath.dirname(p) for p, text in texts.items() if (name := _name(p, text))}
    folders = {posixpath.dirname(path) for path in texts}
    found: dict[str, set[str]] = {folder: set() for folder in folders}
    for path, text in texts.items():
        folder = posixpath.dirname(path)
        for word in set(_WORD.findall(text)):
            there = posixpath.normpath(posixpath.join(folder, word))
            needed = there if "/" in word and there in folders else named.get(plain(word), "")
            if needed and needed != folder:
                found[folder].add(needed)
    return {folder: frozenset(needed) for folder, needed in found.items()}


def _name(path: str, text: str) -> str:
    """What a manifest calls its package; "" where it does not say."""
    file = posixpath.basename(path)
    if file == "pyproject.toml":
        told = read_toml(text)
        name = table(told, "project").get("name") or table(table(told, "tool"), "poetry").get(
            "name"
        )
    elif file in ("package.json", "composer.json"):
        try:
            told = json.loads(text)
        except (ValueError, RecursionError):
            told = None
        name = told.get("name") if isinstance(told, dict) else None
    elif file == "Cargo.toml":
        name = table(read_toml(text), "package").get("name")
    else:
        patterns = {"go.mod": r"(?m)^module\s+(\S+)", "setup.cfg": r"(?m)^name\s*=\s*([\w.-]+)"}
        patterns |= {"setup.py": r"\bname\s*=\s*['\"]([\w.-]+)"}
        patterns |= {"pom.xml": r"<artifactId>\s*([\w.-]+)"}
        found = re.search(patterns.get(file, r"(?!)"), text)
        name = found[1] if found else None
    return plain(name) if isinstance(name, str) else ""
