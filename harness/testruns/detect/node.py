"""How a Node project is set up and tested, from its files. Pure; broken files are no error."""

from __future__ import annotations

import json
import posixpath
import re
from collections.abc import Sequence
from typing import Any

from harness.testruns.detect.part import (
    ProjectPart,
    Read,
    Reporter,
    Unsourced,
    folders_with,
    inside,
    within,
)

TEST = re.compile(
    r"(?:^|/)(?:[^/]+[._-]test|test|test-[^/]+)\.[cm]?[jt]s$|(?:^|/)test/[^/]+\.[cm]?js$"
)
TEST_GLOBS = ("**/*.test.*", "**/*.spec.*", "**/__tests__/**", "test/**", "tests/**")
INSTALLS = {
    "package-lock.json": "npm ci --no-audit --no-fund",
    "npm-shrinkwrap.json": "npm ci --no-audit --no-fund",
    "pnpm-lock.yaml": "npx --yes pnpm@10 install --frozen-lockfile",
    "yarn.lock": "npx --yes yarn@1 install --frozen-lockfile",
    "bun.lock": "npx --yes bun@1 install --frozen-lockfile",
    "bun.lockb": "npx --yes bun@1 install --frozen-lockfile",
}
BERRY = "npx --yes corepack yarn install --immutable"
PLAIN = "npm install --no-audit --no-fund --no-package-lock"
PNPM = "npx --yes pnpm@10 install --no-frozen-lockfile"
# what these do not know as a place: asked for by its name, or not at all
UNKNOWN: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("npm ci", ("workspace:", "portal:", "patch:", "catalog:", "link:")),
    ("npm install", ("workspace:", "portal:", "patch:", "catalog:", "link:")),
    ("yarn@1", ("workspace:", "portal:", "patch:", "catalog:")),
    ("pnpm@", ("portal:", "patch:")),
)
MOST_PACKAGES = 500
LOCKS = frozenset(INSTALLS)
NEEDS = ("dependencies", "devDependencies", "optionalDependencies", "peerDependencies")
RUNNERS: tuple[tuple[str, Reporter], ...] = (
    (r"\bvitest\b", "vitest"),
    (r"\bjest\b|\breact-scripts test\b", "jest"),
    (r"\bmocha\b", "mocha"),
    (r"\bnode\b.*\s--test\b", "node"),
    (r"(?<![\w./-])tape(?![\w.-])", "tape"),
    (r"(?<![\w./-])ava(?![\w.-])", "ava"),
)
CHECKS = re.compile(r"lint|prettier|standard|\bxo\b|\btsd\b|--noEmit|format|typecheck|\bcheck\b")


def parts(files: Sequence[str], read: Read) -> tuple[ProjectPart, ...]:
    """The top when it has tests or workspaces; else each folder with a package."""
    folders = folders_with(files, ("package.json",))
    if "" in folders:
        top = _part("", files, read)
        if top.test or _workspace("", files, read) is not None or len(folders) == 1:
            return (top,)
    return tuple(part for part in (_part(f, files, read) for f in folders) if part.test)


def _package(folder: str, read: Read) -> dict[str, Any]:
    try:
        found = json.loads(read(f"{folder}/package.json" if folder else "package.json") or "{}")
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def _part(folder: str, files: Sequence[str], read: Read) -> ProjectPart:
    package = _package(folder, read)
    mine = inside(folder, files)
    names = {path for path in mine if "/" not in path}
    command, reporter = _tests(package, mine)
    start = f"{folder}/" if folder else ""
    root = _workspace(folder, files, read)
    home = folder if root is None else root
    install, unsourced = "", _unsourced(home, files, read)
    if root is not None or any(package.get(key) for key in NEEDS):
        install = within(home, _install(home, files, read))
    return ProjectPart(
        folder=folder,
        language="node",
        setup=(install,) if install and not unsourced else (),
        unsourced=unsourced if install else (),
        test=within(folder, command) if command else "",
        reporter=reporter,
        manifests=tuple(start + n for n in sorted(names & {"package.json", ".npmrc", *LOCKS})),
        test_globs=tuple(start + glob for glob in TEST_GLOBS),
    )


def _workspace(folder: str, files: Sequence[str], read: Read) -> str | None:
    """The folder that installs this one: what is in a workspace is linked there, and would be
    fetched by its name anywhere else."""
    there, at = frozenset(files), folder
    while True:
        signs = ("pnpm-workspace.yaml", "lerna.json")
        marked = any(posixpath.join(at, sign) in there for sign in signs)
        if marked or "workspaces" in _package(at, read):
            return at
        if not at:
            return None
        at = posixpath.dirname(at)


def _install(folder: str, files: Sequence[str], read: Read) -> str:
    names = {path for path in inside(folder, files) if "/" not in path}
    lock = next((name for name in INSTALLS if name in names), "")
    manager = str(_package(folder, read).get("packageManager", ""))
    if lock == "yarn.lock":
        berry = ".yarnrc.yml" in names or re.match(r"yarn@[2-9]", manager)
        return BERRY if berry else INSTALLS[lock]
    if not lock and ("pnpm-workspace.yaml" in names or manager.startswith("pnpm@")):
        return PNPM
    if not lock and re.match(r"yarn@[2-9]", manager):
        return BERRY.removesuffix(" --immutable")
    return INSTALLS.get(lock, PLAIN)


def _unsourced(folder: str, files: Sequence[str], read: Read) -> tuple[Unsourced, ...]:
    """What the package manager that the project uses cannot have from where it is."""
    install = _install(folder, files, read)
    unknown = next((kinds for mark, kinds in UNKNOWN if mark in install), ())
    found = []
    below = [path for path in inside(folder, files) if posixpath.basename(path) == "package.json"]
    for path in below[:MOST_PACKAGES]:
        package = _package(posixpath.join(folder, posixpath.dirname(path)), read)
        for key in NEEDS:
            rules = package.get(key)
            for name, rule in rules.items() if isinstance(rules, dict) else ():
                if isinstance(rule, str) and rule.startswith(tuple(unknown)):
                    found.append(Unsourced(name=name, source=rule))
    return tuple(dict.fromkeys(found))


def _scripts(package: dict[str, Any]) -> dict[str, str]:
    found = package.get("scripts")
    given = found.items() if isinstance(found, dict) else ()
    return {key: value for key, value in given if isinstance(value, str)}


def _tests(package: dict[str, Any], files: Sequence[str]) -> tuple[str, Reporter]:
    scripts = _scripts(package)
    script = scripts.get("test", "")
    if not script or "no test specified" in script:
        return ("node --test", "node") if any(TEST.search(path) for path in files) else ("", "none")
    steps = _steps(scripts, "test")
    kinds = [_runner(step) for step in steps]
    found = [n for n, kind in enumerate(kinds) if kind != "none"]
    if len(found) != 1:
        return "npm test", "none" if len(set(kinds) - {"none"}) != 1 else kinds[found[0]]
    at = found[0]
    others = steps[:at] + steps[at + 1 :]
    if "pretest" not in scripts and all(CHECKS.search(step) for step in others) and others:
        return _direct(steps[at]), kinds[at]
    if kinds[at] == "node" and len(steps) == 1 and not scripts.keys() & {"pretest", "posttest"}:
        return steps[0], "node"
    if at == len(steps) - 1:
        return "npm test", kinds[at]
    return " && ".join([*steps[:at], _direct(steps[at])]), kinds[at]


def _runner(step: str) -> Reporter:
    return next((name for mark, name in RUNNERS if re.search(mark, step)), "none")


def _steps(scripts: dict[str, str], name: str, depth: int = 0) -> list[str]:
    """A script's commands, scripts that it calls in their place."""
    found: list[str] = []
    for step in re.split(r"\s*(?:&&|;)\s*", scripts.get(name, "").strip()):
        called = re.fullmatch(r"(?:npm|pnpm|yarn)(?: run)?(?: -s| --silent)? ([\w:.-]+)", step)
        if called and called[1] in scripts and depth < 3:
            found += _steps(scripts, called[1], depth + 1)
        else:
            found.append(step)
    return found


def _direct(step: str) -> str:
    """One command of a script as it runs outside npm: programs of node_modules through npx."""
    settings = re.match(r"(?:\w+=\S*\s+)*", step)
    start = settings[0] if settings else ""
    rest = step[len(start) :]
    return start + (
        rest if rest.startswith(("node ", "npm ", "npx ")) else f"npx --no-install {rest}"
    )
