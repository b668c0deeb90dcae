"""Rules in gitleaks's TOML format: read, and applied to text. The expressions are Go's, and run in
RE2, whose time is linear in the text: no rule of anybody's can hang the daemon.

What a text says of itself (`gitleaks:allow`) counts for nothing: who writes it may be hijacked.
"""

from __future__ import annotations

import math
import time
import tomllib
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module
from typing import Any, Literal

MOST_PROGRAM = 64 << 20
"""Bytes that one compiled expression may take; a larger one is skipped and said."""
MOST_RULES = 2000
LONGEST_LINE = 4000
TARGETS = ("secret", "match", "line")


@dataclass(frozen=True)
class Allow:
    """What a rule does not mean. `every`: all of its parts must hold, else one is enough."""

    regexes: tuple[Any, ...]
    target: Literal["secret", "match", "line"]
    paths: tuple[Any, ...]
    stopwords: tuple[str, ...]
    every: bool

    def covers(self, path: str, secret: str, match: str, line: str) -> bool:
        """True when this finding is none."""
        text = {"secret": secret, "match": match, "line": line}[self.target]
        checks = []
        if self.paths:
            checks.append(any(p.search(path) for p in self.paths))
        if self.regexes:
            checks.append(any(r.search(text) for r in self.regexes))
        if self.stopwords:
            checks.append(any(word in secret.lower() for word in self.stopwords))
        return bool(checks) and (all(checks) if self.every else any(checks))


@dataclass(frozen=True)
class SecretRule:
    """One rule, compiled. Without `regex` the path alone is the finding."""

    id: str
    regex: Any
    path: Any
    keywords: tuple[str, ...]
    group: int
    entropy: float
    allows: tuple[Allow, ...]


@dataclass(frozen=True)
class RuleSet:
    """The rules of one file. `skipped`: ids of those that do not compile."""

    rules: tuple[SecretRule, ...]
    skipped: tuple[str, ...]
    allows: tuple[Allow, ...] = ()

    def find(self, path: str, text: str, until: float | None = None) -> Iterator[tuple[str, int]]:
        """(rule, line) of each secret; line 0: the path itself. `until`: on the monotonic clock;
        TimeoutError when it is past."""
        lowered = text.lower()
        for rule in self.rules:
            in_time(until)
            if rule.path is not None and not rule.path.search(path):
                continue
            if rule.regex is None:
                if not any(a.covers(path, "", "", "") for a in (*rule.allows, *self.allows)):
                    yield rule.id, 0
            elif not rule.keywords or any(word in lowered for word in rule.keywords):
                for line in self._lines(rule, path, text, until):
                    yield rule.id, line

    def _lines(self, rule: SecretRule, path: str, text: str, until: float | None) -> Iterator[int]:
        allows = (*rule.allows, *self.allows)
        line, counted = 1, 0
        for number, found in enumerate(rule.regex.finditer(text)):
            if number % 100 == 0:
                in_time(until)
            secret = _secret(rule, found)
            if rule.entropy and entropy(secret) <= rule.entropy:
                continue
            start, end = found.span()
            if any(a.covers(path, secret, found[0], _around(text, start, end)) for a in allows):
                continue
            # each finding counts on from the one before: all of them look at the text once
            line += text.count("\n", counted, start)
            counted = max(counted, start)
            yield line


def in_time(until: float | None) -> None:
    """TimeoutError when that moment of the monotonic clock is past."""
    if until is not None and time.monotonic() > until:
        raise TimeoutError


def _around(text: str, start: int, end: int) -> str:
    """The lines of a finding, as far as a person would look at them."""
    least, most = max(0, start - LONGEST_LINE), min(len(text), end + LONGEST_LINE)
    begin = text.rfind("\n", least, start) + 1 or least
    stop = text.find("\n", max(end, begin), most)
    return text[begin : stop if stop >= 0 else most]


def parse_rules(text: str, *, allowlists: bool) -> RuleSet:
    """The rules that such a file holds; ValueError with the reason when it is none. Without
    `allowlists` nothing in it makes a finding none: a stranger's file only adds."""
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as fault:
        raise ValueError(str(fault)) from fault
    given = data.get("rules", [])
    if not isinstance(given, list) or not all(isinstance(one, dict) for one in given):
        raise ValueError("`rules` is no list of tables")
    if len(given) > MOST_RULES:
        raise ValueError(f"{len(given)} rules; at most {MOST_RULES}")
    re2 = import_module("re2")
    try:
        allows = _allows(re2, data) if allowlists else ()
    except (re2.error, TypeError) as fault:
        raise ValueError(f"allowlist: {fault}") from fault
    rules, skipped = [], []
    for number, one in enumerate(given, 1):
        name = str(one.get("id") or one.get("description") or number)[:80]
        try:
            rules.append(_rule(re2, name, one, allowlists))
        except (re2.error, TypeError, ValueError):
            skipped.append(name)
    return RuleSet(tuple(rules), tuple(skipped), allows)


def _rule(re2: Any, name: str, given: Mapping[str, Any], allowlists: bool) -> SecretRule:
    regex = _compile(re2, given["regex"]) if given.get("regex") else None
    path = _compile(re2, given["path"]) if given.get("path") else None
    if regex is None and path is None:
        raise ValueError("neither regex nor path")
    group = int(given.get("secretGroup", 0))
    if regex is not None and not 0 <= group <= regex.groups:
        raise ValueError("no such group")
    return SecretRule(
        id=name,
        regex=regex,
        path=path,
        keywords=tuple(word.lower() for word in _strings(given, "keywords")),
        group=group,
        entropy=float(given.get("entropy", 0.0)),
        allows=_allows(re2, given) if allowlists else (),
    )


def _allows(re2: Any, given: Mapping[str, Any]) -> tuple[Allow, ...]:
    """`[allowlist]` of old and `[[allowlists]]` of now."""
    one, several = given.get("allowlist"), given.get("allowlists", [])
    if not isinstance(several, list):
        raise TypeError("allowlists")
    found = []
    for table in [*([one] if one is not None else []), *several]:
        if not isinstance(table, dict):
            raise TypeError("allowlist")
        target = str(table.get("regexTarget") or "secret")
        if target not in TARGETS or table.get("targetRules"):
            continue
        found.append(
            Allow(
                regexes=tuple(_compile(re2, one) for one in _strings(table, "regexes")),
                target=target,  # type: ignore[arg-type]
                paths=tuple(_compile(re2, one) for one in _strings(table, "paths")),
                stopwords=tuple(word.lower() for word in _strings(table, "stopwords")),
                every=str(table.get("condition", "OR")).upper() in ("AND", "&&"),
            )
        )
    return tuple(found)


def _strings(given: Mapping[str, Any], key: str) -> Sequence[str]:
    found = given.get(key, [])
    if not isinstance(found, list) or not all(isinstance(one, str) for one in found):
        raise TypeError(key)
    return found


def _compile(re2: Any, pattern: object) -> Any:
    if not isinstance(pattern, str):
        raise TypeError("an expression is a text")
    options = re2.Options()
    options.log_errors = False
    options.max_mem = MOST_PROGRAM
    return re2.compile(pattern, options)


def _secret(rule: SecretRule, found: Any) -> str:
    """The group that holds it: the one that is named, else the first that holds anything."""
    if rule.group:
        return str(found[rule.group] or "")
    return str(next((group for group in found.groups() if group), found[0]))


def entropy(text: str) -> float:
    """Shannon's, in bits a character."""
    size = len(text)
    return -sum(n / size * math.log2(n / size) for n in Counter(text).values()) if size else 0.0
