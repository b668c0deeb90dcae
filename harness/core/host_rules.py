"""Hosts that an operator names: one alone, or all that are below one. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable

from harness.core.addresses import PORTS, target_of
from harness.core.base import Value
from harness.core.hosts import target

_PORT = re.compile(r":[0-9]{1,5}$")


class HostRule(Value):
    """`below`: the hosts below it and not it. `port` 0: the one that goes without saying."""

    host: str
    below: bool = False
    port: int = 0


def read_host(text: str) -> HostRule | None:
    """`docs.example.org`, `.example.org`, either with `:PORT`; None for what is neither."""
    text = text.strip()
    below = text.startswith(".")
    found = target(text.removeprefix("."), port=PORTS["https"])
    if found is None or (below and found.address is not None):
        return None
    port = found.port if _PORT.search(text) and not text.endswith("]") else 0
    return HostRule(host=found.host, below=below, port=port)


def read_hosts(lines: Iterable[str]) -> tuple[tuple[HostRule, ...], tuple[str, ...]]:
    """The rules, and the lines that are none."""
    read = [(line, read_host(line)) for line in lines]
    good = tuple(rule for _, rule in read if rule is not None)
    return good, tuple(line for line, rule in read if rule is None)


def is_named(address: str, rules: Iterable[HostRule]) -> bool:
    """Whether a rule names the host, and the port, of an address in its usual form."""
    at = target_of(address)
    if at is None:
        return False
    usual = at.port == PORTS.get(address.partition(":")[0])
    return any(
        (at.host.endswith(f".{rule.host}") if rule.below else at.host == rule.host)
        and (at.port == rule.port if rule.port else usual)
        for rule in rules
    )
