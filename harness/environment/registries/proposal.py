"""What is proposed for a project's set-up on this machine, and what of it an answer lets in."""

from __future__ import annotations

import ipaddress
import socket
import threading
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Final

from harness.core.base import LocalizedText, Value
from harness.core.hosts import is_closed, target
from harness.environment.registries import node_tools, other_tools, python_tools
from harness.environment.registries.found import Carried, Findings, Host
from harness.environment.registries.machine import Machine
from harness.environment.registries.patterns import BESIDE
from harness.environment.registries.repository import Needs, public

LOOK_S: Final = 5.0
Resolver = Callable[[str, int], Iterable[str]]
"""The addresses of a host, as texts; OSError when there are none."""


class Proposal(Value):
    """`vouched`: public registries, and what this machine's own settings name. `others`: named by
    the repository alone. The rest goes with `vouched`."""

    vouched: tuple[Host, ...] = ()
    others: tuple[Host, ...] = ()
    env: tuple[Carried, ...] = ()
    files: tuple[Carried, ...] = ()
    untold: tuple[LocalizedText, ...] = ()
    more: int = 0

    @property
    def hosts(self) -> tuple[Host, ...]:
        return (*self.vouched, *self.others)


class Access(Value):
    """What was let in, as [environment] writes it."""

    allow: tuple[str, ...] = ()
    private: tuple[str, ...] = ()
    env: dict[str, str] = {}
    files: tuple[str, ...] = ()

    @property
    def table(self) -> dict[str, list[str]]:
        """[environment]'s keys but for `env`, without those that say nothing."""
        said = {"allow": self.allow, "private": self.private, "files": self.files}
        return {key: list(value) for key, value in said.items() if value}


def propose(needs: Needs, machine: Machine) -> Proposal:
    """Nothing is asked of the network."""
    said = _of_tools(needs, machine)
    hosts: dict[str, Host] = {host.name: host for host in said.hosts}
    own = frozenset(hosts)
    said += python_tools.netrc(machine, own) if own else Findings()
    for ecosystem, origin in needs.ecosystems.items():
        if ecosystem in said.replaced:
            continue
        for name in public(ecosystem):
            hosts.setdefault(name, Host(name=name, origin=origin, by="public"))
    for host in tuple(hosts.values()):
        for name in BESIDE.get(host.name, ()):
            hosts.setdefault(name, Host(name=name, origin=host.origin, by="public"))
    for host in needs.hosts:
        # a lock file repeats the public registry, which another one may stand in for
        hosts.setdefault(host.name, host)
    return Proposal(
        vouched=tuple(host for host in hosts.values() if host.by != "repository"),
        others=tuple(host for host in hosts.values() if host.by == "repository"),
        env=tuple({one.name: one for one in reversed(said.env)}.values())[::-1],
        files=tuple({one.name: one for one in said.files}.values()),
        untold=tuple({why.model_dump_json(): why for why in said.untold}.values()),
        more=needs.more,
    )


def _of_tools(needs: Needs, machine: Machine) -> Findings:
    """What the settings of the tools that it needs come to, each by its ecosystem."""
    asked = needs.ecosystems
    said = Findings()
    if "python" in asked:
        said += python_tools.pip(machine) + python_tools.uv(machine)
    if "node" in asked:
        said += node_tools.npm(machine)
    if "yarn" in asked:
        said += node_tools.yarn(machine)
    if "berry" in asked:
        said += node_tools.berry(machine)
    if "rust" in asked:
        said += other_tools.cargo(machine)
    if "go" in asked:
        said += other_tools.go(machine)
    for ecosystem in ("java", "gradle", "ruby", "php", "dotnet"):
        if ecosystem in asked:
            said += other_tools.kept(machine, ecosystem)
    return said + other_tools.certificates(machine, [one.name for one in said.env])


def look(
    proposal: Proposal, resolve: Resolver | None = None, patience_s: float = LOOK_S
) -> Proposal:
    """With what lies in a private network, by this machine's own view. A host that has no answer
    by then counts as public: then set-up's own refusal names the setting."""
    found = _private(proposal.hosts, resolve or _resolve, patience_s)

    def seen(hosts: tuple[Host, ...]) -> tuple[Host, ...]:
        return tuple(h.model_copy(update={"private": h.name in found}) for h in hosts)

    return proposal.model_copy(
        update={"vouched": seen(proposal.vouched), "others": seen(proposal.others)}
    )


def _private(hosts: Sequence[Host], resolve: Resolver, patience_s: float) -> frozenset[str]:
    found: set[str] = set()

    def ask(name: str) -> None:
        at = target(name, port=443)
        try:
            addresses = (
                [ipaddress.ip_address(text) for text in resolve(at.host, at.port)] if at else []
            )
        except (OSError, ValueError):
            return
        if any(is_closed(one) for one in addresses):
            found.add(name)

    # a resolver cannot be given up on: its thread is, and ends with the process
    asking = [threading.Thread(target=ask, args=(host.name,), daemon=True) for host in hosts]
    for thread in asking:
        thread.start()
    until = time.monotonic() + patience_s
    for thread in asking:
        thread.join(max(until - time.monotonic(), 0))
    return frozenset(tuple(found))


def _resolve(host: str, port: int) -> list[str]:
    return [str(info[4][0]) for info in socket.getaddrinfo(host, port, proto=socket.IPPROTO_TCP)]


def access(proposal: Proposal, *, vouched: bool, others: bool, named: Sequence[str] = ()) -> Access:
    """What an answer lets in: `named` are hosts by the person's own word."""
    chosen = [*(proposal.vouched if vouched else ()), *(proposal.others if others else ())]
    known: Mapping[str, Host] = {host.name: host for host in proposal.hosts}
    names = dict.fromkeys((*(host.name for host in chosen), *named))
    # a setting that leads to what may not be reached would only mislead
    carried = proposal.env if vouched else ()
    return Access(
        allow=tuple(names),
        private=tuple(name for name in names if name in known and known[name].private),
        env={one.name: one.value for one in carried},
        files=tuple(one.name for one in proposal.files) if vouched else (),
    )
