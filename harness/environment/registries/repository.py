"""The hosts that a repository's committed files make set-up ask for. They propose, and nothing
more: whoever can commit could name any host. Pure."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Sequence
from fnmatch import fnmatchcase
from typing import Final

from harness.core.base import Value
from harness.core.globs import any_of
from harness.core.hosts import target
from harness.environment.registries.found import Host, address
from harness.environment.registries.lines import line_of
from harness.environment.registries.patterns import (
    GITHUB,
    KNOWN,
    PLACES,
    PUBLIC,
    SHORTHAND,
    SIGNS,
)
from harness.testruns.detect.node import NEEDS
from harness.testruns.detect.part import OUTSIDE
from harness.testruns.recipes.recipe import Origin

Read = Callable[[str], str | None]
DEPTH: Final = 3
MOST_FILES: Final = 200
MOST_HOSTS: Final = 40
GITHUB_ADDRESS: Final = "https://github.com/"
_IN_COMMAND: Final = re.compile(r"""https://[^\s"'<>;|)]+""")
_SHORT: Final = re.compile(r"(?:github:)?[\w-][\w.-]*/[\w.-]+(?:#.*)?")
_DECOYS: Final = re.compile(r"(?s)<distributionManagement>.*?</distributionManagement>")


class Needs(Value):
    """What the files ask for. `ecosystems`: in the order of their registries; `hosts`: named by
    the repository, public ones among them; `more`: how many were left out."""

    ecosystems: dict[str, Origin] = {}
    hosts: tuple[Host, ...] = ()
    more: int = 0


def needed(files: Sequence[str], read: Read, commands: Sequence[str] = ()) -> Needs:
    """From the paths of a tree, what reads one (None: not there), and the commands of its
    set-up."""
    chosen = [path for path in files if _counts(path)]
    found: dict[str, Host] = {}
    for path in [path for path in chosen if _is_read(path)][:MOST_FILES]:
        text = _told(path, read(path) or "")
        for named, at in _addresses(path, text):
            for name in _hosts(named):
                # one lock file has thousands of one host
                if name not in found:
                    found[name] = _host(name, Origin(path=path, line=line_of(text, at)))
    for command in commands:
        for named in _IN_COMMAND.findall(command):
            for name in _hosts(named):
                found.setdefault(name, _host(name, Origin(path=command.split("\n")[0][:80])))
    hosts = tuple(found.values())
    return Needs(
        ecosystems=_ecosystems(chosen), hosts=hosts[:MOST_HOSTS], more=len(hosts[MOST_HOSTS:])
    )


def public(ecosystem: str) -> tuple[str, ...]:
    """The hosts of its public registry."""
    return PUBLIC.get(ecosystem, ())


_SHORT_NAMES = any_of(tuple(pattern for pattern, _ in SHORTHAND))
_TOLD = any_of(tuple(glob for pattern, _ in PLACES for glob in (pattern, f"*/{pattern}")))


def _counts(path: str) -> bool:
    folders = path.split("/")[:-1]
    return len(folders) <= DEPTH and OUTSIDE.isdisjoint(folders)


def _ecosystems(files: Sequence[str]) -> dict[str, Origin]:
    found: dict[str, Origin] = {}
    names = [(path, path.rpartition("/")[2]) for path in files]
    for ecosystem, patterns in SIGNS.items():
        sign = any_of(tuple(patterns))
        signs = (path for path, name in names if sign.match(name))
        first = min(signs, key=lambda path: (path.count("/"), path), default="")
        if first:
            found[ecosystem] = Origin(path=first)
    if "berry" in found and "yarn" in found:
        del found["yarn"]
    return found


def _rules(path: str) -> list[re.Pattern[str]]:
    return [
        rule
        for pattern, rule in PLACES
        if fnmatchcase(path, pattern) or fnmatchcase(path, f"*/{pattern}")
    ]


def _is_read(path: str) -> bool:
    name = path.rpartition("/")[2]
    return name == "package.json" or bool(_SHORT_NAMES.match(name) or _TOLD.match(path))


def _told(path: str, text: str) -> str:
    """Without where a project is sent to when it is published."""
    if not path.endswith("pom.xml"):
        return text
    return _DECOYS.sub(lambda found: "\n" * found[0].count("\n"), text)


def _addresses(path: str, text: str) -> Iterator[tuple[str, int]]:
    """Each address that the file names, and where in the text."""
    name = path.rpartition("/")[2]
    if name == "package.json":
        yield from _of_package(text)
    for rule in _rules(path):
        for found in rule.finditer(text):
            yield found["url"], found.start("url")
    for pattern, rule in SHORTHAND:
        if fnmatchcase(name, pattern) and (hit := rule.search(text)):
            yield GITHUB_ADDRESS, hit.start()


def _of_package(text: str) -> Iterator[tuple[str, int]]:
    """A package.json's dependencies that are addresses; its other addresses are only told."""
    try:
        package = json.loads(text)
    except (ValueError, RecursionError):
        return
    for key in NEEDS:
        rules = package.get(key) if isinstance(package, dict) else None
        for rule in rules.values() if isinstance(rules, dict) else ():
            if isinstance(rule, str) and ("/" in rule or rule.startswith("github:")):
                short = _SHORT.fullmatch(rule)
                yield GITHUB_ADDRESS if short else rule, max(text.find(f'"{rule}"'), 0)


def _hosts(text: str) -> tuple[str, ...]:
    """GitHub's git addresses lead to its archives as well."""
    text = text.replace("\\:", ":")  # as .properties files write it
    over_ssh = re.match(r"(?:git\+)?ssh://(?:[^@/\s]*@)?([^/:\s]+)", text)
    found = None if over_ssh else address(text)
    name = over_ssh[1].lower() if over_ssh else found.host if found and not found.plain else ""
    if target(name, port=443) is None:
        return ()
    return GITHUB if name == "github.com" else (name,)


def _host(name: str, origin: Origin) -> Host:
    return Host(name=name, origin=origin, by="public" if name in KNOWN else "repository")
