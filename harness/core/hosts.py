"""Host names and addresses, written one way: parsed once, compared and dialled as the same value.
Pure; no name is resolved here."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterable

from harness.core.base import Value

Address = ipaddress.IPv4Address | ipaddress.IPv6Address

_LABEL = re.compile(r"(?!-)[a-z0-9_-]{1,63}(?<!-)")
_NUMBERS = re.compile(r"(?:0x[0-9a-f]*|[0-9]+)(?:\.(?:0x[0-9a-f]*|[0-9]+)){0,3}")
_CLOUD = ("100.100.100.200/32", "168.63.129.16/32", "169.254.0.0/16", "fd00:ec2::/32")
# an IPv4 address in other clothes: what is inside counts, and nobody needs these
_WRAPPED = ("64:ff9b::/96", "64:ff9b:1::/48", "2002::/16", "2001::/32", "::/96", "::ffff:0:0/96")
_CLOSED = tuple(
    ipaddress.ip_network(text)
    for text in (*_CLOUD, *_WRAPPED, "100.64.0.0/10", "192.0.0.0/24", "198.18.0.0/15", "fec0::/10")
)


class Target(Value):
    """Where a connection goes: a host in lower case without a last dot, or an address's one usual
    form; a port."""

    host: str
    port: int

    def __str__(self) -> str:
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"

    @property
    def address(self) -> Address | None:
        """When the host is an address and not a name."""
        try:
            return ipaddress.ip_address(self.host)
        except ValueError:
            return None


def target(authority: str, *, port: int | None = None) -> Target | None:
    """`host:port`, `[v6]:port`; `port` when none is given. None for anything else: a user's name,
    a path, a control character, a letter beyond ASCII, a number that some resolver would read as
    an address but that is not written as one."""
    if not authority.isascii() or any(c <= " " or c == "\x7f" for c in authority):
        return None
    found = re.fullmatch(r"(?:\[([^\[\]]*)\]|([^:\[\]@/?#\\%]*))(?::([0-9]{1,5}))?", authority)
    if found is None:
        return None
    number = int(found[3]) if found[3] is not None else port
    if number is None or not 0 < number < 65536:
        return None
    host = _address(found[1], 6) if found[1] is not None else _host(found[2])
    return Target(host=host, port=number) if host else None


def targets(lines: Iterable[str]) -> tuple[frozenset[Target], tuple[str, ...]]:
    """An allow-list, port 443 when a line names none, and the lines that are no targets. Exact: a
    name stands for itself, not for what is below it."""
    good, wrong = set(), []
    for line in lines:
        found = target(line.strip(), port=443)
        if found is None:
            wrong.append(line)
        else:
            good.add(found)
    return frozenset(good), tuple(wrong)


def is_closed(address: Address) -> bool:
    """Private, loopback, link-local, multicast, reserved, a cloud's metadata, or an IPv4 address
    wrapped in an IPv6 one: nothing outside that a program of a stranger should reach."""
    if isinstance(address, ipaddress.IPv6Address) and address.scope_id is not None:
        return True
    if not address.is_global or address.is_multicast or address.is_reserved:
        return True
    return any(address in net for net in _CLOSED if net.version == address.version)


def _host(text: str) -> str:
    """ "" for what is no host."""
    name = text.lower()
    name = name[:-1] if name.endswith(".") else name
    if not name or len(name) > 253:
        return ""
    # 127.1, 0x7f.1, 2130706433: resolvers read them as addresses; only the usual form is one
    if _NUMBERS.fullmatch(name):
        return _address(name, 4)
    labels = name.split(".")
    if not all(_LABEL.fullmatch(label) for label in labels):
        return ""
    return "" if labels[-1].isdigit() or re.fullmatch(r"0x[0-9a-f]*", labels[-1]) else name


def _address(text: str, version: int) -> str:
    try:
        found = ipaddress.ip_address(text)
    except ValueError:
        return ""
    # a scope is of this machine alone
    return str(found) if found.version == version and "%" not in text else ""
