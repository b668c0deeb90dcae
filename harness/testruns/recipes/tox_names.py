"""The names of tox's environments: their factors, the many that one line stands for, and the one
that is a plain run of the tests. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import NamedTuple

MOST = 400
PYTHON = re.compile(r"(?:py|python)?-?(\d)(?:\.?(\d+))?(t|-dev)?$")
# environments that run something else, or what is not out yet
ASIDE = re.compile(
    r"lint|style|format|typ(?:e|ing)|mypy|pyright|docs?|flake|black|isort|ruff|pre-?commit|coverage"
    r"|cov-|report|clean|build|release|publish|bench|perf|check|package|manifest|spell|main|master"
    r"|dev\b|latest|lowest|min|oldest|pypy|graal|nightly|stress|random|fuzz|bare|integration|e2e"
    r"|edge|trunk|no-?ext|cython|mssql|oracle|mysql|postgres|elastic|codspeed|update|upgrade|\d+t\b",
)


class Environment(NamedTuple):
    """What one of tox's environments installs and runs."""

    deps: tuple[str, ...] = ()
    extras: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    commands: tuple[tuple[str, int], ...] = ()
    """Each with its line."""
    env: dict[str, str] = {}
    folder: str = ""
    skip: bool = False
    """The project itself is not installed."""


def expand(text: str) -> list[str]:
    """The names that a line with braces stands for: `py{311,312}-a`, `3.1{0-2}`."""
    found = [""]
    for part in re.split(r"(\{[^{}]*\})", text):
        if part.startswith("{"):
            inner = [one.strip() for one in part[1:-1].split(",")]
            options = [each for one in inner for each in _range(one)]
            found = [start + one for start in found for one in options]
        else:
            found = [start + part for start in found]
        if len(found) > MOST:
            return found[:MOST]
    return [name for name in found if name]


def _range(text: str) -> list[str]:
    found = re.fullmatch(r"(\d+)-(\d+)", text)
    if found and 0 <= int(found[2]) - int(found[1]) <= 30:
        return [str(number) for number in range(int(found[1]), int(found[2]) + 1)]
    return [text]


def split_names(text: str) -> list[str]:
    """Names of a list in lines or between commas that stand in no braces."""
    rows = re.split(r",(?![^{}]*\})|\n", text)
    return [name for row in rows for name in expand(row.split("#")[0].strip())][:MOST]


def factors(name: str) -> tuple[str, ...]:
    return tuple(name.split("-"))


def choose(names: Sequence[str], own: Sequence[str], is_test: Callable[[str], bool]) -> str:
    """Of these names the plain test run under a Python of the middle; "" for the base's settings.
    `own`: names with settings of their own; `is_test`: whether one runs tests at all."""
    found = [name for name in dict.fromkeys(names) if is_test(name)]
    plain = [name for name in found if not ASIDE.search(_without_python(name))] or found
    for usual in ("py", "python", "py3", "test", "tests", "unit"):
        if usual in plain:
            return usual
    versions = sorted({version for name in plain if (version := version_of(name))})
    settled = [v for v in versions if not any(_is_odd(n) for n in plain if version_of(n) == v)]
    versions = settled or versions
    if versions:
        middle = versions[len(versions) // 2]
        return next(name for name in plain if version_of(name) == middle)
    if plain:
        return plain[0]
    known = [name for name in own if is_test(name) and not ASIDE.search(name)]
    return known[0] if known and not is_test("") else ""


def _without_python(name: str) -> str:
    return "-".join(factor for factor in factors(name) if not PYTHON.match(factor))


def _is_odd(name: str) -> bool:
    return any(found[3] for factor in factors(name) if (found := PYTHON.match(factor)))


def version_of(name: str) -> tuple[int, int] | None:
    """The Python that a name asks for."""
    for factor in factors(name):
        found = PYTHON.match(factor)
        if found and found[2]:
            return int(found[1]), int(found[2])
    return None


def holds(condition: str, name: str) -> bool:
    """Whether a line that begins with these factors counts: `a,b-c,!d`."""
    own = set(factors(name)) | {name}
    return any(
        all((one.lstrip("!") in own) != one.startswith("!") for one in option.split("-") if one)
        or option in own
        for option in expand_all(condition)
    )


def expand_all(condition: str) -> list[str]:
    """Alternatives between commas, braces opened."""
    parts = re.split(r",(?![^{}]*\})", condition)
    return [name.strip() for part in parts for name in expand(part.strip())]
