"""What of a run may be asked outside. Pure: addresses are compared in their usual form."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from typing import Literal

from harness.core.addresses import addresses_in, plain_address, target_of
from harness.core.base import Value
from harness.core.host_rules import HostRule, is_named
from harness.core.hosts import Target, is_closed
from harness.core.types import IssueSnapshot, Plan, Task
from harness.pipeline.overlap import collide

LONGEST_QUERY = 200
LONGEST_MADE = 300
"""Characters of an address that stood nowhere, at a host that is allowed."""
ECHOED = 16
"""Letters and digits of a word that is long enough to carry something."""
_WORD = re.compile(r"[a-z0-9]+")
Standing = Literal["named", "host", "unnamed", "closed", "long"]
"""It stood where addresses may come from; its host is allowed; neither; it lies in a network that
is closed; its host is allowed, and it is too long to be made up."""


class LookupRules(Value):
    """The operator's word on it; see [references]."""

    hosts: tuple[HostRule, ...] = ()
    addresses: frozenset[str] = frozenset()
    private: frozenset[Target] = frozenset()
    queries: int = 20
    pages: int = 60
    fresh_s: float = 86_400.0
    local_paths: tuple[str, ...] = ()
    local_labels: tuple[str, ...] = ()


def standing(address: str, known: Collection[str], rules: LookupRules) -> Standing:
    """Where an address stands that an agent asks for. `known`: those that stood whole in what the
    run was given: its issue, search results, pages."""
    at = target_of(address)
    if at is None:
        return "unnamed"
    inside = at.address is not None and is_closed(at.address)
    if (inside or _is_local_name(at.host)) and at not in rules.private:
        return "closed"
    if address in known or address in rules.addresses:
        return "named"
    if not is_named(address, rules.hosts) or not (address[:6] == "https:" or at in rules.private):
        return "unnamed"
    return "host" if len(address) <= LONGEST_MADE else "long"


def may_follow(start: str, to: str, rules: LookupRules) -> bool:
    """Whether a redirect is followed. What an agent put into an address at a host that is allowed
    goes to no other; whoever wrote an address that stood somewhere may send us on."""
    here, there = target_of(start), target_of(to)
    if here is None or there is None or (start[:6] == "https:" and to[:6] != "https:"):
        return False
    if here.host == there.host or to in rules.addresses or is_named(to, rules.hosts):
        return True
    return not is_named(start, rules.hosts)


def issue_addresses(snapshot: IssueSnapshot) -> Iterator[str]:
    """Those that stand in the text that was approved."""
    return addresses_in("\n".join((snapshot.title, snapshot.body, *snapshot.comments)))


def stays_here(snapshot: IssueSnapshot, plan: Plan | None, rules: LookupRules) -> bool:
    """Whether nothing of this work may be asked outside. With rules for paths, nobody knows
    before there is a plan."""
    labels = {label.casefold() for label in rules.local_labels}
    if labels.intersection(label.casefold() for label in snapshot.labels):
        return True
    if not rules.local_paths:
        return False
    kept = Task(id="kept", title="", files=rules.local_paths)
    return plan is None or not plan.tasks or any(collide(task, kept) for task in plan.tasks)


def is_echo(address: str, words: str) -> bool:
    """Whether a result is what was asked: the address stood in the words, or a long word of them
    stands in it. A server that answers so would say any address for an agent."""
    asked, found = words.casefold(), address.casefold()
    bare = found.partition("://")[2].rstrip("/")
    return ("/" in bare and bare in asked) or any(
        word in found for word in _WORD.findall(asked) if len(word) >= ECHOED
    )


def usual_source(text: str) -> str:
    """A source as it is kept: an address in its usual form, any other as it was given."""
    return plain_address(text) or text.strip()


def _is_local_name(host: str) -> bool:
    return host == "localhost" or host.endswith((".localhost", ".local", ".internal"))
