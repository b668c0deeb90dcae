"""Which package manager a Node project is installed by, in which version, and by what command. The
version is the one that `packageManager` names, else the one that wrote the lock file. Pure."""

from __future__ import annotations

import json
import posixpath
import re
from collections.abc import Sequence
from typing import Any, Literal, NamedTuple

from harness.testruns.detect.part import Read, inside

Kind = Literal["npm", "pnpm", "yarn", "berry", "bun"]
LOCKS: dict[str, Kind] = {
    "package-lock.json": "npm",
    "npm-shrinkwrap.json": "npm",
    "pnpm-lock.yaml": "pnpm",
    "yarn.lock": "yarn",
    "bun.lock": "bun",
    "bun.lockb": "bun",
}
# what wrote which format: https://github.com/pnpm/spec/tree/master/lockfile
PNPM = {"5.1": "5", "5.2": "5", "5.3": "6", "5.4": "7", "6.0": "8", "6.1": "8", "9.0": "10"}
BERRY = {"4": "2", "5": "3", "6": "3", "7": "4", "8": "4", "9": "4"}
FLAGS = "--no-audit --no-fund"
REGISTRY = "${npm_config_registry:-https://registry.npmjs.org}"
_NAMED = re.compile(r"(npm|pnpm|yarn|bun)@(\d+(?:\.\d+)*(?:-[\w.]+)?)")


class Manager(NamedTuple):
    """`start`: how it is called without being installed. `install`: from its lock file, where
    there is one; `loose`: as the lock file lets it be."""

    kind: Kind
    start: str
    install: str
    loose: str


def read_package(folder: str, read: Read) -> dict[str, Any]:
    """package.json of a folder; empty when there is none, or it is broken."""
    try:
        found = json.loads(read(posixpath.join(folder, "package.json")) or "{}")
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def manager_of(folder: str, files: Sequence[str], read: Read, told: str = "") -> Manager:
    """Of the folder that installs. `told`: "pnpm@9", what a CI file sets up."""
    names = {path for path in inside(folder, files) if "/" not in path}
    said = _said(read_package(folder, read)) or _NAMED.match(told)
    locks = list(dict.fromkeys(kind for name, kind in LOCKS.items() if name in names))
    kind: Kind = locks[0] if locks else "npm"
    version = ""
    if said is not None:
        named: Kind = said[1]  # type: ignore[assignment]  # one of the pattern's four words
        kind = named if named in locks or not locks else kind
        version = said[2] if named == kind else ""
    elif not locks and "pnpm-workspace.yaml" in names:
        kind = "pnpm"
    elif not locks and ".yarnrc.yml" in names:
        kind = "yarn"
    locked = kind in locks

    def text(name: str) -> str:
        return (read(posixpath.join(folder, name)) or "") if name in names else ""

    if kind == "yarn":
        return _yarn(folder, frozenset(files), version, (text, locked))
    if kind == "pnpm":
        return _pnpm(version, text("pnpm-lock.yaml"), locked)
    if kind == "bun":
        start = f"npx --yes bun@{version or 1}"
        frozen = " --frozen-lockfile" if locked else ""
        return Manager("bun", start, f"{start} install{frozen}", f"{start} install")
    exact = version.count(".") == 2
    start = f"npx --yes npm@{version}" if exact else "npm"
    plain = f"{start} install {FLAGS}"
    ci = f"{start} ci {FLAGS}" if locked else f"{plain} --no-package-lock"
    return Manager("npm", start, ci, plain if locked else ci)


def _said(package: dict[str, Any]) -> re.Match[str] | None:
    """By the project's own word."""
    engines = package.get("devEngines")
    told = engines.get("packageManager") if isinstance(engines, dict) else None
    if isinstance(told, dict):
        return _NAMED.match(f"{told.get('name')}@{told.get('version')}")
    return _NAMED.match(str(package.get("packageManager", "")))


def _pnpm(version: str, lock: str, locked: bool) -> Manager:
    wrote = re.search(r"^lockfileVersion:\s*['\"]?(\d+\.\d+)", lock, re.MULTILINE)
    version = version or PNPM.get(wrote[1] if wrote else "", "10")
    start = f"npx --yes pnpm@{version}"
    loose = f"{start} install --no-frozen-lockfile"
    return Manager("pnpm", start, f"{start} install --frozen-lockfile" if locked else loose, loose)


def _yarn(folder: str, files: frozenset[str], version: str, at: tuple[Any, bool]) -> Manager:
    """A release that the project has in its tree goes before every other."""
    text, locked = at
    settings, lock = text(".yarnrc.yml"), text("yarn.lock")
    wrote = re.search(r"^__metadata:\s*\n\s+version:\s*(\d+)", lock, re.MULTILINE)
    modern = posixpath.join(folder, ".yarnrc.yml") in files
    newer = bool(re.match(r"[2-9]", version) or wrote or (modern and not version))
    own = re.search(r"^yarnPath:\s*['\"]?([\w./@-]+)", settings, re.MULTILINE)
    own = own or re.search(r"^\s*yarn-path\s+['\"]?([\w./@-]+)", text(".yarnrc"), re.MULTILINE)
    start = ""
    if own is not None and posixpath.normpath(posixpath.join(folder, own[1])) in files:
        newer = not re.search(r"yarn-[01]\.", own[1]) and bool(modern or wrote)
        start = f"node {own[1]}"
    if not newer:
        start = start or f"npx --yes yarn@{version or 1}"
        frozen = " --frozen-lockfile" if locked else ""
        return Manager("yarn", start, f"{start} install{frozen}", f"{start} install")
    version = version or BERRY.get(wrote[1] if wrote else "", "4")
    start = start or f"npx --yes @yarnpkg/cli-dist@{version}"
    # its other way of keeping packages lies outside of the tree; its registry is npm's by default
    env = "YARN_ENABLE_TELEMETRY=0 YARN_NODE_LINKER=node-modules"
    if "npmRegistryServer" not in settings and "npmScopes" not in settings:
        env += f' YARN_NPM_REGISTRY_SERVER="${{YARN_NPM_REGISTRY_SERVER:-{REGISTRY}}}"'
    immutable = " --immutable" if locked else " --no-immutable"
    loose = f"{env} {start} install --no-immutable"
    return Manager("berry", start, f"{env} {start} install{immutable}", loose)
