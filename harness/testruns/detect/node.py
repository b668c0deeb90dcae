"""How a Node project is set up and tested, from its files. Pure; broken files are no error."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Sequence
from typing import Any

from harness.testruns.detect.managers import LOCKS, Kind, manager_of, read_package
from harness.testruns.detect.node_scripts import Test, scripts_of, tests_of
from harness.testruns.detect.part import (
    ProjectPart,
    Read,
    Unsourced,
    folders_with,
    inside,
    within,
)

TEST = re.compile(
    r"(?:^|/)(?:[^/]+[._-]test|test|test-[^/]+)\.[cm]?[jt]s$|(?:^|/)test/[^/]+\.[cm]?js$"
)
TEST_GLOBS = ("**/*.test.*", "**/*.spec.*", "**/__tests__/**", "test/**", "tests/**")
# what these do not know as a place: asked for by its name, or not at all
UNKNOWN: dict[Kind, tuple[str, ...]] = {
    "npm": ("workspace:", "portal:", "patch:", "catalog:", "link:"),
    "yarn": ("workspace:", "portal:", "patch:", "catalog:"),
    "pnpm": ("portal:", "patch:"),
}
MOST_PACKAGES = 500
NEEDS = ("dependencies", "devDependencies", "optionalDependencies", "peerDependencies")


def parts(files: Sequence[str], read: Read) -> tuple[ProjectPart, ...]:
    """The top when it has tests or workspaces; else each folder with a package."""
    folders = folders_with(files, ("package.json",))
    if "" in folders:
        top = _of_folder("", files, read)
        if top[0].test or workspace("", files, read) is not None or len(folders) == 1:
            return top
    return tuple(part for f in folders for part in _of_folder(f, files, read) if part.test)


def _of_folder(folder: str, files: Sequence[str], read: Read) -> tuple[ProjectPart, ...]:
    """One for each command that runs some of its tests; one without a command when none does."""
    package = read_package(folder, read)
    mine = inside(folder, files)
    names = {path for path in mine if "/" not in path}
    tests = _tests(package, mine)
    start = f"{folder}/" if folder else ""
    install, unsourced = installing(folder, files, read)
    if workspace(folder, files, read) is None and not any(package.get(key) for key in NEEDS):
        install = ""
    part = ProjectPart(
        folder=folder,
        language="node",
        setup=(install,) if install and not unsourced else (),
        unsourced=unsourced if install else (),
        test="",
        reporter="none",
        manifests=tuple(start + n for n in sorted(names & {"package.json", ".npmrc", *LOCKS})),
        test_globs=tuple(start + glob for glob in TEST_GLOBS),
    )
    return tuple(
        part.model_copy(update={"test": within(folder, test.command), "reporter": test.reporter})
        for test in tests
    ) or (part,)


def workspace(folder: str, files: Sequence[str], read: Read) -> str | None:
    """The folder that installs this one: what is in a workspace is linked there, and would be
    fetched by its name anywhere else."""
    there, at = frozenset(files), folder
    while True:
        signs = ("pnpm-workspace.yaml", "lerna.json")
        marked = any(posixpath.join(at, sign) in there for sign in signs)
        if marked or "workspaces" in read_package(at, read):
            return at
        if not at:
            return None
        at = posixpath.dirname(at)


def installing(
    folder: str, files: Sequence[str], read: Read, told: str = "", *, loose: bool = False
) -> tuple[str, tuple[Unsourced, ...]]:
    """The command, run at the top of the tree, that installs a folder's packages where they are
    installed from, and what stands against it; `told` as for `manager_of`, `loose`: the lock file
    need not fit."""
    root = workspace(folder, files, read)
    home = folder if root is None else root
    manager = manager_of(home, files, read, told)
    command = manager.loose if loose else manager.install
    return within(home, command), _unsourced(home, files, read, manager.kind)


def _unsourced(folder: str, files: Sequence[str], read: Read, kind: Kind) -> tuple[Unsourced, ...]:
    """What the package manager that the project uses cannot have from where it is."""
    unknown = UNKNOWN.get(kind, ())
    found = []
    below = [path for path in inside(folder, files) if posixpath.basename(path) == "package.json"]
    for path in below[:MOST_PACKAGES]:
        package = read_package(posixpath.join(folder, posixpath.dirname(path)), read)
        for key in NEEDS:
            rules = package.get(key)
            for name, rule in rules.items() if isinstance(rules, dict) else ():
                if isinstance(rule, str) and rule.startswith(tuple(unknown)):
                    found.append(Unsourced(name=name, source=rule))
    return tuple(dict.fromkeys(found))


def _tests(package: dict[str, Any], files: Sequence[str]) -> tuple[Test, ...]:
    script = scripts_of(package).get("test", "")
    if script and "no test specified" not in script:
        return tests_of(scripts_of(package), "test", "")
    return (Test("node --test", "node"),) if any(TEST.search(path) for path in files) else ()
