"""The legs of a CI job's matrix, and which of them a Linux machine with usual tools is likeliest to
run: a released version from the middle, of everything else the first. Pure."""

from __future__ import annotations

import itertools
import re
from collections.abc import Mapping, Sequence

from harness.core.base import Json
from harness.testruns.recipes.expressions import OPEN, UnknownError, evaluate, shown
from harness.testruns.recipes.yaml_items import Item

MOST = 256
Leg = dict[str, Json]
# versions that are not out, or of another implementation
ODD = re.compile(
    r"pypy|graal|jruby|truffle|dev|alpha|beta|rc|nightly|head|canary|next|\dt$|head|edge"
)
ELSEWHERE = re.compile(
    r"windows|macos|mac-?os|osx|darwin|freebsd|win(?:32|64)?\b|arm64-mac", re.IGNORECASE
)
VERSIONED = re.compile(r"python|node|ruby|^go|php|java|jdk|version|rust|py$|pyver|toolchain", re.I)


def value_of(item: Item) -> Json:
    """A YAML value, as an expression sees it."""
    if item.fields:
        return {name: value_of(field) for name, field in item.fields.items()}
    if item.rows:
        return [value_of(row) for row in item.rows]
    if item.plain and item.text.lower() in ("true", "false"):
        return item.text.lower() == "true"
    return None if item.plain and item.text in ("~", "null") else item.text


def legs_of(matrix: Item, known: Mapping[str, Json]) -> list[Leg]:
    """Every combination, without those that are excluded, with what is included."""
    axes: dict[str, list[Json]] = {}
    for name, item in matrix.fields.items():
        if name not in ("include", "exclude"):
            axes[name] = _values(item, known)
    axes = {name: values for name, values in axes.items() if values}
    product = itertools.islice(itertools.product(*axes.values()), MOST)
    legs: list[Leg] = [dict(zip(axes, values, strict=True)) for values in product] if axes else []
    out = [value_of(row) for row in matrix.at("exclude").rows[:MOST]]
    legs = [leg for leg in legs if not any(_fits(row, leg) for row in out)]
    for row in matrix.at("include").rows[:MOST]:
        legs = _include(legs, value_of(row), set(axes))
    return legs or [{}]


def _values(item: Item, known: Mapping[str, Json]) -> list[Json]:
    found = OPEN.fullmatch(item.text.strip())
    if found is None:
        return [value_of(row) for row in item.each()]
    try:
        value = evaluate(found[1], known)
    except UnknownError:
        return []
    return value if isinstance(value, list) else []


def _fits(row: Json, leg: Leg) -> bool:
    return isinstance(row, dict) and all(
        shown(leg.get(name)) == shown(value) for name, value in row.items()
    )


def _include(legs: list[Leg], row: Json, axes: set[str]) -> list[Leg]:
    """Added to the legs whose values it does not change; a leg of its own where there are none."""
    if not isinstance(row, dict):
        return legs
    own = {name: value for name, value in row.items() if name in axes}
    fitting = [leg for leg in legs if axes and _fits(own, leg)]
    if not fitting or not axes:
        return [*legs, dict(row)]
    return [{**leg, **row} if leg in fitting else leg for leg in legs]


def chosen(legs: Sequence[Leg], runs_on: str) -> Leg | None:
    """The likeliest leg; None when all of them run elsewhere than on Linux."""
    here = [leg for leg in legs if not is_elsewhere(leg, runs_on)]
    if not here:
        return None
    names = dict.fromkeys(name for leg in here for name in leg if VERSIONED.search(name))
    settled = {name: _settled(here, name) for name in names}

    def far(leg: Leg) -> tuple[int, ...]:
        odd = sum(bool(ODD.search(shown(value).lower())) for value in leg.values())
        trial = sum(leg.get(name) is True for name in ("experimental", "allow-failure", "allowed"))
        off = sum(_distance(values, shown(leg.get(name))) for name, values in settled.items())
        return odd, trial, off

    return min(here, key=far)


def is_elsewhere(leg: Leg, runs_on: str) -> bool:
    """Whether the leg runs on another system."""

    def put(found: re.Match[str]) -> str:
        try:
            return shown(evaluate(found[1], {"matrix": {**leg, "": None}}))
        except UnknownError:
            return ""

    text = OPEN.sub(put, runs_on)
    if text.strip():
        return ELSEWHERE.search(text) is not None
    systems = [shown(leg.get(name)) for name in ("os", "runner", "platform", "runs-on")]
    return any(ELSEWHERE.search(system) for system in systems)


def _settled(legs: Sequence[Leg], name: str) -> list[str]:
    values = dict.fromkeys(shown(leg.get(name)) for leg in legs if leg.get(name) is not None)
    plain = [value for value in values if not ODD.search(value.lower())]
    return sorted(plain or values, key=version_key)


def _distance(settled: Sequence[str], value: str) -> int:
    """From the middle."""
    place = settled.index(value) if value in settled else len(settled)
    return abs(place - len(settled) // 2)


def version_key(text: str) -> tuple[int, ...]:
    """Orders versions by their numbers."""
    return tuple(int(part) for part in re.findall(r"\d{1,6}", text)[:4])
