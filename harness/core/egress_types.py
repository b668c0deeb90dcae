"""What one Box may reach of the network, and what it was refused. Pure values."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal, NamedTuple

from harness.core.base import Value
from harness.core.hosts import Target

MOST_TOLD = 20
REFUSED = "refused"
"""Why a command was ended that could only be refused again."""
Why = Literal[
    "unreadable",
    "plain_http",
    "not_allowed",
    "not_resolved",
    "closed_address",
    "not_tls",
    "other_name",
    "budget",
    "unreachable",
    "upstream",
    "upstream_login",
]


class EgressPolicy(Value):
    """What one Box may reach. `private`: targets of `allow` that may lie in a private network,
    by the operator's word (a package index of the company's own). An empty `allow` is nothing."""

    allow: frozenset[Target] = frozenset()
    private: frozenset[Target] = frozenset()
    total_bytes: int = 2 << 30
    """Both ways together."""
    connections: int = 5_000
    at_once: int = 64
    patience: int = 0
    """So many refusals with nothing let through between them end a command; 0: however many."""


class Refusal(Value):
    """What was not let out, and how often. `target` is what was asked for,
    "?" when it could not be read."""

    target: str
    why: Why
    times: int = 1


class RefusalFact(NamedTuple):
    """A refusal as a recorded fact: the event's kind, what tells it apart, its facts."""

    kind: str
    key: str
    facts: dict[str, str | int]


def refusal_facts(refusals: Iterable[Refusal], scope: str) -> tuple[RefusalFact, ...]:
    """Facts of one Box's refusals; `scope` tells Boxes apart. The first MOST_TOLD, then one for
    all the rest."""
    every = tuple(refusals)
    found = [
        RefusalFact(
            f"egress_{r.why}", f"{scope}:{r.target}", {"target": r.target, "times": r.times}
        )
        for r in every[:MOST_TOLD]
    ]
    rest = sum(r.times for r in every[MOST_TOLD:])
    if rest:
        found.append(RefusalFact("egress_more", scope, {"target": "", "times": rest}))
    return tuple(found)
